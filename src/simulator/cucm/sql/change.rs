//! executeSQLUpdate: rows in and out of the two tables of controlled devices. Other tables are not written here.

use std::sync::Arc;

use super::statement::{Change, Expression, Rows};
use super::{Fault, Row, parse, rows_of};
use crate::simulator::phone::Phone;
use crate::simulator::world::{User, World, lock};

/// One of the tables: whose devices, and the name of its column.
#[derive(Clone, Copy)]
struct Map {
    table: &'static str,
    user: &'static str,
    application: bool,
}

const MAPS: [Map; 2] = [
    Map {
        table: "applicationuserdevicemap",
        user: "fkapplicationuser",
        application: true,
    },
    Map {
        table: "enduserdevicemap",
        user: "fkenduser",
        application: false,
    },
];

/// Runs an INSERT or a DELETE: how many rows it changed. It changes all of them or none.
pub(in crate::simulator::cucm) fn update(world: &World, text: &str) -> Result<usize, Fault> {
    match parse::change(text)? {
        Change::Insert { table, columns, rows } => insert(world, map(&table)?, &columns, rows),
        Change::Delete { rows } => {
            let map = map(&rows.from.first().ok_or_else(Fault::syntax)?.table)?;
            let gone = rows_of(world, &rows)?;
            let pairs: Result<Vec<_>, _> = gone.iter().map(|row| pair(world, map, row)).collect();
            Ok(set(world, map, &pairs?, false))
        }
    }
}

fn map(table: &str) -> Result<Map, Fault> {
    let found = MAPS.into_iter().find(|map| map.table == table);
    found.ok_or_else(|| Fault::table(table))
}

fn insert(world: &World, map: Map, columns: &[String], rows: Rows) -> Result<usize, Fault> {
    let rows = match rows {
        Rows::Select(select) => rows_of(world, &select)?,
        Rows::Values(values) => vec![literals(values)?],
    };
    let mut pairs = Vec::new();
    for row in rows {
        if row.len() != columns.len() {
            return Err(Fault::syntax());
        }
        let named: Row = columns
            .iter()
            .cloned()
            .zip(row.into_iter().map(|(_, value)| value))
            .collect();
        pairs.push(pair(world, map, &named)?);
    }
    let cucm = lock(&world.cucm);
    let taken = |(user, phone): &(usize, Arc<Phone>)| cucm.users.get(*user).is_some_and(|user| user.controls(phone));
    if pairs.iter().any(taken) {
        return Err(Fault::duplicate());
    }
    drop(cucm);
    Ok(set(world, map, &pairs, true))
}

fn literals(values: Vec<Expression>) -> Result<Row, Fault> {
    let value = |value| match value {
        Expression::Literal(text) => Ok((String::new(), Some(text.into_boxed_str()))),
        _ => Err(Fault::syntax()),
    };
    values.into_iter().map(value).collect()
}

/// The user and the device that a row names by their keys, which are lower-case.
fn pair(world: &World, map: Map, row: &Row) -> Result<(usize, Arc<Phone>), Fault> {
    let value = |column: &str| {
        let found = row.iter().find(|(name, _)| name == column);
        found.and_then(|(_, value)| value.as_deref())
    };
    let (user_key, device_key) = (value(map.user), value("fkdevice"));
    let cucm = lock(&world.cucm);
    let known = |user: &User| user.application == map.application && Some(user.pkid.as_str()) == user_key;
    let user = cucm.users.iter().position(known);
    drop(cucm);
    let user = user.ok_or_else(|| Fault::missing_key(&format!("fk_{}_{}", map.table, map.user)))?;
    let phone = world
        .phones
        .iter()
        .find(|phone| Some(phone.device.pkid.as_str()) == device_key);
    let phone = phone.filter(|phone| !lock(&phone.state).deleted);
    let phone = phone.ok_or_else(|| Fault::missing_key(&format!("fk_{}_fkdevice", map.table)))?;
    Ok((user, Arc::clone(phone)))
}

fn set(world: &World, map: Map, pairs: &[(usize, Arc<Phone>)], controls: bool) -> usize {
    let mut cucm = lock(&world.cucm);
    let mut changed = 0;
    for (user, phone) in pairs {
        let user = cucm
            .users
            .get_mut(*user)
            .filter(|user| user.application == map.application);
        changed += usize::from(user.is_some_and(|user| user.set_controls(phone, controls)));
    }
    drop(cucm);
    world.tables_changed();
    changed
}
