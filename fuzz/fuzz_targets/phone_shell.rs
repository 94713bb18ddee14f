//! What a phone's SSH shell says.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|pieces: (&[u8], &[u8])| {
    sidetone::phone::read_shell(pieces.0, pieces.1);
});
