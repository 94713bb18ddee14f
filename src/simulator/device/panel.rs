//! The way from a phone's web server to its set: keys in, pictures and words out. Sets are made when first touched, so
//! that thousands of phones cost nothing until somebody looks.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::push;
use crate::simulator::cucm::sql::key_of;
use crate::simulator::fleet::Device;
use crate::simulator::phone::{DEVICE_INITIATED, Phone};
use crate::simulator::set::{
    Background, CallEvent, CallLineInfo, Effect, Encoded, Identity, LineIdentity, LineInfo, ModeInfo, Pixels, Profile,
    PushedText, RingTone, Set, StatusMessage, TrustList, profiles,
};
use crate::simulator::world::{World, lock};
use crate::simulator::{exchange, network, provision};

/// Runs something on the phone's set, at the time of day; none for devices without one.
fn with_set<T>(world: &World, phone: &Phone, run: impl FnOnce(&mut Set, Timestamp) -> T) -> Option<T> {
    let device = &phone.device;
    let profile = profiles()
        .iter()
        .find(|profile| profile.number == device.model.number)?;
    let now = world.clock.now();
    let mut guard = lock(&phone.state);
    let state = &mut *guard;
    let (locked, broken) = (
        state.running.settings_access() != "Enabled",
        state.has("trust-list-broken"),
    );
    let auth_fails = state.auth_fails(device);
    let load = state.load.as_deref().unwrap_or(device.model.load);
    let set = state
        .set
        .get_or_insert_with(|| Box::new(new_set(world, device, profile, now)));
    set.settings_locked = locked;
    set.set_firmware(load);
    set.set_address(state.address);
    if auth_fails && !set.upgrade_failing {
        set.add_status_message("Auth Fail", now);
    }
    set.upgrade_failing = auth_fails;
    match &set.trust_list {
        TrustList::Installed { .. } if broken => {
            set.trust_list = TrustList::Broken {
                hash: foreign_hash(device),
            };
            set.add_status_message("Trust List update failed, verification failure", now);
        }
        TrustList::Broken { .. } if !broken => install(set, world),
        _ => {}
    }
    Some(run(set, now))
}

/// The hash of the cluster's own ITL file, the same on every phone that has it.
fn cluster_hash(world: &World) -> String {
    let cluster = key_of("itl", &world.options.seed.to_string());
    let more = key_of("itl", &cluster);
    forty_digits(&cluster, &more)
}

/// The hash of a file that another cluster signed.
fn foreign_hash(device: &Device) -> String {
    forty_digits(&device.pkid, &key_of("itl", &device.pkid))
}

fn forty_digits(one: &str, two: &str) -> String {
    let digits = one.chars().chain(two.chars()).filter(char::is_ascii_hexdigit);
    digits.take(40).collect()
}

fn install(set: &mut Set, world: &World) {
    set.trust_list = TrustList::Installed {
        hash: cluster_hash(world),
    };
}

fn new_set(world: &World, device: &Device, profile: &'static Profile, now: Timestamp) -> Set {
    let lines = device.lines.iter().map(|line| LineIdentity {
        dn: line.dn.clone(),
        label: line.label.clone(),
    });
    let identity = Identity {
        device_name: device.name.clone(),
        owner: device.owner_name.clone(),
        lines: lines.collect(),
        firmware: String::new(),
        time_zone: TimeZone::UTC,
        network: network::OF_A_SET,
        directory: Arc::clone(&world.directory),
    };
    let seed = u64::from_str_radix(&device.pkid[..8], 16).unwrap_or(0);
    let mut set = Set::new(profile, identity, seed);
    if !profile.trust_keys.is_empty() {
        install(&mut set, world);
        set.add_status_message("CTL and ITL installed", now);
    }
    set
}

/// Presses a key and carries out what it makes the phone ask of the network.
pub(in crate::simulator) fn press(world: &Arc<World>, phone: &Arc<Phone>, key: &str) {
    let effects = with_set(world, phone, |set, now| set.press(key, now)).unwrap_or_default();
    carry_out(world, phone, effects);
}

/// Runs an internal URI: its status and data.
pub(in crate::simulator) fn execute_uri(world: &Arc<World>, phone: &Arc<Phone>, uri: &str) -> (i32, String) {
    let Some(outcome) = with_set(world, phone, |set, now| set.execute_uri(uri, now)) else {
        return (6, "URI not found".to_owned());
    };
    carry_out(world, phone, outcome.effects);
    (outcome.status, outcome.data.to_owned())
}

/// Dials as by hand.
pub(in crate::simulator) fn dial(world: &Arc<World>, phone: &Arc<Phone>, number: &str) {
    let effects = with_set(world, phone, |set, now| set.dial(number, now)).unwrap_or_default();
    carry_out(world, phone, effects);
}

/// Tells the set about its call.
pub(in crate::simulator) fn call_event(world: &World, phone: &Phone, event: CallEvent) {
    with_set(world, phone, |set, now| set.call_event(event, now));
}

/// Whether the set can take a call.
pub(in crate::simulator) fn is_free(world: &World, phone: &Phone) -> bool {
    with_set(world, phone, |set, _| set.is_free()).unwrap_or(false)
}

/// The display as the model sends it.
pub(super) fn draw(world: &World, phone: &Phone) -> Option<Encoded> {
    with_set(world, phone, Set::draw)?
}

pub(super) fn line_info(world: &World, phone: &Phone) -> Option<Vec<LineInfo>> {
    with_set(world, phone, |set, _| set.line_info())
}

pub(super) fn mode_info(world: &World, phone: &Phone) -> Option<ModeInfo> {
    with_set(world, phone, |set, now| set.mode_info(now))
}

pub(super) fn call_info(world: &World, phone: &Phone, line: usize) -> Option<CallLineInfo> {
    with_set(world, phone, |set, now| set.call_info(line, now))?
}

/// The hash of the trust list, `Not Installed` when there is none.
pub(super) fn trust_hash(world: &World, phone: &Phone) -> String {
    let hash = with_set(world, phone, |set, _| match &set.trust_list {
        TrustList::Installed { hash } | TrustList::Broken { hash } => Some(hash.clone()),
        TrustList::Erased => None,
    });
    hash.flatten().unwrap_or_else(|| "Not Installed".to_owned())
}

/// The last status messages, oldest first, as `11:39:03am 10/09/18 ITL installed`.
pub(super) fn status_messages(world: &World, phone: &Phone) -> Vec<String> {
    let lines = with_set(world, phone, |set, _| {
        let messages = set.status_messages().iter();
        let line = |message: &StatusMessage| {
            let at = message.at.strftime("%I:%M:%S%P %m/%d/%y");
            format!("{at} {}", message.text)
        };
        messages.map(line).collect()
    });
    lines.unwrap_or_default()
}

fn carry_out(world: &Arc<World>, phone: &Arc<Phone>, effects: Vec<Effect>) {
    for effect in effects {
        match effect {
            Effect::Restart => provision::restart(world, phone, DEVICE_INITIATED),
            Effect::TrustListErased | Effect::FactoryReset => {
                lock(&phone.state)
                    .faults
                    .retain(|fault| fault.kind() != "trust-list-broken");
            }
            Effect::Fetch { url } => push::show_later(world, phone, url),
            Effect::ResetNetwork | Effect::SendDigits { .. } => {}
            Effect::Dial { number } => exchange::dial(world, phone, &number),
            Effect::Answer => exchange::answer(world, phone),
            Effect::HangUp => exchange::hang_up(world, phone),
            Effect::Hold => exchange::hold(world, phone, true),
            Effect::Resume => exchange::hold(world, phone, false),
        }
    }
}

/// Looks at the set; none for devices without one.
pub(in crate::simulator) fn look<T>(world: &World, phone: &Phone, look: impl FnOnce(&Set) -> Option<T>) -> Option<T> {
    with_set(world, phone, |set, _| look(set))?
}

/// The load that it runs.
pub(super) fn load(phone: &Phone) -> String {
    lock(&phone.state).load(&phone.device).to_owned()
}

/// Shows a pushed text.
pub(super) fn show(world: &World, phone: &Phone, text: PushedText) {
    with_set(world, phone, |set, _| set.show(text));
}

/// The sizes of the background image and its preview that the model takes.
pub(super) fn background_sizes(world: &World, phone: &Phone) -> Option<(Pixels, Pixels)> {
    look(world, phone, Set::background_sizes)
}

/// Puts a picture behind the idle screen.
pub(super) fn set_background(world: &World, phone: &Phone, background: Background) {
    with_set(world, phone, |set, _| set.set_background(background));
}

/// Rings with a tone from now on.
pub(super) fn set_ring_tone(world: &World, phone: &Phone, tone: RingTone) {
    with_set(world, phone, |set, _| set.set_ring_tone(tone));
}

/// Adds a status message.
pub(in crate::simulator) fn note(world: &World, phone: &Phone, message: &'static str) {
    with_set(world, phone, |set, now| set.add_status_message(message, now));
}

/// The set starts. Without a trust list it takes the cluster's.
pub(in crate::simulator) fn power_up(world: &World, phone: &Phone) {
    with_set(world, phone, |set, now| {
        set.power_up();
        if set.trust_list == TrustList::Erased && !set.profile().trust_keys.is_empty() {
            install(set, world);
            set.add_status_message("CTL and ITL installed", now);
        }
    });
}
