//! The first try for a picture: the decisive question.

use crate::diagnosis::checks::proof;
use crate::diagnosis::seen::Seen;
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Shown, Sign};
use crate::phone::{Error, ErrorKind, Shot};

const CHECK: CheckId = CheckId::Screenshot;

/// What would have kept a picture from coming. Whether it is the right phone's is for the verdict.
const NEEDED_FOR_A_PICTURE: [Cause; 22] = [
    Cause::PhoneUnreachable,
    Cause::PhoneNotAnswering,
    Cause::PhoneRestarting,
    Cause::ModelWithoutControl,
    Cause::ScreenshotUnsupported,
    Cause::WebAccessDisabled,
    Cause::WebAccessReadOnly,
    Cause::ProxyInPath,
    Cause::AuthenticationServiceDown,
    Cause::ControlLoginRejected,
    Cause::ControlLoginLocked,
    Cause::DeviceNotAssociated,
    Cause::AuthenticationUrlUnresolvable,
    Cause::AuthenticationUrlUnreachable,
    Cause::AuthenticationUrlWrong,
    Cause::TrustListBroken,
    Cause::PhoneInternalError,
    Cause::ScreenshotTruncated,
    Cause::ScreenshotUndecodable,
    Cause::AuthenticationReplyUnreadable,
    Cause::AuthenticationRefused,
    Cause::PhoneAddressMissing,
];

/// What the phone's own answer under `/CGI/` excludes, whatever it says.
const ANSWERED: [Cause; 6] = [
    Cause::PhoneUnreachable,
    Cause::PhoneNotAnswering,
    Cause::WebAccessDisabled,
    Cause::WebAccessReadOnly,
    Cause::ProxyInPath,
    Cause::ModelWithoutControl,
];

/// What a picture that came broken excludes besides: nobody sends one before the login was accepted.
const ACCEPTED: [Cause; 9] = [
    Cause::ControlLoginRejected,
    Cause::ControlLoginLocked,
    Cause::DeviceNotAssociated,
    Cause::AuthenticationUrlUnresolvable,
    Cause::AuthenticationUrlUnreachable,
    Cause::AuthenticationUrlWrong,
    Cause::TrustListBroken,
    Cause::AuthenticationReplyUnreadable,
    Cause::AuthenticationRefused,
];

pub(in crate::diagnosis::checks) async fn screenshot(seen: &Seen) -> Finding {
    if let Some(why) = seen.obstacle().await {
        return Finding::skipped(CHECK, format!("no picture was asked for: {why}"));
    }
    let finding = match seen.shot().await {
        None => {
            let why = seen.no_shot().unwrap_or("there was nothing to ask");
            return Finding::skipped(CHECK, format!("no picture was asked for: {why}"));
        }
        Some(Ok(shot)) => came(seen, shot).await,
        Some(Err(error)) => failed(&error),
    };
    proof::with(finding, seen, seen.shot_exchanges())
}

async fn came(seen: &Seen, shot: &Shot) -> Finding {
    let took = shot.took.as_millis();
    let broken = match seen.picture().await {
        Some(Ok(picture)) => {
            let words = format!(
                "a picture of {}x{} pixels came within {took} ms",
                picture.width, picture.height
            );
            return Finding::passed(CHECK, words)
                .sign(Sign::Shot(Shown::Picture))
                .excludes(&NEEDED_FOR_A_PICTURE);
        }
        Some(Err((_, why))) => why.as_str(),
        None => "the decoder failed",
    };
    let words = format!(
        "{} bytes came within {took} ms, but they are no picture: {broken}",
        shot.body.len()
    );
    Finding::failed(CHECK, words)
        .sign(Sign::Shot(Shown::Undecodable))
        .excludes(&ANSWERED)
        .excludes(&ACCEPTED)
}

fn failed(error: &Error) -> Finding {
    let Some(shown) = shown(error) else {
        return Finding::skipped(CHECK, format!("no picture was asked for: {}", error.kind()));
    };
    let finding = Finding::failed(CHECK, in_words(error, shown)).sign(Sign::Shot(shown));
    match shown {
        Shown::Error(3) | Shown::Truncated => finding.excludes(&ANSWERED).excludes(&ACCEPTED),
        Shown::Undecodable if *error.kind() == ErrorKind::NoPicture => finding.excludes(&ANSWERED).excludes(&ACCEPTED),
        Shown::Error(_) | Shown::Unauthorized => finding.excludes(&ANSWERED),
        _ => finding,
    }
}

/// How a failed try counts; none when nothing was asked.
pub(super) fn shown(error: &Error) -> Option<Shown> {
    Some(match error.kind() {
        ErrorKind::PhoneError(number) => Shown::Error(*number),
        ErrorKind::Unauthorized => Shown::Unauthorized,
        ErrorKind::Forbidden => Shown::Forbidden,
        ErrorKind::ScreenshotUnsupported if error.was_sent() => Shown::Missing,
        ErrorKind::NotFound => Shown::Missing,
        ErrorKind::Truncated => Shown::Truncated,
        ErrorKind::NoPicture | ErrorKind::TooLong | ErrorKind::Unreadable | ErrorKind::Status(_) => Shown::Undecodable,
        ErrorKind::Silent => Shown::Silent,
        ErrorKind::Slow => Shown::Slow,
        ErrorKind::Unreachable | ErrorKind::Refused | ErrorKind::Handshake => Shown::NoConnection,
        ErrorKind::Foreign | ErrorKind::RedirectElsewhere => Shown::Foreign,
        ErrorKind::OutsideNetworks
        | ErrorKind::ModelWithoutControl
        | ErrorKind::ScreenshotUnsupported
        | ErrorKind::Queued
        | ErrorKind::InvalidRequest(_)
        | ErrorKind::ItemRefused { .. }
        | ErrorKind::Ssh(_) => return None,
    })
}

/// What it means (phone-xml-api.md 2.3, capabilities.md V38).
fn in_words(error: &Error, shown: Shown) -> String {
    match shown {
        Shown::Error(0) => "the phone answered error 0: it could not ask its Authentication URL. It does not resolve the host's \
                            name, the host or port does not answer it, or it does not trust the certificate"
            .to_owned(),
        Shown::Error(3) => "the phone answered error 3: an internal file error of the phone, in which neither CUCM nor the \
                            network has a part"
            .to_owned(),
        Shown::Error(4) => "the phone answered error 4: what its Authentication URL answered was not AUTHORIZED for the control \
                            login and this phone. The password, the controlled devices, the URL or the phone's trust list is \
                            wrong"
            .to_owned(),
        Shown::Error(number) => format!("the phone answered error {number}, which is not documented for pictures"),
        Shown::Unauthorized => "the phone asks for the login again (HTTP 401): it does not take the control login".to_owned(),
        Shown::Forbidden => "the phone gives its pages but forbids control (HTTP 403): its web server is read-only, or the \
                             login may not control it"
            .to_owned(),
        Shown::Missing => "the phone knows none of the paths by which its model gives pictures (HTTP 404)".to_owned(),
        Shown::Truncated => "the picture was cut short".to_owned(),
        Shown::Undecodable => format!("what came is no picture: {}", error.kind()),
        Shown::Silent => "the phone took the request for a picture and said nothing within the limit".to_owned(),
        Shown::Slow => "the picture began and did not end within the limit".to_owned(),
        Shown::NoConnection => format!("the phone gave its pages, but took no connection for the picture: {}", error.kind()),
        Shown::Foreign => "something that is no phone answered the request for a picture".to_owned(),
        Shown::Picture => "a picture came".to_owned(),
    }
}
