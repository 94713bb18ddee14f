//! Answers to Execute.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    sidetone::phone::parse_response(body);
});
