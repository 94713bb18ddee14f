//! The way through a wizard: which steps a run needs, how each stands, where it goes on. A pure function.

use super::kind::Kind;
use super::known::{Answer, Known};
use super::step::{Proof, Step};

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The software saw that it is done, or not the fault.
    Seen,
    /// Somebody answered it.
    Done,
    /// Somebody went on without it.
    Skipped,
    /// It is where the run goes on.
    Open,
    /// It comes later.
    Later,
    /// This run does not need it.
    NotNeeded,
}

impl Standing {
    /// Whether the run may go past it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Seen | Self::Done | Self::Skipped | Self::NotNeeded)
    }
}

/// A step of a run.
#[derive(Debug, Clone)]
pub struct Place {
    /// The step.
    pub step: &'static Step,
    /// How it stands.
    pub standing: Standing,
    /// What the software makes of what it saw.
    pub proof: Proof,
    /// The newest answer, also one that must be given again.
    pub answer: Option<Answer>,
}

/// All steps of a run as they stand.
#[derive(Debug, Clone)]
pub struct Path {
    /// In order, those that are not needed too.
    pub places: Vec<Place>,
    /// Where the run goes on.
    pub current: usize,
}

/// Why a step cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// The kind has no such step.
    Unknown,
    /// This step stands before it.
    After(&'static str),
    /// The run does not need it.
    NotNeeded,
}

impl Path {
    /// The way of a kind as things are known.
    pub fn of(kind: Kind, known: &Known) -> Self {
        let mut places: Vec<Place> = Vec::new();
        // An answer rests on what was chosen and typed before it; when that changes, it is asked for again.
        let mut ground = 0;
        let mut open = None;
        for step in kind.steps() {
            let answer = known.answers.get(step.id).cloned();
            let proof = (step.proof)(known);
            let standing = if !(step.needed)(known) {
                Standing::NotNeeded
            } else if open.is_some() {
                Standing::Later
            } else {
                let counts = answer.as_ref().filter(|answer| answer.note > ground);
                own_standing(&proof, counts)
            };
            if standing == Standing::Open {
                open = Some(places.len());
            }
            if let Some(answer) = answer.as_ref().filter(|_| step.has_fields() && standing.is_over()) {
                ground = ground.max(answer.changed);
            }
            places.push(Place {
                step,
                standing,
                proof,
                answer,
            });
        }
        let last = places.len().saturating_sub(1);
        Self {
            places,
            current: open.unwrap_or(last),
        }
    }

    /// The step where the run goes on.
    pub fn current(&self) -> &Place {
        &self.places[self.current]
    }

    /// A step that may be opened: everything before the place where the run goes on, that place, and whatever was answered before.
    ///
    /// # Errors
    /// [`Barred`].
    pub fn open(&self, id: &str) -> Result<(usize, &Place), Barred> {
        let at = self.places.iter().position(|place| place.step.id == id);
        let at = at.ok_or(Barred::Unknown)?;
        let place = &self.places[at];
        match place.standing {
            _ if place.answer.is_some() => Ok((at, place)),
            // What was mended while its page was open is still there to be seen.
            Standing::NotNeeded if at < self.current => Ok((at, place)),
            Standing::NotNeeded => Err(Barred::NotNeeded),
            Standing::Later => Err(Barred::After(self.current().step.title)),
            _ => Ok((at, place)),
        }
    }

    /// The needed step before a place.
    pub fn before(&self, at: usize) -> Option<&Place> {
        self.places[..at]
            .iter()
            .rev()
            .find(|place| place.standing != Standing::NotNeeded)
    }

    /// Where to go from a place: to where the run goes on, past everything that is over; none at that place itself.
    pub fn after(&self, at: usize) -> Option<&Place> {
        (at != self.current).then(|| self.current())
    }
}

fn own_standing(proof: &Proof, answer: Option<&Answer>) -> Standing {
    match (proof, answer) {
        (Proof::Good(_), _) => Standing::Seen,
        (_, Some(answer)) if answer.skipped => Standing::Skipped,
        // What is seen counts more than what was said.
        (Proof::Bad(_), _) | (_, None) => Standing::Open,
        (_, Some(_)) => Standing::Done,
    }
}
