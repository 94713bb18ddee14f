//! What roles the control login has. Sources disagree on whether any is needed (capabilities.md C11): advice, no failure.

use crate::cucm::AppUser;
use crate::diagnosis::seen::Seen;
use crate::domain::finding::{CheckId, Finding, Sign};

const CHECK: CheckId = CheckId::LoginRoles;
/// What some articles ask for beside the association.
const ADVISED: [&str; 2] = ["Standard CTI Enabled", "Standard CTI Allow Control of All Devices"];

pub(in crate::diagnosis::checks) async fn roles(seen: &Seen) -> Finding {
    let user = match seen.control_user().await {
        Ok(Some(user)) => user,
        Ok(None) => {
            let name = &seen.subject.control.username;
            return Finding::skipped(CHECK, format!("CUCM has no user {name}"));
        }
        Err(_) => return Finding::skipped(CHECK, "AXL does not tell the roles of the control login"),
    };
    judged(user, seen.login_tried().await.is_authorized())
}

fn judged(user: &AppUser, authorized: bool) -> Finding {
    let has = |wanted: &str| {
        let names = user.roles.iter().chain(&user.groups);
        names.into_iter().any(|name| name.eq_ignore_ascii_case(wanted))
    };
    let missing: Vec<&str> = ADVISED.into_iter().filter(|role| !has(role)).collect();
    let listed = |names: &[String]| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    let finding = if missing.is_empty() {
        Finding::passed(CHECK, format!("{} has every role that anybody advises", user.userid))
    } else if authorized {
        let evidence = format!(
            "CUCM authorises {} without further roles: the association is enough",
            user.userid
        );
        Finding::passed(CHECK, evidence)
    } else {
        let evidence = format!(
            "{} lacks {}; most releases need neither, some articles advise both",
            user.userid,
            missing.join(" and ")
        );
        Finding::warning(CHECK, evidence).sign(Sign::RolesAdvised)
    };
    finding
        .detail("Roles", listed(&user.roles))
        .detail("Groups", listed(&user.groups))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::CheckOutcome;

    #[test]
    fn a_missing_role_is_never_a_failure() {
        let user = AppUser {
            userid: "axl".to_owned(),
            ..AppUser::default()
        };
        let advised = judged(&user, false);
        assert_eq!(advised.outcome, CheckOutcome::Warning);
        assert_eq!(advised.signs, [Sign::RolesAdvised]);
        assert!(
            judged(&user, true).signs.is_empty(),
            "AUTHORIZED proves that none is needed"
        );
        let both = AppUser {
            roles: ADVISED.map(str::to_owned).to_vec(),
            ..user
        };
        assert_eq!(judged(&both, false).outcome, CheckOutcome::Passed);
    }
}
