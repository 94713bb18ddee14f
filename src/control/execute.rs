//! Pushing other items than keys: dialling, ringing, messages, URLs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::drivers::Driver;
use super::outcome::{Outcome, outcome_of, trouble_of};
use super::record::Record;
use super::{Control, Shared, Source};
use crate::audit::action;
use crate::domain::cause::Trouble;
use crate::domain::execute::{self, ExecuteItem, InvalidExecute};
use crate::domain::ids::PhoneId;
use crate::inventory;
use crate::phone::ItemAnswer;
use crate::security::{May, PressKeys, Viewer};

/// Why nothing was pushed, or what the phone said instead.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExecuteError {
    /// The request breaks a limit; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] InvalidExecute),
    /// The model has no such key; nothing was sent.
    #[error("a {model} has no key {key}")]
    NoSuchKey {
        /// The key's name.
        key: String,
        /// The model's name.
        model: String,
    },
    /// An emergency number would be dialled, and nobody confirmed it; nothing was sent.
    #[error("{0} is an emergency number; confirm it to dial it")]
    Emergency(String),
    /// Somebody else drives the phone; nothing was sent.
    #[error("{}", .0.in_the_way())]
    Driven(Driver),
    /// The phone cannot be controlled, or refused.
    #[error("{}", .0.cause.title())]
    Trouble(Trouble),
}

impl Control {
    /// Pushes 1 to 3 items in one request. The order in which a phone runs them is not promised. An emergency number is
    /// dialled only when `emergency_confirmed`. Like a key, it takes a wheel that is free, and waits for no other.
    pub async fn execute(
        &self,
        may: &May<PressKeys>,
        phone: PhoneId,
        items: Vec<ExecuteItem>,
        emergency_confirmed: bool,
    ) -> Result<Vec<ItemAnswer>, ExecuteError> {
        self.execute_from(self.source(), may, phone, items, emergency_confirmed)
            .await
    }

    /// The same for items of a place that keys come from, too.
    pub async fn execute_from(
        &self,
        source: Source,
        may: &May<PressKeys>,
        phone: PhoneId,
        items: Vec<ExecuteItem>,
        emergency_confirmed: bool,
    ) -> Result<Vec<ItemAnswer>, ExecuteError> {
        execute::validate(&items)?;
        let target = self.shared.inventory.target(phone).await.map_err(blocked)?;
        for key in items.iter().filter_map(|item| item.url.key()) {
            if !target.model.has(&key) {
                return Err(ExecuteError::NoSuchKey {
                    key: key.to_string(),
                    model: target.model.name.clone(),
                });
            }
        }
        if !emergency_confirmed {
            refuse_emergency(&self.shared, may, phone, &items).await?;
        }
        self.shared
            .drivers
            .press(phone, may, Some(source))
            .map_err(ExecuteError::Driven)?;
        self.keep();
        let (shared, viewer) = (Arc::clone(&self.shared), Viewer::clone(may));
        // A caller that leaves must not separate the act from its audit line.
        let pushing = self.shared.tasks.spawn("execute", async move {
            push(&shared, (source, &viewer), phone, &items).await
        });
        pushing
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| Err(ExecuteError::Trouble(super::stopped())))
    }

    /// Whether items may be put before a phone without dialling an emergency number of its cluster.
    ///
    /// # Errors
    /// [`ExecuteError::Emergency`], or [`ExecuteError::Trouble`] when that cannot be known.
    pub async fn refuse_emergency(
        &self,
        viewer: &Viewer,
        phone: PhoneId,
        items: &[ExecuteItem],
    ) -> Result<(), ExecuteError> {
        refuse_emergency(&self.shared, viewer, phone, items).await
    }
}

fn blocked(error: inventory::Error) -> ExecuteError {
    ExecuteError::Trouble(error.into())
}

async fn refuse_emergency(
    shared: &Shared,
    viewer: &Viewer,
    phone: PhoneId,
    items: &[ExecuteItem],
) -> Result<(), ExecuteError> {
    for dialled in items.iter().filter_map(|item| item.url.dialled()) {
        refuse_emergency_number(shared, viewer, phone, dialled).await?;
    }
    Ok(())
}

pub(super) async fn refuse_emergency_number(
    shared: &Shared,
    viewer: &Viewer,
    phone: PhoneId,
    dialled: &str,
) -> Result<(), ExecuteError> {
    let phone = shared.inventory.phone(viewer, phone).await.map_err(blocked)?;
    let numbers = shared
        .inventory
        .cluster(viewer, phone.cluster_id)
        .await
        .map_err(blocked)?
        .emergency_numbers;
    let digits: String = dialled
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#' | '+'))
        .collect();
    // A trailing # only says that the number is whole.
    let digits = digits.trim_end_matches('#');
    let found = numbers
        .iter()
        .find(|number| digits == **number || ends_a_prefix(digits, number));
    found.map_or(Ok(()), |number| Err(ExecuteError::Emergency(number.clone())))
}

/// Whether digits are an emergency number behind one digit for an outside line, such as 0112 or 9911.
fn ends_a_prefix(digits: &str, number: &str) -> bool {
    digits.len() == number.len() + 1 && digits.ends_with(number)
}

async fn push(
    shared: &Shared,
    (source, viewer): (Source, &Viewer),
    phone: PhoneId,
    items: &[ExecuteItem],
) -> Result<Vec<ItemAnswer>, ExecuteError> {
    let target = shared.inventory.target(phone).await.map_err(blocked)?;
    // The scheme says what was done; the rest may hold a number that somebody dialled.
    let schemes = items
        .iter()
        .map(|item| item.url.as_str().split(':').next().unwrap_or_default());
    let detail = schemes.collect::<Vec<_>>().join(", ");
    let record = Record::begin(shared, viewer, phone, action::EXECUTE, &detail)
        .await
        .map_err(ExecuteError::Trouble)?;
    let started = Instant::now();
    // The wheel may have changed hands meanwhile.
    if let Err(driver) = shared.drivers.sends(phone, viewer, Some(source)) {
        let trouble = super::wheel::no_longer(Some(&driver));
        record
            .end(shared, Outcome::NotSent, Some(&trouble), Duration::ZERO)
            .await;
        return Err(ExecuteError::Driven(driver));
    }
    let answer = shared.phones.execute(&target, items).await;
    let (outcome, trouble) = match &answer {
        Ok(_) => (Outcome::Sent, None),
        Err(error) => (outcome_of(error), Some(trouble_of(error))),
    };
    record.end(shared, outcome, trouble.as_ref(), started.elapsed()).await;
    shared.screens.expect_change(phone);
    match (answer, trouble) {
        (Ok(items), _) => Ok(items),
        (Err(_), trouble) => Err(ExecuteError::Trouble(trouble.unwrap_or_else(super::stopped))),
    }
}

#[cfg(test)]
mod tests {
    use super::ends_a_prefix;

    #[test]
    fn an_outside_line_does_not_hide_an_emergency_number() {
        assert!(ends_a_prefix("0112", "112"));
        assert!(!ends_a_prefix("1112", "12"));
        assert!(!ends_a_prefix("00112", "112"));
    }
}
