//! Backgrounds and ring tones: what a phone fetches, and whether it shows it.

use std::io::{Cursor, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, RgbImage};
use sidetone::domain::role::Role;
use sidetone::reach::{Crop, ReachError, sizes};
use sidetone::security::Viewer;
use sidetone::simulator::Fault;

use super::{Site, may_edit, may_reach, wav};

fn png(width: u32, height: u32) -> Bytes {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        image::Rgb([u8::try_from(x % 251).unwrap(), u8::try_from(y % 241).unwrap(), 200])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture)
        .write_to(&mut bytes, ImageFormat::Png)
        .unwrap();
    Bytes::from(bytes.into_inner())
}

/// The first line of the answer to a request, and its body.
async fn asked(method: &'static str, url: String) -> (String, String, Vec<u8>) {
    let asking = tokio::task::spawn_blocking(move || {
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_once('/').unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let request =
            format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let (first, headers) = head.split_once("\r\n").unwrap();
        (
            first.to_owned(),
            headers.to_ascii_lowercase(),
            answer[end + 4..].to_vec(),
        )
    });
    asking.await.unwrap()
}

#[tokio::test]
async fn a_background_is_made_in_the_phones_size_and_proved_by_its_screen() {
    let site = Site::new().await;
    let background = site
        .reach()
        .add_background(&may_edit(), "Harbour", png(1_200, 900), None)
        .await
        .unwrap();
    for (model, width, height) in [
        ("8845", 800, 480),
        ("7962", 320, 196),
        ("7975", 320, 216),
        ("8821", 240, 320),
    ] {
        let (handle, phone) = site.phone(model);
        let set = site
            .reach()
            .set_background(&Viewer::system(), phone, background.id)
            .await
            .unwrap();
        assert!(
            set.proved && set.before.is_some() && set.after.is_some(),
            "{model}: {}",
            set.evidence
        );
        let (_, bytes, across, down) = handle.background().unwrap();
        assert!((across, down) == (width, height) && bytes > 100, "{model}");
    }
    let (_, plain) = site.phone("7821");
    let refused = site
        .reach()
        .set_background(&Viewer::system(), plain, background.id)
        .await;
    assert!(matches!(refused, Err(ReachError::Unsupported { .. })), "{refused:?}");
    site.end().await;
}

#[tokio::test]
async fn a_phone_without_personalization_is_told_of_as_such() {
    let site = Site::new().await;
    let added = site
        .reach()
        .add_background(&may_edit(), "Harbour", png(64, 64), None)
        .await;
    let id = added.unwrap().id;
    let (handle, phone) = site.phone("8845");
    handle.set_fault(Fault::PersonalizationOff);
    let refused = site.reach().set_background(&Viewer::system(), phone, id).await;
    assert!(matches!(refused, Err(ReachError::Personalization(_))), "{refused:?}");
    assert_eq!(handle.background(), None);
    site.end().await;
}

#[tokio::test]
async fn what_lies_under_a_token_is_given_to_get_alone_until_its_time_is_over() {
    let site = Site::new().await;
    let added = site
        .reach()
        .add_background(&may_edit(), "Harbour", png(64, 64), None)
        .await;
    let id = added.unwrap().id;
    let (handle, phone) = site.phone("8845");
    site.reach().set_background(&Viewer::system(), phone, id).await.unwrap();
    let url = handle.background().unwrap().0;
    let token = url.rsplit('/').next().unwrap().to_owned();
    assert_eq!(token.len(), 32, "128 bits");
    let (first, headers, body) = asked("GET", url.clone()).await;
    assert_eq!(first, "HTTP/1.1 200 OK");
    assert!(
        headers.contains("cache-control: no-store") && headers.contains("content-type: image/png"),
        "{headers}"
    );
    assert_eq!(image::guess_format(&body).unwrap(), ImageFormat::Png);
    assert!(asked("POST", url.clone()).await.0.contains("405"));
    let other = url.replace(&token, &"0".repeat(32));
    assert!(asked("GET", other).await.0.contains("404"));
    site.clock.advance(Duration::from_mins(10));
    assert!(asked("GET", url).await.0.contains("404"));
    site.end().await;
}

#[tokio::test]
async fn pictures_that_cannot_be_used_are_refused_and_the_rest_has_previews() {
    let site = Site::new().await;
    let (reach, may) = (site.reach(), may_edit());
    let refused = |name: &'static str, bytes: Bytes, crop| {
        let may = may.clone();
        async move {
            reach
                .add_background(&may, name, bytes, crop)
                .await
                .unwrap_err()
                .to_string()
        }
    };
    let mut bomb = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(RgbImage::new(8_000, 8_000))
        .write_to(&mut bomb, ImageFormat::Png)
        .unwrap();
    assert!(
        refused("Bomb", Bytes::from(bomb.into_inner()), None)
            .await
            .contains("unpacked")
    );
    assert!(refused("Wide", png(8_001, 10), None).await.contains("8000x8000"));
    assert!(
        refused("Text", Bytes::from_static(b"hello"), None)
            .await
            .contains("PNG or a JPEG")
    );
    let huge = Bytes::from(vec![0; 16 * 1024 * 1024 + 1]);
    assert!(refused("Huge", huge, None).await.contains("16 MB"));
    let crop = Crop {
        x: 90,
        y: 0,
        width: 20,
        height: 20,
    };
    assert!(refused("Part", png(100, 100), Some(crop)).await.contains("inside"));
    assert!(reach.backgrounds(&may).await.unwrap().is_empty());
    let crop = Crop { x: 10, ..crop };
    let kept = reach
        .add_background(&may, "Part", png(100, 100), Some(crop))
        .await
        .unwrap();
    assert_eq!(kept.crop, Some(crop));
    for size in sizes() {
        let preview = reach.preview(&may, kept.id, size.id).await.unwrap();
        let made = image::load_from_memory(&preview).unwrap();
        assert_eq!((made.width(), made.height()), (size.image.width, size.image.height));
        assert_eq!(made.color().has_color(), !size.grey, "{}", size.title);
    }
    reach.remove_background(&may, kept.id).await.unwrap();
    let gone = reach.preview(&may, kept.id, "8845").await;
    assert!(matches!(gone, Err(ReachError::Unknown("background"))), "{gone:?}");
    site.end().await;
}

#[tokio::test]
async fn a_sound_becomes_a_ring_tone_of_a_length_that_phones_take() {
    let site = Site::new().await;
    let (_, helpdesk) = site.person("ann", Role::Helpdesk).await;
    let (handle, phone) = site.phone("8845");
    let sound = site
        .reach()
        .add_sound(&may_reach(), "Chime", wav(20_000, 900))
        .await
        .unwrap();
    assert_eq!(
        (sound.duration, sound.source.as_str()),
        (Duration::from_millis(2_500), "8 kHz mono, 16 bit")
    );
    assert!(sound.ring_notice.is_some());
    site.reach().set_ring_tone(&helpdesk, phone, sound.id).await.unwrap();
    assert_eq!(handle.ring_tone().unwrap().1, 16_080);
    let listened = site.reach().listen_to(&helpdesk, sound.id).await.unwrap();
    let mut reader = hound::WavReader::new(Cursor::new(listened)).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.duration()), (8_000, 20_000));
    let first: i16 = reader.samples().next().unwrap().unwrap();
    assert!(first.abs_diff(900) < 30, "{first}");
    handle.set_fault(Fault::PersonalizationOff);
    let refused = site.reach().set_ring_tone(&helpdesk, phone, sound.id).await;
    assert!(matches!(refused, Err(ReachError::Personalization(_))), "{refused:?}");
    site.end().await;
}

#[tokio::test]
async fn sounds_that_cannot_be_used_are_refused() {
    let site = Site::new().await;
    let (reach, may) = (site.reach(), may_reach());
    let refused = |bytes: Bytes| {
        let may = may.clone();
        async move { reach.add_sound(&may, "Sound", bytes).await.unwrap_err() }
    };
    let huge = Bytes::from(vec![0; 64 * 1024 * 1024 + 1]);
    for bytes in [
        huge,
        Bytes::from_static(b"ID3\x04no wav at all"),
        wav(8_000 * 301, 0),
        wav(0, 0),
    ] {
        let error = refused(bytes).await;
        assert!(matches!(error, ReachError::Invalid { field: "sound", .. }), "{error}");
    }
    assert!(reach.sounds(&may).await.unwrap().is_empty());
    let kept = reach.add_sound(&may, "Sound", wav(800, 1)).await.unwrap();
    let taken = reach.add_sound(&may, "sound", wav(800, 1)).await;
    assert!(matches!(taken, Err(ReachError::NameTaken(_))), "{taken:?}");
    reach.remove_sound(&may, kept.id).await.unwrap();
    assert!(matches!(
        reach.listen_to(&may, kept.id).await,
        Err(ReachError::Unknown("sound"))
    ));
    site.end().await;
}
