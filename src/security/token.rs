//! Random tokens, and the hashes by which they are known.

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The start of every API token, by which secret scanners know it.
pub(super) const API_PREFIX: &str = "stt_";

/// The system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random bytes: {0}")]
pub struct NoRandom(#[from] getrandom::Error);

/// 32 random bytes as 64 hexadecimal digits after a prefix.
pub(super) fn generate(prefix: &str) -> Result<SecretString, NoRandom> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut bytes[..])?;
    let mut text = String::with_capacity(prefix.len() + 64);
    text.push_str(prefix);
    for byte in bytes.iter() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    Ok(SecretString::from(text))
}

/// What the database keeps of a token. A plain hash is enough: there are too many tokens to guess.
pub(super) fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// [`hash`] of a secret.
pub(super) fn hash_of(token: &SecretString) -> [u8; 32] {
    hash(token.expose_secret())
}
