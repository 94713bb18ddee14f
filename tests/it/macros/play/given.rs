//! What a phone is given or types: texts, a background, a ring tone; the factory reset; rows without a digit; languages.

use std::collections::HashMap;
use std::io::Cursor;
use std::net::Ipv4Addr;
use std::time::Duration;

use sidetone::domain::script::{Arguments, RunEnd};
use sidetone::macros::{Playing, Reply, RunView};
use sidetone::simulator::PhoneHandle;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::job::Witnessed;
use super::{Stage, admin, ended_as};

/// Files on a port of this machine; the answer is their address.
async fn site(stage: &Stage, files: HashMap<&'static str, Vec<u8>>) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stop = stage.clinic.tasks.stop_token();
    stage.clinic.tasks.spawn("test-site", async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                incoming = listener.accept() => answer(incoming.unwrap().0, &files).await,
            }
        }
    });
    format!("http://127.0.0.1:{port}")
}

async fn answer(mut stream: TcpStream, files: &HashMap<&'static str, Vec<u8>>) {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut more = [0; 1_024];
        let length = stream.read(&mut more).await.unwrap();
        if length == 0 {
            return;
        }
        head.extend_from_slice(&more[..length]);
    }
    let head = String::from_utf8(head).unwrap();
    let file = &files[head.split(' ').nth(1).unwrap()];
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        file.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(file).await.unwrap();
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 30]));
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

/// Plays what comes with the program.
async fn built_in(stage: &Stage, phone: &PhoneHandle, word: &str, arguments: &[(&str, String)]) -> RunView {
    let library = stage.macros.library();
    library.furnish().await.unwrap();
    let listed = library.list(&admin()).await.unwrap();
    let kept = listed.iter().find(|kept| kept.built_in == Some(word)).unwrap();
    let mut order = stage.order(phone, kept.id).await;
    order.arguments = arguments
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect::<Arguments>();
    let run = stage.start(order).await.unwrap();
    stage.ended(run).await
}

#[tokio::test]
async fn a_background_is_proved_by_a_screen_that_changed() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let files = HashMap::from([("/back.png", png(800, 480)), ("/icon.png", png(139, 109))]);
    let base = site(&stage, files).await;
    let arguments = [
        ("image", format!("{base}/back.png")),
        ("preview", format!("{base}/icon.png")),
    ];
    let view = built_in(&stage, &phone, "set-background", &arguments).await;
    ended_as(&view, RunEnd::Succeeded, "its screen changed");
    assert!(phone.background().is_some());
    // The same again changes nothing that could be seen.
    let view = built_in(&stage, &phone, "set-background", &arguments).await;
    ended_as(&view, RunEnd::Unproved, "its screen looks as before");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_ring_tone_is_fetched_and_a_text_is_typed() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let base = site(&stage, HashMap::from([("/tone.raw", vec![127; 2_400])])).await;
    let view = built_in(&stage, &phone, "set-ring-tone", &[("url", format!("{base}/tone.raw"))]).await;
    ended_as(&view, RunEnd::Succeeded, "");
    assert_eq!(phone.ring_tone().map(|(_, bytes)| bytes), Some(2_400));
    let text =
        "macro \"find\"\nsafe\n\npress Directories\nchoose \"Corporate directory\"\ntext \"adg\"\nexpect row \"adg\"\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Succeeded, "");
    let keys = phone.keys_received();
    assert_eq!(keys[keys.len() - 3..], ["KeyPad2", "KeyPad3", "KeyPad4"], "{keys:?}");
    stage.clinic.close().await;
}

#[tokio::test]
async fn the_factory_reset_that_comes_with_the_program_is_proved() {
    let stage = Stage::with(|options| options.restart = Duration::from_secs(30), |_| {}).await;
    let phone = stage.clinic.phone("8845");
    let clock = stage.clinic.house.clock.clone();
    let playing = Box::pin(built_in(&stage, &phone, "factory-reset", &[]));
    let back = async {
        while phone.is_registered() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(31));
    };
    let (view, ()) = tokio::join!(playing, back);
    ended_as(&view, RunEnd::Succeeded, "");
    assert_eq!(phone.keys_received().last().map(String::as_str), Some("Soft3"));
    stage.clinic.close().await;
}

#[tokio::test]
async fn arrows_begin_at_the_row_that_a_person_names() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let open = "press Applications\nchoose \"Admin settings\"\nchoose \"Network Configuration\"\n";
    let text = format!("macro \"far\"\nsafe\n\n{open}choose \"Operational VLAN ID\"\n");
    let macro_id = stage.add(&text).await;
    let order = stage.order(&phone, macro_id).await;
    let (hooks, cancel) = (Witnessed::default(), CancellationToken::new());
    let report = stage.macros.play_for_job(&admin(), &order, &hooks, &cancel).await;
    assert_eq!(report.end, RunEnd::NeedsPerson, "{report:#?}");
    assert!(report.evidence.contains("which row the arrows begin at"), "{report:#?}");
    let arrows = |keys: &[String]| keys.iter().filter(|key| key.starts_with("NavDwn")).count();
    assert_eq!(arrows(&phone.keys_received()), 0);
    let mut run = stage.start(order).await.unwrap();
    let asks =
        |view: &RunView| matches!(&view.state, Playing::Asking(asked) if asked.expectation == "the highlighted row");
    run.until(asks).await;
    let row = Reply::Row {
        row: 9,
        remember: false,
    };
    stage.answer(&run, row).await;
    // Such a row opens nothing: what counts is where the arrows went.
    ended_as(
        &stage.ended(run).await,
        RunEnd::Failed,
        "the phone still shows Network Configuration",
    );
    let keys = phone.keys_received();
    assert_eq!(keys[keys.len() - 3..], ["NavDwn", "NavDwn", "NavSelect"], "{keys:?}");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_branch_asks_for_the_language_of_the_phone() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let text = "macro \"language\"\nsafe\n\nif locale de\n  stop \"deutsch\"\nelse if not locale fr, en\n  stop \"other\"\n\
        else\n  stop \"english\"\nend\n";
    ended_as(&stage.play(&phone, text).await, RunEnd::Succeeded, "english");
    stage.clinic.close().await;
}
