//! Making a phone take its configuration, or start anew; and whether somebody talks on it meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::act::Mishap;
use super::plan::{Confirm, Push};
use super::plans::only_resets;
use super::{Case, Shared};
use crate::domain::device_name::DeviceName;
use crate::inventory::Subject;
use crate::phone::{LineInfo, Urgency};

/// `LineType` of a line, in contrast to a speed dial (phone-xml-api.md 1.8).
const LINE: u32 = 9;
/// States of a line without a call on this phone (phone-xml-api.md 1.8).
const AT_REST: [&str; 5] = ["IDLE", "INACTIVE", "ONHOOK", "REGISTERING", "REMOTELY_IN_USE"];
/// States of a line with one, as far as they are known.
const IN_CALL: [&str; 8] = [
    "OFFHOOK",
    "RINGING",
    "RINGIN",
    "RINGOUT",
    "CONNECTED",
    "ONHOLD",
    "HOLD",
    "DIALING",
];
/// How long the phone may take to tell whether it is in a call.
const ASK: Duration = Duration::from_secs(4);
/// How long a port may take to accept.
const CONNECT: Duration = Duration::from_secs(1);
/// Pauses before the phone's web server is tried again.
const PAUSES: [u64; 6] = [200, 400, 800, 1600, 3000, 5000];

/// Whether a phone is in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    None,
    Busy,
    /// It does not tell, or another phone answers at its address.
    Unknown,
}

impl Shared {
    /// Asks the phone for the state of its lines, after its name: what is kept as its address may be another phone's.
    pub(super) async fn call(&self, subject: &Subject) -> Call {
        let target = subject
            .phone
            .address
            .and_then(|address| subject.target_at(address).ok());
        let Some(target) = target else { return Call::Unknown };
        let asked = async {
            let mut stranger = target.clone();
            // The page needs no login, and nobody knows yet who answers.
            stranger.credentials = None;
            let told = self
                .parts
                .phones
                .device_information(&stranger, Urgency::Look)
                .await
                .ok()?;
            let meant = subject.name.as_ref()?;
            if !told.host_name?.eq_ignore_ascii_case(meant.as_str()) {
                return None;
            }
            self.parts.phones.line_info(&target, Urgency::Look).await.ok()?
        };
        match tokio::time::timeout(ASK, Box::pin(asked)).await {
            Ok(Some(told)) => calls_of(&told),
            _ => Call::Unknown,
        }
    }

    /// What to know, and what to type, before the phone is made to take a changed configuration.
    pub(super) async fn push_warnings(&self, subject: &Subject) -> (Vec<String>, Option<Confirm>) {
        let mut warnings = vec![if only_resets(subject) {
            "This CUCM is older than 10.0: the phone is reset, and a call on it ends.".to_owned()
        } else {
            "The phone takes its configuration at once, and may restart for it.".to_owned()
        }];
        let why = match self.call(subject).await {
            Call::None if only_resets(subject) => "the phone is reset, and is away for a while",
            Call::None => return (warnings, None),
            Call::Busy => {
                warnings.push("The phone is in a call now.".to_owned());
                "the phone is in a call, which may end"
            }
            Call::Unknown => {
                warnings.push("Whether the phone is in a call cannot be seen: it does not tell.".to_owned());
                "a call on the phone may end, and whether there is one cannot be seen"
            }
        };
        let confirm = Confirm {
            expected: subject.phone.name.clone(),
            why: why.to_owned(),
        };
        (warnings, Some(confirm))
    }

    /// Waits until the phone's web server takes a connection, a dozen seconds at most. False when it does not.
    pub(super) async fn wait_for_web_server(&self, subject: &Subject) -> bool {
        let Some(address) = subject.phone.address else {
            return false;
        };
        let ports = [subject.cluster.phone_http_port, subject.cluster.phone_https_port];
        // Nothing is sent to an address outside the phones' networks.
        if subject.target_at(address).is_err() {
            return false;
        }
        for pause in PAUSES {
            for port in ports {
                let connecting = TcpStream::connect(SocketAddr::from((address, port)));
                if let Ok(Ok(_)) = tokio::time::timeout(CONNECT, connecting).await {
                    return true;
                }
            }
            if !self.pause(Duration::from_millis(pause)).await {
                return false;
            }
        }
        false
    }

    /// Waits; false when the program stops meanwhile.
    pub(super) async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(pause) => true,
            () = self.parts.tasks.stopping() => false,
        }
    }
}

fn calls_of(told: &LineInfo) -> Call {
    let lines = told
        .lines
        .iter()
        .filter(|line| line.line_type.is_none_or(|kind| kind == LINE));
    let states: Vec<&str> = lines
        .map(|line| line.state.as_deref().unwrap_or_default().trim())
        .collect();
    let is_one_of = |known: &[&str], state: &str| known.iter().any(|one| one.eq_ignore_ascii_case(state));
    if states.iter().any(|state| is_one_of(&IN_CALL, state)) {
        Call::Busy
    } else if !states.is_empty() && states.iter().all(|state| is_one_of(&AT_REST, state)) {
        Call::None
    } else {
        Call::Unknown
    }
}

/// Gives the order to CUCM. It acts by the device's name, so that no other phone can be met.
pub(super) async fn order(case: &Case, push: Push, device: &DeviceName) -> Result<(), Mishap> {
    let cucm = &case.subject.cucm;
    let given = match push {
        Push::Apply if only_resets(&case.subject) => cucm.reset_phone(device).await,
        Push::Apply => cucm.apply_phone(device).await,
        Push::Restart => cucm.restart_phone(device).await,
        Push::Reset => cucm.reset_phone(device).await,
    };
    given.map_err(Mishap::from)
}

/// After a change that CUCM holds already: the phone has to take it. What went wrong with that, in words.
pub(super) async fn take(case: &Case, device: &DeviceName) -> Option<String> {
    let why = match order(case, Push::Apply, device).await {
        Ok(()) => return None,
        Err(Mishap::Failed(trouble) | Mishap::Doubtful(trouble)) => trouble.evidence,
        Err(Mishap::Changed(what)) => what,
        Err(Mishap::ReadOnly) => "the CUCM login may only read".to_owned(),
    };
    Some(format!(
        "CUCM holds the change, and did not take the order to apply it: {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::Line;

    #[test]
    fn a_line_that_rings_or_talks_is_a_call() {
        let line = |kind, state: &str| Line {
            line_type: Some(kind),
            state: Some(state.to_owned()),
            ..Line::default()
        };
        let told = |lines| LineInfo {
            lines,
            ..LineInfo::default()
        };
        assert_eq!(calls_of(&told(vec![line(9, "ONHOOK"), line(2, "BUSY")])), Call::None);
        for state in ["CONNECTED", "RingIn", "HOLD"] {
            assert_eq!(calls_of(&told(vec![line(9, "onhook"), line(9, state)])), Call::Busy);
        }
        for state in ["", "null", "UNKNOWN", "SOMETHING_NEW"] {
            assert_eq!(calls_of(&told(vec![line(9, "onhook"), line(9, state)])), Call::Unknown);
        }
        assert_eq!(
            calls_of(&told(vec![line(2, "ONHOOK")])),
            Call::Unknown,
            "no line at all"
        );
    }
}
