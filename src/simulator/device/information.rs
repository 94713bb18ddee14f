//! LineInfo, ModeInfo and CallInfo, under both of their paths.

use std::fmt::Write as _;

use hyper::Response;

use super::{Context, panel};
use crate::simulator::answer::{Body, element, escape, whole, xml};
use crate::simulator::models::Pages;
use crate::simulator::set::{CallLineInfo, LineInfo, ModeInfo};

/// The page's name without its folder.
pub(super) fn name_of(path: &str) -> &str {
    let name = path.strip_prefix("/CGI/").unwrap_or("");
    name.strip_prefix("Java/").unwrap_or(name)
}

/// Whether the path is one of these pages.
pub(super) fn is_known(path: &str) -> bool {
    let name = name_of(path);
    matches!(name, "LineInfo" | "ModeInfo") || line_of(name).is_some()
}

/// The line number of `CallInfo<n>`; without a number it is the first.
fn line_of(name: &str) -> Option<usize> {
    match name.strip_prefix("CallInfo")? {
        "" => Some(1),
        digits => digits.parse().ok().filter(|line| (1..=99).contains(line)),
    }
}

/// The page as XML; 79xx call it `text/html`.
pub(super) fn answer(context: &Context, path: &str, query: &str) -> Option<Response<Body>> {
    let name = name_of(path);
    let (world, phone) = (&context.world, &context.phone);
    let body = match name {
        "LineInfo" => line_info(&panel::line_info(world, phone)?),
        "ModeInfo" => mode_info(&panel::mode_info(world, phone)?),
        _ => {
            let line = query.parse().ok().or_else(|| line_of(name))?;
            call_info(&panel::call_info(world, phone, line)?)
        }
    };
    let old = matches!(context.phone.device.model.pages, Pages::Classic | Pages::Java);
    Some(if old { whole(200, "text/html", body) } else { xml(body) })
}

fn line_info(lines: &[LineInfo]) -> String {
    let mut body = String::from("<CiscoIPPhoneLineInfo>\n  <Prompt/>\n  <Notify/>\n  <Status>null</Status>\n");
    for line in lines {
        body.push_str("  <CiscoIPPhoneLines>\n");
        for part in [
            element("LineType", &line.line_type.to_string()),
            element("lineDirNum", &line.dn),
            element("MessageWaiting", if line.message_waiting { "YES" } else { "NO" }),
            element("RingerName", line.ringer),
            element("LineLabel", &line.label),
            element("LineIconState", line.icon_state),
        ] {
            let _ = writeln!(body, "    {part}");
        }
        body.push_str("  </CiscoIPPhoneLines>\n");
    }
    body.push_str("</CiscoIPPhoneLineInfo>\n");
    body
}

fn mode_info(mode: &ModeInfo) -> String {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CiscoIPPhoneModeInfo>\n");
    let fields: Vec<String> = mode
        .fields
        .iter()
        .map(|(name, value)| {
            let (name, value) = (element("FieldName", name), element("FieldValue", value));
            format!("    <CiscoIPPhoneFields><FieldType>0</FieldType><FieldAttr/>{name}{value}</CiscoIPPhoneFields>\n")
        })
        .collect();
    let fields = fields.concat();
    for part in [
        element("PlaneTitle", &mode.title),
        element("PlaneFieldCount", &mode.fields.len().to_string()),
        element("PlaneSoftKeyIndex", "0"),
        element("PlaneSoftKeyMask", "0"),
        element("Prompt", &mode.prompt),
        element("Notify", &mode.notify),
        element("Status", &mode.status),
    ] {
        let _ = writeln!(body, "  {part}");
    }
    let _ = writeln!(body, "{fields}{}</CiscoIPPhoneModeInfo>", features(&mode.softkeys));
    body
}

fn features(softkeys: &[(u8, String)]) -> String {
    let keys: Vec<String> = softkeys
        .iter()
        .map(|(position, label)| {
            let label = escape(label);
            format!("    <Feature Position=\"{position}\" Enabled=\"true\" Label=\"{label}\"/>\n")
        })
        .collect();
    let keys = keys.concat();
    format!("  <VisibleFeatureList>\n{keys}  </VisibleFeatureList>\n")
}

fn call_info(line: &CallLineInfo) -> String {
    let mut body = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CiscoIPPhoneCallLineInfo>\n  <Prompt/>\n  <Notify/>\n  <Status/>\n",
    );
    let _ = writeln!(body, "  {}", element("LineDirNum", &line.dn));
    let _ = writeln!(body, "  {}", element("LineState", line.line_state));
    if let Some(call) = &line.call {
        body.push_str("  <CiscoIPPhoneCallInfo>\n");
        for part in [
            element("CallState", call.state),
            element("CallType", call.direction),
            element("CallingPartyName", &call.calling_name),
            element("CallingPartyDirNum", &call.calling_number),
            element("CalledPartyName", &call.called_name),
            element("CalledPartyDirNum", &call.called_number),
            "<HuntPilotName/>".to_owned(),
            element("CallReference", &call.reference.to_string()),
            element("CallDuration", &call.duration_s.to_string()),
            element("CallStatus", "null"),
            element("CallSecurity", "UNAUTHENTICATED"),
            element("CallPrecedence", "ROUTINE"),
            "<FeatureList/>".to_owned(),
        ] {
            let _ = writeln!(body, "    {part}");
        }
        body.push_str("  </CiscoIPPhoneCallInfo>\n");
    }
    let _ = writeln!(body, "{}</CiscoIPPhoneCallLineInfo>", features(&line.softkeys));
    body
}
