//! The steps of each wizard, a file a wizard. Names of pages and values are those that CUCM and the phones print
//! (capabilities.md 2.1 to 2.5, cucm-apis.md 1 to 5 and 9, phone-xml-api.md 7 and 8).

pub(super) mod auth_fail;
mod auth_fail_bench;
mod auth_fail_cluster;
pub(super) mod change;
pub(super) mod flickering;
pub(super) mod foreign_url;
pub(super) mod no_address;
pub(super) mod no_web;
pub(super) mod refuses;
pub(super) mod trust_list;
mod trust_list_ways;

use super::known::Known;
use super::step::{End, Part, Proof};
use crate::domain::finding::{CheckId, Port, Shown, Sign};

/// By what the software sees; where it sees nothing by a button. It may be left undone.
const SEEN: End = End::Next {
    tick: "",
    may_skip: true,
};

/// The person says that it is done.
const fn done(tick: &'static str) -> End {
    End::Next { tick, may_skip: true }
}

/// The same, and nobody goes on without it.
const fn must(tick: &'static str) -> End {
    End::Next { tick, may_skip: false }
}

/// The phone still does not obey.
fn refuses(k: &Known) -> bool {
    !k.obeys()
}

fn say(k: &Known, text: &str) -> Part {
    Part::Say(k.words(text))
}

fn warning(k: &Known, text: &str) -> Part {
    Part::Warning(k.words(text))
}

fn danger(k: &Known, heading: &str, text: &str) -> Part {
    Part::Danger(heading.to_owned(), k.words(text))
}

fn steps(k: &Known, texts: &[&str]) -> Part {
    Part::Do(k.all_words(texts))
}

fn list(k: &Known, texts: &[&str]) -> Part {
    Part::List(k.all_words(texts))
}

fn values(k: &Known, pairs: &[(&str, &str)]) -> Part {
    let filled = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), k.words(value).plain()));
    Part::Values(filled.collect())
}

/// A remedy that changes CUCM, the phone or the cluster's entry here.
fn remedy(remedy: &'static str, title: &'static str) -> Part {
    Part::Remedy {
        remedy,
        title,
        changes: true,
    }
}

/// A remedy that tells how.
fn guide(remedy: &'static str, title: &'static str) -> Part {
    Part::Remedy {
        remedy,
        title,
        changes: false,
    }
}

/// Another wizard for the same phone.
fn wizard(k: &Known, kind: &str, label: &str) -> Part {
    let phone = k.phone.as_ref().map(|phone| format!("?phone={}", phone.id));
    Part::Link {
        href: format!("/wizards/{kind}{}", phone.unwrap_or_default()),
        label: label.to_owned(),
    }
}

/// The phone's own page: its screen and its keys.
fn phone_page(k: &Known, label: &str) -> Part {
    let phone = k.phone.as_ref().map_or(0, |phone| phone.id);
    Part::Link {
        href: format!("/phones/{phone}"),
        label: label.to_owned(),
    }
}

/// The cluster's settings here.
fn cluster_page(k: &Known, label: &str) -> Part {
    Part::Link {
        href: format!("/clusters/{}/edit", k.cluster.id),
        label: label.to_owned(),
    }
}

/// The phone's web server answered something: it can be asked.
fn answers_at_all(k: &Known) -> Proof {
    let answered = |sign: &Sign| match sign {
        Sign::FirstByte | Sign::PagesWork => true,
        Sign::Shot(shown) => matches!(
            shown,
            Shown::Picture | Shown::Error(_) | Shown::Unauthorized | Shown::Forbidden | Shown::Missing
        ),
        _ => false,
    };
    if k.saw(answered) {
        return Proof::Good("The phone's web server answers.".to_owned());
    }
    match (k.proof(CheckId::TcpHttp), k.proof(CheckId::TcpHttps)) {
        (Proof::Bad(http), Proof::Bad(_)) => Proof::Bad(http),
        _ if k.saw(|sign| matches!(sign, Sign::Port(_, Port::Open))) => {
            Proof::Good("The phone takes connections.".to_owned())
        }
        _ => Proof::Unknown,
    }
}

/// What the last page of a wizard about a phone says.
fn ending(k: &Known) -> Vec<Part> {
    if k.obeys() {
        return vec![
            say(k, "{phone} gave its picture: it can be controlled."),
            phone_page(k, "Open the phone"),
        ];
    }
    vec![
        say(
            k,
            "The steps are through, and {phone} has not given its picture yet. If something was changed a moment ago, wait a minute and press *Check now*.",
        ),
        say(
            k,
            "For support, take *Collect for support*: one file with everything that was seen, answered and done here. No password is in it.",
        ),
    ]
}

/// The proof of a last page.
fn ended(k: &Known) -> Proof {
    match k.proof_by_picture() {
        good @ Proof::Good(_) => good,
        _ => Proof::NotSeen,
    }
}
