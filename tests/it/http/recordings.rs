//! Recordings against simulated phones: what is kept, who sees it, how it ends, what is given away.

use std::io::{Cursor, Read as _};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sidetone::audit::Via;
use sidetone::config;
use sidetone::domain::ids::{PhoneId, RecordingId, UserId};
use sidetone::domain::role::Role;
use sidetone::recordings::{Parts, Recording, Recordings, Step};
use sidetone::screens::PAINT;
use sidetone::security::{SeePhones, Viewer};
use sidetone::store::recordings as rows;

use super::client::{Answer, Client};
use super::server::TestServer;

/// The recordings of a server, with other settings: limits too small for a real one.
fn limited(server: &TestServer, change: impl FnOnce(&mut config::Recordings)) -> Recordings {
    let app = &server.app;
    let mut settings = config::Recordings::default();
    change(&mut settings);
    Recordings::new(Parts {
        store: app.store.clone(),
        clock: app.clock.clone(),
        tasks: app.tasks.clone(),
        inventory: app.inventory.clone(),
        security: app.security.clone(),
        screens: app.screens.clone(),
        presses: app.control.clone(),
        settings,
        data: &app.config.server.data,
    })
}

async fn viewer(server: &TestServer, role: Role) -> Viewer {
    let user = server.person(role.as_str(), role, None).await;
    let token = server.token_of(user).await;
    let viewer = server.app.security.viewer_of_token(&token, None).await;
    viewer.unwrap().unwrap()
}

async fn found(server: &TestServer, id: i64) -> (Recording, Vec<Step>) {
    let recordings = &server.app.recordings;
    recordings.steps(&Viewer::system(), RecordingId(id)).await.unwrap()
}

/// Waits until a recording is as it should be.
async fn until(server: &TestServer, id: i64, fits: impl Fn(&Recording) -> bool) -> (Recording, Vec<Step>) {
    loop {
        let (recording, steps) = found(server, id).await;
        if fits(&recording) {
            return (recording, steps);
        }
        tokio::task::yield_now().await;
    }
}

async fn start(browser: &Client, phone: i64) -> Answer {
    browser.post_form(&format!("/phones/{phone}/recordings"), &[]).await
}

async fn press(server: &TestServer, phone: i64, key: &str) {
    let program = server.api(Role::Helpdesk).await;
    let path = format!("/api/v1/phones/{phone}/presses");
    let answer = program.json("POST", &path, &json!({ "keys": [key] })).await;
    assert_eq!(answer.value()["results"][0]["outcome"], "sent", "{}", answer.text());
}

fn folder(server: &TestServer, id: i64) -> PathBuf {
    server.app.config.server.data.join("recordings").join(id.to_string())
}

/// A stopped recording of an 8845 in which a helpdesk person pressed Settings and 5; its number.
async fn recorded(server: &TestServer, browser: &Client) -> i64 {
    let (_, phone) = server.phone("8845");
    assert_eq!(start(browser, phone).await.status, 303);
    until(server, 1, |one| one.pictures >= 1).await;
    press(server, phone, "Settings").await;
    until(server, 1, |one| one.pictures >= 2).await;
    press(server, phone, "KeyPad5").await;
    let stopped = browser.post_form("/recordings/1/stop", &[]).await;
    assert_eq!((stopped.status, stopped.location()), (303, "/recordings/1"));
    1
}

/// What the trail tells of recordings, oldest first.
async fn told(server: &TestServer) -> Vec<(String, String, String)> {
    let lines = server.trail().await.into_iter().rev();
    lines
        .filter(|line| line.action.starts_with("recording-"))
        .map(|line| (line.action, line.user_name, line.detail))
        .collect()
}

#[tokio::test]
async fn a_supervisor_records_what_others_press_and_everybody_sees_it() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    let (supervisor, helpdesk) = (
        server.signed_in_as(Role::Supervisor).await,
        server.signed_in_as(Role::Helpdesk).await,
    );
    let before = helpdesk.get(&format!("/phones/{phone}")).await;
    assert!(
        before.text().contains("Keys show digits"),
        "it is said before the start"
    );
    assert_eq!(start(&supervisor, phone).await.location(), format!("/phones/{phone}"));
    let page = helpdesk.get(&format!("/phones/{phone}")).await;
    assert_eq!(
        page.texts("[data-recording-sign] .recording-by"),
        ["supervisor records"]
    );
    let audience = server.app.screens.audience(PhoneId(phone));
    assert!(audience.values().any(|one| one.recording && one.name == "supervisor"));
    until(&server, 1, |one| one.pictures >= 1).await;
    press(&server, phone, "Settings").await;
    until(&server, 1, |one| one.pictures >= 2).await;
    let refused = supervisor
        .post_form(&format!("/phones/{phone}/presses"), &[("key", "Settings")])
        .await;
    refused.page(403);
    assert_eq!(handle.keys_received(), ["Settings"]);
    start(&supervisor, phone).await.page(409);
    supervisor.post_form("/recordings/1/stop", &[]).await;
    let (recording, steps) = found(&server, 1).await;
    assert_eq!((recording.ending.as_str(), recording.presses), ("stopped", 1));
    let press = steps.iter().find(|step| step.kind == "press").unwrap();
    assert_eq!(
        (press.user_name.as_str(), press.label.as_str(), press.outcome.as_str()),
        ("helpdesk", "Settings", "sent")
    );
    let kinds: Vec<&str> = steps.iter().map(|step| step.kind.as_str()).collect();
    assert_eq!(kinds[..3], ["picture", "press", "picture"]);
    let page = supervisor.get("/recordings/1").await;
    let shown = page.texts(".step-list .step-text");
    assert!(shown.contains(&"helpdesk pressed Settings".to_owned()), "{shown:?}");
    let words: Vec<_> = told(&server)
        .await
        .into_iter()
        .map(|(what, who, _)| (what, who))
        .collect();
    let by_supervisor = |what: &str| (what.to_owned(), "supervisor".to_owned());
    assert_eq!(
        words,
        ["recording-started", "recording-ended", "recording-viewed"].map(by_supervisor)
    );
    let page = helpdesk.get(&format!("/phones/{phone}")).await;
    assert!(page.texts(".recording-by").is_empty(), "nobody records any more");
    server.close().await;
}

#[tokio::test]
async fn files_and_rows_agree_and_pictures_are_served() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &browser).await;
    let (recording, steps) = found(&server, id).await;
    let pictures: Vec<&Step> = steps.iter().filter(|step| step.kind == "picture").collect();
    assert_eq!(recording.pictures, i64::try_from(pictures.len()).unwrap());
    assert_eq!(recording.bytes, pictures.iter().map(|step| step.bytes).sum::<i64>());
    let files = std::fs::read_dir(folder(&server, id)).unwrap().count();
    assert_eq!(files, pictures.len());
    for step in pictures {
        let kept = std::fs::read(folder(&server, id).join(format!("{}.png", step.n))).unwrap();
        assert_eq!(i64::try_from(kept.len()).unwrap(), step.bytes);
        let answer = browser.get(&format!("/recordings/{id}/pictures/{}", step.n)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "image/png"));
        assert_eq!(answer.body, kept);
    }
    let press = steps.iter().find(|step| step.kind == "press").unwrap();
    let list = browser.get("/recordings?phone=sep&person=").await;
    assert_eq!(list.texts(".recordings tbody tr").len(), 1);
    let none = browser.get("/recordings?phone=nothing-like-it").await;
    assert_eq!(none.texts(".empty h2"), ["No recording fits"]);
    let search = browser.get(&format!("/recordings/{id}?q=sett")).await;
    assert_eq!(search.texts(".step-list li").len(), 1);
    let at = browser.get(&format!("/recordings/{id}?step={}", press.n)).await;
    assert_eq!(
        at.first("[data-picture]", "src"),
        format!("/recordings/{id}/pictures/1")
    );
    server.close().await;
}

#[tokio::test]
async fn recordings_are_of_the_clusters_that_a_person_sees() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let owner = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &owner).await;
    server.person("elsewhere", Role::Admin, Some(&[])).await;
    let elsewhere = server.browser_of("elsewhere").await;
    assert!(elsewhere.get("/recordings").await.texts(".recordings tr").is_empty());
    for path in ["", "/pictures/1", "/export"] {
        elsewhere.get(&format!("/recordings/{id}{path}")).await.page(404);
    }
    for path in ["/stop", "/deletion", "/export"] {
        let fields = [("confirm", "yes"), ("form", "html")];
        elsewhere
            .post_form(&format!("/recordings/{id}{path}"), &fields)
            .await
            .page(404);
    }
    start(&elsewhere, phone).await.page(404);
    let other = server.signed_in_as(Role::Supervisor).await;
    assert_eq!(other.get(&format!("/recordings/{id}")).await.status, 200);
    let deletion = format!("/recordings/{id}/deletion");
    other.post_form(&deletion, &[("confirm", "yes")]).await.page(403);
    owner.post_form(&deletion, &[]).await.page(422);
    assert!(folder(&server, id).exists(), "nothing was deleted");
    let deleted = owner.post_form(&deletion, &[("confirm", "yes")]).await;
    assert_eq!((deleted.status, deleted.location()), (303, "/recordings"));
    assert!(!folder(&server, id).exists());
    owner.get(&format!("/recordings/{id}")).await.page(404);
    let last = told(&server).await.pop().unwrap();
    assert_eq!((last.0.as_str(), last.1.as_str()), ("recording-deleted", "helpdesk"));
    server.close().await;
}

#[tokio::test]
async fn a_recording_ends_by_its_time_and_by_the_loss_of_the_right() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let browser = server.signed_in_as(Role::Supervisor).await;
    start(&browser, phone).await;
    until(&server, 1, |one| one.pictures >= 1).await;
    server.clock.advance(std::time::Duration::from_secs(3_601));
    let (ended, _) = until(&server, 1, |one| one.ended_at.is_some()).await;
    assert_eq!(ended.ending, "longest");
    start(&browser, phone).await;
    let admin = server.signed_in_as(Role::Admin).await;
    let user = server.person("supervisor", Role::Supervisor, None).await;
    let path = format!("/people/{user}/disabled");
    assert_eq!(admin.post_form(&path, &[("disabled", "yes")]).await.status, 303);
    let (ended, _) = until(&server, 2, |one| one.ended_at.is_some()).await;
    assert_eq!(ended.ending, "right");
    let trail = server.trail().await;
    let line = trail.iter().find(|line| line.action == "recording-ended").unwrap();
    assert_eq!(line.via, Via::System);
    assert!(line.detail.contains("may no longer see"), "{}", line.detail);
    server.close().await;
}

#[tokio::test]
async fn room_is_bounded_for_one_recording_and_for_all() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let may = viewer(&server, Role::Helpdesk).await.may::<SeePhones>().unwrap();
    let small = limited(&server, |settings| settings.most_mib = 0);
    let id = small.start(&may, PhoneId(phone)).await.unwrap().0;
    let (ended, _) = until(&server, id, |one| one.ended_at.is_some()).await;
    assert_eq!((ended.ending.as_str(), ended.pictures), ("size", 0));
    let browser = server.signed_in_as(Role::Helpdesk).await;
    start(&browser, phone).await;
    until(&server, 2, |one| one.pictures >= 1).await;
    browser.post_form("/recordings/2/stop", &[]).await;
    let none = limited(&server, |settings| settings.total_mib = 0);
    let id = none.start(&may, PhoneId(phone)).await.unwrap().0;
    let (ended, _) = until(&server, id, |one| one.ended_at.is_some()).await;
    assert_eq!(ended.ending, "full");
    let list = none
        .list(&Viewer::system(), rows::Filter::default(), 0, 50)
        .await
        .unwrap();
    assert!(list.recordings.iter().all(|one| one.id.0 != 2), "the oldest made room");
    assert!(!folder(&server, 2).exists());
    let removed = told(&server)
        .await
        .into_iter()
        .rfind(|line| line.0 == "recording-deleted");
    assert!(removed.is_some_and(|line| line.1 == "sidetone" && line.2.contains("fit into 0 MiB")));
    server.close().await;
}

#[tokio::test]
async fn old_recordings_are_removed() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &browser).await;
    let day = std::time::Duration::from_hours(24);
    server.clock.advance(day * 30);
    server.app.recordings.sweep().await.unwrap();
    assert!(folder(&server, id).exists());
    limited(&server, |settings| settings.keep_days = 0)
        .sweep()
        .await
        .unwrap();
    server.clock.advance(day);
    server.app.recordings.sweep().await.unwrap();
    assert!(!folder(&server, id).exists());
    server.close().await;
}

#[tokio::test]
async fn a_disk_that_fails_ends_the_recording_and_nothing_else() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    start(&browser, phone).await;
    until(&server, 1, |one| one.pictures >= 1).await;
    std::fs::remove_dir_all(folder(&server, 1)).unwrap();
    press(&server, phone, "Settings").await;
    let (ended, _) = until(&server, 1, |one| one.ended_at.is_some()).await;
    assert_eq!((ended.ending.as_str(), ended.detail.is_empty()), ("disk", false));
    press(&server, phone, "Settings").await;
    assert_eq!(handle.keys_received().len(), 2);
    let page = browser.get("/recordings/1").await;
    assert!(page.text().contains("could not be written"), "{}", page.text());
    browser.get("/recordings/1/pictures/1").await.page(404);
    let fields = [("form", "html")];
    assert_eq!(browser.post_form("/recordings/1/export", &fields).await.status, 200);
    let root = server.app.config.server.data.join("recordings");
    std::fs::remove_dir_all(&root).unwrap();
    std::fs::write(&root, "in the way").unwrap();
    let before = told(&server).await.len();
    start(&browser, phone).await.page(507);
    assert_eq!(told(&server).await.len(), before, "nothing was begun");
    assert!(server.app.recordings.of_phone(PhoneId(phone)).is_empty());
    server.close().await;
}

/// Rows and files as a program leaves them that was killed while it wrote.
async fn left_behind(server: &TestServer) -> RecordingId {
    let (handle, phone) = server.phone("8845");
    let new = rows::NewRecording {
        phone: PhoneId(phone),
        phone_name: handle.name().to_owned(),
        phone_about: String::new(),
        cluster: server.cluster,
        cluster_name: "Simulated".to_owned(),
        user: UserId(1),
        user_name: "ana".to_owned(),
        started_at: server.clock.now_ms(),
    };
    let mut tx = server.app.store.begin().await.unwrap();
    let id = rows::insert(&mut tx, &new).await.unwrap();
    let folder = folder(server, id.0);
    std::fs::create_dir_all(&folder).unwrap();
    for n in 1..=2 {
        let step = Step {
            n,
            at: new.started_at + n * 1_000,
            kind: "picture".to_owned(),
            format: "png".to_owned(),
            width: 8,
            height: 8,
            bytes: 10,
            ..Step::default()
        };
        rows::add_step(&mut tx, id, &step).await.unwrap();
        // The second was cut off.
        let written = if n == 1 { 10 } else { 4 };
        std::fs::write(folder.join(format!("{n}.png")), vec![0; written]).unwrap();
    }
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn a_restart_closes_what_was_cut_off_and_removes_what_nobody_knows() {
    let server = TestServer::start().await;
    let id = left_behind(&server).await;
    let (orphan, other) = (folder(&server, 999), folder(&server, 0).with_file_name("notes"));
    std::fs::create_dir_all(&orphan).unwrap();
    std::fs::create_dir_all(&other).unwrap();
    server.app.recordings.recover().await.unwrap();
    let (recording, steps) = found(&server, id.0).await;
    assert_eq!((recording.ending.as_str(), recording.pictures), ("interrupted", 1));
    assert_eq!((recording.bytes, steps.len()), (10, 1));
    assert!(recording.ended_at.is_some_and(|at| at >= recording.started_at));
    assert!(!orphan.exists() && other.exists());
    let browser = server.signed_in_as(Role::Supervisor).await;
    let page = browser.get(&format!("/recordings/{id}")).await;
    assert!(page.page(200).text().contains("cut off by a restart"));
    let line = told(&server).await.remove(0);
    assert_eq!((line.0.as_str(), line.1.as_str()), ("recording-ended", "sidetone"));
    server.close().await;
}

#[tokio::test]
async fn what_runs_at_the_end_of_the_program_is_closed() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    start(&browser, phone).await;
    until(&server, 1, |one| one.pictures >= 1).await;
    assert!(server.tasks().finish().await);
    let (recording, _) = found(&server, 1).await;
    assert_eq!(
        (recording.ending.as_str(), recording.ended_at.is_some()),
        ("shutdown", true)
    );
    server.close().await;
}

/// The pictures of an exported page, decoded from its data addresses.
fn pictures_of(page: &Answer) -> Vec<Vec<u8>> {
    let sources = page.all("img", "src");
    let encoded = sources.iter().map(|source| {
        let (kind, data) = source.split_once(";base64,").unwrap();
        assert!(kind.starts_with("data:image/"), "{kind}");
        STANDARD.decode(data).unwrap()
    });
    encoded.collect()
}

/// The files of an archive by name.
fn files_of(answer: &Answer) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

#[tokio::test]
async fn an_exported_page_has_numbered_steps_and_needs_nothing_else() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &browser).await;
    let page = browser
        .post_form(&format!("/recordings/{id}/export"), &[("form", "html")])
        .await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert!(
        page.header("content-disposition")
            .starts_with("attachment; filename=\"recording-1-SEP")
    );
    let text = page.text();
    let parts = text.split("base64,").enumerate();
    let outside: String = parts
        .map(|(index, part)| {
            if index == 0 {
                part
            } else {
                part.split_once('"').unwrap().1
            }
        })
        .collect();
    for forbidden in ["http://", "https://", "//", "<script", "url("] {
        assert!(!outside.contains(forbidden), "{forbidden} in {outside}");
    }
    assert!(text.ends_with("</html>\n"), "it is whole");
    let numbers = page.texts(".number");
    let expected: Vec<String> = (1..=numbers.len()).map(|number| number.to_string()).collect();
    assert_eq!(numbers, expected);
    let pressed: Vec<String> = page.texts("kbd");
    assert_eq!(pressed, ["Settings", "5"]);
    let (_, steps) = found(&server, id).await;
    let first = std::fs::read(folder(&server, id).join("1.png")).unwrap();
    assert_eq!(pictures_of(&page)[0], first, "unmasked pictures are as they came");
    assert!(steps.len() >= numbers.len());
    let last = told(&server).await.pop().unwrap();
    assert_eq!(last.0, "recording-exported");
    assert!(last.2.ends_with("as HTML"), "{}", last.2);
    let hidden = [("form", "html"), ("hide_digits", "yes")];
    let page = browser.post_form(&format!("/recordings/{id}/export"), &hidden).await;
    assert_eq!(page.texts("kbd"), ["Settings", "a digit"]);
    server.close().await;
}

#[tokio::test]
async fn an_archive_holds_every_picture_and_the_steps() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &browser).await;
    let path = format!("/recordings/{id}/export");
    let archive = browser.post_form(&path, &[("form", "zip")]).await;
    assert_eq!(
        (archive.status, archive.header("content-type")),
        (200, "application/zip")
    );
    let files = files_of(&archive);
    let (recording, steps) = found(&server, id).await;
    let pictures = files.iter().filter(|(name, _)| name.starts_with("pictures/"));
    assert_eq!(i64::try_from(pictures.count()).unwrap(), recording.pictures);
    let of = |name: &str| String::from_utf8(files.iter().find(|file| file.0 == name).unwrap().1.clone()).unwrap();
    let told: Value = serde_json::from_str(&of("steps.json")).unwrap();
    assert_eq!(told.as_array().unwrap().len(), steps.len());
    assert!(
        of("steps.csv").contains("\"helpdesk\",\"KeyPad5\",\"5\",\"sent\""),
        "{}",
        of("steps.csv")
    );
    let archive = browser
        .post_form(&path, &[("form", "zip"), ("hide_digits", "yes")])
        .await;
    let digits = files_of(&archive)
        .into_iter()
        .filter(|(name, _)| name.starts_with("steps."));
    for (name, bytes) in digits {
        assert!(!String::from_utf8(bytes).unwrap().contains("KeyPad5"), "{name}");
    }
    server.close().await;
}

#[tokio::test]
async fn masked_pixels_are_gone_from_both_exports() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &browser).await;
    let path = format!("/recordings/{id}/export");
    let mask = [
        ("x", "10"),
        ("y", "20"),
        ("width", "300"),
        ("height", "100"),
        ("x", ""),
        ("y", ""),
        ("width", ""),
        ("height", ""),
        ("x", "700"),
        ("y", "400"),
        ("width", "4000"),
        ("height", "4000"),
    ];
    let page = browser
        .post_form(&path, &[&[("form", "html")], &mask[..]].concat())
        .await;
    let archive = browser
        .post_form(&path, &[&[("form", "zip")], &mask[..]].concat())
        .await;
    let mut exported = pictures_of(&page);
    let files = files_of(&archive)
        .into_iter()
        .filter(|(name, _)| name.starts_with("pictures/"));
    exported.extend(files.map(|(_, bytes)| bytes));
    assert!(exported.len() >= 4);
    for bytes in &exported {
        let picture = image::load_from_memory(bytes).unwrap().into_rgb8();
        assert_eq!(picture.dimensions(), (800, 480));
        for (x, y, pixel) in picture.enumerate_pixels() {
            let masked = (10..310).contains(&x) && (20..120).contains(&y) || x >= 700 && y >= 400;
            assert!(!masked || pixel.0 == PAINT, "{x},{y}");
        }
    }
    let (_, steps) = found(&server, id).await;
    for step in steps.iter().filter(|step| step.kind == "picture") {
        let original = std::fs::read(folder(&server, id).join(format!("{}.png", step.n))).unwrap();
        assert!(!exported.contains(&original));
        let mut windows = archive.body.windows(original.len());
        assert!(windows.all(|window| window != original));
        let was = image::load_from_memory(&original).unwrap().into_rgb8();
        assert!(was.get_pixel(0, 479).0 != PAINT, "the test would prove nothing");
    }
    let last = told(&server).await.pop().unwrap();
    assert!(last.2.contains("2 regions masked"), "{}", last.2);
    server.close().await;
}

#[tokio::test]
async fn bad_input_gets_a_clear_answer_and_changes_nothing() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = recorded(&server, &browser).await;
    let before = told(&server).await.len();
    for path in [
        "/recordings/abc",
        "/recordings/-1",
        "/recordings/999999",
        "/recordings/99999999999999999999",
        "/recordings/1/pictures/0",
        "/recordings/1/pictures/2.png",
        "/recordings/1/pictures/..%2f..%2f..%2fsidetone.db",
        "/recordings/..%2f1/pictures/1",
        "/recordings?page=1000",
    ] {
        browser.get(path).await.page(404);
    }
    browser.get("/recordings?page=x").await.page(400);
    let path = format!("/recordings/{id}/export");
    let region = |x, width| {
        [
            ("form", "html"),
            ("x", x),
            ("y", "1"),
            ("width", width),
            ("height", "1"),
        ]
    };
    for fields in [
        region("-1", "5"),
        region("x", "5"),
        region("1", "0"),
        region("1", "9999"),
    ] {
        let refused = browser.post_form(&path, &fields).await;
        refused.page(422);
        assert_eq!(
            refused.first("input[name=width]", "value"),
            fields[3].1,
            "nothing typed is lost"
        );
    }
    browser.post_form(&path, &[("form", "exe")]).await.page(422);
    browser
        .post_form(&path, &[("form", "html"), ("x", "1")])
        .await
        .page(400);
    let many = [("x", "1"), ("y", "1"), ("width", "1"), ("height", "1")].repeat(21);
    browser
        .post_form(&path, &[&[("form", "html")], &many[..]].concat())
        .await
        .page(422);
    start(&browser, 999_999).await.page(404);
    let (_, without) = server.phone("ATA 187");
    start(&browser, without).await.page(409);
    assert_eq!(told(&server).await.len(), before);
    server.close().await;
}

#[tokio::test]
async fn one_person_runs_a_few_recordings_and_only_where_it_is_allowed() {
    let server = TestServer::start().await;
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let models = ["8845", "7960", "7965", "8811", "7975"];
    for (at, model) in models.into_iter().enumerate() {
        let answer = start(&browser, server.phone(model).1).await;
        assert_eq!(answer.status, if at < 4 { 303 } else { 429 }, "{model}");
    }
    let off = limited(&server, |settings| settings.enabled = false);
    let may = viewer(&server, Role::Supervisor).await.may::<SeePhones>().unwrap();
    let refused = off.start(&may, PhoneId(server.phone("8845").1)).await.unwrap_err();
    assert!(refused.to_string().contains("recordings.enabled"));
    server.close().await;
}
