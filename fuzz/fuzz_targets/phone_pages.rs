//! Information pages of phones, as XML and as HTML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidetone::phone::{
    CallInfo, DeviceInformation, LineInfo, ModeInfo, Neighbour, NetworkConfiguration, parse_status_messages,
};

fuzz_target!(|body: &[u8]| {
    DeviceInformation::parse(body);
    NetworkConfiguration::parse(body);
    Neighbour::parse(body);
    LineInfo::parse(body);
    ModeInfo::parse(body);
    CallInfo::parse(body);
    parse_status_messages(body);
});
