//! The hash of the phone's trust list, compared with its earlier one and with the other phones of the cluster.

use super::not_asked;
use crate::diagnosis::checks::proof;
use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding, Sign};
use crate::inventory::TrustHashes;
use crate::phone::TrustList;

const CHECK: CheckId = CheckId::TrustHash;
/// So many other phones with one hash make it the cluster's.
const ENOUGH: u64 = 2;

pub(in crate::diagnosis::checks) async fn hash(seen: &Seen) -> Finding {
    if seen.network().await.is_none() {
        return not_asked(seen, CHECK, "its trust list was not read").await;
    }
    let shown = match seen.configuration_page().await {
        None => None,
        Some(Err(error)) => return Finding::skipped(CHECK, format!("its trust list was not read: {}", error.kind())),
        Some(Ok(page)) => page.trust_list(),
    };
    let finding = match shown {
        None => return Finding::skipped(CHECK, "this phone shows no hash of its trust list"),
        Some(TrustList::Absent) => Finding::warning(
            CHECK,
            "the phone says that it has no trust list: it takes the next one it is given",
        ),
        Some(TrustList::Hash(hash)) => {
            let known = seen
                .tools
                .inventory
                .learn_trust_hash(seen.subject.phone.id, &hash)
                .await;
            match known {
                Ok(known) => judged(&hash, &known),
                Err(error) => Finding::skipped(CHECK, format!("its trust list could not be compared: {error}")),
            }
            .detail("Trust list (ITL)", &hash)
        }
    };
    proof::with(finding, seen, seen.configuration_exchanges())
}

fn judged(hash: &str, known: &TrustHashes) -> Finding {
    let finding = match &known.common {
        Some((common, phones)) if common != hash && *phones >= ENOUGH => {
            let words =
                format!("its trust list is another than the one that {phones} other phones of the cluster have");
            Finding::warning(CHECK, words)
                .detail("The cluster's", common)
                .sign(Sign::TrustHashDiffers)
        }
        Some((common, phones)) if common == hash => Finding::passed(
            CHECK,
            format!("its trust list is the one that {phones} other phones of the cluster have"),
        ),
        _ => Finding::passed(
            CHECK,
            "its trust list was read; too few other phones are known to compare it with",
        ),
    };
    match &known.before {
        Some((before, at)) if before != hash => finding.detail("Before", format!("{before}, last seen {at}")),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::CheckOutcome;

    #[test]
    fn one_that_differs_from_all_others_stands_out() {
        let known = |common: Option<(&str, u64)>| TrustHashes {
            before: None,
            common: common.map(|(hash, phones)| (hash.to_owned(), phones)),
        };
        let of = |known: &TrustHashes| {
            let finding = judged("aa", known);
            (finding.outcome, finding.signs)
        };
        assert_eq!(
            of(&known(Some(("bb", 2)))),
            (CheckOutcome::Warning, vec![Sign::TrustHashDiffers])
        );
        assert_eq!(of(&known(Some(("bb", 1)))), (CheckOutcome::Passed, vec![]));
        assert_eq!(of(&known(Some(("aa", 2)))), (CheckOutcome::Passed, vec![]));
        assert_eq!(of(&known(None)), (CheckOutcome::Passed, vec![]));
    }
}
