//! Pictures of phones: kind, completeness, conversion. The first byte chooses the kind that is claimed.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sidetone::phone::ShotKind;
use sidetone::phone::picture::{convert, is_whole, kind_of};

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let kind = match choice % 5 {
        0 => ShotKind::CipImage,
        1 => ShotKind::Bmp,
        2 => ShotKind::Png,
        3 => ShotKind::Jpeg,
        _ => match kind_of(body) {
            Some(kind) => kind,
            None => return,
        },
    };
    is_whole(kind, body);
    drop(convert(kind, &Bytes::copy_from_slice(body)));
});
