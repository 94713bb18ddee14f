//! Texts of macros, as people type and import them.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = sidetone::macros::decode(bytes) else {
        return;
    };
    if let Ok(script) = sidetone::macros::parse(&text) {
        sidetone::macros::preview(&script);
        let written = sidetone::macros::write(&script);
        assert!(sidetone::macros::parse(&written).is_ok(), "{written}");
    }
});
