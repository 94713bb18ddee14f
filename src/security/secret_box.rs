//! Sealing the secrets that must be read back: cluster passwords.
//!
//! XChaCha20-Poly1305 with a random nonce. The row and column a secret belongs to are authenticated with it, so that a
//! sealed value moved to another row does not open. Layout: version (1 byte), key id (4), nonce (24), ciphertext with its
//! tag (16 more than the secret). The key is a file of 32 bytes, away from the database.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;
const KEY_BYTES: usize = 32;

/// Where a secret lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's id.
    pub row: i64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.table, self.column, self.row)
    }
}

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("cannot use the key file {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read or change the file.
    #[error(
        "the key file {} can be read or changed by others (mode {mode:04o}); run: chmod 400 {}",
        path.display(),
        path.display()
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is no key.
    #[error("the key file {} is not a key: it must hold exactly 32 bytes", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

/// Why a sealed secret does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed with another key.
    #[error(
        "this secret was sealed with another key; put back the key file that belongs to this database, or type the password again"
    )]
    WrongKey,
    /// It was changed, cut, or moved from another row.
    #[error("this secret is damaged or belongs to another row; type the password again")]
    Damaged,
}

/// Why a secret cannot be sealed.
#[derive(Debug, thiserror::Error)]
#[error("cannot seal a secret")]
pub struct SealError;

/// Seals and opens secrets with one key. Cheap to clone; the key is wiped with the last clone.
#[derive(Clone)]
pub struct SecretBox {
    key: Arc<Zeroizing<[u8; KEY_BYTES]>>,
    id: [u8; KEY_ID_BYTES],
}

impl fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretBox").finish_non_exhaustive()
    }
}

impl SecretBox {
    /// The key of a file; at the first start a new one is made, readable by its owner alone.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyError> {
        let file_error = |source| KeyError::File {
            path: path.to_owned(),
            source,
        };
        match File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(path)?;
                Self::read(File::open(path).map_err(file_error)?, path)
            }
            Err(error) => Err(file_error(error)),
        }
    }

    fn read(file: File, path: &Path) -> Result<Self, KeyError> {
        let path = || path.to_owned();
        let file_error = |source| KeyError::File { path: path(), source };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = file.metadata().map_err(file_error)?.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed { path: path(), mode });
            }
        }
        // One byte more than a key shows a file that is too long.
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 1));
        file.take(KEY_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(file_error)?;
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != KEY_BYTES {
            return Err(KeyError::NotAKey { path: path() });
        }
        key.copy_from_slice(&bytes);
        Ok(Self::of(key))
    }

    fn of(key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"sidetone key id\0");
        digest.update(&key[..]);
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest.finalize()[..KEY_ID_BYTES]);
        Self { key: Arc::new(key), id }
    }

    /// Seals a secret for its place.
    pub fn seal(&self, secret: &SecretString, place: Place) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| SealError)?;
        let ciphertext = self
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: secret.expose_secret().as_bytes(),
                    aad: place.to_string().as_bytes(),
                },
            )
            .map_err(|_| SealError)?;
        let mut sealed = Vec::with_capacity(HEADER_BYTES + ciphertext.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    /// Opens what was sealed for this very place.
    pub fn open(&self, sealed: &[u8], place: Place) -> Result<SecretString, OpenError> {
        let (version, rest) = sealed.split_first().ok_or(OpenError::Damaged)?;
        let (id, rest) = rest.split_first_chunk::<KEY_ID_BYTES>().ok_or(OpenError::Damaged)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError::Damaged)?;
        if *version != VERSION {
            return Err(OpenError::Damaged);
        }
        if *id != self.id {
            return Err(OpenError::WrongKey);
        }
        let aad = place.to_string();
        let payload = Payload {
            msg: ciphertext,
            aad: aad.as_bytes(),
        };
        let bytes = self
            .cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| OpenError::Damaged)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(SecretString::from(text)),
            Err(error) => {
                error.into_bytes().zeroize();
                Err(OpenError::Damaged)
            }
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&**self.key).into())
    }
}

/// Writes a new key beside `path` and links it into place: nobody ever reads half a key, and of two programs that start
/// at once the first wins.
fn create(path: &Path) -> Result<(), KeyError> {
    let file_error = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    getrandom::fill(&mut key[..])?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let draft = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(&key[..])?;
        file.sync_all()?;
        std::fs::hard_link(&draft, path)
    });
    let _ = std::fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(file_error(error)),
        _ => Ok(()),
    }
}
