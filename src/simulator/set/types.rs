//! The words between a simulated set and the network around it.

use std::net::Ipv4Addr;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Who a set is: what CUCM would have told it in its configuration file.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `SEP` and the MAC address.
    pub device_name: String,
    /// The person the phone belongs to, as CUCM shows it; empty for a lobby phone.
    pub owner: String,
    /// The lines, first line first. A line beyond the model's line keys is kept but not shown.
    pub lines: Vec<LineIdentity>,
    /// The load the phone runs; the profile's [`load`](super::Profile::load) unless a test wants another.
    pub firmware: String,
    /// The time zone of the clock on the screen.
    pub time_zone: TimeZone,
    /// What the network gave it.
    pub network: Network,
    /// Shared by the whole fleet: what the corporate directory lists, as (name, number).
    pub directory: std::sync::Arc<[(String, String)]>,
}

/// A set's place in the network, as DHCP gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Its own address.
    pub address: Option<Ipv4Addr>,
    /// The subnet mask.
    pub mask: &'static str,
    /// The default router.
    pub router: &'static str,
    /// The name server.
    pub dns: &'static str,
    /// The TFTP server, which is CUCM.
    pub tftp: &'static str,
    /// The domain.
    pub domain: &'static str,
    /// The voice VLAN.
    pub vlan: &'static str,
}

/// One line of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineIdentity {
    /// Directory number, such as `2041`.
    pub dn: String,
    /// Text beside the line key; empty shows the number.
    pub label: String,
}

/// What a key or a URI makes the set ask of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Call this number from the line [`Set::active_line`](super::Set::active_line).
    Dial { number: String },
    /// Answer the ringing call.
    Answer,
    /// End the call (or refuse it while it rings, or stop dialling out).
    HangUp,
    /// Put the call on hold.
    Hold,
    /// Take the held call back.
    Resume,
    /// DTMF into the active call.
    SendDigits { digits: String },
    /// Fetch this address and show what it holds.
    Fetch { url: String },
    /// The phone restarts: it is away for a while, then registers again.
    Restart,
    /// CTL and ITL files are gone. Always followed by [`Effect::Restart`].
    TrustListErased,
    /// Network settings are back to their defaults. Always followed by [`Effect::Restart`].
    ResetNetwork,
    /// All settings are back to their defaults. Always followed by [`Effect::Restart`].
    FactoryReset,
}

/// What the network tells a set about its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEvent {
    /// Somebody calls; ignored when the set is not free ([`Set::is_free`](super::Set::is_free)).
    Incoming { name: String, number: String },
    /// The dialled phone rings.
    RemoteRinging,
    /// The call is up, with this far end.
    Connected { name: String, number: String },
    /// Our hold took effect.
    Held,
    /// Our resume took effect.
    Resumed,
    /// The far end holds us; ended by [`CallEvent::Resumed`].
    RemoteHeld,
    /// The call is over.
    Ended,
    /// The dialled phone is busy.
    Busy,
    /// Nobody has the dialled number.
    UnknownNumber,
}

/// A picture of the display as `/CGI/Screenshot` would send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// `image/bmp`, `image/png` or `text/xml`.
    pub content_type: &'static str,
    /// The file.
    pub body: Bytes,
}

/// What `ModeInfo` says: the open screen in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeInfo {
    /// Heading of the screen; empty when idle.
    pub title: String,
    /// Rows as (name, value).
    pub fields: Vec<(String, String)>,
    /// The line above the softkeys.
    pub prompt: String,
    /// The temporary message, such as `Settings locked`.
    pub notify: String,
    /// Status words, such as the volume.
    pub status: String,
    /// Labelled softkeys as (position from 1, label).
    pub softkeys: Vec<(u8, String)>,
}

/// One line of `LineInfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineInfo {
    /// 9 for a line, 2 for a speed dial.
    pub line_type: u8,
    /// Directory number.
    pub dn: String,
    /// Text beside the key.
    pub label: String,
    /// A voice message waits.
    pub message_waiting: bool,
    /// Name of the ring tone.
    pub ringer: &'static str,
    /// `ONHOOK`, `OFFHOOK`, `RINGING`, `CONNECTED` or `ONHOLD`.
    pub icon_state: &'static str,
}

/// What `CallInfo<n>` says about one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallLineInfo {
    /// Directory number of the line.
    pub dn: String,
    /// `ONHOOK`, `OFFHOOK`, `RINGING`, `CONNECTED` or `ONHOLD`.
    pub line_state: &'static str,
    /// The call on the line.
    pub call: Option<CallInfo>,
    /// Labelled softkeys as (position from 1, label).
    pub softkeys: Vec<(u8, String)>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallInfo {
    /// `DIALING`, `PROCEED`, `RINGOUT`, `RINGIN`, `CONNECTED`, `HOLD`, `BUSY` or `INVALID`.
    pub state: &'static str,
    /// `INBOUND` or `OUTBOUND`.
    pub direction: &'static str,
    /// Who calls.
    pub calling_name: String,
    pub calling_number: String,
    /// Who is called.
    pub called_name: String,
    pub called_number: String,
    /// Number of the call on this phone.
    pub reference: u32,
    /// Seconds since it was connected.
    pub duration_s: i64,
}

/// One entry of the status messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusMessage {
    pub at: Timestamp,
    /// The phone's own words, such as `ITL installed`.
    pub text: &'static str,
}

/// State of the CTL and ITL files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustList {
    /// Present and good; the hash of the ITL file as 40 hex digits.
    Installed { hash: String },
    /// No file: the phone will trust the next one it is given.
    Erased,
    /// Of another cluster: signed configuration and the secure Authentication URL are refused.
    Broken { hash: String },
}

/// What one `ExecuteItem` with an internal URI came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriOutcome {
    /// 0 accepted, 1 invalid URI, 6 failed.
    pub status: i32,
    /// `Success` or the phone's reason.
    pub data: &'static str,
    /// What the network has to do.
    pub effects: Vec<Effect>,
}
