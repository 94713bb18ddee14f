//! How configuration gets from CUCM into a phone: applied, at a restart, or forced by a knob.

use std::sync::Arc;

use super::device::{panel, rtp};
use super::exchange;
use super::phone::{Phone, Restart};
use super::settings::{DeviceSettings, WebAccess};
use super::world::{World, lock};

/// Changes what CUCM holds for a device. The phone does not know yet.
pub(super) fn configure(world: &World, phone: &Phone, change: impl FnOnce(&mut DeviceSettings)) {
    let mut state = lock(&phone.state);
    let settings = Arc::make_mut(&mut state.configured);
    change(settings);
    settings.stamp += 1;
    drop(state);
    world.tables_changed();
}

/// The phone reads its configuration. One whose trust list is broken refuses it, and stays as it is.
pub(super) fn apply(world: &World, phone: &Phone) {
    if phone.has("trust-list-broken") {
        panel::note(world, phone, "Trust List update failed");
        return;
    }
    let now_ms = world.clock.now_ms();
    let cluster = Arc::clone(&lock(&world.cucm).cluster);
    let mut state = lock(&phone.state);
    let was = state.web(now_ms);
    state.running.cluster = cluster;
    state.running.device = Arc::clone(&state.configured);
    // A web server that was off needs a moment.
    if was == WebAccess::Off {
        state.web_up_at_ms = now_ms.saturating_add(web_start_ms(world));
    }
}

/// The phone is away for a while, then runs its newest configuration and the load that this names. Its call ends.
pub(super) fn restart(world: &Arc<World>, phone: &Arc<Phone>, reason: u32) {
    exchange::hang_up(world, phone);
    rtp::silence(phone);
    let at_ms = world.clock.now_ms();
    let away = i64::try_from(world.options.restart.as_millis()).unwrap_or(i64::MAX);
    let until_ms = at_ms.saturating_add(away);
    lock(&phone.state).restart = Some(Restart {
        at_ms,
        until_ms,
        reason,
    });
    apply(world, phone);
    let mut state = lock(&phone.state);
    state.web_up_at_ms = until_ms.saturating_add(web_start_ms(world));
    let failed = state.auth_fails(&phone.device);
    if !failed {
        let wanted = state.wanted_load(&phone.device).to_owned();
        state.load = (wanted != phone.device.model.load).then_some(wanted);
    }
    drop(state);
    if failed {
        panel::note(world, phone, "Auth Fail");
    }
    panel::power_up(world, phone);
}

/// Sets a device's configuration in CUCM and in the phone, whatever the phone thinks of it, without any delay.
pub(super) fn force(world: &World, phone: &Phone, change: impl FnOnce(&mut DeviceSettings)) {
    configure(world, phone, change);
    adopt(world, phone);
}

/// The phone runs what CUCM holds now, at once.
pub(super) fn adopt(world: &World, phone: &Phone) {
    let cluster = Arc::clone(&lock(&world.cucm).cluster);
    let mut state = lock(&phone.state);
    state.running.cluster = cluster;
    state.running.device = Arc::clone(&state.configured);
    state.web_up_at_ms = 0;
}

fn web_start_ms(world: &World) -> i64 {
    i64::try_from(world.options.web_start.as_millis()).unwrap_or(i64::MAX)
}
