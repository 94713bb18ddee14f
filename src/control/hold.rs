//! The wheel in the hands of a macro: its own keys alone are sent, also of the person who plays it.

use super::drivers::{Attendance, Driver};
use super::{Control, Source, WheelError, drop_waiting, wheel};
use crate::domain::ids::PhoneId;
use crate::security::{May, PressKeys};

/// A wheel that a macro keeps. When it is dropped, the wheel is its person's again; [`Control::let_go`] frees it.
#[derive(Debug)]
pub struct Hold {
    control: Control,
    phone: PhoneId,
    source: Source,
    drove_before: bool,
    _attendance: Attendance,
}

impl Hold {
    /// Whether it is still kept: anybody else may take a wheel, and a right may end.
    pub fn is_kept(&self) -> bool {
        self.control.shared.drivers.is_gripped_by(self.phone, self.source)
    }

    /// Where the keys of the macro come from.
    pub fn source(&self) -> Source {
        self.source
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.control.shared.drivers.loosen(self.phone, self.source);
    }
}

impl Control {
    /// Takes the wheel for a macro, when it is free or the viewer's own: from now on only keys and acts of `source` are
    /// sent, and what the viewer's other pages and tokens have waiting is not. Somebody else can still take it.
    ///
    /// # Errors
    /// Who drives.
    pub fn hold(&self, may: &May<PressKeys>, phone: PhoneId, source: Source, macro_name: &str) -> Result<Hold, Driver> {
        let attendance = self.attend(phone, may);
        let drove_before = self.shared.drivers.grip(phone, may, source, macro_name)?;
        self.keep();
        let trouble = wheel::no_longer(self.driver(phone).as_ref());
        drop_waiting(&self.shared, phone, may, &trouble, None);
        Ok(Hold {
            control: self.clone(),
            phone,
            source,
            drove_before,
            _attendance: attendance,
        })
    }

    /// Gives the wheel back as it was before the macro: free, or its person's.
    ///
    /// # Errors
    /// [`WheelError::Trouble`] when it cannot be written down; it is given back all the same.
    pub async fn let_go(&self, may: &May<PressKeys>, hold: Hold) -> Result<(), WheelError> {
        let (phone, is_theirs) = (hold.phone, hold.drove_before || !hold.is_kept());
        drop(hold);
        if is_theirs {
            return Ok(());
        }
        self.release(may, phone).await
    }
}
