//! What people upload: sounds and pictures. The first byte chooses which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sidetone::reach::backgrounds::picture;
use sidetone::reach::sounds::{to_8k, wav};

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    if choice % 2 == 0 {
        if let Ok(pcm) = wav::read(body) {
            assert!(!pcm.samples.is_empty() && pcm.samples.iter().all(|sample| sample.abs() <= 1.0));
            let _ = to_8k(pcm);
        }
    } else if let Ok(kind) = picture::examine(body, None) {
        // What was examined can be made: it was decoded whole.
        assert!(picture::make(body, None, kind.size, true).is_ok());
    }
});
