//! Changes on one cluster. Each is sent once: what may have reached CUCM is never sent again, and an error for which
//! [`Error::is_doubtful`] holds means that CUCM may have changed all the same.

use super::changes::{Change, Push};
use super::client::Inner;
use super::error::{Error, Service};
use super::requests::AxlRequest;
use super::soap::read_answer;
use super::xml::Element;
use super::{Cucm, PhoneChange, Urgency, rows, sql};
use crate::domain::device_name::DeviceName;

/// What ending an Extension Mobility login came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logout {
    /// This user was signed in, and is no more.
    User(String),
    /// Nobody was signed in. Nothing was changed.
    Nobody,
}

impl Inner {
    /// Sends one change, before any waiting background read.
    async fn change(&self, change: Change) -> Result<Element, Error> {
        let request = AxlRequest::Change(change);
        let answer = self.axl_once(&request, Urgency::Person).await;
        let error = match answer.and_then(|answer| read_answer(Service::Axl, &answer)) {
            Ok(root) => return Ok(root),
            Err(error) => error,
        };
        Err(match error {
            Error::Status { status: 503, .. } => Error::Throttled,
            Error::RoleMissing { .. } if self.reading_works().await => Error::ReadOnly,
            Error::Fault { fault, .. } if fault.is_rank() => Error::RankTooLow { message: fault.message },
            Error::Fault { fault, .. } if fault.is_no_method() => Error::Unsupported {
                what: request
                    .operation(self.axl_version().unwrap_or(super::AxlVersion::GUESS))
                    .to_owned(),
            },
            other => other,
        })
    }

    /// Whether the login may read: then a refused change is the read-only role, and not a missing one.
    async fn reading_works(&self) -> bool {
        let read = self.axl_once(&AxlRequest::GetCcmVersion, Urgency::Person).await;
        read.is_ok_and(|answer| read_answer(Service::Axl, &answer).is_ok())
    }

    async fn change_phone(&self, change: Change, name: &DeviceName) -> Result<(), Error> {
        match self.change(change).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found_by_change() => Err(Error::PhoneUnknown { name: name.to_string() }),
            Err(error) => Err(error),
        }
    }

    /// How many rows a statement touched.
    async fn change_rows(&self, sql: String) -> Result<i64, Error> {
        rows::rows_updated(&self.change(Change::Sql(sql)).await?)
    }
}

impl Cucm {
    /// Changes a phone's own settings. CUCM keeps them; the phone takes them after [`Self::apply_phone`] or a reset. Read
    /// the phone again and compare: whether CUCM merges or replaces the vendor configuration is not documented.
    ///
    /// [`Error::PhoneUnknown`], [`Error::ReadOnly`], [`Error::Throttled`]; [`Error::InvalidChange`] for what cannot be sent.
    pub async fn update_phone(&self, name: &DeviceName, change: &PhoneChange) -> Result<(), Error> {
        change.check()?;
        let whole = Change::Phone {
            name: name.clone(),
            change: change.clone(),
        };
        self.inner.change_phone(whole, name).await
    }

    /// Tells a phone to take its configuration; it restarts only when it must.
    pub async fn apply_phone(&self, name: &DeviceName) -> Result<(), Error> {
        self.push(name, Push::Apply).await
    }

    /// Makes a phone register anew without starting from nothing.
    pub async fn restart_phone(&self, name: &DeviceName) -> Result<(), Error> {
        self.push(name, Push::Restart).await
    }

    /// Makes a phone start anew. A call on it ends.
    pub async fn reset_phone(&self, name: &DeviceName) -> Result<(), Error> {
        self.push(name, Push::Reset).await
    }

    async fn push(&self, name: &DeviceName, push: Push) -> Result<(), Error> {
        let change = Change::Push {
            name: name.clone(),
            push,
        };
        self.inner.change_phone(change, name).await
    }

    /// Ends the Extension Mobility login of a phone, and tells whose it was. CUCM's words for a phone where nobody is signed
    /// in are not documented, so it is asked who is: before, when nothing is sent for a phone without a user, and again
    /// after a refusal, as the user may have left meanwhile. A login by AXL is not ended by CUCM's own timer (reference,
    /// section 1.15), so ending it is left to us.
    ///
    /// [`Error::PhoneUnknown`], [`Error::ReadOnly`], [`Error::Throttled`]; [`Error::Unsupported`] where the schema lacks it.
    pub async fn logout_device(&self, name: &DeviceName) -> Result<Logout, Error> {
        let user = self.get_phone(name).await?.login_user;
        if user.is_empty() {
            return Ok(Logout::Nobody);
        }
        let change = Change::Logout { name: name.clone() };
        match self.inner.change_phone(change, name).await {
            Ok(()) => Ok(Logout::User(user)),
            Err(refused @ Error::Fault { .. }) => match self.get_phone(name).await {
                Ok(phone) if phone.login_user.is_empty() => Ok(Logout::Nobody),
                _ => Err(refused),
            },
            Err(error) => Err(error),
        }
    }

    /// Puts a phone among a user's controlled devices: one row, added only where there is none. True when a row was added;
    /// false when it was there before, or when CUCM does not have that user or phone: ask
    /// [`Self::is_controlled_device`].
    ///
    /// [`Error::OddUserName`] for a name that is never put into a statement, [`Error::ReadOnly`], [`Error::Throttled`].
    pub async fn associate(&self, user: &str, end_user: bool, device: &DeviceName) -> Result<bool, Error> {
        let sql = sql::associate(user, end_user, device)?;
        Ok(self.inner.change_rows(sql).await? > 0)
    }

    /// Takes a phone out of a user's controlled devices. True when a row was removed. Errors as [`Self::associate`].
    pub async fn dissociate(&self, user: &str, end_user: bool, device: &DeviceName) -> Result<bool, Error> {
        let sql = sql::dissociate(user, end_user, device)?;
        Ok(self.inner.change_rows(sql).await? > 0)
    }

    /// Whether [`Self::associate`] can name this user; else only the whole list can be set.
    pub fn takes_user(user: &str) -> bool {
        sql::takes_user(user)
    }

    /// Sets the whole list of a user's controlled devices: what is not in it is taken away (reference, section 1.10). Read
    /// the user just before, start from [`super::AppUser::devices_as_written`], read again and compare.
    ///
    /// [`Error::UserUnknown`], [`Error::RankTooLow`], [`Error::ReadOnly`], [`Error::Throttled`].
    pub async fn set_controlled_devices(&self, user: &str, end_user: bool, devices: &[String]) -> Result<(), Error> {
        let change = Change::devices(user, end_user, devices)?;
        self.change_user(change, user, end_user).await
    }

    /// Takes both locks from a user's password: the administrator's, and the one after wrong passwords. Errors as
    /// [`Self::set_controlled_devices`].
    pub async fn unlock_user(&self, user: &str, end_user: bool) -> Result<(), Error> {
        let change = Change::Unlock {
            userid: user.to_owned(),
            end_user,
        };
        self.change_user(change, user, end_user).await
    }

    /// AXL answers 5003 for a user it does not have and for one of higher rank; only a read tells them apart.
    async fn change_user(&self, change: Change, user: &str, end_user: bool) -> Result<(), Error> {
        let refused = match self.inner.change(change).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_not_found_by_change() => error,
            Err(error) => return Err(error),
        };
        match self.user_of_kind(user, end_user).await {
            Ok(Some(_)) => Err(Error::RankTooLow {
                message: refused.evidence(),
            }),
            Ok(None) => Err(Error::UserUnknown { name: user.to_owned() }),
            Err(_) => Err(refused),
        }
    }
}
