//! What the information pages say, as XML or as HTML.
//!
//! Labels differ in case, cells, escapes and language (phone-xml-api.md 1.8): they are compared folded, and what has an
//! unmistakable form (device name, model) is also known by its value.

use super::document::{self, Node};
use super::rows;
use super::text::{decode, fold, value, yes_or_no};

/// More softkeys than any phone has, further pages of them counted.
const MAX_FEATURES: u8 = 32;

/// Label and value of every row, as printed.
type Fields = Vec<(String, String)>;

/// The rows of an XML answer (one element each, whatever their names) or of an HTML page.
fn fields(body: &[u8]) -> Fields {
    let is_page = document::root_name(body).is_none_or(|name| name.eq_ignore_ascii_case("html"));
    if is_page {
        return rows::pairs(&decode(body));
    }
    let Some(root) = document::parse(body) else {
        return Vec::new();
    };
    let leaves = root
        .children
        .iter()
        .flat_map(Node::all)
        .filter(|node| node.children.is_empty());
    leaves.map(|leaf| (leaf.name.clone(), leaf.text.clone())).collect()
}

/// The first value with one of these labels.
fn find(fields: &[(String, String)], labels: &[&str]) -> Option<String> {
    labels.iter().find_map(|label| {
        let mut same = fields.iter().filter(|(name, _)| fold(name) == *label);
        same.find_map(|(_, text)| value(text))
    })
}

/// The values of numbered labels (`TFTPServer1`, `TFTP server 2`), in the order of their numbers.
fn numbered(fields: &[(String, String)], labels: &[&str]) -> Vec<String> {
    (1..=5)
        .filter_map(|number| {
            let names: Vec<String> = labels.iter().map(|label| format!("{label}{number}")).collect();
            find(fields, &names.iter().map(String::as_str).collect::<Vec<_>>())
        })
        .collect()
}

/// Twelve hexadecimal digits, with or without separators, in upper case.
fn mac(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.' | ' ')).collect();
    let is_mac = digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_mac.then(|| digits.to_ascii_uppercase())
}

fn device_name(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    text.strip_prefix("SEP").and_then(mac).map(|mac| format!("SEP{mac}"))
}

/// A phone's own description of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceInformation {
    /// Twelve upper-case hexadecimal digits.
    pub mac: Option<String>,
    /// The device name, such as `SEP001122334455`.
    pub host_name: Option<String>,
    /// The directory number of line 1.
    pub directory_number: Option<String>,
    /// The application load.
    pub app_load: Option<String>,
    /// The boot load.
    pub boot_load: Option<String>,
    /// The firmware's version.
    pub version: Option<String>,
    /// The hardware revision.
    pub hardware_revision: Option<String>,
    /// The serial number.
    pub serial_number: Option<String>,
    /// The model as printed, such as `CP-8841`.
    pub model: Option<String>,
    /// Whether a message waits; unknown in languages we cannot read.
    pub message_waiting: Option<bool>,
    /// Every row as printed: label and value.
    pub fields: Vec<(String, String)>,
}

/// One CUCM node in a phone's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallManager {
    /// Its address or name.
    pub host: String,
    /// `Active`, `Standby`, or empty.
    pub state: String,
}

/// A phone's network set-up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkConfiguration {
    /// The device name.
    pub host_name: Option<String>,
    /// Twelve upper-case hexadecimal digits.
    pub mac: Option<String>,
    /// The phone's address.
    pub address: Option<String>,
    /// The subnet mask.
    pub mask: Option<String>,
    /// The default router.
    pub router: Option<String>,
    /// The domain.
    pub domain: Option<String>,
    /// The voice VLAN.
    pub vlan: Option<String>,
    /// TFTP servers in order.
    pub tftp_servers: Vec<String>,
    /// DNS servers in order.
    pub dns_servers: Vec<String>,
    /// CUCM nodes in order.
    pub call_managers: Vec<CallManager>,
    /// The Authentication URL in use.
    pub authentication_url: Option<String>,
    /// The secure Authentication URL, where the phone prints one.
    pub secure_authentication_url: Option<String>,
    /// Web access as the phone states it.
    pub web_access: Option<String>,
    /// Every row as printed: label and value.
    pub fields: Vec<(String, String)>,
}

/// The switch that the phone hangs on (CDP or LLDP).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Neighbour {
    /// The switch's name.
    pub device: String,
    /// The switch's address, where it is told.
    pub address: Option<String>,
    /// The switch's port.
    pub port: Option<String>,
}

/// One line, speed dial or feature of `LineInfo`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// 9 is a line, 2 a speed dial (phone-xml-api.md 1.8).
    pub line_type: Option<u32>,
    /// The directory number.
    pub directory_number: Option<String>,
    /// The label.
    pub label: Option<String>,
    /// `ONHOOK`, `CONNECTED` and so on.
    pub state: Option<String>,
    /// Whether a message waits.
    pub message_waiting: Option<bool>,
}

/// Lines and their state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineInfo {
    /// The prompt line of the display.
    pub prompt: Option<String>,
    /// The notification line.
    pub notify: Option<String>,
    /// The status line.
    pub status: Option<String>,
    /// Line keys from the top.
    pub lines: Vec<Line>,
}

/// What the streams of a phone say: whether sound goes in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    /// The one of this number, 1 the first, carries sound now.
    Active(u8),
    /// None does.
    Idle,
}

/// Whether one stream carries sound, by its statistics; none when the page does not tell in words that are known.
///
/// `RowStatus` is that of an RTP session in SNMP (RFC 2959): `Not Ready` on a 7960 between calls (the sample), `Active`
/// while there is one.
pub(super) fn parse_stream(body: &[u8]) -> Option<bool> {
    let status = find(&fields(body), &["rowstatus", "streamstatus"])?;
    match fold(&status).as_str() {
        "active" | "ready" => Some(true),
        "notready" | "notinservice" | "inactive" => Some(false),
        _ => None,
    }
}

/// One entry of the open menu.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModeField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One softkey of a `VisibleFeatureList`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Feature {
    /// Its number from the left, 1 the first.
    pub position: u8,
    /// Whether it can be pressed now.
    pub enabled: bool,
    /// What stands above it.
    pub label: String,
}

/// The menu that is open, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModeInfo {
    /// The menu's title.
    pub title: Option<String>,
    /// Its entries.
    pub fields: Vec<ModeField>,
    /// The prompt line of the display.
    pub prompt: Option<String>,
    /// The notification line.
    pub notify: Option<String>,
    /// The status line.
    pub status: Option<String>,
    /// Softkeys that have a label, from the left.
    pub softkeys: Vec<Feature>,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Call {
    /// `CONNECTED` and so on.
    pub state: Option<String>,
    /// `INBOUND` or `OUTBOUND`.
    pub direction: Option<String>,
    /// The caller's name.
    pub calling_name: Option<String>,
    /// The caller's number.
    pub calling_number: Option<String>,
    /// The called party's name.
    pub called_name: Option<String>,
    /// The called party's number.
    pub called_number: Option<String>,
    /// As the phone prints it.
    pub duration: Option<String>,
}

/// The calls of one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallInfo {
    /// The prompt line of the display.
    pub prompt: Option<String>,
    /// The line's directory number.
    pub directory_number: Option<String>,
    /// The line's state.
    pub line_state: Option<String>,
    /// Its calls.
    pub calls: Vec<Call>,
    /// Softkeys that have a label, from the left.
    pub softkeys: Vec<Feature>,
}

impl DeviceInformation {
    /// Reads `/DeviceInformationX` or a device information page; none when it is neither.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let fields = fields(body);
        let by_form = fields.iter().find_map(|(_, text)| device_name(text));
        let host_name = find(&fields, &["hostname"]).or(by_form);
        let of_name = || {
            host_name
                .as_deref()
                .and_then(|name| name.strip_prefix("SEP"))
                .and_then(mac)
        };
        let by_model = || {
            fields
                .iter()
                .map(|(_, text)| text.trim())
                .find(|text| text.starts_with("CP-"))
        };
        let information = Self {
            mac: find(&fields, &["macaddress"]).as_deref().and_then(mac).or_else(of_name),
            directory_number: find(&fields, &["phonedn"]),
            app_load: find(&fields, &["apploadid"]),
            boot_load: find(&fields, &["bootloadid"]),
            version: find(&fields, &["versionid", "version"]),
            hardware_revision: find(&fields, &["hardwarerevision"]),
            serial_number: find(&fields, &["serialnumber"]),
            model: find(&fields, &["modelnumber"]).or_else(|| by_model().map(str::to_owned)),
            message_waiting: find(&fields, &["messagewaiting"]).as_deref().and_then(yes_or_no),
            host_name,
            fields,
        };
        let is_known =
            information.host_name.is_some() || information.mac.is_some() || information.serial_number.is_some();
        is_known.then_some(information)
    }
}

impl NetworkConfiguration {
    /// Reads `/NetworkConfigurationX` or a network set-up page; none when it is neither.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let fields = fields(body);
        let nodes = numbered(&fields, &["callmanager", "unifiedcm", "cucmserver", "cucm"]);
        let configuration = Self {
            host_name: find(&fields, &["hostname"]),
            mac: find(&fields, &["macaddress"]).as_deref().and_then(mac),
            address: find(&fields, &["ipaddress", "ipv4address"]),
            mask: find(&fields, &["subnetmask"]),
            router: find(&fields, &["defaultrouter1", "defaultrouter"]),
            domain: find(&fields, &["domainname"]),
            vlan: find(&fields, &["vlanid", "operationalvlanid"]),
            tftp_servers: numbered(&fields, &["tftpserver"]),
            dns_servers: numbered(&fields, &["dnsserver"]),
            call_managers: nodes.iter().map(|text| CallManager::parse(text)).collect(),
            authentication_url: find(&fields, &["authenticationurl"]),
            secure_authentication_url: find(
                &fields,
                &[
                    "secureauthenticationurl",
                    "securedauthenticationurl",
                    "authenticationsecureurl",
                ],
            ),
            web_access: find(&fields, &["webaccess", "webaccessenabled"]),
            fields,
        };
        let is_known =
            configuration.address.is_some() || configuration.host_name.is_some() || configuration.mac.is_some();
        is_known.then_some(configuration)
    }
}

impl CallManager {
    /// `198.51.100.10  Active`: host, then state or nothing.
    fn parse(text: &str) -> Self {
        let (host, state) = text.split_once(' ').unwrap_or((text, ""));
        Self {
            host: host.to_owned(),
            state: state.trim().to_owned(),
        }
    }
}

impl Neighbour {
    /// Reads a port or network statistics page by its newer names (`CDPNeighborDeviceId`, LLDP alike) or its older ones
    /// (`deviceId`); none when it names no neighbour.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let fields = fields(body);
        let labels: [[&str; 5]; 3] = [
            [
                "cdpneighbordeviceid",
                "lldpneighbordeviceid",
                "neighbordeviceid",
                "deviceid",
                "switchname",
            ],
            [
                "cdpneighborip",
                "cdpneighboripaddress",
                "lldpneighborip",
                "lldpneighboripaddress",
                "neighboripaddress",
            ],
            [
                "cdpneighborport",
                "lldpneighborport",
                "lldpneighborportid",
                "neighborport",
                "port",
            ],
        ];
        Some(Self {
            device: find(&fields, &labels[0])?,
            address: find(&fields, &labels[1]).or_else(|| find(&fields, &["ipaddress"])),
            port: find(&fields, &labels[2]),
        })
    }
}

/// Reads status messages, one a line as the phone prints them: rows of a page that begin with a time, or the elements
/// of a `DeviceLogX` document. None when the body is neither a page nor a document.
pub fn parse_status_messages(body: &[u8]) -> Option<Vec<String>> {
    let name = document::root_name(body)?;
    if name.eq_ignore_ascii_case("html") {
        let rows = rows::cells(&decode(body)).into_iter();
        return Some(
            rows.map(|cells| cells.join(" "))
                .filter_map(|row| value(&row))
                .filter(|row| is_timed(row))
                .collect(),
        );
    }
    let root = document::parse(body)?;
    // The time is text of the element in front of a child element, so all text below it is one line.
    let lines = root.children.iter().map(|child| {
        let parts: Vec<_> = child.all().into_iter().map(|node| node.text.as_str()).collect();
        parts.join(" ")
    });
    Some(lines.filter_map(|line| value(&line)).collect())
}

/// Whether a line begins with a time of day: `11:39:03am 10/09/18 ITL installed`.
fn is_timed(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits) && line[digits..].starts_with(':')
}

fn root(body: &[u8], name: &str) -> Option<Node> {
    document::parse(body).filter(|root| root.name.to_ascii_lowercase().contains(name))
}

impl LineInfo {
    /// Reads a `CiscoIPPhoneLineInfo` document; none when it is another.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let root = root(body, "lineinfo").filter(|root| !root.name.to_ascii_lowercase().contains("call"))?;
        let lines = root.all().into_iter().filter(|node| node.is("CiscoIPPhoneLines"));
        Some(Self {
            prompt: root.value("Prompt"),
            notify: root.value("Notify"),
            status: root.value("Status"),
            lines: lines.map(line).collect(),
        })
    }
}

fn line(node: &Node) -> Line {
    Line {
        line_type: node.value("LineType").and_then(|number| number.parse().ok()),
        directory_number: node.value("LineDirNum"),
        label: node.value("LineLabel"),
        state: node.value("LineIconState"),
        message_waiting: node.field("MessageWaiting").and_then(yes_or_no),
    }
}

impl ModeInfo {
    /// Reads a `CiscoIPPhoneModeInfo` document; none when it is another.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let root = root(body, "modeinfo")?;
        let mut info = Self {
            softkeys: features(&root),
            ..Self::default()
        };
        for node in root.all() {
            let text = || value(&node.text);
            match node.name.to_ascii_lowercase().as_str() {
                "planetitle" => info.title = info.title.or_else(text),
                "prompt" => info.prompt = info.prompt.or_else(text),
                "notify" => info.notify = info.notify.or_else(text),
                "status" => info.status = info.status.or_else(text),
                "fieldname" => info.fields.push(ModeField {
                    name: text().unwrap_or_default(),
                    value: String::new(),
                }),
                "fieldvalue" => {
                    if let Some(field) = info.fields.last_mut() {
                        field.value = text().unwrap_or_default();
                    }
                }
                _ => {}
            }
        }
        Some(info)
    }
}

impl CallInfo {
    /// Reads a `CiscoIPPhoneCallLineInfo` document; none when it is another.
    pub fn parse(body: &[u8]) -> Option<Self> {
        let root = root(body, "call")?;
        let calls = root.all().into_iter().filter(|node| node.is("CiscoIPPhoneCallInfo"));
        Some(Self {
            prompt: root.value("Prompt"),
            directory_number: root.value("LineDirNum"),
            line_state: root.value("LineState"),
            calls: calls.map(call).collect(),
            softkeys: features(&root),
        })
    }
}

/// The labelled features of every `VisibleFeatureList`; one without a number stands where it is listed, one that does
/// not say whether it is enabled can be pressed.
fn features(root: &Node) -> Vec<Feature> {
    let lists = root.all().into_iter().filter(|node| node.is("VisibleFeatureList"));
    let listed = lists.flat_map(Node::all).filter(|node| node.is("Feature"));
    let mut found: Vec<Feature> = listed
        .zip(1..=MAX_FEATURES)
        .filter_map(|(node, place)| {
            Some(Feature {
                position: node
                    .value("Position")
                    .and_then(|number| number.parse().ok())
                    .unwrap_or(place),
                enabled: node.field("Enabled").and_then(yes_or_no).unwrap_or(true),
                label: node.value("Label")?,
            })
        })
        .collect();
    found.sort_by_key(|feature| feature.position);
    found
}

fn call(node: &Node) -> Call {
    Call {
        state: node.value("CallState"),
        direction: node.value("CallType"),
        calling_name: node.value("CallingPartyName"),
        calling_number: node.value("CallingPartyDirNum"),
        called_name: node.value("CalledPartyName"),
        called_number: node.value("CalledPartyDirNum"),
        duration: node.value("CallDuration"),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_stream;

    #[test]
    fn a_stream_says_whether_it_is_active() {
        let between_calls = include_bytes!("../../tests/samples/phone/streaming-statistics-x-CP-7960G.xml");
        assert_eq!(parse_stream(between_calls), Some(false));
        let talking = String::from_utf8_lossy(between_calls).replace("Not Ready", "Active");
        assert_eq!(parse_stream(talking.as_bytes()), Some(true));
        let page = "<html><table><tr><td><b> Stream status</b></td><td></td><td><b>Active</b></td></tr></table></html>";
        assert_eq!(parse_stream(page.as_bytes()), Some(true));
        for untold in ["", "<StreamingStatistics/>", "<S><RowStatus>Bereit</RowStatus></S>"] {
            assert_eq!(parse_stream(untold.as_bytes()), None, "{untold}");
        }
    }
}
