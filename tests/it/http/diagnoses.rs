//! Diagnoses through the API and the service: shape, rights, one at a time, what is kept, what is given away.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sidetone::config;
use sidetone::diagnosis::{Diagnoses, Error, MOST_OF_ONE_PHONE, Parts, Record, RecordState, Tools, report};
use sidetone::domain::cause::Cause;
use sidetone::domain::finding::{CheckId, Sign};
use sidetone::domain::ids::{ClusterId, DiagnosisId, PhoneId};
use sidetone::domain::role::Role;
use sidetone::security::{Diagnose, ManageClusters, May, Viewer};
use sidetone::simulator::Fault;
use sidetone::store::diagnoses as rows;

use super::client::Client;
use super::server::{CUCM_PASSWORD, TestServer};

fn may() -> May<Diagnose> {
    Viewer::system().may().unwrap()
}

/// Another service on the same store, as after a restart of the program.
fn restarted(server: &TestServer, keep_days: u64) -> Diagnoses {
    let app = &server.app;
    Diagnoses::new(Parts {
        tasks: app.tasks.clone(),
        tools: Tools {
            phones: app.phones.clone(),
            screens: app.screens.clone(),
            control: app.control.clone(),
            inventory: app.inventory.clone(),
            store: app.store.clone(),
            clock: app.clock.clone(),
        },
        settings: config::Diagnosis { keep_days },
    })
}

async fn diagnose(program: &Client, phone: i64) -> Value {
    let path = format!("/api/v1/phones/{phone}/diagnoses");
    let answer = program.json("POST", &path, &json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.value()
}

#[tokio::test]
async fn a_healthy_phone_is_told_in_the_shape_of_the_api() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let program = server.api(Role::Helpdesk).await;
    let path = format!("/api/v1/phones/{phone}/diagnoses");
    let answer = program.json("POST", &path, &json!({})).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let told = answer.value();
    assert_eq!(answer.location(), format!("/api/v1/diagnoses/{}", told["id"]));
    let verdict = &told["verdict"];
    assert_eq!(
        (&verdict["cause"], &verdict["certainty"]),
        (&json!("none"), &json!("proved")),
        "{verdict}"
    );
    assert_eq!(verdict["also"], json!([]), "{verdict}");
    assert!(
        verdict["summary"]
            .as_str()
            .unwrap()
            .contains(told["phone_name"].as_str().unwrap())
    );
    let checks = told["checks"].as_array().unwrap();
    let ids: Vec<_> = checks.iter().map(|check| check["id"].as_str().unwrap()).collect();
    let all: Vec<_> = CheckId::ALL.iter().map(|check| check.code()).collect();
    assert_eq!(ids, all);
    for check in checks {
        assert!(check["title"].is_string() && check["evidence"].is_string() && check["duration_ms"].is_u64());
        let outcome = check["outcome"].as_str().unwrap();
        assert!(["passed", "failed", "warning", "skipped"].contains(&outcome));
    }
    assert_eq!((&told["state"], &told["phone"]), (&json!("finished"), &json!(phone)));
    assert!(told["remedies"].is_array());
    let again = program.get(answer.location()).await;
    assert_eq!(again.value(), told, "the same when it is read later");
    let list = program.get(&path).await.value();
    assert_eq!(
        (&list["total"], &list["items"][0]["cause"]),
        (&json!(1), &json!("none"))
    );
    server.close().await;
}

#[tokio::test]
async fn remedies_and_readiness_follow_the_verdict_and_the_trail_tells() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_fault(Fault::NotAssociated);
    let program = server.api(Role::Helpdesk).await;
    let told = diagnose(&program, phone).await;
    assert_eq!(told["verdict"]["cause"], "device-not-associated", "{told}");
    let remedies = told["remedies"].as_array().unwrap();
    let add = remedies.iter().find(|one| one["one_click"] == true).unwrap();
    assert_eq!(
        (&add["allowed"], &add["needs"]),
        (&json!(false), &json!("admin")),
        "{add}"
    );
    let shown = program.get(&format!("/api/v1/phones/{phone}")).await.value();
    assert_eq!(shown["readiness"]["cause"], "device-not-associated");
    let lines: Vec<_> = server
        .trail()
        .await
        .into_iter()
        .filter(|line| line.action == "diagnosis")
        .collect();
    let outcomes: Vec<_> = lines
        .iter()
        .map(|line| (line.user_name.as_str(), line.outcome.as_str()))
        .collect();
    assert_eq!(outcomes, [("helpdesk", "done"), ("helpdesk", "started")]);
    assert_eq!(lines[0].cause, Some(Cause::DeviceNotAssociated));
    server.close().await;
}

#[tokio::test]
async fn strangers_to_a_cluster_see_nothing_of_it() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let program = server.api(Role::Helpdesk).await;
    let told = diagnose(&program, phone).await;
    let limited = server.person("elsewhere", Role::Admin, Some(&[ClusterId(99)])).await;
    let limited = server.program_of(limited).await;
    let id = &told["id"];
    limited.get(&format!("/api/v1/diagnoses/{id}")).await.problem(404);
    limited
        .get(&format!("/api/v1/phones/{phone}/diagnoses"))
        .await
        .problem(404);
    let path = format!("/api/v1/phones/{phone}/diagnoses");
    limited.json("POST", &path, &json!({})).await.problem(404);
    program
        .json("POST", "/api/v1/phones/999999/diagnoses", &json!({}))
        .await
        .problem(404);
    let supervisor = server.api(Role::Supervisor).await;
    supervisor.json("POST", &path, &json!({})).await.problem(403);
    server.close().await;
}

#[tokio::test]
async fn one_diagnosis_of_a_phone_runs_at_a_time() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_latency(Duration::from_millis(200));
    let diagnoses = &server.app.diagnoses;
    let first = diagnoses.start(&may(), PhoneId(phone)).await.unwrap();
    let joined = diagnoses.start(&may(), PhoneId(phone)).await.unwrap();
    assert_eq!(first, joined);
    let follower = diagnoses.follow(first).unwrap();
    let later = diagnoses.run_for(&Viewer::system(), PhoneId(phone)).await.unwrap();
    assert_ne!(later.id, first, "what was begun before is not joined after a change");
    assert_eq!(follower.borrow().state, RecordState::Finished, "but waited for");
    assert!(diagnoses.follow(first).is_none());
    let newest = diagnoses
        .newest(&Viewer::system(), PhoneId(phone))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(newest, later);
    server.close().await;
}

#[tokio::test]
async fn a_phone_removed_meanwhile_ends_in_a_finding() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    handle.set_latency(Duration::from_millis(300));
    let diagnoses = &server.app.diagnoses;
    let id = diagnoses.start(&may(), PhoneId(phone)).await.unwrap();
    let mut follower = diagnoses.follow(id).unwrap();
    let manage: May<ManageClusters> = Viewer::system().may().unwrap();
    server
        .app
        .inventory
        .remove_cluster(&manage, server.cluster)
        .await
        .unwrap();
    let record = follower
        .wait_for(|record| record.state.is_over())
        .await
        .unwrap()
        .clone();
    let known = record
        .findings
        .iter()
        .find(|one| one.check == CheckId::PhoneKnown)
        .unwrap();
    assert!(known.evidence.contains("removed"), "{known:?}");
    assert!(known.signs.contains(&Sign::PhoneUnknown));
    let kept = diagnoses.record(&Viewer::system(), id).await.unwrap();
    assert_eq!(kept.findings, record.findings, "the record is kept");
    assert!(matches!(
        diagnoses.start(&may(), PhoneId(phone)).await,
        Err(Error::Phone(_))
    ));
    server.close().await;
}

#[tokio::test]
async fn what_a_restart_interrupted_is_closed_and_old_ones_go() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let done = server.app.diagnoses.run(&may(), PhoneId(phone)).await.unwrap();
    let open = Record {
        state: RecordState::Running,
        verdict: None,
        ..Record::clone(&done)
    };
    let mut tx = server.app.store.begin().await.unwrap();
    let new = rows::NewDiagnosis {
        phone: open.phone,
        cluster: open.cluster,
        by: "somebody",
        started_at: open.started_at,
        report: &serde_json::to_string(&open).unwrap(),
    };
    let id = rows::insert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let next = restarted(&server, 90);
    assert_eq!(next.recover().await.unwrap(), 1);
    assert_eq!(next.recover().await.unwrap(), 0);
    let closed = next.record(&Viewer::system(), id).await.unwrap();
    assert_eq!((closed.state, closed.id), (RecordState::Interrupted, id));
    let newest = next.newest(&Viewer::system(), PhoneId(phone)).await.unwrap().unwrap();
    assert_eq!(newest.id, done.id, "an interrupted one is no answer");
    server.clock.advance(Duration::from_hours(24 * 91));
    restarted(&server, 0).sweep().await.unwrap();
    assert!(
        next.record(&Viewer::system(), id).await.is_ok(),
        "0 days: they are kept"
    );
    next.sweep().await.unwrap();
    assert!(matches!(next.record(&Viewer::system(), id).await, Err(Error::Unknown)));
    server.close().await;
}

#[tokio::test]
async fn of_one_phone_the_newest_are_kept() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("ATA 187");
    let diagnoses = &server.app.diagnoses;
    for _ in 0..=MOST_OF_ONE_PHONE {
        diagnoses.run(&may(), PhoneId(phone)).await.unwrap();
    }
    let kept = diagnoses
        .of_phone(&Viewer::system(), PhoneId(phone), 500)
        .await
        .unwrap();
    assert_eq!(kept.len(), usize::try_from(MOST_OF_ONE_PHONE).unwrap());
    assert_eq!(kept.last().unwrap().id, DiagnosisId(2), "the first one went");
    assert_eq!(kept[0].cause, Some(Cause::ModelWithoutControl));
    server.close().await;
}

/// Every form of a report.
async fn forms(browser: &Client, id: i64) -> Vec<(&'static str, String)> {
    let mut forms = Vec::new();
    for (form, kind) in [
        ("txt", "text/plain; charset=utf-8"),
        ("md", "text/markdown; charset=utf-8"),
        ("json", "application/json"),
        ("html", "text/html; charset=utf-8"),
    ] {
        let answer = browser.get(&format!("/diagnoses/{id}/report.{form}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{form}");
        forms.push((form, answer.text()));
    }
    forms
}

#[tokio::test]
async fn every_form_of_a_report_tells_the_same_and_no_password() {
    let server = TestServer::start().await;
    let (handle, phone) = server.phone("8845");
    let port = server.simulator.summary().authentication_http_port;
    // As paging servers are configured: with a password in the URL.
    let url = format!("http://127.0.0.1:{port}/CCMCIP/<i>.jsp?UserID=x&Password={CUCM_PASSWORD}");
    handle.set_fault(Fault::AuthenticationUrl(url));
    let told = diagnose(&server.api(Role::Helpdesk).await, phone).await;
    assert_eq!(told["verdict"]["cause"], "authentication-url-overridden", "{told}");
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let id = told["id"].as_i64().unwrap();
    for (form, text) in forms(&browser, id).await {
        assert!(!text.contains(CUCM_PASSWORD), "{form}: {text}");
        assert!(text.contains(handle.name()), "{form}");
        assert!(text.contains("authentication-url-overridden"), "{form}");
        for check in told["checks"].as_array().unwrap() {
            let word = &check[if form == "json" { "id" } else { "title" }];
            assert!(
                text.contains(
                    &word
                        .as_str()
                        .unwrap()
                        .replace('\'', if form == "html" { "&#39;" } else { "'" })
                ),
                "{form}: {word}"
            );
        }
        assert!(
            form != "html" || !text.contains("<i>"),
            "foreign text means nothing: {text}"
        );
    }
    server.close().await;
}

#[tokio::test]
async fn the_html_file_holds_the_picture_and_needs_nothing_else() {
    let server = TestServer::start().await;
    let (_, phone) = server.phone("8845");
    let record = server.app.diagnoses.run(&may(), PhoneId(phone)).await.unwrap();
    assert!(record.has_picture);
    let browser = server.signed_in_as(Role::Helpdesk).await;
    let answer = browser.get(&format!("/diagnoses/{}/report.html", record.id)).await;
    let name = format!("attachment; filename=\"diagnosis-{}.html\"", record.id);
    assert_eq!(answer.header("content-disposition"), name);
    let text = answer.text();
    assert!(text.contains("src=\"data:image/"), "the picture is in it");
    for foreign in ["<script", "http://", "https://", "href="] {
        let outside: Vec<_> = text
            .match_indices(foreign)
            .map(|(at, _)| &text[at..(at + 60).min(text.len())])
            .collect();
        let shown = |part: &&str| record_holds(&record, part);
        assert!(outside.iter().all(shown), "{foreign} in {outside:?}");
    }
    let read: Record = serde_json::from_str(&report::json(&record)).unwrap();
    assert_eq!(Arc::new(read), record, "the JSON is the record");
    server.close().await;
}

/// Whether what looks like an address of something is text that a check saw.
fn record_holds(record: &Record, part: &str) -> bool {
    let address = part.split(['<', ' ', ',', '&', ')']).next().unwrap_or_default();
    let told = serde_json::to_string(record).unwrap();
    !address.is_empty() && told.contains(address)
}
