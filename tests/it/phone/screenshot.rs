//! Ways to a picture, and what failures mean.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sidetone::domain::address::PhoneNetworks;
use sidetone::domain::catalogue::{Scheme, ScreenshotRoute};
use sidetone::domain::cause::Cause;
use sidetone::domain::screen::ScreenFormat;
use sidetone::phone::{Error, ErrorKind, ShotKind, Urgency};

use super::server::{Act, Phone, Request, answer, ok, status};
use super::{BASIC, CLOSED, PASSWORD, here, impatient, phones, png, target};

async fn failure(model: &str, script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> (Phone, Error) {
    let phone = Phone::at(here(1), script);
    let error = impatient()
        .screenshot(&target(&phone, model), Urgency::Look)
        .await
        .unwrap_err();
    assert!(!error.evidence().contains(PASSWORD) && !error.to_string().contains(PASSWORD));
    (phone, error)
}

#[tokio::test]
async fn a_picture_comes_with_its_kind_and_way() {
    let phone = Phone::at(here(1), |_| ok("text/html", &png()));
    let shot = phones()
        .screenshot(&target(&phone, "Cisco 8845"), Urgency::Look)
        .await
        .unwrap();
    assert_eq!(
        (shot.kind, shot.route.scheme, shot.route.path.as_str()),
        (ShotKind::Png, Scheme::Http, "/CGI/Screenshot")
    );
    let picture = shot.to_picture().unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.format),
        (3, 2, ScreenFormat::Png)
    );
    assert_eq!(picture.bytes, png());
    let request = &phone.seen()[0];
    assert_eq!(request.header("authorization"), Some(BASIC));
    assert_eq!(request.header("referer"), None);
}

#[tokio::test]
async fn ways_are_tried_in_the_familys_order() {
    let phone = Phone::at(here(1), |request| match request.path() {
        "/CGI/lcd4.bmp" => ok("image/bmp", &png()),
        "/CGI/Screenshot" => ok("text/plain", b"rendering"),
        _ => status("404 Not Found"),
    });
    let mut target = target(&phone, "Cisco 6941");
    let shot = phones().screenshot(&target, Urgency::Look).await.unwrap();
    assert_eq!(phone.paths(), ["/CGI/lcd.bmp", "/CGI/Screenshot", "/CGI/lcd4.bmp"]);
    assert!(shot.route.render_first);
    target.screenshot_route = Some(shot.route);
    phones().screenshot(&target, Urgency::Look).await.unwrap();
    assert_eq!(phone.paths()[3..], ["/CGI/Screenshot", "/CGI/lcd4.bmp"]);
}

#[tokio::test]
async fn https_is_tried_when_http_is_refused_and_the_other_way_round() {
    let secure = Phone::over_tls(here(1), |_| ok("image/png", &png()));
    let mut only_https = target(&secure, "Cisco 7945");
    (only_https.http_port, only_https.https_port) = (CLOSED, secure.port);
    let shot = phones().screenshot(&only_https, Urgency::Look).await.unwrap();
    assert_eq!(shot.route.scheme, Scheme::Https);

    let plain = Phone::at(here(2), |_| ok("image/png", &png()));
    let mut no_tls = target(&plain, "Cisco 9841");
    let shot = phones().screenshot(&no_tls, Urgency::Look).await.unwrap();
    assert_eq!(shot.route.scheme, Scheme::Http);
    no_tls.https_port = plain.port;
    let shot = phones().screenshot(&no_tls, Urgency::Look).await.unwrap();
    assert_eq!(
        shot.route.scheme,
        Scheme::Http,
        "a failed handshake counts as a refusal"
    );
}

#[tokio::test]
async fn refused_everywhere_means_web_access_is_off() {
    let phone = Phone::at(here(1), |_| Act::Reset);
    let mut target = target(&phone, "Cisco 8845");
    target.http_port = CLOSED;
    let error = phones().screenshot(&target, Urgency::Look).await.unwrap_err();
    assert_eq!((error.cause(), error.was_sent()), (Cause::WebAccessDisabled, false));
    assert!(
        error
            .evidence()
            .starts_with("GET http://127.0.7.1:1/CGI/Screenshot → the connection was refused, ")
    );
}

#[tokio::test]
async fn a_reset_before_an_answer_counts_as_refused() {
    let (_, error) = failure("Cisco 8845", |_| Act::Reset).await;
    assert_eq!((error.cause(), error.was_sent()), (Cause::WebAccessDisabled, true));
}

#[tokio::test]
async fn errors_of_the_phone_end_the_search() {
    for (number, cause) in [
        (0, Cause::AuthenticationUrlUnreachable),
        (3, Cause::PhoneInternalError),
        (4, Cause::AuthenticationRefused),
    ] {
        let body = format!("<CiscoIPPhoneError Number=\"{number}\" />");
        let (phone, error) = failure("Cisco 6941", move |_| ok("text/xml", body.as_bytes())).await;
        assert_eq!((error.cause(), phone.seen().len()), (cause, 1));
        let line = format!(
            ":{}/CGI/lcd.bmp → 200 text/xml, CiscoIPPhoneError {number}, ",
            phone.port
        );
        assert!(error.evidence().contains(&line), "{}", error.evidence());
    }
}

#[tokio::test]
async fn statuses_have_their_causes() {
    for (line, cause, requests) in [
        ("401 Unauthorized", Cause::AuthenticationRefused, 1),
        ("403 Forbidden", Cause::WebAccessReadOnly, 1),
        ("200 OK\r\nVia: 1.1 proxy", Cause::ProxyInPath, 1),
        ("503 Busy", Cause::PhoneSlow, 1),
        ("404 Not Found", Cause::ScreenshotUnsupported, 4),
    ] {
        let (phone, error) = failure("Cisco 6941", move |_| status(line)).await;
        assert_eq!((error.cause(), phone.seen().len()), (cause, requests), "{line}");
    }
}

#[tokio::test]
async fn silence_and_slowness_are_told_apart() {
    let (_, silent) = failure("Cisco 8845", |_| Act::Stall(vec![])).await;
    assert_eq!(silent.cause(), Cause::PhoneNotAnswering);
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG".to_vec();
    let (_, slow) = failure("Cisco 8845", move |_| Act::Stall(head.clone())).await;
    assert_eq!(slow.cause(), Cause::PhoneSlow);
}

#[tokio::test]
async fn what_is_no_picture_is_told() {
    let (_, page) = failure("Cisco 8845", |_| {
        ok("image/png", b"<!DOCTYPE html><html>Sign in</html>")
    })
    .await;
    assert_eq!(page.cause(), Cause::ProxyInPath);
    let (_, nonsense) = failure("Cisco 8845", |_| ok("image/png", &vec![0x5a; 4 * 1024 * 1024])).await;
    assert_eq!(nonsense.cause(), Cause::ScreenshotUndecodable);
    let (_, endless) = failure_patient(|_| Act::Endless).await;
    assert_eq!(endless.cause(), Cause::ScreenshotUndecodable);
    let (_, not_http) = failure("Cisco 8845", |_| Act::Send(b"220 smtp ready\r\n\r\n".to_vec())).await;
    assert_eq!(not_http.cause(), Cause::ProxyInPath);
}

async fn failure_patient(script: impl Fn(&Request) -> Act + Send + Sync + 'static) -> (Phone, Error) {
    let phone = Phone::at(here(1), script);
    let error = phones()
        .screenshot(&target(&phone, "Cisco 8845"), Urgency::Look)
        .await
        .unwrap_err();
    (phone, error)
}

#[tokio::test]
async fn a_cut_picture_is_asked_for_once_more() {
    let count = AtomicUsize::new(0);
    let phone = Phone::at(here(1), move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => ok("image/png", &png()[..40]),
        _ => ok("image/png", &png()),
    });
    let shot = phones()
        .screenshot(&target(&phone, "Cisco 8845"), Urgency::Look)
        .await
        .unwrap();
    assert_eq!((shot.body.to_vec(), phone.seen().len()), (png(), 2));

    let (phone, error) = failure("Cisco 8845", |_| {
        Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n\x89PNG".to_vec())
    })
    .await;
    assert_eq!((error.cause(), phone.seen().len()), (Cause::ScreenshotTruncated, 2));
}

#[tokio::test]
async fn credentials_never_go_to_another_host() {
    let other = Phone::at(here(9), |_| ok("image/png", &png()));
    let location = format!("Location: http://{}:{}/CGI/Screenshot\r\n", other.address, other.port);
    let (phone, error) = failure("Cisco 8845", move |_| Act::Send(answer("302 Found", &location, b""))).await;
    assert_eq!(
        (error.kind(), error.cause()),
        (&ErrorKind::RedirectElsewhere, Cause::ProxyInPath)
    );
    assert_eq!((phone.seen().len(), other.seen().len()), (1, 0));
}

#[tokio::test]
async fn a_redirect_to_the_same_phone_is_followed_once() {
    let phone = Phone::at(here(1), |request| match request.path() {
        "/CGI/Screenshot" => Act::Send(answer("302 Found", "Location: /elsewhere?a=1\r\n", b"")),
        _ => ok("image/png", &png()),
    });
    phones()
        .screenshot(&target(&phone, "Cisco 8845"), Urgency::Look)
        .await
        .unwrap();
    let seen = phone.seen();
    assert_eq!(
        (seen[1].path(), seen[1].header("authorization")),
        ("/elsewhere?a=1", Some(BASIC))
    );

    let (phone, error) = failure("Cisco 8845", |_| {
        Act::Send(answer("302 Found", "Location: /again\r\n", b""))
    })
    .await;
    assert_eq!((error.kind(), phone.seen().len()), (&ErrorKind::Status(302), 2));
}

#[tokio::test]
async fn chunked_answers_are_read() {
    let phone = Phone::at(here(1), |_| {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for part in png().chunks(7) {
            bytes.extend(format!("{:x}\r\n", part.len()).into_bytes());
            bytes.extend(part.iter().chain(b"\r\n"));
        }
        bytes.extend(b"0\r\n\r\n");
        Act::Send(bytes)
    });
    let shot = phones()
        .screenshot(&target(&phone, "Cisco 8845"), Urgency::Look)
        .await
        .unwrap();
    assert_eq!(shot.body, png());
}

#[tokio::test]
async fn a_kept_connection_that_the_phone_closed_is_replaced() {
    let phone = Phone::at(here(1), |_| {
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", png().len()).into_bytes();
        bytes.extend(png());
        Act::SendThenDropNext(bytes)
    });
    let (phones, target) = (phones(), target(&phone, "Cisco 8845"));
    for _ in 0..3 {
        phones.screenshot(&target, Urgency::Look).await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_sent_outside_the_networks_or_to_models_without_control() {
    let phone = Phone::at(here(1), |_| ok("image/png", &png()));
    let mut outside = target(&phone, "Cisco 8845");
    outside.networks = Arc::new(PhoneNetworks::parse(["10.0.0.0/8", "127.0.8.0/24"]).unwrap());
    let error = phones().screenshot(&outside, Urgency::Look).await.unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (&ErrorKind::OutsideNetworks, false));
    let error = phones().press(&outside, &"Soft1".parse().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (&ErrorKind::OutsideNetworks, false));
    let error = phones().device_information(&outside, Urgency::Look).await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::OutsideNetworks);

    let jabber = target(&phone, "Cisco 6901");
    let error = phones().screenshot(&jabber, Urgency::Look).await.unwrap_err();
    assert_eq!((error.cause(), error.was_sent()), (Cause::ModelWithoutControl, false));
    let keys_only = target(&phone, "Cisco DX650");
    let error = phones().screenshot(&keys_only, Urgency::Look).await.unwrap_err();
    assert_eq!((error.cause(), error.was_sent()), (Cause::ScreenshotUnsupported, false));
    assert!(phone.seen().is_empty());
}

#[tokio::test]
async fn a_remembered_way_that_is_gone_makes_way_for_the_others() {
    let phone = Phone::at(here(1), |request| match request.path() {
        "/CGI/Screenshot" => ok("image/png", &png()),
        _ => status("404 Not Found"),
    });
    let mut target = target(&phone, "Cisco 8845");
    target.screenshot_route = Some(ScreenshotRoute {
        scheme: Scheme::Https,
        path: "/CGI/old.bmp".to_owned(),
        render_first: false,
    });
    let shot = phones().screenshot(&target, Urgency::Look).await.unwrap();
    assert_eq!(
        (shot.route.scheme, shot.route.path.as_str()),
        (Scheme::Http, "/CGI/Screenshot")
    );
}
