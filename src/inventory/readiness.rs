//! Whether a phone can be controlled, as far as the inventory can tell without asking the phone.

use crate::domain::catalogue::{self, Control};
use crate::domain::cause::Cause;
use crate::domain::phone::{ReadinessState, RegistrationStatus, WebServer};
use crate::store::phones::{Readiness, Registration};

/// The causes that this module finds, and so may take back.
const OURS: [Cause; 4] = [
    Cause::ModelWithoutControl,
    Cause::PhoneNotRegistered,
    Cause::PhoneAddressMissing,
    Cause::WebAccessDisabled,
];

/// Causes seen at an address: they say nothing once the phone has another one.
fn belongs_to_address(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::PhoneAddressStale | Cause::PhoneUnreachable | Cause::PhoneNotAnswering | Cause::ProxyInPath
    )
}

/// Why the phone cannot be controlled; none when nothing speaks against it. Where two reasons hold, the first that
/// must be mended.
pub(super) fn known_obstacle(number: Option<u32>, model: &str, told: &Registration) -> Option<Cause> {
    if catalogue::find(number, model).family.control == Control::None {
        Some(Cause::ModelWithoutControl)
    } else if matches!(
        told.status,
        RegistrationStatus::Unregistered | RegistrationStatus::Rejected
    ) {
        Some(Cause::PhoneNotRegistered)
    } else if told.address.is_none() {
        Some(Cause::PhoneAddressMissing)
    } else if told.web_server == WebServer::No {
        Some(Cause::WebAccessDisabled)
    } else {
        None
    }
}

/// What follows for the readiness from what RIS told at `asked_at`.
///
/// An attempt on the phone itself that is newer than the question to RIS stands. An older one stands too unless RIS
/// speaks against it, or it was made at an address that the phone no longer has.
pub(super) fn after_sync(
    before: Readiness,
    obstacle: Option<Cause>,
    (old, new): (&Registration, &Registration),
    asked_at: i64,
) -> Readiness {
    if before.checked_at.is_some_and(|at| at > asked_at) {
        return before;
    }
    let moved = old.address != new.address;
    match obstacle {
        Some(cause) if before.cause == Some(cause) => before,
        Some(cause) => Readiness {
            state: ReadinessState::Blocked,
            cause: Some(cause),
            checked_at: Some(asked_at),
        },
        None => match before.cause {
            // RIS does not always tell whether the web server is on; then a refused connection still counts.
            Some(Cause::WebAccessDisabled) if new.web_server == WebServer::Unknown && !moved => before,
            Some(cause) if OURS.contains(&cause) || (moved && belongs_to_address(cause)) => Readiness::UNKNOWN,
            _ => before,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn told(status: RegistrationStatus, address: bool, web_server: WebServer) -> Registration {
        Registration {
            status,
            reason: None,
            address: address.then_some(Ipv4Addr::new(10, 0, 0, 1)),
            node: String::new(),
            web_server,
            firmware: String::new(),
        }
    }

    fn blocked(cause: Cause, at: i64) -> Readiness {
        Readiness {
            state: ReadinessState::Blocked,
            cause: Some(cause),
            checked_at: Some(at),
        }
    }

    #[test]
    fn the_first_obstacle_to_mend_is_named() {
        use RegistrationStatus::{Registered, Rejected, Unknown, Unregistered};
        let cases = [
            (
                503,
                told(Registered, true, WebServer::Yes),
                Some(Cause::ModelWithoutControl),
            ),
            (
                684,
                told(Unregistered, false, WebServer::No),
                Some(Cause::PhoneNotRegistered),
            ),
            (
                684,
                told(Rejected, true, WebServer::Yes),
                Some(Cause::PhoneNotRegistered),
            ),
            (
                684,
                told(Registered, false, WebServer::Yes),
                Some(Cause::PhoneAddressMissing),
            ),
            (
                684,
                told(Unknown, false, WebServer::Unknown),
                Some(Cause::PhoneAddressMissing),
            ),
            (
                684,
                told(Registered, true, WebServer::No),
                Some(Cause::WebAccessDisabled),
            ),
            (684, told(Registered, true, WebServer::Unknown), None),
        ];
        for (number, told, expected) in cases {
            assert_eq!(known_obstacle(Some(number), "", &told), expected, "{told:?}");
        }
    }

    #[test]
    fn a_newer_observation_stands_and_a_mended_obstacle_goes() {
        let on = told(RegistrationStatus::Registered, true, WebServer::Yes);
        let quiet = told(RegistrationStatus::Registered, true, WebServer::Unknown);
        let ready = Readiness {
            state: ReadinessState::Ready,
            cause: None,
            checked_at: Some(20),
        };
        let off = Some(Cause::WebAccessDisabled);
        assert_eq!(after_sync(ready, off, (&on, &on), 10), ready, "newer than the question");
        assert_eq!(
            after_sync(ready, off, (&on, &on), 30),
            blocked(Cause::WebAccessDisabled, 30)
        );
        assert_eq!(after_sync(ready, None, (&on, &on), 30), ready);
        let was_off = blocked(Cause::WebAccessDisabled, 5);
        assert_eq!(after_sync(was_off, off, (&on, &on), 30), was_off, "known already");
        assert_eq!(after_sync(was_off, None, (&on, &on), 30), Readiness::UNKNOWN);
        assert_eq!(after_sync(was_off, None, (&quiet, &quiet), 30), was_off);
        let refused = blocked(Cause::AuthenticationRefused, 5);
        assert_eq!(after_sync(refused, None, (&on, &on), 30), refused);
    }

    #[test]
    fn what_was_seen_at_an_old_address_goes_with_it() {
        let before = told(RegistrationStatus::Registered, true, WebServer::Yes);
        let mut after = before.clone();
        after.address = Some(Ipv4Addr::new(10, 0, 0, 2));
        let stale = blocked(Cause::PhoneAddressStale, 5);
        assert_eq!(after_sync(stale, None, (&before, &after), 30), Readiness::UNKNOWN);
        assert_eq!(after_sync(stale, None, (&before, &before), 30), stale);
    }
}
