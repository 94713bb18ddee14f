//! What brakes may be set to, and what they make of a job's progress.

use super::{Error, Job};
use crate::domain::brakes::Brakes;

/// The last stage: everything that is not part of the canary.
pub(super) const REST: u32 = 2;
/// Phones of the stages of the canary.
pub(super) const CANARY: [usize; 2] = [1, 5];

impl Brakes {
    /// Checks that every value makes sense.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the field.
    pub fn check(&self) -> Result<(), Error> {
        let limits: [(&'static str, Option<u32>, u32, u32); 7] = [
            (
                "brakes.stop_share_percent",
                self.stop_share_percent.map(u32::from),
                1,
                100,
            ),
            ("brakes.stop_after", Some(self.stop_after), 1, 10_000),
            ("brakes.per_minute", self.per_minute, 1, 6_000),
            ("brakes.at_once", Some(self.at_once), 1, 500),
            ("brakes.per_switch", self.per_switch, 1, 500),
            (
                "brakes.in_call_again_minutes",
                Some(self.in_call_again_minutes),
                1,
                1_440,
            ),
            ("brakes.give_up_minutes", Some(self.give_up_minutes), 1, 10_080),
        ];
        for (field, value, least, most) in limits {
            if value.is_some_and(|value| value < least || value > most) {
                return Err(Error::invalid(
                    field,
                    format!("this is a number from {least} to {most}"),
                ));
            }
        }
        self.window.as_ref().map_or(Ok(()), super::Window::check)
    }
}

/// Whether so large a share of a job's runs failed that it must be held. What was forgiven when somebody let it go on does
/// not count again. A run that is unproved or unsure has failed for this: nobody can say that it is well.
pub(super) fn too_many_failed(job: &Job, brakes: &Brakes) -> bool {
    let Some(share) = brakes.stop_share_percent else {
        return false;
    };
    let (done, failed) = judged(job);
    let (done, failed) = (
        done.saturating_sub(job.forgiven.0),
        failed.saturating_sub(job.forgiven.1),
    );
    done >= u64::from(brakes.stop_after) && failed > 0 && failed * 100 >= done * u64::from(share)
}

/// How many runs were tried and are over, and how many of them did not end well.
pub(super) fn judged(job: &Job) -> (u64, u64) {
    let failed = job.failed + job.unproved + job.unsure;
    (job.succeeded + failed, failed)
}

/// In which stage each of so many phones is begun, in order; `models` are their models. The first phone is of the most
/// frequent model, the next five are of as many models as there are.
pub(super) fn stages(brakes: &Brakes, models: &[&str]) -> Vec<u32> {
    let mut stages = vec![REST; models.len()];
    if !brakes.canary {
        return stages;
    }
    let mut counts: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for model in models {
        *counts.entry(model).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or_default();
    let Some(first) = models.iter().position(|model| counts[model] == most) else {
        return stages;
    };
    stages[first] = 0;
    let mut met = vec![models[first]];
    let mut left = CANARY[1];
    for new_models in [true, false] {
        for (at, model) in models.iter().enumerate() {
            let fits = stages[at] == REST && (!new_models || !met.contains(model));
            if left > 0 && fits {
                stages[at] = 1;
                met.push(model);
                left -= 1;
            }
        }
    }
    stages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canary_meets_as_many_models_as_there_are() {
        let brakes = Brakes::default();
        let models = ["a", "b", "b", "b", "c", "b", "b", "b", "d"];
        assert_eq!(stages(&brakes, &models), [1, 0, 1, 1, 1, 2, 2, 2, 1]);
        assert_eq!(stages(&brakes, &["a"]), [0]);
        assert_eq!(stages(&brakes, &[]), [0_u32; 0]);
        let without = Brakes {
            canary: false,
            ..Brakes::default()
        };
        assert_eq!(stages(&without, &["a", "b"]), [2, 2]);
    }

    #[test]
    fn limits_name_their_field() {
        for (field, change) in [
            ("brakes.at_once", (|brakes| brakes.at_once = 0) as fn(&mut Brakes)),
            ("brakes.at_once", |brakes| brakes.at_once = 501),
            ("brakes.stop_share_percent", |brakes| {
                brakes.stop_share_percent = Some(101);
            }),
            ("brakes.stop_after", |brakes| brakes.stop_after = 0),
            ("brakes.per_minute", |brakes| brakes.per_minute = Some(0)),
            ("brakes.per_switch", |brakes| brakes.per_switch = Some(0)),
            ("brakes.in_call_again_minutes", |brakes| {
                brakes.in_call_again_minutes = 0;
            }),
            ("brakes.give_up_minutes", |brakes| brakes.give_up_minutes = 10_081),
        ] {
            let mut brakes = Brakes::default();
            assert!(brakes.check().is_ok());
            change(&mut brakes);
            let refused = brakes.check();
            assert!(
                matches!(refused, Err(Error::Invalid { field: named, .. }) if named == field),
                "{field}"
            );
        }
    }
}
