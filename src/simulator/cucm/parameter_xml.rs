//! Enterprise parameters as service parameters: `EnterpriseWideData`, service `Enterprise Wide`.

use std::sync::Arc;

use roxmltree::Node;

use super::axl::Failure;
use super::soap::text;
use super::sql::key_of;
use crate::simulator::answer::element;
use crate::simulator::world::{World, lock};

fn is_enterprise_wide(asked: Node<'_, '_>) -> bool {
    text(asked, "processNodeName") == "EnterpriseWideData" && text(asked, "service") == "Enterprise Wide"
}

fn not_found(code: i32) -> Failure {
    Failure::new(code, "Item not valid: The specified Service Parameter was not found")
}

/// The value of one parameter.
pub(super) fn get(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let name = text(asked, "name");
    let value = lock(&world.cucm).cluster.parameters.get(name).cloned();
    let value = value
        .filter(|_| is_enterprise_wide(asked))
        .ok_or_else(|| not_found(5007))?;
    let content = [
        element("processNodeName", text(asked, "processNodeName")),
        element("name", name),
        element("service", text(asked, "service")),
        element("value", &value),
        element("valueType", "String"),
    ];
    Ok(format!("<serviceParameter>{}</serviceParameter>", content.concat()))
}

/// Sets one parameter. Phones know when it is applied or when they restart.
pub(super) fn update(world: &World, asked: Node<'_, '_>) -> Result<String, Failure> {
    let name = text(asked, "name");
    let mut cucm = lock(&world.cucm);
    let known = is_enterprise_wide(asked) && cucm.cluster.parameters.contains_key(name);
    if !known {
        return Err(not_found(5003));
    }
    let value = text(asked, "value").to_owned();
    Arc::make_mut(&mut cucm.cluster)
        .parameters
        .insert(name.to_owned(), value);
    drop(cucm);
    world.tables_changed();
    Ok(format!("{{{}}}", key_of("processconfig", name).to_ascii_uppercase()))
}
