//! The knobs: what tests and the demo turn on one phone, or on CUCM, while the simulator runs.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::fault::{CucmFault, Fault};
use super::world::{CucmCounts, Phone, World, lock};

/// One request that reached a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRequest {
    /// The method.
    pub method: String,
    /// Path and query, as asked.
    pub path: String,
    /// When, unix milliseconds by the simulator's clock.
    pub at_ms: i64,
}

/// One phone's knobs and what it has seen. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PhoneHandle {
    pub(super) world: Arc<World>,
    pub(super) phone: Arc<Phone>,
}

impl PhoneHandle {
    /// The device name.
    pub fn name(&self) -> &str {
        &self.phone.device.name
    }

    /// CUCM's name of the model.
    pub fn model(&self) -> &'static str {
        self.phone.device.model.name
    }

    /// The first directory number, empty for devices without lines.
    pub fn dn(&self) -> &str {
        self.phone.device.lines.first().map_or("", |line| line.dn.as_str())
    }

    /// The address it answers at; unspecified for devices without one.
    pub fn address(&self) -> Ipv4Addr {
        lock(&self.phone.state).address.unwrap_or(Ipv4Addr::UNSPECIFIED)
    }

    /// Adds a fault; one of the same kind is replaced.
    pub fn set_fault(&self, fault: Fault) {
        let mut state = lock(&self.phone.state);
        state.faults.retain(|old| old.kind() != fault.kind());
        state.faults.push(fault);
    }

    /// Makes the phone healthy again: no faults, no latency of its own, no restart under way.
    pub fn clear_faults(&self) {
        let mut state = lock(&self.phone.state);
        state.faults.clear();
        state.latency = None;
        state.restarting_until_ms = 0;
    }

    /// Every answer takes this long from now on.
    pub fn set_latency(&self, latency: Duration) {
        lock(&self.phone.state).latency = Some(latency);
    }

    /// The keys that arrived so far, in order, without `Key:`.
    pub fn keys_received(&self) -> Vec<String> {
        lock(&self.phone.state).keys.clone()
    }

    /// Every request so far, oldest first (the last 4,096 are kept).
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.phone.state).requests.iter().cloned().collect()
    }

    /// How many requests came so far for paths that start so; `""` counts all.
    pub fn requests_for(&self, prefix: &str) -> usize {
        let state = lock(&self.phone.state);
        let matching = state.requests.iter().filter(|seen| seen.path.starts_with(prefix));
        matching.count()
    }

    /// The most requests that were ever open at one time.
    pub fn most_concurrent_requests(&self) -> usize {
        self.phone.most_open.load(Ordering::Relaxed)
    }

    /// How often the phone asked its Authentication URL.
    pub fn auth_callbacks(&self) -> usize {
        self.phone.callbacks.load(Ordering::Relaxed)
    }

    /// Completes when at least so many keys have arrived, and returns them.
    pub async fn wait_for_keys(&self, count: usize) -> Vec<String> {
        let mut arrived = self.phone.key_count.subscribe();
        let _ = arrived.wait_for(|seen| *seen >= count).await;
        self.keys_received()
    }

    /// Moves the phone to another address of its network; CUCM follows.
    pub fn move_to(&self, address: Ipv4Addr) {
        self.world.move_phone(&self.phone, address);
    }
}

/// CUCM's knobs and what it has seen. Cheap to clone.
#[derive(Debug, Clone)]
pub struct CucmHandle {
    pub(super) world: Arc<World>,
}

impl CucmHandle {
    /// Adds a fault.
    pub fn set_fault(&self, fault: CucmFault) {
        lock(&self.world.cucm).faults.push(fault);
    }

    /// Makes CUCM healthy again.
    pub fn clear_faults(&self) {
        lock(&self.world.cucm).faults.clear();
    }

    /// What has been asked so far.
    pub fn counts(&self) -> CucmCounts {
        lock(&self.world.cucm).counts.clone()
    }

    /// Deletes a device from CUCM. RIS still remembers it as unregistered; the phone itself stays at its address.
    pub fn delete_phone(&self, name: &str) {
        if let Some(phone) = self.world.phone(name) {
            lock(&phone.state).deleted = true;
            self.world.tables_changed();
        }
    }

    /// Puts a device among a user's controlled devices.
    pub fn associate(&self, username: &str, device: &str) {
        self.edit_user(username, |user| {
            user.excluded.remove(&device.to_ascii_uppercase());
        });
    }

    /// Takes a device from a user's controlled devices.
    pub fn dissociate(&self, username: &str, device: &str) {
        self.edit_user(username, |user| {
            user.excluded.insert(device.to_ascii_uppercase());
        });
    }

    /// Locks or unlocks a user.
    pub fn lock_user(&self, username: &str, locked: bool) {
        self.edit_user(username, |user| user.locked = locked);
    }

    /// Gives a user another password.
    pub fn set_password(&self, username: &str, password: &str) {
        self.edit_user(username, |user| password.clone_into(&mut user.password));
    }

    /// Drops every session: cookies given out so far are stale (404).
    pub fn expire_sessions(&self) {
        lock(&self.world.cucm).sessions.clear();
    }

    /// Sets an enterprise parameter, such as `URLAuthentication`; phones use the new value at once.
    pub fn set_parameter(&self, name: &str, value: &str) {
        lock(&self.world.cucm)
            .parameters
            .insert(name.to_owned(), value.to_owned());
        self.world.tables_changed();
    }

    fn edit_user(&self, username: &str, edit: impl FnOnce(&mut super::world::User)) {
        let mut cucm = lock(&self.world.cucm);
        if let Some(user) = cucm.users.iter_mut().find(|user| user.name == username) {
            edit(user);
        }
        drop(cucm);
        self.world.tables_changed();
    }
}
