//! Stores, and directories in them, that other users own or can write into.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use packwright_store::{Store, StoreError};

use crate::{chmod, store};

fn refused(path: &Path) -> StoreError {
    let error = Store::open(path).unwrap_err();
    assert!(error.fix().is_some(), "{error}");
    error
}

#[test]
fn a_store_that_others_can_write_into_is_refused() {
    let (dir, store) = store();
    let path = store.path().to_owned();
    drop(store);
    let rooms = ["", "files", "files/0a", "blobs/sha256", "roots", "records", "caches", "scratch", "locks"];
    for room in rooms {
        let room = path.join(room);
        for mode in [0o777, 0o770, 0o702] {
            chmod(&room, mode);
            let error = refused(&path);
            assert!(matches!(error, StoreError::OpenToOthers { .. }), "{}: {error}", room.display());
            assert!(error.to_string().contains(room.to_str().unwrap().trim_end_matches('/')), "{error}");
        }
        chmod(&room, 0o755);
        Store::open(&path).unwrap();
    }
    // Prepared by another user before there is a store.
    let prepared = dir.path().join("prepared");
    fs::create_dir_all(prepared.join("roots")).unwrap();
    chmod(&prepared, 0o700);
    chmod(&prepared.join("roots"), 0o777);
    assert!(matches!(refused(&prepared), StoreError::OpenToOthers { .. }));
    assert!(!prepared.join("format").exists());
}

#[test]
fn a_room_that_leads_elsewhere_is_refused() {
    let (dir, store) = store();
    let path = store.path().to_owned();
    drop(store);
    fs::rename(path.join("roots"), dir.path().join("roots")).unwrap();
    symlink(dir.path().join("roots"), path.join("roots")).unwrap();
    assert!(matches!(refused(&path), StoreError::NotAStore { .. }));
}

#[test]
fn a_store_of_another_user_is_refused() {
    const NOBODY: u32 = 65_534;
    let dir = tempfile::tempdir().unwrap();
    // Who is no superuser cannot give a directory away, but has that of the superuser.
    let (path, owner) = match rustix::process::geteuid().is_root() {
        true => {
            let path = dir.path().join("store");
            drop(Store::open(&path).unwrap());
            std::os::unix::fs::chown(path.join("records"), Some(NOBODY), None).unwrap();
            (path, NOBODY)
        }
        false => ("/usr".into(), 0),
    };
    let error = refused(&path);
    assert!(matches!(error, StoreError::NotOurs { owner: found, .. } if found == owner), "{error}");
}

#[test]
fn a_cache_that_a_step_opened_is_closed() {
    let (_dir, store) = store();
    let cache = store.cache_dir("pip").unwrap();
    chmod(&cache, 0o777);
    store.cache_dir("pip").unwrap();
    assert_eq!(crate::mode(&cache), 0o700);
}

/// A step may set the bit in its root, which is a scratch directory.
#[test]
fn a_setuid_file_in_a_scratch_directory_can_be_reached_by_nobody_else() {
    let (dir, store) = store();
    // Everything above is open, as a store below `/var` may be.
    for path in [dir.path(), store.path(), &store.path().join("scratch")] {
        chmod(path, 0o755);
    }
    let scratch = store.scratch().unwrap();
    assert_eq!(crate::mode(scratch.path()), 0o700);
    let program = scratch.path().join("id");
    fs::copy("/usr/bin/id", &program).unwrap();
    chmod(&program, 0o6755);
    if rustix::process::geteuid().is_root() {
        // The shell, since `setpriv` still has root's capabilities when it starts a program.
        let as_nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", "exec \"$0\""];
        let ran = std::process::Command::new("setpriv").args(as_nobody).arg(&program).output().unwrap();
        assert!(!ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
    }
}
