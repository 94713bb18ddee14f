//! What a person is told: a sentence that says what is wrong, with the names of this phone, and what to do.

use crate::domain::cause::Cause;
use crate::domain::finding::Certainty;

/// The values that sentences name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The phone's device name, or its address.
    pub phone: String,
    /// Its model.
    pub model: String,
    /// The user name of the control login.
    pub login: String,
    /// The cluster's name.
    pub cluster: String,
    /// The Authentication URL in force, where it was found.
    pub url: Option<String>,
}

/// What makes the usual sentence of a cause untrue or incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Situation {
    /// Nothing does.
    Usual,
    /// Something refused the connections, although the phone's web server is on.
    RefusedOnTheWay,
    /// Nothing was sent, because no address is known.
    NoAddress,
    /// Nothing was sent, because the address is none of the cluster's phone networks.
    OutsideNetworks,
    /// The phone may only not have been restarted since its configuration was changed.
    RestartMayMend,
}

/// What a summary is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// The cause.
    pub(super) cause: Cause,
    /// How sure it is.
    pub(super) certainty: Certainty,
    /// Further faults.
    pub(super) also: &'a [Cause],
    /// What else it may be.
    pub(super) guesses: &'a [Cause],
    /// What is special here.
    pub(super) situation: Situation,
}

/// A sentence or two that can be read aloud.
pub(super) fn summary(told: &Told<'_>, named: &Named) -> String {
    let cause = told.cause;
    let sure = match told.certainty {
        Certainty::Proved => "",
        Certainty::Likely => "Most likely: ",
        Certainty::Possible => "This is not certain, but fits: ",
    };
    let sentence = special(told.situation, named)
        .or_else(|| about_cucm(cause, named))
        .or_else(|| about_access(cause, named))
        .unwrap_or_else(|| about_phone(cause, named));
    let mut text = format!("{sure}{sentence}");
    if told.situation == Situation::RestartMayMend {
        text.push_str(" Restart the phone first: it may only not have taken a change yet.");
    }
    if cause != Cause::None {
        text.push(' ');
        text.push_str(cause.next_step());
    }
    let or_else = || or_else(told.guesses);
    let guess = (told.certainty < Certainty::Proved).then(or_else).flatten();
    for more in [guess, further(cause, told.also)].into_iter().flatten() {
        text.push(' ');
        text.push_str(&more);
    }
    text
}

/// The sentence of a situation that the usual one does not fit.
fn special(situation: Situation, named: &Named) -> Option<String> {
    let Named { phone, cluster, .. } = named;
    Some(match situation {
        Situation::RefusedOnTheWay => format!(
            "The connections to {phone} are refused on the way: CUCM says that its web server is on, so that a firewall or \
             another device answers for it."
        ),
        Situation::NoAddress => {
            format!("No address of {phone} is known now, so that nothing was sent to it.")
        }
        Situation::OutsideNetworks => format!(
            "The address of {phone} is outside the phone networks of cluster {cluster}, so that nothing was sent to it."
        ),
        Situation::Usual | Situation::RestartMayMend => return None,
    })
}

/// What fits as well.
fn or_else(guesses: &[Cause]) -> Option<String> {
    let titles: Vec<&str> = guesses.iter().take(2).map(|cause| cause.title()).collect();
    (!titles.is_empty()).then(|| format!("Or it may be: {}.", titles.join("; ")))
}

/// Further faults, as many as one can listen to.
fn further(cause: Cause, also: &[Cause]) -> Option<String> {
    let first = also.first()?.title();
    let begin = if cause == Cause::None {
        "Worth knowing all the same"
    } else {
        "After that there is more to mend"
    };
    Some(match also.len() {
        1 => format!("{begin}: {first}."),
        2 => format!("{begin}: {first}; {}.", also[1].title()),
        many => format!("{begin}: {first}; {}; and {} more.", also[1].title(), many - 2),
    })
}

fn about_cucm(cause: Cause, named: &Named) -> Option<String> {
    let Named { phone, cluster, .. } = named;
    Some(match cause {
        Cause::CucmUnreachable => format!("CUCM of cluster {cluster} cannot be reached from this server."),
        Cause::CucmTlsUntrusted => {
            format!("The certificate that CUCM of cluster {cluster} shows is not the trusted one.")
        }
        Cause::CucmTlsTooOld => format!("CUCM of cluster {cluster} offers only a TLS older than 1.2."),
        Cause::CucmLoginRejected => format!("CUCM of cluster {cluster} refuses the CUCM login."),
        Cause::CucmRoleMissing => format!("The CUCM login of cluster {cluster} lacks a role."),
        Cause::AxlUnavailable => format!("The AXL service of cluster {cluster} does not answer."),
        Cause::AxlVersionUnsupported => {
            format!("CUCM of cluster {cluster} and this server have no AXL version in common.")
        }
        Cause::RisUnavailable => {
            format!(
                "The RIS service of cluster {cluster} does not answer, so nobody can tell whether {phone} is registered and where."
            )
        }
        Cause::RisQuotaExhausted => {
            format!(
                "The cluster {cluster} answers no more RIS queries for now, so nobody can tell whether {phone} is registered and where."
            )
        }
        Cause::AuthenticationServiceDown => {
            format!(
                "The authenticate service of cluster {cluster}, which {phone} asks before it obeys, does not answer as it should."
            )
        }
        Cause::PhoneUnknown => format!("Cluster {cluster} has no phone {phone}."),
        _ => return None,
    })
}

fn about_access(cause: Cause, named: &Named) -> Option<String> {
    let Named { phone, login, .. } = named;
    let url = match &named.url {
        Some(url) => format!("The Authentication URL of {phone}, {url},"),
        None => format!("The Authentication URL of {phone}"),
    };
    Some(match cause {
        Cause::ControlLoginRejected => {
            format!("CUCM refuses the control login {login}: its name or password is wrong.")
        }
        Cause::ControlLoginLocked => format!("The control login {login} is locked in CUCM."),
        Cause::DeviceNotAssociated => format!("{phone} is not among the controlled devices of the user {login}."),
        Cause::AuthenticationUrlUnresolvable => format!("{url} has a host name that does not resolve."),
        Cause::AuthenticationUrlUnreachable => format!("{url} leads to a host that does not answer."),
        Cause::AuthenticationUrlWrong => format!("{url} is not one that CUCM answers."),
        Cause::AuthenticationUrlOverridden => format!("{url} is the phone's own and not the cluster's."),
        Cause::AuthenticationUrlThirdParty => {
            format!("{url} leads to a server outside the cluster, which decides who may control the phone.")
        }
        Cause::TrustListBroken => {
            format!(
                "{phone} does not trust its cluster any more: its trust list (ITL) is out of date, so it refuses control and new settings."
            )
        }
        Cause::SettingsAccessLocked => {
            format!(
                "The trust list of {phone} is broken, and its settings are locked, so that it cannot be deleted from afar."
            )
        }
        Cause::AuthenticationReplyUnreadable => {
            format!(
                "{phone} asks CUCM and cannot read the answer, which is longer than a {} understands.",
                model(named)
            )
        }
        Cause::AuthenticationRefused => {
            format!("{phone} refuses control by {login}, although nothing was found that explains it.")
        }
        _ => return None,
    })
}

fn about_phone(cause: Cause, named: &Named) -> String {
    let Named { phone, cluster, .. } = named;
    match cause {
        Cause::None => format!("{phone} answers and its screen was read: it can be controlled."),
        Cause::PhoneNotRegistered => format!("{phone} is not registered with cluster {cluster}."),
        Cause::PhoneAddressMissing => format!("{phone} is registered, but CUCM gives no address for it."),
        Cause::PhoneAddressStale => format!("The address that was known for {phone} is not its own any more."),
        Cause::ModelWithoutControl => format!(
            "{phone} is a {}, which has no web server to control it by.",
            model(named)
        ),
        Cause::ScreenshotUnsupported => format!(
            "{phone} is a {}, which takes keys but gives no picture of its screen.",
            model(named)
        ),
        Cause::PhoneUnreachable => {
            format!("Nothing comes back from {phone}: its address does not answer on port 80 or 443.")
        }
        Cause::PhoneNotAnswering => format!("{phone} takes connections and then says nothing."),
        Cause::PhoneRestarting => format!("{phone} was restarted a moment ago and is not back yet."),
        Cause::PhoneSlow => format!("{phone} answers, but later than it should."),
        Cause::WebAccessDisabled => format!("The web server of {phone} is switched off, so nothing can control it."),
        Cause::WebAccessReadOnly => {
            format!("The web server of {phone} shows pages but takes no keys and gives no picture.")
        }
        Cause::ProxyInPath => format!("What answers at the address of {phone} is no phone."),
        Cause::PhoneInternalError => format!("{phone} reports a fault of its own when it is asked for its picture."),
        Cause::ScreenshotTruncated => format!("The pictures of {phone} arrive cut short."),
        Cause::ScreenshotUndecodable => format!("What {phone} sends as its picture is none."),
        // Every other cause has its sentence above.
        other => format!("{phone}: {}.", other.title()),
    }
}

fn model(named: &Named) -> &str {
    if named.model.is_empty() {
        "phone of its model"
    } else {
        &named.model
    }
}
