//! Passwords: which are good enough, and how they are kept.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

/// The shortest password, in characters.
pub const SHORTEST: usize = 8;
/// The length that pages advise.
pub const ADVISED_LENGTH: usize = 12;
/// The longest password, in characters; a longer text costs time to no end.
pub const LONGEST: usize = 256;

/// OWASP's first choice of argon2id parameters: 19 MiB, two passes, one lane; about 13 ms.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Passwords worked on at once: sign-ins must not take the memory or the processors from everybody else.
const AT_ONCE: usize = 2;

/// A hash with the same parameters that no password fits: what an unknown user's attempt is checked against, so that it
/// takes as long as a known one's.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2lkZXRvbmUtbm9ib2R5cw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Why a password is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RejectedPassword {
    /// Fewer than [`SHORTEST`] characters.
    #[error("a password needs at least {SHORTEST} characters; {ADVISED_LENGTH} or more are better")]
    TooShort,
    /// More than [`LONGEST`] characters.
    #[error("a password has at most {LONGEST} characters")]
    TooLong,
    /// The user's name, maybe with digits or signs around it.
    #[error("the password must not be the user's name")]
    IsName,
    /// One of those everybody tries first.
    #[error("this password is one of the most common ones; choose another")]
    Common,
}

/// Checks a new password.
pub(super) fn check(password: &SecretString, name: &str) -> Result<(), RejectedPassword> {
    let password = password.expose_secret();
    match password.chars().count() {
        0..SHORTEST => return Err(RejectedPassword::TooShort),
        SHORTEST..=LONGEST => {}
        _ => return Err(RejectedPassword::TooLong),
    }
    let lower = password.to_lowercase();
    let core = lower.trim_matches(|c: char| !c.is_alphabetic());
    let name = name.to_lowercase();
    if lower == name || core == name {
        return Err(RejectedPassword::IsName);
    }
    if COMMON.contains(lower.as_str()) || one_character(&lower) {
        return Err(RejectedPassword::Common);
    }
    Ok(())
}

fn one_character(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next();
    characters.all(|character| Some(character) == first)
}

/// The hashing failed, not the password.
#[derive(Debug, thiserror::Error)]
#[error("cannot hash a password")]
pub struct HashError;

/// Hashes and verifies away from the async threads, a few at once.
#[derive(Debug, Clone)]
pub(super) struct Hasher {
    turns: Arc<Semaphore>,
}

impl Hasher {
    pub(super) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of a password, in PHC form.
    pub(super) async fn hash(&self, password: &SecretString) -> Result<String, HashError> {
        let password = password.clone();
        self.work(move || {
            let hash: PasswordHash = argon2()?
                .hash_password(password.expose_secret().as_bytes())
                .map_err(|_| HashError)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether a password fits a hash; without a hash never, in the same time.
    pub(super) async fn verify(&self, password: &SecretString, hash: Option<&str>) -> Result<bool, HashError> {
        if password.expose_secret().chars().count() > LONGEST {
            return Ok(false);
        }
        let (password, known) = (password.clone(), hash.is_some());
        let hash = hash.unwrap_or(NOBODYS_HASH).to_owned();
        self.work(move || {
            let hash = PasswordHash::new(&hash).map_err(|_| HashError)?;
            let fits = argon2()?
                .verify_password(password.expose_secret().as_bytes(), &hash)
                .is_ok();
            Ok(fits && known)
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| HashError)?;
        // The turn goes with the work: a caller who leaves does not make room for more of it.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| HashError)?
    }
}

fn argon2() -> Result<Argon2<'static>, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| HashError)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(password: &str) -> Result<(), RejectedPassword> {
        check(&SecretString::from(password), "Grace")
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(checked("sieben7"), Err(RejectedPassword::TooShort));
        assert_eq!(checked("öäüöäü#1"), Ok(()));
        assert_eq!(checked(&"xy".repeat(128)), Ok(()));
        assert_eq!(checked(&"xyz".repeat(86)), Err(RejectedPassword::TooLong));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in [
            "password",
            "PassWord1",
            "12345678",
            "zzzzzzzzzz",
            "cisco123",
            "administrator",
        ] {
            assert_eq!(checked(password), Err(RejectedPassword::Common), "{password}");
        }
        for password in ["grace123", "GRACE2026!", "**grace**"] {
            assert_eq!(checked(password), Err(RejectedPassword::IsName), "{password}");
        }
        assert_eq!(checked("amazing horse"), Ok(()));
    }

    #[test]
    fn the_list_is_lower_case_and_long_enough_to_matter() {
        for word in COMMON.iter() {
            assert_eq!(word.to_lowercase(), **word);
            assert!(
                word.chars().count() >= SHORTEST,
                "{word} is refused for its length already"
            );
        }
    }

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs() {
        let hash = PasswordHash::new(NOBODYS_HASH).unwrap();
        let params = Params::try_from(&hash).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost(), params.output_len()),
            (MEMORY_KIB, PASSES, LANES, Some(32))
        );
    }
}
