//! How fast sign-ins may be tried: a few failures an account, then growing waits; so many a minute from one address.
//!
//! An attempt counts when it begins and is given back when it succeeds, so that many at once are not better than one
//! after the other. The tables are bounded; the account that was tried longest ago makes room. Somebody may so make a
//! colleague wait, five minutes at most, which is the lesser evil.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// Failures of one account before it has to wait.
const FREE_FAILURES: u32 = 5;
/// The first wait; each further failure doubles it.
const FIRST_WAIT_MS: i64 = 5_000;
/// The longest wait.
const LONGEST_WAIT_MS: i64 = 5 * 60_000;
/// Failures are forgotten after this long without another.
const FORGET_MS: i64 = 60 * 60_000;
/// Failures from one address in one minute.
const PER_ADDRESS: u32 = 20;
const MINUTE_MS: i64 = 60_000;
/// Accounts and addresses remembered: about a megabyte.
const MOST: usize = 10_000;

/// Too many attempts; the next is looked at after this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait(pub(super) Duration);

#[derive(Debug, Clone, Copy)]
struct Tries {
    count: u32,
    /// Unix milliseconds: of the last failure of an account, of the first in an address's minute.
    at: i64,
}

#[derive(Debug, Default)]
struct Tables {
    accounts: HashMap<String, Tries>,
    addresses: HashMap<IpAddr, Tries>,
}

/// The limits of one process.
#[derive(Debug)]
pub(super) struct Throttle {
    clock: Clock,
    tables: Mutex<Tables>,
}

impl Throttle {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            tables: Mutex::default(),
        }
    }

    /// Counts an attempt, or says how long to wait; a refused attempt does not count.
    pub(super) fn attempt(&self, account: &str, address: Option<IpAddr>) -> Result<(), Wait> {
        let now = self.clock.now_ms();
        let account = account_key(account);
        let mut tables = self.tables();
        let account_wait = tables
            .accounts
            .get(&account)
            .map_or(0, |tries| account_wait(*tries, now));
        let address = address.map(network);
        let address_wait = address
            .and_then(|address| tables.addresses.get(&address))
            .map_or(0, |tries| address_wait(*tries, now));
        let wait = account_wait.max(address_wait);
        if wait > 0 {
            return Err(Wait(Duration::from_millis(wait.unsigned_abs())));
        }
        let tries = entry(&mut tables.accounts, account, now, FORGET_MS);
        (tries.count, tries.at) = (tries.count.saturating_add(1), now);
        if let Some(address) = address {
            let tries = entry(&mut tables.addresses, address, now, MINUTE_MS);
            tries.count = tries.count.saturating_add(1);
        }
        Ok(())
    }

    /// The attempt was right: the account's failures are forgotten, and the address gets this one back.
    pub(super) fn succeeded(&self, account: &str, address: Option<IpAddr>) {
        let mut tables = self.tables();
        tables.accounts.remove(&account_key(account));
        if let Some(tries) = address.and_then(|address| tables.addresses.get_mut(&network(address))) {
            tries.count = tries.count.saturating_sub(1);
        }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Names are compared as the store does; a very long one is no name, and shares one entry with its like.
fn account_key(account: &str) -> String {
    account.trim().to_lowercase().chars().take(64).collect()
}

/// Of IPv6 the network: one customer has a whole /64 to try from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn account_wait(tries: Tries, now: i64) -> i64 {
    if tries.count < FREE_FAILURES {
        return 0;
    }
    let doublings = (tries.count - FREE_FAILURES).min(16);
    let wait = (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS);
    remaining(tries.at, wait, now)
}

fn address_wait(tries: Tries, now: i64) -> i64 {
    if tries.count < PER_ADDRESS {
        return 0;
    }
    remaining(tries.at, MINUTE_MS, now)
}

/// What is left of a wait. A clock that was set back never makes it longer than it began.
fn remaining(from: i64, wait: i64, now: i64) -> i64 {
    (from + wait - now).clamp(0, wait)
}

/// The entry of a key: the one there while it is young, else a new one in place of what is old.
fn entry<K: Hash + Eq + Clone>(table: &mut HashMap<K, Tries>, key: K, now: i64, life: i64) -> &mut Tries {
    if table.len() >= MOST && !table.contains_key(&key) {
        table.retain(|_, tries| now - tries.at < life);
        if table.len() >= MOST
            && let Some(oldest) = table
                .iter()
                .min_by_key(|(_, tries)| tries.at)
                .map(|(key, _)| key.clone())
        {
            table.remove(&oldest);
        }
    }
    let tries = table.entry(key).or_insert(Tries { count: 0, at: now });
    if now - tries.at >= life {
        *tries = Tries { count: 0, at: now };
    }
    tries
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn throttle() -> (Throttle, Clock) {
        let clock = Clock::fixed_at(Timestamp::from_second(1_800_000_000).unwrap());
        (Throttle::new(clock.clone()), clock)
    }

    fn seconds(answer: Result<(), Wait>) -> u64 {
        answer.map_or_else(|wait| wait.0.as_secs(), |()| 0)
    }

    #[test]
    fn an_account_waits_longer_after_each_failure_beyond_five() {
        let (throttle, clock) = throttle();
        for _ in 0..5 {
            assert_eq!(throttle.attempt("Grace", HERE), Ok(()));
        }
        for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
            assert_eq!(seconds(throttle.attempt("GRACE ", HERE)), wait);
            clock.advance(Duration::from_secs(wait));
            assert_eq!(throttle.attempt("grace", HERE), Ok(()));
        }
        assert_eq!(throttle.attempt("linus", HERE), Ok(()), "others do not wait");
    }

    #[test]
    fn success_and_an_hour_of_rest_forget_the_failures() {
        let (throttle, clock) = throttle();
        for _ in 0..5 {
            throttle.attempt("grace", None).unwrap();
        }
        throttle.succeeded("grace", None);
        for _ in 0..5 {
            assert_eq!(throttle.attempt("grace", None), Ok(()));
        }
        clock.advance(Duration::from_hours(1));
        for _ in 0..5 {
            assert_eq!(throttle.attempt("grace", None), Ok(()));
        }
    }

    #[test]
    fn an_address_has_twenty_failures_a_minute_over_all_accounts() {
        let (throttle, clock) = throttle();
        for n in 0..20 {
            throttle.attempt(&format!("user{n}"), HERE).unwrap();
        }
        assert_eq!(seconds(throttle.attempt("grace", HERE)), 60);
        assert_eq!(throttle.attempt("grace", Some(IpAddr::from([10, 0, 0, 9]))), Ok(()));
        clock.advance(Duration::from_mins(1));
        assert_eq!(throttle.attempt("linus", HERE), Ok(()));
    }

    #[test]
    fn a_success_does_not_count_against_an_address() {
        let (throttle, _clock) = throttle();
        for n in 0..100 {
            let name = format!("user{n}");
            throttle.attempt(&name, HERE).unwrap();
            throttle.succeeded(&name, HERE);
        }
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let (throttle, _clock) = throttle();
        for n in 0..20 {
            let address = format!("2001:db8::{n:x}").parse().unwrap();
            throttle.attempt(&format!("user{n}"), Some(address)).unwrap();
        }
        let neighbour = "2001:db8::ffff".parse().unwrap();
        assert!(throttle.attempt("grace", Some(neighbour)).is_err());
        let elsewhere = "2001:db8:1::1".parse().unwrap();
        assert_eq!(throttle.attempt("grace", Some(elsewhere)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let (throttle, clock) = throttle();
        for n in 0..10_500_u32 {
            if n % 100 == 0 {
                clock.advance(Duration::from_millis(1));
            }
            let address = IpAddr::from(n.to_be_bytes());
            throttle.attempt(&format!("user{n}"), Some(address)).unwrap();
        }
        let tables = throttle.tables();
        assert_eq!((tables.accounts.len(), tables.addresses.len()), (MOST, MOST));
    }
}
