//! The control login, tried. However many checks look at it, a run makes at most one try with a password that may be
//! wrong: wrong tries may count toward the lock of CUCM's credential policy (cucm-apis.md 3).

use super::Seen;
use super::cucm::{AUTHENTICATE, QUESTION, within};
use crate::cucm::{AuthenticateForm, Authentication, Error, PasswordCheck, Scheme, Service};
use crate::domain::device_name::DeviceName;

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
}

/// What became of it.
#[derive(Debug, Default)]
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
        self.cucm.login.get_or_init(|| Box::pin(self.try_login())).await
    }

    async fn try_login(&self) -> LoginTried {
        let mut tried = LoginTried::default();
        let Some(name) = &self.subject.name else {
            return tried.not_asked(NotAsked::Nameless);
        };
        if let Err(error) = self.reached().await {
            return tried.not_asked(NotAsked::Unreached(error));
        }
        if let Err(error @ (Error::TlsUntrusted { .. } | Error::TlsTooOld { .. })) = self.version().await {
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
        // A phone that is not associated is refused with any password, so AXL's answer is the one that tells.
        if tried.associated == Some(false) {
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
        }
        self.ask(name, tried).await
    }

    /// Asks in the form that phones use; in the others only when nothing was answered to that.
    async fn ask(&self, name: &DeviceName, mut tried: LoginTried) -> LoginTried {
        for form in AuthenticateForm::ALL {
            let control = &self.subject.control;
            let asked = self.subject.cucm.authenticate_as(control, name, Scheme::Https, form);
            let answer = within(AUTHENTICATE, Service::Authentication, asked).await;
            let may_differ = matches!(&answer, Err(Error::Status { .. } | Error::Truncated { .. }));
            // The error of the form that phones use is the one to tell.
            if answer.is_ok() || tried.answer.is_none() {
                tried.answer = Some(answer);
            }
            tried.forms.push(form);
            if !may_differ {
                break;
            }
        }
        tried
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
