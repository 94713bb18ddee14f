//! The secret box: its key file, and what opens and what does not.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretString};
use sidetone::security::{KeyError, OpenError, Place, SecretBox};
use tempfile::TempDir;

const HERE: Place = Place {
    table: "cluster",
    column: "login_password",
    row: 1,
};

fn key_file() -> (PathBuf, TempDir) {
    let folder = TempDir::new().unwrap();
    (folder.path().join("secret.key"), folder)
}

fn secret() -> SecretString {
    SecretString::from("pärolë of the cluster")
}

#[test]
fn what_was_sealed_opens_after_a_restart() {
    let (path, folder) = key_file();
    let sealed = SecretBox::open_or_create(&path).unwrap().seal(&secret(), HERE).unwrap();
    let opened = SecretBox::open_or_create(&path).unwrap().open(&sealed, HERE).unwrap();
    assert_eq!(opened.expose_secret(), secret().expose_secret());
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 32);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "no draft is left behind"
    );
}

#[test]
fn two_seals_of_one_secret_differ() {
    let (path, _folder) = key_file();
    let secrets = SecretBox::open_or_create(&path).unwrap();
    assert_ne!(
        secrets.seal(&secret(), HERE).unwrap(),
        secrets.seal(&secret(), HERE).unwrap()
    );
}

#[test]
fn a_sealed_secret_does_not_open_in_another_place() {
    let (path, _folder) = key_file();
    let secrets = SecretBox::open_or_create(&path).unwrap();
    let sealed = secrets.seal(&secret(), HERE).unwrap();
    let places = [
        Place { row: 2, ..HERE },
        Place {
            column: "control_password",
            ..HERE
        },
        Place { table: "other", ..HERE },
    ];
    for place in places {
        assert_eq!(secrets.open(&sealed, place).unwrap_err(), OpenError::Damaged, "{place}");
    }
}

#[test]
fn a_changed_or_cut_secret_does_not_open() {
    let (path, _folder) = key_file();
    let secrets = SecretBox::open_or_create(&path).unwrap();
    let sealed = secrets.seal(&secret(), HERE).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(secrets.open(&changed, HERE).is_err(), "byte {at}");
        assert!(secrets.open(&sealed[..at], HERE).is_err(), "cut at {at}");
    }
}

#[test]
fn another_key_is_told_apart_from_damage() {
    let (path, _folder) = key_file();
    let (other_path, _other_folder) = key_file();
    let sealed = SecretBox::open_or_create(&path).unwrap().seal(&secret(), HERE).unwrap();
    let error = SecretBox::open_or_create(&other_path)
        .unwrap()
        .open(&sealed, HERE)
        .unwrap_err();
    assert_eq!(error, OpenError::WrongKey);
    assert!(error.to_string().contains("another key"), "{error}");
}

#[test]
fn a_file_of_another_length_is_no_key_and_stays_as_it_is() {
    for length in [0, 31, 33] {
        let (path, _folder) = key_file();
        std::fs::write(&path, vec![7; length]).unwrap();
        close_to_others(&path);
        let error = SecretBox::open_or_create(&path).unwrap_err();
        assert!(matches!(error, KeyError::NotAKey { .. }), "{length}: {error}");
        assert_eq!(std::fs::read(&path).unwrap().len(), length);
    }
}

#[cfg(unix)]
#[test]
fn the_key_is_its_owners_alone_or_it_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let (path, _folder) = key_file();
    SecretBox::open_or_create(&path).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o400);
    for mode in [0o440, 0o404, 0o644, 0o420] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let error = SecretBox::open_or_create(&path).unwrap_err();
        assert!(matches!(error, KeyError::Exposed { .. }), "{error}");
        assert!(error.to_string().contains("chmod 400"), "{error}");
    }
}

fn close_to_others(path: &std::path::Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn debug_shows_no_key() {
    let (path, _folder) = key_file();
    let secrets = SecretBox::open_or_create(&path).unwrap();
    assert_eq!(format!("{secrets:?}"), "SecretBox { .. }");
}
