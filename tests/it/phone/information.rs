//! Which page is asked for, and what is tolerated.

use sidetone::domain::cause::Cause;
use sidetone::phone::{ErrorKind, Neighbour, Urgency};

use super::server::{Phone, ok, status};
use super::{here, phones, target};

const LOOK: Urgency = Urgency::Look;

#[tokio::test]
async fn the_x_form_is_preferred_and_html_read_in_its_place() {
    let page = include_bytes!("../../samples/phone/device-information-CP-8841.html");
    let phone = Phone::at(here(4), |request| match request.path() {
        "/CGI/Java/Serviceability?adapter=device.statistics.device" => ok("text/html", page),
        _ => status("404 Not Found"),
    });
    let information = phones()
        .device_information(&target(&phone, "Cisco 8841"), LOOK)
        .await
        .unwrap();
    assert_eq!(information.model.as_deref(), Some("CP-8841"));
    assert_eq!(phone.paths()[0], "/DeviceInformationX");
    assert!(
        phone
            .seen()
            .iter()
            .all(|request| request.header("authorization").is_none()),
        "pages need no login"
    );
}

#[tokio::test]
async fn the_network_page_and_a_foreign_one() {
    let sample = include_bytes!("../../samples/phone/network-configuration-x-CP-7960G.xml");
    let phone = Phone::at(here(4), |_| ok("text/xml", sample));
    let network = phones()
        .network_configuration(&target(&phone, "Cisco 7960"), LOOK)
        .await
        .unwrap();
    assert_eq!(
        network.authentication_url.as_deref(),
        Some("http://198.51.100.10/CCMCIP/authenticate.asp")
    );

    let printer = Phone::at(here(4), |_| ok("text/html", b"<html><h1>LaserWriter</h1></html>"));
    let error = phones()
        .device_information(&target(&printer, "Cisco 7960"), LOOK)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.cause()), (&ErrorKind::Foreign, Cause::ProxyInPath));
}

#[tokio::test]
async fn the_neighbour_is_read_by_old_and_new_names_or_is_absent() {
    let expected = Some(Neighbour {
        device: "sw-3-12".to_owned(),
        address: Some("192.0.2.3".to_owned()),
        port: Some("GigabitEthernet1/0/7".to_owned()),
    });
    for body in [
        "<PortInformation><deviceId>sw-3-12</deviceId><ipAddress>192.0.2.3</ipAddress><port>GigabitEthernet1/0/7</port></PortInformation>",
        "<PortInformation><CDPNeighborDeviceId>sw-3-12</CDPNeighborDeviceId><CDPNeighborIP>192.0.2.3</CDPNeighborIP><CDPNeighborPort>GigabitEthernet1/0/7</CDPNeighborPort></PortInformation>",
        "<html><TABLE><TR><TD><B> CDP Neighbour device ID</B></TD><td width=20></TD><TD><B>sw&#x2D;3&#x2D;12</B></TD></TR><TR><TD>CDP Neighbour IP address<td><td>192.0.2.3</TR><TR><TD>CDP Neighbour port<td><td>GigabitEthernet1&#x2F;0&#x2F;7</TR></TABLE></html>",
    ] {
        let phone = Phone::at(here(4), move |_| ok("text/html", body.as_bytes()));
        assert_eq!(
            phones().neighbour(&target(&phone, "Cisco 7965"), LOOK).await.unwrap(),
            expected
        );
    }
    let phone = Phone::at(here(4), |_| {
        ok(
            "text/xml",
            b"<PortInformation><RxtotalPkt>1</RxtotalPkt></PortInformation>",
        )
    });
    assert_eq!(
        phones().neighbour(&target(&phone, "Cisco 7965"), LOOK).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn lines_calls_and_modes_by_either_path() {
    let lines = include_bytes!("../../samples/phone/line-info-8800.xml");
    let calls = include_bytes!("../../samples/phone/call-info-8800.xml");
    let phone = Phone::at(here(4), |request| match request.path() {
        "/CGI/LineInfo" => ok("text/html", lines),
        "/CGI/Java/CallInfo1" => ok("text/xml", calls),
        _ => status("401 Unauthorized"),
    });
    let (phones, target) = (phones(), target(&phone, "Cisco 8845"));
    assert_eq!(phones.line_info(&target, LOOK).await.unwrap().unwrap().lines.len(), 4);
    assert_eq!(
        phones.call_info(&target, 1, LOOK).await.unwrap().unwrap().calls.len(),
        1
    );
    assert_eq!(phones.mode_info(&target, LOOK).await.unwrap(), None);
}

#[tokio::test]
async fn an_8821_is_not_asked_for_calls() {
    let phone = Phone::at(here(4), |_| ok("text/xml", b"<CiscoIPPhoneCallLineInfo/>"));
    let target = target(&phone, "Cisco 8821");
    assert_eq!(phones().call_info(&target, 1, LOOK).await.unwrap(), None);
    assert!(phone.seen().is_empty());
}

#[tokio::test]
async fn status_messages_of_pages_and_logs() {
    for (model, body) in [
        (
            "Cisco 8841",
            "<html><table><tr><td>Status messages</td></tr><tr><td>11:39:03am 10/09/18 ITL installed</td></tr><tr><td>11:40:00am</td><td>10/09/18</td><td>No&nbsp;DNS server IP</td></tr></table></html>",
        ),
        (
            "Cisco 7960",
            "<?xml version=\"1.0\"?><DeviceLog><?xml version=\"1.0\"?><status>11:39:03am 10/09/18<m>ITL installed</m></status><status>11:40:00am 10/09/18 <m>No DNS server IP</m></status></DeviceLog>",
        ),
    ] {
        let phone = Phone::at(here(4), move |_| ok("text/html", body.as_bytes()));
        let messages = phones().status_messages(&target(&phone, model), LOOK).await.unwrap();
        assert_eq!(
            messages,
            [
                "11:39:03am 10/09/18 ITL installed",
                "11:40:00am 10/09/18 No DNS server IP"
            ]
        );
    }
}
