//! Exact values of the recorded answers.

use rstest::rstest;
use sidetone::phone::{CallInfo, CallManager, DeviceInformation, LineInfo, ModeInfo, NetworkConfiguration};

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../samples/phone/", $name)).as_slice()
    };
}

#[rstest]
#[case(sample!("device-information-CP-6901.html"), "CP-6901", None, Some("SIP6901.9-3-1-SR2-3"))]
#[case(sample!("device-information-CP-7821.html"), "CP-7821", Some("sip78xx.12-5-1SR3-74"), Some("rootfs78xx.12-5-1SR3-74"))]
#[case(sample!("device-information-CP-8821.html"), "CP-8821", Some("sip8821.11-0-5-17"), Some("rootfs8821.11-0-5-17"))]
#[case(sample!("device-information-CP-8831.html"), "CP-8831", Some("sip8831.10-3-1SR4b-1"), None)]
#[case(sample!("device-information-CP-8841.html"), "CP-8841", Some("sip88xx.12-5-1SR3-74"), Some("rootfs88xx.12-5-1SR3-74"))]
fn pages(#[case] body: &[u8], #[case] model: &str, #[case] version: Option<&str>, #[case] load: Option<&str>) {
    let information = DeviceInformation::parse(body).unwrap();
    assert_eq!(information.model.as_deref(), Some(model));
    assert_eq!(information.version.as_deref(), version);
    assert_eq!(information.app_load.as_deref(), load);
    assert_eq!(information.mac.as_deref(), Some("A0B1C2D3E4F5"));
    assert_eq!(information.host_name.as_deref(), Some("SEPA0B1C2D3E4F5"));
    assert_eq!(information.directory_number.as_deref(), Some("172839"));
    assert_eq!(information.serial_number.as_deref(), Some("ABC1234EF5G"));
    assert_eq!(information.message_waiting, Some(false));
    let zone = information
        .fields
        .iter()
        .find(|(label, _)| label.eq_ignore_ascii_case("time zone"));
    assert!(zone.unwrap().1.starts_with("America/"));
}

#[test]
fn old_documents() {
    let information = DeviceInformation::parse(sample!("device-information-x-CP-7960G.xml")).unwrap();
    assert_eq!(information.mac.as_deref(), Some("0013805A5A5A"));
    assert_eq!(information.version.as_deref(), Some("8.0(8.0)"));
    assert_eq!(information.boot_load.as_deref(), Some("PC0303010100"));
    assert_eq!(information.hardware_revision.as_deref(), Some("4.4"));
    assert_eq!(information.message_waiting, Some(false));
    let french = DeviceInformation::parse(sample!("device-information-x-CP-7940-french.xml")).unwrap();
    assert_eq!(french.model.as_deref(), Some("CP-7940"));
    assert_eq!(french.serial_number.as_deref(), Some("INMXXXXXXX"));
    assert_eq!(french.message_waiting, Some(true));
}

#[test]
fn a_page_in_another_language_is_known_by_its_values() {
    let page = "<html><tr><td>Nom d'h\u{f4}te<td>SEPA0B1C2D3E4F5<tr><td>N\u{b0} de mod\u{e8}le<td>CP-8841</html>";
    let latin: Vec<u8> = page.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let information = DeviceInformation::parse(&latin).unwrap();
    assert_eq!(information.host_name.as_deref(), Some("SEPA0B1C2D3E4F5"));
    assert_eq!(information.mac.as_deref(), Some("A0B1C2D3E4F5"));
    assert_eq!(information.model.as_deref(), Some("CP-8841"));
    assert_eq!(information.fields[0].0, "Nom d'h\u{f4}te");
}

#[test]
fn network_configuration() {
    let network = NetworkConfiguration::parse(sample!("network-configuration-x-CP-7960G.xml")).unwrap();
    assert_eq!(network.address.as_deref(), Some("192.0.2.131"));
    assert_eq!(network.mask.as_deref(), Some("255.255.254.0"));
    assert_eq!(network.router.as_deref(), Some("192.0.2.1"));
    assert_eq!(network.domain.as_deref(), Some("voice.example"));
    assert_eq!(network.vlan.as_deref(), Some("172"));
    assert_eq!(network.tftp_servers, ["198.51.100.10", "198.51.100.5"]);
    assert_eq!(network.dns_servers, ["203.0.113.100", "203.0.113.101"]);
    assert_eq!(network.web_access.as_deref(), Some("Enabled"));
    assert_eq!(
        network.authentication_url.as_deref(),
        Some("http://198.51.100.10/CCMCIP/authenticate.asp")
    );
    let node = |host: &str, state: &str| CallManager {
        host: host.to_owned(),
        state: state.to_owned(),
    };
    assert_eq!(
        network.call_managers,
        [
            node("198.51.100.10", "Active"),
            node("198.51.100.5", "Standby"),
            node("198.51.100.11", "")
        ]
    );
    let url = network
        .fields
        .iter()
        .find(|(label, _)| label == "InformationURL")
        .unwrap();
    assert_eq!(url.1.trim(), "http://198.51.100.10/CCMCIP/GetTelecasterHelpText.asp");
}

#[test]
fn lines_and_calls() {
    let info = LineInfo::parse(sample!("line-info-8800.xml")).unwrap();
    assert_eq!(info.status, None, "the word null means nothing");
    let states: Vec<_> = info.lines.iter().map(|line| line.state.as_deref().unwrap()).collect();
    assert_eq!(states, ["ONHOOK", "ONHOOK", "CONNECTED", "ON"]);
    assert_eq!(
        (info.lines[3].line_type, info.lines[3].label.as_deref()),
        (Some(2), Some("SD9700"))
    );
    assert_eq!(info.lines[0].directory_number.as_deref(), Some("1028"));
    assert_eq!(info.lines[0].message_waiting, Some(false));

    let info = CallInfo::parse(sample!("call-info-8800.xml")).unwrap();
    assert_eq!(
        (info.directory_number.as_deref(), info.line_state.as_deref()),
        (Some("1030"), Some("CONNECTED"))
    );
    let call = &info.calls[0];
    assert_eq!(
        (call.direction.as_deref(), call.calling_number.as_deref()),
        (Some("INBOUND"), Some("9700"))
    );
    assert_eq!(
        (call.calling_name.as_deref(), call.duration.as_deref()),
        (None, Some("12835"))
    );
    let keys: Vec<_> = info
        .softkeys
        .iter()
        .map(|key| (key.position, key.enabled, key.label.as_str()))
        .collect();
    assert_eq!(keys, [(1, true, "End Call"), (2, true, "Show Detail")]);
    assert!(LineInfo::parse(sample!("call-info-8800.xml")).is_none());
    assert!(CallInfo::parse(sample!("line-info-8800.xml")).is_none());
}

#[test]
fn an_open_menu() {
    let info = ModeInfo::parse(
        b"<CiscoIPPhoneModeInfo><PlaneTitle>Applications</PlaneTitle><PlaneFieldCount>2</PlaneFieldCount><PlaneSoftKeyIndex>0</PlaneSoftKeyIndex>\
          <CiscoIPPhoneFields><FieldName>Recents</FieldName><FieldValue>1</FieldValue></CiscoIPPhoneFields>\
          <CiscoIPPhoneFields><FieldName>Admin settings</FieldName><FieldValue/></CiscoIPPhoneFields><Prompt>null</Prompt></CiscoIPPhoneModeInfo>",
    )
    .unwrap();
    assert_eq!(
        (info.title.as_deref(), info.prompt.as_deref()),
        (Some("Applications"), None)
    );
    let fields: Vec<_> = info
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.value.as_str()))
        .collect();
    assert_eq!(fields, [("Recents", "1"), ("Admin settings", "")]);
    assert!(info.softkeys.is_empty());
}

#[test]
fn softkeys_in_any_shape() {
    let keys = |list: &str| {
        let body = format!("<CiscoIPPhoneModeInfo><PlaneTitle>null</PlaneTitle>{list}</CiscoIPPhoneModeInfo>");
        let info = ModeInfo::parse(body.as_bytes()).unwrap();
        assert_eq!(info.title, None);
        let keys = info.softkeys.into_iter();
        keys.map(|key| (key.position, key.enabled, key.label))
            .collect::<Vec<_>>()
    };
    let key = |position, enabled, label: &str| (position, enabled, label.to_owned());
    assert_eq!(
        keys(
            "<VisibleFeatureList><Feature Position='3' Enabled='false' Label='Exit'/><Feature label='Select &amp; go'/>\
             <Feature Position='1' Enabled='true' Label='null'/></VisibleFeatureList>"
        ),
        [key(2, true, "Select & go"), key(3, false, "Exit")]
    );
    assert_eq!(
        keys("<VisibleFeatureList><Feature><Position>1</Position><Label>Back</Label></Feature>"),
        [key(1, true, "Back")]
    );
    // A list of features that are not shown is none of softkeys.
    assert!(keys("<FeatureList><Feature Position='1' Label='Hidden'/></FeatureList>").is_empty());
}
