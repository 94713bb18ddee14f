//! Presses and pushes.

use sidetone::domain::cause::Cause;
use sidetone::domain::execute::ExecuteItem;
use sidetone::phone::ErrorKind;

use super::server::{Act, Phone, answer, ok, status};
use super::{BASIC, here, impatient, phones, target};

const SUCCESS: &[u8] =
    br#"<CiscoIPPhoneResponse><ResponseItem Status="0" Data="Success" URL="Key:Soft1"/></CiscoIPPhoneResponse>"#;

fn item(url: &str) -> ExecuteItem {
    ExecuteItem {
        url: url.parse().unwrap(),
        priority: 0,
    }
}

#[tokio::test]
async fn a_press_is_one_form_with_one_key() {
    let phone = Phone::at(here(2), |_| ok("text/xml", SUCCESS));
    phones()
        .press(&target(&phone, "Cisco 8845"), &"Soft1".parse().unwrap())
        .await
        .unwrap();
    let seen = phone.seen();
    assert_eq!((seen.len(), seen[0].line.as_str()), (1, "POST /CGI/Execute HTTP/1.1"));
    assert_eq!(seen[0].header("authorization"), Some(BASIC));
    assert_eq!(
        seen[0].header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(seen[0].header("transfer-encoding"), None);
    assert_eq!(
        seen[0].body,
        "XML=%3CCiscoIPPhoneExecute%3E%3CExecuteItem%20Priority%3D%220%22%20URL%3D%22Key%3ASoft1%22%2F%3E%3C%2FCiscoIPPhoneExecute%3E"
    );
}

#[tokio::test]
async fn a_303_is_accepted_and_its_result_read_at_the_same_phone_only() {
    let phone = Phone::at(here(2), |request| match request.path() {
        "/CGI/Execute" => Act::Send(answer("303 See Other", "Location: /CGI/Result\r\n", b"")),
        _ => ok("text/xml", SUCCESS),
    });
    phones()
        .press(&target(&phone, "Cisco 7960"), &"Soft1".parse().unwrap())
        .await
        .unwrap();
    let seen = phone.seen();
    assert_eq!(
        (seen[1].line.as_str(), seen[1].header("authorization")),
        ("GET /CGI/Result HTTP/1.1", Some(BASIC))
    );

    let other = Phone::at(here(9), |_| ok("text/xml", SUCCESS));
    let location = format!("Location: http://{}:{}/x\r\n", other.address, other.port);
    let phone = Phone::at(here(2), move |_| Act::Send(answer("303 See Other", &location, b"")));
    phones()
        .press(&target(&phone, "Cisco 7960"), &"Soft1".parse().unwrap())
        .await
        .unwrap();
    assert_eq!((phone.seen().len(), other.seen().len()), (1, 0));
}

#[tokio::test]
async fn two_declarations_and_unused_items_are_read() {
    let sample = include_bytes!("../../samples/phone/execute-response-two-xml-declarations.xml");
    let phone = Phone::at(here(2), |_| ok("text/xml", sample));
    let answers = phones()
        .execute(&target(&phone, "Cisco 7965"), &[item("http://192.0.2.10/test.xml")])
        .await
        .unwrap();
    assert_eq!(
        (answers.len(), answers[0].status, answers[0].url.as_str()),
        (1, 0, "http://192.0.2.10/test.xml")
    );
}

#[tokio::test]
async fn a_refused_item_and_a_refused_login_are_failures_of_a_press() {
    let refused = br"<CiscoIPhoneResponse><ResponseItem><URL>Key:Soft1</URL><Data>URI not found</Data><Status>6</Status></ResponseItem></CiscoIPhoneResponse>";
    let phone = Phone::at(here(2), |_| ok("text/xml", refused));
    let error = phones()
        .press(&target(&phone, "Cisco 8845"), &"Soft1".parse().unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ItemRefused { status: 6, .. }));
    assert!(
        error.evidence().contains("status 6: URI not found"),
        "{}",
        error.evidence()
    );

    let error_4 = include_bytes!("../../samples/phone/execute-error-4.xml");
    let phone = Phone::at(here(2), |_| ok("text/xml", error_4));
    let error = phones()
        .press(&target(&phone, "Cisco 8845"), &"Soft1".parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.cause(), error.was_sent()), (Cause::AuthenticationRefused, true));
}

#[tokio::test]
async fn a_press_is_never_repeated() {
    for act in [
        || Act::Reset,
        || Act::Stall(vec![]),
        || Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<".to_vec()),
        || status("401 No"),
    ] {
        let phone = Phone::at(here(2), move |_| act());
        let error = impatient()
            .press(&target(&phone, "Cisco 8845"), &"Soft1".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!((phone.seen().len(), error.was_sent()), (1, true), "{error}");
    }
    let phone = Phone::at(here(2), |_| Act::Reset);
    let mut closed = target(&phone, "Cisco 8845");
    closed.http_port = super::CLOSED;
    let error = phones().press(&closed, &"Soft1".parse().unwrap()).await.unwrap_err();
    assert_eq!((error.cause(), error.was_sent()), (Cause::WebAccessDisabled, false));
}

#[tokio::test]
async fn a_phone_that_points_to_https_gets_the_press_there() {
    let secure = Phone::over_tls(here(2), |_| ok("text/xml", SUCCESS));
    let location = format!("Location: https://{}:{}/CGI/Execute\r\n", secure.address, secure.port);
    let plain = Phone::at(here(2), move |_| Act::Send(answer("302 Found", &location, b"")));
    let mut target = target(&plain, "Cisco 8845");
    target.https_port = secure.port;
    phones().press(&target, &"Soft1".parse().unwrap()).await.unwrap();
    assert_eq!((plain.seen().len(), secure.seen().len()), (1, 1));
}

#[tokio::test]
async fn more_than_one_key_is_refused_before_anything_is_sent() {
    let phone = Phone::at(here(2), |_| ok("text/xml", SUCCESS));
    let items = [item("Key:Soft1"), item("Key:Soft2")];
    let error = phones()
        .execute(&target(&phone, "Cisco 8845"), &items)
        .await
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidRequest(_)) && !error.was_sent());
    assert!(phone.seen().is_empty());
}
