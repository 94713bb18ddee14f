//! Common phone profiles and the enterprise phone configuration.

use std::sync::Arc;

use roxmltree::Node;

use super::axl::{Failure, Found, returned_tags};
use super::phone_write::vendor_in;
use super::phone_xml::{like, vendor_config};
use super::soap::{child, text};
use super::sql::key_of;
use crate::simulator::answer::element;
use crate::simulator::settings::PROFILES;
use crate::simulator::world::{World, lock};

/// The profile that a request names by name or uuid.
pub(super) fn named(asked: Node<'_, '_>) -> Option<&'static str> {
    let (name, uuid) = (text(asked, "name"), text(asked, "uuid"));
    let uuid = uuid.trim_matches(['{', '}']).to_ascii_lowercase();
    PROFILES
        .into_iter()
        .find(|profile| *profile == name || key_of("commonphoneconfig", profile) == uuid)
}

fn not_found(code: i32) -> Failure {
    Failure::new(code, "Item not valid: The specified Common Phone Config was not found")
}

/// A profile's uuid as AXL writes it.
pub(super) fn uuid_of(profile: &str) -> String {
    format!("{{{}}}", key_of("commonphoneconfig", profile).to_ascii_uppercase())
}

/// One profile with its vendorConfig.
pub(super) fn profile(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let name = named(asked).ok_or_else(|| not_found(5007))?;
    let cucm = lock(&world.cucm);
    let vendor = cucm.cluster.profiles.get(name).cloned().unwrap_or_default();
    let content = [
        element("name", name),
        element("description", name),
        element("dndOption", "Ringer Off"),
        vendor_config(&vendor),
    ];
    Ok(format!(
        "<commonPhoneConfig uuid=\"{}\">{}</commonPhoneConfig>",
        uuid_of(name),
        content.concat()
    ))
}

/// The profiles by name; this form has no vendorConfig.
pub(super) fn profiles(asked: Node<'_, '_>) -> Result<Found, Failure> {
    let criteria = child(asked, "searchCriteria").ok_or_else(Failure::no_criterion)?;
    let tags = returned_tags(asked);
    let wanted = PROFILES
        .into_iter()
        .filter(|profile| like(profile, text(criteria, "name")));
    let rows: Vec<String> = wanted
        .map(|profile| {
            let content: String = ["name", "description"]
                .into_iter()
                .filter(|tag| tags.iter().any(|wanted| wanted == tag))
                .map(|tag| element(tag, profile))
                .collect();
            let uuid = uuid_of(profile);
            format!("<commonPhoneConfig uuid=\"{uuid}\">{content}</commonPhoneConfig>")
        })
        .collect();
    Ok(Found {
        rows: rows.len(),
        xml: rows.concat(),
    })
}

/// The enterprise phone configuration.
pub(super) fn enterprise(world: &World) -> String {
    let cucm = lock(&world.cucm);
    format!(
        "<enterprisePhoneConfig>{}</enterprisePhoneConfig>",
        vendor_config(&cucm.cluster.enterprise)
    )
}

/// Replaces a profile's vendorConfig, where one is sent. Phones know when it is applied or when they restart.
pub(super) fn update_profile(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let name = named(asked).ok_or_else(|| not_found(5003))?;
    if let Some(vendor) = vendor_in(asked) {
        let mut cucm = lock(&world.cucm);
        Arc::make_mut(&mut cucm.cluster).profiles.insert(name, vendor);
    }
    Ok(uuid_of(name))
}

/// Replaces the enterprise phone configuration's vendorConfig.
pub(super) fn update_enterprise(world: &World, asked: Node<'_, '_>) -> String {
    if let Some(vendor) = vendor_in(asked) {
        let mut cucm = lock(&world.cucm);
        Arc::make_mut(&mut cucm.cluster).enterprise = vendor;
    }
    uuid_of("enterprise")
}
