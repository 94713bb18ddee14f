//! Which remedies stand beside a verdict.

use super::types::Offer;
use super::{Remedies, RemedyId};
use crate::diagnosis::Record;
use crate::domain::finding::{Sign, UrlSource};
use crate::inventory::Subject;
use crate::security::Viewer;

/// Why a click is a guide where the CUCM login may only read.
pub(super) const READ_ONLY: &str =
    "the CUCM login may only read; with the role Standard AXL API Access this is one click";

impl Remedies {
    /// The remedies of a diagnosis' verdict, those of its first cause first. Cheap: neither CUCM nor the phone is asked.
    pub async fn offers(&self, viewer: &Viewer, record: &Record) -> Vec<Offer> {
        let subject = self.shared.parts.inventory.subject(record.phone).await.ok();
        let reads_only = subject.as_ref().is_some_and(|subject| self.shared.reads_only(subject));
        let mut offers: Vec<Offer> = Vec::new();
        for id in record.faults().into_iter().flat_map(RemedyId::of) {
            if offers.iter().any(|offer| offer.id == id) || !makes_sense(id, record, subject.as_ref()) {
                continue;
            }
            let guided = id.one_click() && id.in_cucm() && reads_only;
            offers.push(Offer {
                id,
                title: id.title(),
                effect: effect(id, subject.as_ref()),
                one_click: id.one_click() && !guided,
                undo: id.undo() && !guided,
                allowed: viewer.role.may(id.needs()),
                needs: id.needs().least_role(),
                guided_because: guided.then(|| READ_ONLY.to_owned()),
            });
        }
        offers
    }
}

/// Whether what was found speaks against offering it.
fn makes_sense(id: RemedyId, record: &Record, subject: Option<&Subject>) -> bool {
    let by_address = subject.is_some_and(|subject| subject.name.is_none());
    if by_address && id.in_cucm() && id != RemedyId::UnlockLogin {
        return false;
    }
    match id {
        RemedyId::ClearAuthenticationUrl => record.signs().any(|sign| {
            matches!(
                sign,
                Sign::UrlOverridden | Sign::UrlInForce(UrlSource::Device | UrlSource::DeviceSecure, _)
            )
        }),
        RemedyId::AddControlledDevice => !record.has(&Sign::Associated),
        RemedyId::UseCucmLogin => subject.is_some_and(|subject| subject.cluster.control_username.is_some()),
        RemedyId::TakeAddress => !by_address,
        _ => true,
    }
}

/// What it changes, and whom else that touches.
fn effect(id: RemedyId, subject: Option<&Subject>) -> String {
    let control = subject.map_or("the control login", |subject| subject.control.username.as_str());
    let cucm_login = subject.map_or("the CUCM login", |subject| subject.cluster.login_username.as_str());
    match id {
        RemedyId::AddControlledDevice => {
            format!("Adds this phone to the controlled devices of {control} in CUCM. Touches this phone only.")
        }
        RemedyId::AddControlledDeviceForVisit => format!(
            "Adds this phone to the controlled devices of {control}, and takes it out again 15 minutes after the last look at it, after 8 hours at the latest."
        ),
        RemedyId::EnableWebAccess => {
            "Sets Web Access of this phone to Enabled in CUCM and makes the phone take it. It may restart.".to_owned()
        }
        RemedyId::SetAuthenticationUrl => {
            "Writes an Authentication URL with CUCM's address into this phone's own settings. Touches this phone only."
                .to_owned()
        }
        RemedyId::ClearAuthenticationUrl => {
            "Empties this phone's own Authentication URL, so that it asks the cluster's. Touches this phone only.".to_owned()
        }
        RemedyId::ApplyConfiguration => "CUCM tells the phone to take its configuration. It may restart.".to_owned(),
        RemedyId::RestartPhone => "The phone is away for about a minute. A call on it may end.".to_owned(),
        RemedyId::ResetPhone => "The phone starts anew and is away for a minute or two. A call on it ends.".to_owned(),
        RemedyId::AcceptCertificate => {
            "Shows the certificate from before and the new one, and trusts the new one from then on. Touches every phone of the cluster."
                .to_owned()
        }
        RemedyId::UseCucmLogin => {
            format!("Phones are then asked as {cucm_login}. Touches every phone of the cluster.")
        }
        RemedyId::SeparateControlLogin => {
            "Phones are then asked as the user you name. Touches every phone of the cluster.".to_owned()
        }
        RemedyId::TakeAddress => "Asks CUCM where the phone is now and keeps that address here. CUCM is not changed.".to_owned(),
        RemedyId::ControlByAddress => {
            "Keeps the phone under an address that you know, without CUCM's help. CUCM is not changed.".to_owned()
        }
        RemedyId::UnlockLogin => {
            format!("Takes the lock from {control} in CUCM. Touches every phone that is controlled with it.")
        }
        _ => "Shows how, step by step. Nothing is changed by itself.".to_owned(),
    }
}
