//! What the phone's status messages say of its trust list.

use super::not_asked;
use crate::diagnosis::checks::proof;
use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::phone::{TrustWord, is_english};

const CHECK: CheckId = CheckId::StatusMessages;
/// How many messages are kept as details; phones list the last ten (phone-xml-api.md 7.2).
const KEPT: usize = 10;

pub(in crate::diagnosis::checks) async fn messages(seen: &Seen) -> Finding {
    let finding = match seen.messages().await {
        None => return not_asked(seen, CHECK, "its status messages were not read").await,
        Some(Err(error)) => Finding::skipped(CHECK, format!("its status messages were not read: {}", error.kind())),
        Some(Ok(messages)) => judged(messages),
    };
    proof::with(finding, seen, seen.message_exchanges())
}

/// The latest word on the trust list counts: messages are listed from the oldest on.
fn judged(messages: &[String]) -> Finding {
    let latest = messages
        .iter()
        .rev()
        .find_map(|message| Some((TrustWord::of(message)?, message)));
    let finding = match latest {
        Some((TrustWord::Failed, message)) => {
            let words = format!("its latest message on the trust list says that it failed: {message}");
            Finding::failed(CHECK, words).sign(Sign::TrustMessage(message.clone()))
        }
        Some((TrustWord::Installed, message)) => {
            let words = format!("its latest message on the trust list says that it is there: {message}");
            Finding::passed(CHECK, words).sign(Sign::TrustMessageGood)
        }
        Some((TrustWord::Absent | TrustWord::Erased, message)) => Finding::warning(
            CHECK,
            format!("its latest message on the trust list says that there is none: {message}"),
        ),
        None if messages.is_empty() => Finding::skipped(CHECK, "the phone lists no status messages"),
        None if !messages.iter().any(|message| is_english(message)) => Finding::skipped(
            CHECK,
            "the phone's status messages are in a language that this program does not read: what they say of the trust list \
             is unknown",
        ),
        None => Finding::passed(
            CHECK,
            "none of its status messages speaks of the trust list; older ones may have been pushed out",
        ),
    };
    let newest = messages.len().saturating_sub(KEPT);
    messages[newest..]
        .iter()
        .fold(finding, |finding, message| finding.detail("Message", message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::CheckOutcome;

    fn found(messages: &[&str]) -> (CheckOutcome, Vec<Sign>) {
        let messages: Vec<String> = messages.iter().map(|&text| text.to_owned()).collect();
        let finding = judged(&messages);
        (finding.outcome, finding.signs)
    }

    #[test]
    fn the_latest_word_counts() {
        let failed = "11:40:00am 10/09/18 Trust List update failed, verification failure";
        let installed = "11:39:03am 10/09/18 ITL installed";
        assert_eq!(
            found(&[installed, failed, "DHCP timeout"]),
            (CheckOutcome::Failed, vec![Sign::TrustMessage(failed.to_owned())])
        );
        assert_eq!(
            found(&[failed, installed]),
            (CheckOutcome::Passed, vec![Sign::TrustMessageGood])
        );
        assert_eq!(
            found(&[installed, "No Trust List installed"]),
            (CheckOutcome::Warning, vec![])
        );
    }

    #[test]
    fn what_is_harmless_or_not_understood_is_no_fault() {
        assert_eq!(found(&["File Not Found <CTLFile.tlv>"]), (CheckOutcome::Passed, vec![]));
        assert_eq!(
            found(&["11:39:03 09.10.18 ITL installiert"]),
            (CheckOutcome::Skipped, vec![])
        );
        assert_eq!(found(&[]), (CheckOutcome::Skipped, vec![]));
    }
}
