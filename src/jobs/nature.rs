//! What an action is: may they, can it be taken back, which phones it is not for.

use super::preview::{heading, not_there, out_of_reach};
use super::{Error, Jobs};
use crate::diagnosis::remedies::RemedyId;
use crate::domain::cause::Cause;
use crate::domain::job::Action;
use crate::security::{MendPhones, ReachPeople, Viewer};
use crate::store::jobs::phones::Brief;

/// Remedies that jobs apply: of one click, and without a question of their own.
const REMEDIES: [RemedyId; 2] = [RemedyId::EnableWebAccess, RemedyId::AddControlledDevice];

/// An action, looked at.
pub(super) struct Nature {
    /// What it does, as a heading.
    pub(super) words: String,
    /// As it will be kept.
    pub(super) action: Action,
    /// Whether it does what cannot be taken back.
    pub(super) destructive: bool,
    /// What to know about it.
    pub(super) warnings: Vec<String>,
    /// Numbers that it dials, or lets somebody dial.
    pub(super) dials: Vec<String>,
    reach: Reach,
}

/// Over which way a phone is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// By requests to its own web server that control it.
    Control,
    /// By requests to its own pages.
    Pages,
    /// By CUCM, while it is registered.
    Registered,
    /// By CUCM, wherever it is.
    Cucm,
}

impl Nature {
    fn new(action: &Action, words: String, reach: Reach) -> Self {
        Self {
            words,
            action: action.clone(),
            destructive: false,
            warnings: Vec::new(),
            dials: Vec::new(),
            reach,
        }
    }

    /// Why a phone is left alone.
    pub(super) fn skips(&self, phone: &Brief) -> Option<(Cause, String)> {
        let by_cucm = || {
            phone.by_address.then(|| {
                (
                    Cause::PhoneUnknown,
                    "known by its address only: CUCM cannot be told about it".to_owned(),
                )
            })
        };
        match self.reach {
            Reach::Control => out_of_reach(phone),
            Reach::Pages => not_there(phone),
            Reach::Registered => by_cucm().or_else(|| not_there(phone)),
            Reach::Cucm => by_cucm(),
        }
    }
}

impl Jobs {
    /// Looks at an action: whether somebody may order it, and what it is.
    pub(super) async fn nature(&self, viewer: &Viewer, action: &Action) -> Result<Nature, Error> {
        let plain = |reach| Nature::new(action, heading(action, ""), reach);
        Ok(match action {
            Action::Picture | Action::Readiness => plain(Reach::Control),
            Action::Facts => plain(Reach::Pages),
            Action::Restart { reset } => {
                viewer.may::<MendPhones>()?;
                let mut nature = plain(Reach::Registered);
                nature.destructive = true;
                let word = if *reset { "reset" } else { "restarted" };
                nature
                    .warnings
                    .push(format!("Every phone is {word} and is away for a minute or two."));
                nature
                    .warnings
                    .push("A phone that does not tell whether it is in a call is restarted all the same.".to_owned());
                nature
            }
            Action::Remedy { remedy } => {
                viewer.may::<MendPhones>()?;
                let id: RemedyId = remedy.parse().ok().filter(|id| REMEDIES.contains(id)).ok_or_else(|| {
                    Error::invalid(
                        "action.remedy",
                        "a job applies enable-web-access or add-controlled-device",
                    )
                })?;
                let mut nature = plain(Reach::Cucm);
                id.title().clone_into(&mut nature.words);
                if id == RemedyId::EnableWebAccess {
                    nature
                        .warnings
                        .push("Phones take the change at once, and some restart for it.".to_owned());
                }
                nature
            }
            Action::Logout => {
                viewer.may::<MendPhones>()?;
                plain(Reach::Cucm)
            }
            Action::Macro { .. }
            | Action::Message { .. }
            | Action::Ring { .. }
            | Action::Background { .. }
            | Action::RingTone { .. } => {
                viewer.may::<ReachPeople>()?;
                plain(Reach::Control)
            }
        })
    }

    /// Refuses what would dial, or offer, an emergency number of any cluster that it is for.
    pub(super) async fn refuse_emergency(
        &self,
        viewer: &Viewer,
        nature: &Nature,
        phones: &[Brief],
    ) -> Result<(), Error> {
        if nature.dials.is_empty() {
            return Ok(());
        }
        let mut clusters: Vec<_> = phones.iter().map(|phone| phone.cluster).collect();
        clusters.sort_unstable();
        clusters.dedup();
        for cluster in clusters {
            let numbers = self.parts().inventory.cluster(viewer, cluster).await?.emergency_numbers;
            for dialled in &nature.dials {
                let digits: String = dialled
                    .chars()
                    .filter(|c| c.is_ascii_digit() || "*#+".contains(*c))
                    .collect();
                let digits = digits.trim_end_matches('#');
                let is_one = |number: &&String| {
                    digits == number.as_str() || digits.len() == number.len() + 1 && digits.ends_with(number.as_str())
                };
                if let Some(number) = numbers.iter().find(is_one) {
                    let problem = format!("{number} is an emergency number: no job dials it, or offers to");
                    return Err(Error::invalid("action", problem));
                }
            }
        }
        Ok(())
    }
}
