//! What a remedy would do, made anew from what is there now each time it is asked: for the preview, and again before it is
//! done. The token of a plan stands for everything it was made from.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::time::Duration;

use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use super::types::{Apply, Change, Input, Preview};
use super::{Case, RemedyError, RemedyId, Shared, urls, vendor};
use crate::cucm::Fingerprint;
use crate::domain::cause::Cause;
use crate::domain::device_name::DeviceName;
use crate::domain::ids::RemedyRunId;
use crate::inventory::Subject;

/// How long a visit lasts at most.
const VISIT_AT_MOST_MS: i64 = 8 * 3_600_000;
/// How long everything may take that is read for a plan.
const READING: Duration = Duration::from_secs(8);

/// How a phone is made to take its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Push {
    Apply,
    Restart,
    Reset,
}

/// What is written, with what was read before it.
#[derive(Debug)]
pub(super) enum Act {
    Associate {
        user: String,
        end_user: bool,
        device: DeviceName,
        /// The user's whole list, as CUCM writes it.
        devices: Vec<String>,
    },
    Vendor(vendor::Write),
    Urls(urls::Write),
    Push(Push, DeviceName),
    Unlock {
        user: String,
        end_user: bool,
    },
    Certificate(Fingerprint),
    CucmLogin,
    ControlLogin {
        username: String,
        password: SecretString,
        /// Nobody can prove the password, and whoever confirms says that they know.
        unproved: bool,
    },
    Address(Ipv4Addr),
    ByAddress(Ipv4Addr),
}

/// What must be typed, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Confirm {
    pub(super) expected: String,
    pub(super) why: String,
}

/// One remedy on one phone, ready to be shown or done.
#[derive(Debug)]
pub(super) struct Plan {
    /// Empty when everything is so already.
    pub(super) changes: Vec<Change>,
    pub(super) phones_touched: u64,
    pub(super) warnings: Vec<String>,
    pub(super) confirm: Option<Confirm>,
    pub(super) input: Option<Input>,
    pub(super) asks_password: bool,
    /// What was read, as far as it matters: the token is made of it.
    pub(super) read: String,
    /// Whether it is done only with the token of its preview.
    pub(super) needs_token: bool,
    /// Until when it lasts at most, in unix milliseconds.
    pub(super) visit_until: Option<i64>,
    /// Runs for a visit that this one makes lasting.
    pub(super) lasting: Vec<RemedyRunId>,
    pub(super) act: Act,
}

impl Plan {
    /// A plan that touches this phone only.
    pub(super) fn new(act: Act, changes: Vec<Change>) -> Self {
        Self {
            changes,
            phones_touched: 1,
            warnings: Vec::new(),
            confirm: None,
            input: None,
            asks_password: false,
            read: String::new(),
            needs_token: false,
            visit_until: None,
            lasting: Vec::new(),
            act,
        }
    }

    /// A short word for everything that the plan was made from.
    pub(super) fn token(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(self.read.as_bytes());
        let sum = digest.finalize();
        sum.iter().take(16).fold(String::new(), |mut text, byte| {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    pub(super) fn preview(self, id: RemedyId, subject: &Subject) -> Preview {
        let token = self.token();
        Preview {
            id,
            phone: subject.phone.id,
            phone_name: subject.phone.name.clone(),
            title: id.title(),
            changes: self.changes,
            phones_touched: self.phones_touched,
            warnings: self.warnings,
            confirm: self.confirm.map(|confirm| confirm.expected),
            token,
            input: self.input,
            asks_password: self.asks_password,
            undo: id.undo(),
        }
    }
}

/// The device name of a phone that CUCM knows.
pub(super) fn device(subject: &Subject) -> Result<DeviceName, RemedyError> {
    subject.name.clone().ok_or_else(|| {
        let evidence = format!(
            "{} is known only by its address, so that CUCM cannot be asked to change it",
            subject.phone.name
        );
        RemedyError::not_possible(Cause::PhoneUnknown, evidence)
    })
}

/// Ends a reading that takes too long; nothing was changed by then.
pub(super) async fn in_time<T>(reading: impl Future<Output = Result<T, RemedyError>>) -> Result<T, RemedyError> {
    tokio::time::timeout(READING, Box::pin(reading))
        .await
        .unwrap_or_else(|_| {
            let evidence = format!(
                "CUCM and the phone did not tell within {} s how things stand; nothing was changed",
                READING.as_secs()
            );
            Err(RemedyError::not_possible(Cause::AxlUnavailable, evidence))
        })
}

impl Plan {
    /// What ends a call, or touches more than one phone, is done only by somebody who has seen the preview and types a name.
    fn guard(&mut self, id: RemedyId, subject: &Subject) {
        let many = self.phones_touched > 1;
        self.needs_token |= id.destructive() || many;
        if self.confirm.is_some() || self.changes.is_empty() {
            return;
        }
        if id.destructive() {
            self.confirm = Some(Confirm {
                expected: subject.phone.name.clone(),
                why: "the phone is away for a while".to_owned(),
            });
        } else if many {
            self.confirm = Some(Confirm {
                expected: subject.cluster.name.clone(),
                why: format!("this touches {} phones", self.phones_touched),
            });
        }
    }
}

impl Shared {
    /// Plans a remedy from what is there now, within 8 s. Changes nothing.
    pub(super) async fn plan(&self, case: &Case, id: RemedyId, given: &Apply) -> Result<Plan, RemedyError> {
        let mut plan = in_time(self.planned(case, id, given)).await?;
        let subject = &case.subject;
        // What was agreed to for one phone or remedy is not agreed to for another.
        plan.read = format!("{id} {} {}\n{}", subject.phone.id, subject.phone.name, plan.read);
        plan.guard(id, subject);
        Ok(plan)
    }

    async fn planned(&self, case: &Case, id: RemedyId, given: &Apply) -> Result<Plan, RemedyError> {
        let input = given.input.as_deref().map(str::trim).filter(|input| !input.is_empty());
        match id {
            RemedyId::AddControlledDevice => self.plan_lasting_association(case).await,
            RemedyId::AddControlledDeviceForVisit => {
                let plan = self.plan_association(case).await?;
                let until = self.parts.clock.now_ms() + VISIT_AT_MOST_MS;
                // A phone that is there already was put there by somebody else, and stays.
                let visit_until = (!plan.changes.is_empty()).then_some(until);
                Ok(Plan { visit_until, ..plan })
            }
            RemedyId::EnableWebAccess => self.plan_web_access(case).await,
            RemedyId::SetAuthenticationUrl => self.plan_set_url(case, input).await,
            RemedyId::ClearAuthenticationUrl => self.plan_clear_url(case).await,
            RemedyId::ApplyConfiguration => self.plan_push(case, Push::Apply).await,
            RemedyId::RestartPhone => self.plan_push(case, Push::Restart).await,
            RemedyId::ResetPhone => self.plan_push(case, Push::Reset).await,
            RemedyId::AcceptCertificate => self.plan_certificate(case).await,
            RemedyId::UseCucmLogin => self.plan_cucm_login(case).await,
            RemedyId::SeparateControlLogin => self.plan_control_login(case, input, given.password.as_ref()).await,
            RemedyId::TakeAddress => self.plan_take_address(case).await,
            RemedyId::ControlByAddress => self.plan_by_address(case, input).await,
            RemedyId::UnlockLogin => self.plan_unlock(case).await,
            _ => Err(RemedyError::Guided(Box::new(self.guide_of(case, id).await))),
        }
    }

    /// Refuses with the guide when a person has to do it: it is a guided one, or the CUCM login may only read.
    pub(super) async fn guided(&self, case: &Case, id: RemedyId) -> Result<(), RemedyError> {
        if id.one_click() && !(id.in_cucm() && (self.reads_only(&case.subject) || self.role_reads_only(case).await)) {
            return Ok(());
        }
        Err(RemedyError::Guided(Box::new(self.guide_of(case, id).await)))
    }

    /// Whether CUCM says that its login has only the role to read (cucm-apis.md 4); remembered when it has.
    async fn role_reads_only(&self, case: &Case) -> bool {
        let subject = &case.subject;
        let told = subject.cucm.app_user(&subject.cluster.login_username).await;
        let Ok(Some(user)) = told else { return false };
        let has = |role: &str| user.roles.iter().any(|had| had.eq_ignore_ascii_case(role));
        let only = has("Standard AXL Read Only API Access") && !has("Standard AXL API Access");
        if only {
            self.note_read_only(subject);
        }
        only
    }
}
