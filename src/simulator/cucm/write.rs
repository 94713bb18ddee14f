//! Operations that change something: who may, how they can fail, which there are.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use roxmltree::Node;

use super::axl::{Failure, Found, finished};
use super::phone_write::Order;
use super::soap::{CONTENT_TYPE, axl_fault, child, joined_text};
use super::{config_xml, mobility, parameter_xml, phone_write, sql, tomcat_page, user_write};
use crate::simulator::answer::{Answer, cut, element};
use crate::simulator::cucm_fault::{CucmFault, WriteOutcome};
use crate::simulator::world::{CucmState, World, lock};

/// The beginnings of names of operations that change something.
const WRITES: [&str; 7] = [
    "update",
    "apply",
    "restart",
    "reset",
    "executeSQLUpdate",
    "doDevice",
    "add",
];

/// Whether an operation changes something.
pub(super) fn is_write(operation: &str) -> bool {
    WRITES.iter().any(|start| operation.starts_with(start))
}

/// Answers an operation that changes something.
pub(super) fn answer(world: &Arc<World>, user: &str, version: &str, asked: Node<'_, '_>) -> Answer {
    let name = asked.tag_name().name();
    let reads_alone = |cucm: &CucmState| cucm.users.iter().any(|known| known.name == user && known.read_only);
    if reads_alone(&lock(&world.cucm)) {
        return Ok(tomcat_page(403, "Forbidden"));
    }
    let outcome = take_outcome(world, name);
    match outcome {
        Some(WriteOutcome::Lost) => return Err(io::ErrorKind::ConnectionReset.into()),
        Some(WriteOutcome::Refused(code)) => {
            return Ok(axl_fault(code, "The change was refused by the simulated CUCM", name));
        }
        Some(WriteOutcome::Ignored) => {
            let done = Found::one(ignored(name));
            return Ok(finished(world, name, version, asked, &done));
        }
        Some(WriteOutcome::BreaksOff) | None => {}
    }
    let done = match run(world, user, version, asked) {
        Ok(done) => Found::one(done),
        Err(failure) => return Ok(axl_fault(failure.code, &failure.message, name)),
    };
    if outcome == Some(WriteOutcome::BreaksOff) {
        return Ok(cut(CONTENT_TYPE, &Bytes::from(done.xml)));
    }
    Ok(finished(world, name, version, asked, &done))
}

/// Uses up one turn of a fault that waits for this operation.
fn take_outcome(world: &World, name: &str) -> Option<WriteOutcome> {
    let mut cucm = lock(&world.cucm);
    cucm.faults.iter_mut().find_map(|fault| match fault {
        CucmFault::Write {
            operation,
            outcome,
            times,
        } if *times > 0 && (operation.is_empty() || operation == name) => {
            *times -= 1;
            Some(*outcome)
        }
        _ => None,
    })
}

/// What a write that did nothing answers.
fn ignored(name: &str) -> String {
    if name == "executeSQLUpdate" {
        element("rowsUpdated", "1")
    } else {
        "{00000000-0000-0000-0000-000000000000}".to_owned()
    }
}

fn run(world: &Arc<World>, user: &str, version: &str, asked: Node<'_, '_>) -> Result<String, Failure> {
    // The schema has these from 12.0.
    let newer = !version.starts_with("11.");
    match asked.tag_name().name() {
        "updatePhone" => phone_write::update(world, asked),
        "applyPhone" => phone_write::order(world, asked, Order::Apply),
        "restartPhone" | "resetPhone" => phone_write::order(world, asked, Order::Restart),
        "doDeviceReset" => phone_write::device_reset(world, asked),
        "doDeviceLogin" => mobility::login(world, asked),
        "doDeviceLogout" => mobility::logout(world, asked),
        "updateCommonPhoneConfig" => config_xml::update_profile(world, asked),
        "applyCommonPhoneConfig" => phone_write::order_profile(world, asked, Order::Apply),
        "resetCommonPhoneConfig" => phone_write::order_profile(world, asked, Order::Restart),
        "updateEnterprisePhoneConfig" => Ok(config_xml::update_enterprise(world, asked)),
        "applyEnterpriseParameters" if newer => {
            phone_write::order_all(world, None, Order::Apply);
            Ok(config_xml::uuid_of("enterprise"))
        }
        "restartEnterpriseParameters" | "resetEnterpriseParameters" if newer => {
            phone_write::order_all(world, None, Order::Restart);
            Ok(config_xml::uuid_of("enterprise"))
        }
        "updateServiceParameter" => parameter_xml::update(world, asked),
        "updateAppUser" => user_write::update(world, user, asked, true),
        "updateUser" => user_write::update(world, user, asked, false),
        "executeSQLUpdate" => {
            let statement = child(asked, "sql").map(joined_text).unwrap_or_default();
            let rows = sql::update(world, &statement).map_err(|fault| Failure::new(fault.code, fault.message))?;
            Ok(element("rowsUpdated", &rows.to_string()))
        }
        _ => Err(Failure::no_method()),
    }
}
