//! Whatever CUCM answers, reading it ends with a value or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| sidetone::cucm::fuzzing::read_everything(&String::from_utf8_lossy(data)));
