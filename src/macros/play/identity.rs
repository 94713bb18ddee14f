//! Before the first key: the way, and the phone's own name.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use super::desk::Answer;
use super::ending::Ending;
use super::hands::Hands;
use super::look::trouble;
use super::player::Player;
use super::types::{Question, Skip, Way};
use crate::domain::cause::{Cause, Trouble};
use crate::domain::script::RunEnd;
use crate::inventory;
use crate::phone::{self, DeviceInformation, ErrorKind, HostKey, Urgency, takes_keys_over_ssh};

/// The rest before a web server that refused is asked once more.
const LOOKS_AGAIN: Duration = Duration::from_secs(1);
/// How long a phone's SSH may take to open.
const OPEN_SSH: Duration = Duration::from_secs(15);

impl Player<'_> {
    /// Looks before anything is sent: nobody else drives, the phone is the one that is meant, and it is in no call.
    pub(super) async fn prepare(&mut self) -> Result<(), Ending> {
        self.desk.check()?;
        self.nobody_drives()?;
        if let Err(trouble) = self.target().await {
            return Err(Ending::failed_by(&trouble));
        }
        self.take_a_way().await?;
        self.no_call().await?;
        self.keep_now("first").await;
        Ok(())
    }

    /// A person's own wheel is theirs; a job is nobody's hand.
    pub(super) fn nobody_drives(&self) -> Result<(), Ending> {
        let driver = self.shared.parts.control.driver(self.phone.id);
        let other = driver.filter(|driver| driver.user != self.viewer.user || !self.desk.is_attended());
        match other {
            Some(driver) => Err(Ending::skipped(Skip::Driven, driver.in_the_way())),
            None => Ok(()),
        }
    }

    async fn take_a_way(&mut self) -> Result<(), Ending> {
        let asked = self.desk.view().way;
        if asked == Way::Ssh {
            return self.over_ssh(None).await;
        }
        let target = self.target().await.map_err(|trouble| Ending::failed_by(&trouble))?;
        let phones = &self.shared.parts.phones;
        let mut told = phones.device_information(&target, Urgency::Look).await;
        if told.as_ref().is_err_and(is_dead) {
            // A web server that just restarts refuses for a moment, too.
            self.desk.sleep(LOOKS_AGAIN).await?;
            told = phones.device_information(&target, Urgency::Look).await;
        }
        match told {
            Ok(device) => {
                if let Some(load) = device.app_load.clone().or(device.version.clone()) {
                    self.load = load;
                }
                self.is_meant(&device)?;
            }
            Err(error) if is_dead(&error) && asked == Way::Auto && self.can_ssh().await => {
                return self.over_ssh(Some(&error)).await;
            }
            Err(error) if says_no_name(&error) => self.unnamed(&error)?,
            Err(error) => return Err(Ending::failed_by(&trouble(&error))),
        }
        self.hands = Hands::Web(self.shared.parts.control.source());
        self.desk.update(|view| view.way = Way::Web);
        Ok(())
    }

    /// The page names the phone that is meant.
    fn is_meant(&self, device: &DeviceInformation) -> Result<(), Ending> {
        let Some(told) = name_of(device) else {
            return self.no_name("Its page does not tell its name");
        };
        if self.phone.by_address {
            return self.no_name("It is known here only by its address");
        }
        if told.eq_ignore_ascii_case(&self.phone.name) {
            return Ok(());
        }
        let evidence = format!(
            "{} answers at the address of {}; nothing was pressed",
            told, self.phone.name
        );
        Err(Ending::failed(evidence).caused(Some(Cause::PhoneAddressStale)))
    }

    fn unnamed(&self, error: &phone::Error) -> Result<(), Ending> {
        self.no_name(&format!(
            "Its page that tells its name cannot be read ({})",
            error.evidence()
        ))
    }

    /// Without its name a phone takes safe macros only.
    fn no_name(&self, why: &str) -> Result<(), Ending> {
        if !self.piece.script.has_destructive_steps() {
            return Ok(());
        }
        let evidence = format!("{why}: nobody can tell whether it is the phone that is meant; nothing was pressed");
        Err(Ending::failed(evidence).caused(Some(Cause::PhoneUnknown)))
    }

    async fn can_ssh(&self) -> bool {
        let login = self.shared.parts.inventory.ssh_login(self.phone.cluster_id).await;
        takes_keys_over_ssh(self.model) && matches!(login, Ok(Some(_)))
    }

    /// Opens a session. A job never does: nobody could confirm there what the phone shows.
    async fn over_ssh(&mut self, dead: Option<&phone::Error>) -> Result<(), Ending> {
        if !self.desk.is_attended() {
            return Err(self.needs_a_person_at_ssh(dead).await);
        }
        if self.phone.by_address {
            self.no_name("It is known here only by its address")?;
        }
        if self.load.is_empty() {
            self.load.clone_from(&self.phone.firmware);
        }
        let accepted = self.first_contact(dead).await?;
        let (inventory, phone) = (&self.shared.parts.inventory, self.phone.id);
        let session = in_time(dead, inventory.open_ssh(&self.viewer, phone, accepted.as_ref())).await?;
        self.hands = Hands::ssh(self.shared.parts.control.source(), session);
        self.desk.update(|view| view.way = Way::Ssh);
        Ok(())
    }

    /// What a job says of a phone that takes keys over SSH alone. Nothing was sent.
    async fn needs_a_person_at_ssh(&self, dead: Option<&phone::Error>) -> Ending {
        let web = dead.map_or_else(
            || "Keys were to go over SSH".to_owned(),
            |error| format!("Its web server is dead: {}", error.evidence()),
        );
        let cause = dead.and_then(|error| trouble(error).named());
        match self.shared.parts.inventory.speaks_ssh(self.phone.id).await {
            Ok(true) => Ending::new(
                RunEnd::NeedsPerson,
                format!(
                    "{web}. SSH is on. Over SSH the phone tells neither its screen nor whether it is in a call, so that a person \
                     in front of it confirms each screen: play the macro from the phone's page"
                ),
            )
            .caused(cause),
            Ok(false) => Ending::failed(format!("{web}. SSH does not answer either")).caused(cause),
            Err(error) => Ending::failed(format!("{web}. SSH: {}", Trouble::from(error).evidence)).caused(cause),
        }
    }

    /// Before the login is sent to a phone whose host key nobody has seen: a person says whether it is to be trusted. None
    /// when the key is known.
    async fn first_contact(&mut self, dead: Option<&phone::Error>) -> Result<Option<HostKey>, Ending> {
        let shared = Arc::clone(&self.shared);
        let (inventory, phone) = (&shared.parts.inventory, self.phone.id);
        let failed = |error| Ending::failed_by(&Trouble::from(error));
        if inventory.host_key(phone).await.map_err(failed)?.is_some() {
            return Ok(None);
        }
        let shown = in_time(dead, inventory.shown_host_key(&self.viewer, phone)).await?;
        let (name, address) = (
            &self.phone.name,
            self.target().await.map_err(|told| self.lost(&told))?.address,
        );
        let question = Question {
            expectation: format!("the SSH host key of {name}"),
            picture: None,
            words: format!(
                "First contact over SSH: the device at {address} shows the host key {shown}, and nothing has named this phone. \
                 If you say yes, it is sent the cluster's SSH login, and its key is taken for that of {name} from now on. Is it \
                 {name}?"
            ),
            needs_row: false,
            can_remember: false,
        };
        match self.desk.ask(question).await? {
            Answer::Yes { .. } => Ok(Some(shown)),
            Answer::No => Err(Ending::stopped(format!(
                "{} did not accept the SSH host key {shown}; no login was sent",
                self.desk.teller().name
            ))),
        }
    }

    /// Before each step that cannot be taken back: the name again, and the call again. Before the first one also what the
    /// proof compares with, and a picture.
    pub(super) async fn prepare_destructive(&mut self) -> Result<(), Ending> {
        self.prove_identity().await?;
        // A yes was meant for the call that was up then.
        self.state.call_agreed = false;
        self.no_call().await?;
        if !self.state.prepared {
            self.take_baseline().await?;
            self.keep_now("before").await;
            self.state.prepared = true;
        }
        Ok(())
    }

    /// The phone at the address is the one that is meant: by its own page, or by the person who has it in front of them.
    async fn prove_identity(&mut self) -> Result<(), Ending> {
        let target = self.target().await.map_err(|trouble| self.lost(&trouble))?;
        if self.hands.way() == Way::Ssh {
            return self.named_by_a_person(target.address).await;
        }
        let told = self
            .shared
            .parts
            .phones
            .device_information(&target, Urgency::Look)
            .await;
        match told {
            Ok(device) => self.is_meant(&device)?,
            Err(error) if says_no_name(&error) => self.unnamed(&error)?,
            Err(error) => return Err(self.lost(&trouble(&error))),
        }
        self.state.proved_at = Some(target.address);
        Ok(())
    }

    /// Over SSH nothing names the phone: a host key says only that it is the device of the first contact.
    async fn named_by_a_person(&mut self, address: Ipv4Addr) -> Result<(), Ending> {
        if self.state.proved_at == Some(address) {
            return Ok(());
        }
        let name = self.phone.name.clone();
        let question = Question {
            expectation: format!("the phone {name}"),
            picture: None,
            words: format!(
                "The next key cannot be taken back, and over SSH nothing tells which phone is at {address}. Are you in front \
                 of {name}, and did it show every key of this run?"
            ),
            needs_row: false,
            can_remember: false,
        };
        match self.desk.ask(question).await? {
            Answer::Yes { .. } => {
                self.state.proved_at = Some(address);
                Ok(())
            }
            Answer::No => Err(Ending::stopped(format!(
                "{} said that it is not {name}; the key was not pressed",
                self.viewer.name
            ))
            .caused(Some(Cause::PhoneAddressStale))),
        }
    }

    /// A key that cannot be taken back goes only to the address at which the phone was named.
    pub(super) async fn still_at_its_address(&self) -> Result<(), Ending> {
        let target = self.target().await.map_err(|trouble| self.lost(&trouble))?;
        if self.state.proved_at == Some(target.address) {
            return Ok(());
        }
        let evidence = format!(
            "The address of {} became {} after the phone was named; the key was not pressed",
            self.phone.name, target.address
        );
        Err(Ending::failed(evidence).caused(Some(Cause::PhoneAddressStale)))
    }
}

/// The device name that a page tells.
pub(super) fn name_of(device: &DeviceInformation) -> Option<String> {
    let by_mac = || device.mac.as_ref().map(|mac| format!("SEP{mac}"));
    device.host_name.clone().or_else(by_mac)
}

/// What SSH answers, within its time. Where the web server is dead that is the cause, unless another device answers.
async fn in_time<T>(
    dead: Option<&phone::Error>,
    asked: impl Future<Output = Result<T, inventory::Error>>,
) -> Result<T, Ending> {
    let first = dead.map(|error| format!("{}. ", error.evidence())).unwrap_or_default();
    match tokio::time::timeout(OPEN_SSH, Box::pin(asked)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            let told = Trouble::from(error);
            let web = dead
                .map(trouble)
                .filter(|_| told.cause != Cause::PhoneAddressStale)
                .map(|web| Trouble::new(web.cause, format!("{first}SSH: {}", told.evidence)));
            Err(Ending::failed_by(&web.unwrap_or(told)))
        }
        Err(_) => {
            let evidence = format!("{first}SSH: no answer within {} s", OPEN_SSH.as_secs());
            Err(Ending::failed(evidence).caused(Some(Cause::PhoneNotAnswering)))
        }
    }
}

/// The web server is off, and the phone says so: what SSH is for. One that is slow or silent may well be in order.
fn is_dead(error: &phone::Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused)
}

/// The phone answers, but not with the page that has its name.
fn says_no_name(error: &phone::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::Unauthorized
            | ErrorKind::Forbidden
            | ErrorKind::Unreadable
            | ErrorKind::Status(_)
    )
}
