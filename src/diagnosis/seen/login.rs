//! The control login, tried. However many checks look at it, a run makes at most one try with a password that may be
//! wrong: wrong tries may count toward the lock of CUCM's credential policy (cucm-apis.md 3).

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::Seen;
use super::cucm::{AUTHENTICATE, QUESTION, within};
use super::url::Whose;
use crate::cucm::{AuthenticateForm, Authentication, Error, PasswordCheck, Scheme, Service};
use crate::domain::device_name::DeviceName;

/// How long the picture waits for CUCM's word on the login, from the beginning of the diagnosis.
const WORD_UNTIL: Duration = Duration::from_secs(3);
/// The same while CUCM already has the password in hand.
const LATE_WORD_UNTIL: Duration = Duration::from_millis(5_500);

/// Who was given the password first, where CUCM did not say at once whether it is good. The other gets it only when the
/// first took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) enum First {
    /// CUCM: AXL or its authenticate service.
    Cucm,
    /// The phone, with the request for its picture.
    Phone,
}

/// Why the authenticate service was not asked with the control login.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::diagnosis) enum NotAsked {
    /// CUCM cannot be talked to.
    Unreached(Error),
    /// AXL or RIS, by this name, refused the same login a moment ago.
    RefusedBefore(Service),
    /// The phone is known only by its address.
    Nameless,
    /// CUCM has no such user.
    NoSuchUser,
    /// An administrator locked the user.
    Locked,
    /// AXL said that the password is wrong.
    WrongPassword,
    /// The phone, which was asked first because CUCM was slow, did not let us in.
    RefusedByPhone,
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub(in crate::diagnosis) struct LoginTried {
    /// Why the service was not asked; none when it was.
    pub(in crate::diagnosis) not_asked: Option<NotAsked>,
    /// Whether the phone is among the login's controlled devices, as far as AXL tells.
    pub(in crate::diagnosis) associated: Option<bool>,
    /// What AXL says of the password, where that was the way to find out.
    pub(in crate::diagnosis) password: Option<PasswordCheck>,
    /// What the authenticate service said; none when it was not asked.
    pub(in crate::diagnosis) answer: Option<Result<Authentication, Error>>,
    /// The forms in which it was asked, in order; the last gave the answer.
    pub(in crate::diagnosis) forms: Vec<AuthenticateForm>,
}

impl LoginTried {
    fn not_asked(mut self, why: NotAsked) -> Self {
        self.not_asked = Some(why);
        self
    }

    /// Whether the service said exactly AUTHORIZED.
    pub(in crate::diagnosis) fn is_authorized(&self) -> bool {
        matches!(&self.answer, Some(Ok(answer)) if answer.authorized)
    }
}

impl Seen {
    /// Whether phones are controlled with the CUCM login itself.
    pub(in crate::diagnosis) fn is_one_login(&self) -> bool {
        self.subject.control.username == self.subject.cluster.login_username
    }

    /// The control login, tried once.
    pub(in crate::diagnosis) async fn login_tried(&self) -> &LoginTried {
        let asked = self.cucm.login.get_or_init(|| async {
            let checked = self.login_checked().await.clone();
            match &self.subject.name {
                Some(name) if checked.not_asked.is_none() => self.ask(name, checked).await,
                _ => checked,
            }
        });
        Box::pin(asked).await
    }

    /// The same as far as AXL tells it, which is asked before the authenticate service: its answer says whether the
    /// password is right, and a phone that is not associated is refused by the service with any password.
    async fn login_checked(&self) -> &LoginTried {
        let asked = self.cucm.login_checked.get_or_init(|| Box::pin(self.check_login()));
        asked.await
    }

    async fn check_login(&self) -> LoginTried {
        let mut tried = LoginTried::default();
        let Some(name) = &self.subject.name else {
            return tried.not_asked(NotAsked::Nameless);
        };
        if let Err(error) = self.reached().await {
            return tried.not_asked(NotAsked::Unreached(error));
        }
        let version = self.version().await;
        if let Err(error @ (Error::TlsUntrusted { .. } | Error::TlsTooOld { .. })) = version {
            return tried.not_asked(NotAsked::Unreached(error));
        }
        // RIS gets the password with every question, AXL only with the first of a session.
        if self.is_one_login()
            && let Err(Error::LoginRejected { service }) = self.registrations().await
        {
            return tried.not_asked(NotAsked::RefusedBefore(service));
        }
        tried.associated = self.associated(name).await;
        match self.control_user().await {
            Ok(None) => return tried.not_asked(NotAsked::NoSuchUser),
            Ok(Some(user)) if user.locked_by_admin => return tried.not_asked(NotAsked::Locked),
            _ => {}
        }
        if version.is_err() {
            return tried;
        }
        if !self.is_cucms_turn().await {
            return tried.not_asked(NotAsked::RefusedByPhone);
        }
        let asked = self.subject.cucm.check_password(&self.subject.control);
        if let Ok(check) = within(QUESTION, Service::Axl, asked).await {
            tried.password = Some(check);
            if !check.known {
                return tried.not_asked(NotAsked::NoSuchUser);
            }
            if !check.authenticated {
                return tried.not_asked(NotAsked::WrongPassword);
            }
        }
        tried
    }

    /// Whether CUCM may be given the password: not when the phone had it first and did not let us in.
    fn is_cucms_turn(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(async {
            match self.cucm.first_try.get_or_init(|| First::Cucm) {
                First::Cucm => true,
                First::Phone => self.is_let_in().await,
            }
        })
    }

    /// Asks in the form that phones use; in the others only where CUCM has no such page, since each form carries the
    /// password.
    async fn ask(&self, name: &DeviceName, mut tried: LoginTried) -> LoginTried {
        if !self.is_cucms_turn().await {
            return tried.not_asked(NotAsked::RefusedByPhone);
        }
        for form in AuthenticateForm::ALL {
            let control = &self.subject.control;
            let asked = self.subject.cucm.authenticate_as(control, name, Scheme::Https, form);
            let answer = within(AUTHENTICATE, Service::Authentication, asked).await;
            let is_elsewhere = matches!(&answer, Err(Error::Status { status: 404, .. }));
            // The error of the form that phones use is the one to tell.
            if answer.is_ok() || tried.answer.is_none() {
                tried.answer = Some(answer);
            }
            tried.forms.push(form);
            if !is_elsewhere {
                break;
            }
        }
        tried
    }

    /// Why the phone must not be asked for anything that takes the login; none when it may. A run makes one wrong try at
    /// most: where CUCM says that the login is wrong or locked, the phone would make another, unless it asks the server
    /// of somebody else.
    pub(super) async fn login_objection(&self) -> Option<&'static str> {
        let objection = self.objection_of_cucm().await?;
        match self.url_host().await {
            Some(host) if host.whose == Whose::Stranger => None,
            _ => Some(objection),
        }
    }

    async fn objection_of_cucm(&self) -> Option<&'static str> {
        const REFUSED: &str = "the login was refused by CUCM; asking the phone would be another wrong try";
        let left = |until: Duration| (self.begun + until).saturating_duration_since(Instant::now());
        let checked = match timeout(left(WORD_UNTIL), self.login_checked()).await {
            Ok(checked) => checked,
            Err(_) if *self.cucm.first_try.get_or_init(|| First::Phone) == First::Phone => return None,
            Err(_) => match timeout(left(LATE_WORD_UNTIL), self.login_checked()).await {
                Ok(checked) => checked,
                Err(_) => {
                    return Some("CUCM has not said whether the login is right; asking the phone may be a wrong try");
                }
            },
        };
        match &checked.not_asked {
            Some(NotAsked::Unreached(_) | NotAsked::Nameless | NotAsked::RefusedByPhone) => return None,
            Some(_) => return Some(REFUSED),
            None => {}
        }
        if checked.password.is_some_and(|check| check.authenticated) {
            return None;
        }
        // AXL could not tell. A service that gives no answer refuses nothing.
        let tried = timeout(left(LATE_WORD_UNTIL), self.login_tried()).await.ok()?;
        match &tried.answer {
            Some(Ok(answer)) if !answer.authorized && is_service_word(&answer.answer) => Some(REFUSED),
            _ => None,
        }
    }

    /// Whether the phone is among the control login's devices: by the user's own list, else by the database, which knows
    /// application and end users of one name apart.
    async fn associated(&self, name: &DeviceName) -> Option<bool> {
        let user = self.control_user().await;
        let listed = user
            .ok()
            .flatten()
            .map(|user| user.devices.iter().any(|device| device == name.as_str()));
        if listed == Some(true) {
            return listed;
        }
        self.version().await.ok()?;
        let asked = self
            .subject
            .cucm
            .is_controlled_device(&self.subject.control.username, name);
        within(QUESTION, Service::Axl, asked).await.ok().or(listed)
    }
}

/// Whether this is a word of the authenticate service, a yes or a no in any of its spellings (cucm-apis.md 3), and not
/// what something else on its port says.
pub(in crate::diagnosis) fn is_service_word(word: &str) -> bool {
    let letters: String = word
        .chars()
        .filter(|letter| *letter != '-' && !letter.is_whitespace())
        .collect();
    ["AUTHORIZED", "UNAUTHORIZED", "ERROR"]
        .iter()
        .any(|known| letters.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_word_is_known_and_no_page_is_one() {
        for word in ["AUTHORIZED", "UN-AUTHORIZED", "Un-Authorized", "UNAUTHORIZED", "ERROR"] {
            assert!(is_service_word(word), "{word}");
        }
        for page in ["", "<html>UNAUTHORIZED</html>", "Service Unavailable", "NOT AUTHORIZED"] {
            assert!(!is_service_word(page), "{page}");
        }
    }
}
