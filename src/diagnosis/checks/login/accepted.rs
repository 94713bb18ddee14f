//! Whether CUCM authorises the control login for this phone.

use crate::cucm::{Authentication, Error, PasswordCheck};
use crate::diagnosis::seen::{LoginTried, NotAsked, Seen, Whose, is_service_word};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::ControlLogin;

pub(in crate::diagnosis::checks) async fn accepted(seen: &Seen) -> Finding {
    let user = &seen.subject.control.username;
    let tried = seen.login_tried().await;
    let finding = match (&tried.not_asked, &tried.answer) {
        (Some(why), _) => not_asked(seen, why).await,
        (None, Some(Ok(answer))) if answer.authorized => authorized(seen, user),
        (None, Some(Ok(answer))) if is_service_word(&answer.answer) => refused(seen, tried, answer).await,
        (None, Some(Ok(answer))) => no_word(answer, tried),
        (None, Some(Err(error))) => unanswered(error, tried),
        (None, None) => Finding::skipped(CHECK, "The authenticate service was not asked"),
    };
    let which = if seen.subject.cluster.control_username.is_some() {
        "a control login of its own"
    } else {
        "the CUCM login"
    };
    with_proof(finding.detail("Login", format!("{user}, {which}")), tried)
}

fn authorized(seen: &Seen, user: &str) -> Finding {
    let phone = &seen.subject.phone.name;
    Finding::passed(CHECK, format!("CUCM says AUTHORIZED: {user} may control {phone}"))
        .sign(Sign::Authorized)
        .sign(Sign::PasswordGood)
        .excludes(&[
            Cause::CucmUnreachable,
            Cause::CucmTlsUntrusted,
            Cause::CucmTlsTooOld,
            Cause::ControlLoginRejected,
            Cause::ControlLoginLocked,
            Cause::DeviceNotAssociated,
            Cause::AuthenticationServiceDown,
        ])
}

async fn refused(seen: &Seen, tried: &LoginTried, answer: &Authentication) -> Finding {
    let user = &seen.subject.control.username;
    let phone = &seen.subject.phone.name;
    let word = &answer.answer;
    let failed = |evidence: String| {
        Finding::failed(CHECK, evidence)
            .sign(Sign::NotAuthorized)
            .excludes(&[Cause::AuthenticationServiceDown])
    };
    // CUCM may leave the time of a lock behind that is over: a password that it calls good is not locked.
    if let Some(PasswordCheck {
        authenticated: true, ..
    }) = tried.password
    {
        let good = &[Cause::ControlLoginRejected, Cause::ControlLoginLocked];
        let said = format!("CUCM answers {word:?} for {phone}, and the password of {user} is good");
        return if tried.associated == Some(true) {
            let evidence = format!(
                "{said}: AXL has the phone among the controlled devices, so that the authenticate service is out of step"
            );
            Finding::failed(CHECK, evidence)
                .sign(Sign::NotAuthorized)
                .sign(Sign::PasswordGood)
                .excludes(good)
        } else {
            failed(format!("{said}: the phone is not among its controlled devices"))
                .sign(Sign::PasswordGood)
                .excludes(good)
        };
    }
    if matches!(seen.control_user().await, Ok(Some(user)) if user.locked) {
        let evidence = format!("CUCM answers {word:?}: {user} is locked after wrong passwords");
        return failed(evidence).sign(Sign::LoginLocked);
    }
    failed(match tried.associated {
        Some(true) => format!(
            "CUCM answers {word:?}, although AXL has {phone} among the controlled devices of {user}: most likely the password \
             is wrong, which AXL could not tell"
        ),
        _ => format!(
            "CUCM answers {word:?} for {user} and {phone}; AXL could not tell whether password or association is wrong"
        ),
    })
}

/// An answer that is no word of the service: something else speaks in its place, or it fails.
fn no_word(answer: &Authentication, tried: &LoginTried) -> Finding {
    let evidence = format!(
        "CUCM's authenticate service answers {:?}, which is neither its yes nor its no: it does not work as it should",
        answer.answer
    );
    with_password(
        Finding::failed(CHECK, evidence).sign(Sign::AuthenticateDown(true)),
        tried,
    )
}

/// What AXL said of the password, where the service said nothing of it.
fn with_password(finding: Finding, tried: &LoginTried) -> Finding {
    match tried.password {
        Some(PasswordCheck {
            authenticated: true, ..
        }) => finding
            .sign(Sign::PasswordGood)
            .excludes(&[Cause::ControlLoginRejected, Cause::ControlLoginLocked]),
        _ => finding,
    }
}

async fn not_asked(seen: &Seen, why: &NotAsked) -> Finding {
    let user = &seen.subject.control.username;
    match why {
        NotAsked::Unreached(_) => {
            Finding::skipped(CHECK, "CUCM was not reached, or is not trusted; the login was not sent")
        }
        NotAsked::RefusedBefore(service) => {
            let why = format!("{service} refused the same login a moment ago; a further wrong try might lock it");
            Finding::skipped(CHECK, why)
        }
        NotAsked::Nameless => {
            let why = "The authenticate service is asked by device name, and this phone is known only by its address";
            Finding::skipped(CHECK, why)
        }
        NotAsked::Locked => {
            let evidence = format!("CUCM calls {user} locked; the password was not tried");
            Finding::failed(CHECK, evidence).sign(Sign::LoginLocked)
        }
        NotAsked::RefusedByPhone => {
            let why = "The phone was asked first, because CUCM was slow, and did not let us in; asking CUCM would be another \
                       wrong try";
            Finding::skipped(CHECK, why)
        }
        NotAsked::WrongPassword => wrong_password(seen, user).await,
        NotAsked::NoSuchUser => no_such_user(seen, user).await,
    }
}

async fn wrong_password(seen: &Seen, user: &str) -> Finding {
    if matches!(seen.control_user().await, Ok(Some(user)) if user.locked) {
        let evidence = format!("CUCM calls {user} locked after wrong passwords");
        return Finding::failed(CHECK, evidence).sign(Sign::LoginLocked);
    }
    let evidence = format!("CUCM says that the password of {user} is wrong; it was tried once");
    Finding::failed(CHECK, evidence).sign(Sign::PasswordWrong)
}

/// A login that CUCM does not have may be one of the server that phones ask.
async fn no_such_user(seen: &Seen, user: &str) -> Finding {
    match seen.url_host().await {
        Some(host) if host.whose == Whose::Stranger => {
            let evidence = format!(
                "CUCM has no user {user}; it may be one of {}, the server that phones ask, which only the phone can try",
                host.text
            );
            Finding::warning(CHECK, evidence)
        }
        _ => {
            let evidence = format!("CUCM has no application or end user {user}; upper and lower case count");
            Finding::failed(CHECK, evidence).sign(Sign::PasswordWrong)
        }
    }
}

fn unanswered(error: &Error, tried: &LoginTried) -> Finding {
    let evidence = format!("CUCM's authenticate service could not be asked: {}", error.evidence());
    with_password(Finding::failed(CHECK, evidence), tried)
}

fn with_proof(mut finding: Finding, tried: &LoginTried) -> Finding {
    for form in &tried.forms {
        let [user, password, device] = form.parameters();
        let request = format!("GET {}?{user}=…&{password}=…&{device}=…, over https", form.path());
        finding = finding.detail("Request", request);
    }
    if let Some(check) = tried.password {
        let outcome = if check.authenticated { "good" } else { "refused" };
        let text = format!("{outcome} (doAuthenticateUser, code {})", check.code);
        finding = finding.detail("Password by AXL", text);
        if let Some(days) = check.days_to_expiry.filter(|_| check.expires_soon) {
            finding = finding.detail("Password ends", format!("in {days} days"));
        }
    }
    match &tried.answer {
        Some(Ok(answer)) => finding.detail("Word", &answer.answer),
        Some(Err(error)) => finding.detail("Error", error.evidence()),
        None => finding,
    }
}
