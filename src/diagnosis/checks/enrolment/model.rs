//! Whether the model can be controlled at all.

use std::future::{Ready, ready};

use crate::diagnosis::seen::Seen;
use crate::domain::catalogue::{self, Control, Model, Scheme};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::PhoneModel;
/// The families whose firmware misreads long answers of the authenticate service (cucm-apis.md 3).
const SHORT_REPLIES: [&str; 2] = ["6900", "6901"];

pub(in crate::diagnosis::checks) fn model(seen: &Seen) -> Ready<Finding> {
    ready(judged(seen.subject.model))
}

fn judged(model: &Model) -> Finding {
    let name = &model.name;
    let family = model.family;
    let is_unknown = std::ptr::eq(family, catalogue::generic().family);
    let finding = match family.control {
        Control::None => {
            Finding::failed(CHECK, format!("{name} has no web server to control it by")).sign(Sign::ModelWithoutControl)
        }
        Control::KeysOnly => Finding::warning(CHECK, format!("{name} takes keys, and gives no picture of its screen"))
            .sign(Sign::ModelWithoutPicture)
            .excludes(&[Cause::ModelWithoutControl]),
        Control::Full if is_unknown => {
            let evidence = "The model is not in the catalogue; the usual ways to control a phone are tried";
            Finding::warning(CHECK, evidence)
        }
        Control::Full => Finding::passed(CHECK, format!("{name} takes keys and gives pictures of its screen"))
            .excludes(&[Cause::ModelWithoutControl, Cause::ScreenshotUnsupported]),
    };
    let ways: Vec<String> = family
        .screenshot
        .iter()
        .map(|way| format!("{} {}", scheme(way.scheme), way.path))
        .collect();
    let finding = finding.detail("Family", &family.title);
    let finding = if ways.is_empty() {
        finding
    } else {
        finding.detail("Ways to a picture", ways.join(", "))
    };
    if SHORT_REPLIES.contains(&family.id.as_str()) {
        finding.sign(Sign::ModelReadsShortReplies)
    } else if is_unknown {
        finding
    } else {
        finding.excludes(&[Cause::AuthenticationReplyUnreadable])
    }
}

fn scheme(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::CheckOutcome;

    fn of(name: &str) -> Finding {
        judged(catalogue::by_name(name).unwrap())
    }

    #[test]
    fn the_catalogue_decides() {
        assert_eq!(of("Cisco 8845").outcome, CheckOutcome::Passed);
        assert!(of("Cisco 6941").signs.contains(&Sign::ModelReadsShortReplies));
        assert!(of("CTI Port").signs.contains(&Sign::ModelWithoutControl));
        assert!(
            of("CTI Port")
                .rules_out
                .iter()
                .all(|cause| *cause != Cause::ModelWithoutControl)
        );
        let unknown = judged(catalogue::generic());
        assert_eq!((unknown.outcome, unknown.rules_out.len()), (CheckOutcome::Warning, 0));
    }
}
