//! The directories of a store, and how an empty directory becomes one.

use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use packwright_oci::Digest;

use crate::error::StoreError;
use crate::format::FORMAT;
use crate::lock::{LockFile, LockKind, LockWait, lock_file};

/// The directories at the top of a store.
pub(crate) const DIRECTORIES: [&str; 8] =
    ["files", "blobs", "trees", "roots", "records", "caches", "scratch", "locks"];

/// Makes `path` a store unless it is one. Several processes may do this at the same time.
pub(crate) fn prepare(path: &Path, waiting: &mut dyn FnMut(&LockWait<'_>) -> bool) -> Result<(), StoreError> {
    make_dir(path)?;
    let dir = LockFile::from(File::open(path).map_err(StoreError::io("open", path))?);
    refuse_shared(path, &dir.metadata().map_err(StoreError::io("look at", path))?)?;
    lock_file(&dir, path, LockKind::Exclusive, waiting)?;
    let format = path.join("format");
    match fs::read_to_string(&format) {
        Ok(text) if text.lines().next() == Some(FORMAT) => return refuse_shared_rooms(path),
        Ok(text) => {
            let found = text.lines().next().unwrap_or_default().to_owned();
            return Err(StoreError::Format { path: path.to_owned(), found });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::io("read", &format)(error)),
    }
    refuse_foreign(path)?;
    refuse_shared_rooms(path)?;
    for dir in DIRECTORIES {
        make_dir(&path.join(dir))?;
    }
    make_dir(&path.join("blobs/sha256"))?;
    for byte in 0..=u8::MAX {
        make_dir(&path.join(format!("files/{byte:02x}")))?;
    }
    // Last, so that a store with this file is complete.
    let draft = path.join("format.new");
    fs::write(&draft, format!("{FORMAT}\n")).map_err(StoreError::io("write", &draft))?;
    fs::rename(&draft, &format).map_err(StoreError::io("write", &format))
}

/// Refuses a directory with files of other programs. What an interrupted attempt left is accepted.
fn refuse_foreign(path: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(path).map_err(StoreError::io("list", path))? {
        let name = entry.map_err(StoreError::io("list", path))?.file_name();
        let ours = name.to_str().is_some_and(|name| name == "format.new" || DIRECTORIES.contains(&name));
        if !ours {
            return Err(StoreError::NotAStore { path: path.to_owned() });
        }
    }
    Ok(())
}

/// Refuses a directory that another user owns or can change: what lies there is not what this user stored.
///
/// Access control lists count too, since the group's bits bound what they grant.
///
/// Source: acl(5), "Correspondence between ACL entries and file permission bits".
fn refuse_shared(path: &Path, found: &Metadata) -> Result<(), StoreError> {
    const OTHERS_WRITE: u32 = 0o022;
    let us = rustix::process::geteuid().as_raw();
    if !found.is_dir() {
        return Err(StoreError::NotAStore { path: path.to_owned() });
    }
    if found.uid() != us {
        return Err(StoreError::NotOurs { path: path.to_owned(), owner: found.uid(), us });
    }
    match found.mode() & OTHERS_WRITE {
        0 => Ok(()),
        _ => Err(StoreError::OpenToOthers { path: path.to_owned(), mode: found.mode() & 0o7777 }),
    }
}

/// [`refuse_shared`] for the directories in which the store makes and finds its entries by name.
fn refuse_shared_rooms(store: &Path) -> Result<(), StoreError> {
    let mut rooms: Vec<PathBuf> = DIRECTORIES.iter().map(|dir| store.join(dir)).collect();
    for parent in ["files", "blobs", "records"] {
        let parent = store.join(parent);
        match fs::read_dir(&parent) {
            Ok(entries) => {
                for entry in entries {
                    rooms.push(entry.map_err(StoreError::io("list", &parent))?.path());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("list", &parent)(error)),
        }
    }
    for room in rooms {
        match fs::symlink_metadata(&room) {
            Ok(found) => refuse_shared(&room, &found)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("look at", &room)(error)),
        }
    }
    Ok(())
}

/// Refuses a cache that another user owns. One that others can write is closed to them: its steps may have set
/// any mode, and until now the directories above it kept others out.
pub(crate) fn own_room(path: &Path) -> Result<(), StoreError> {
    let found = fs::symlink_metadata(path).map_err(StoreError::io("look at", path))?;
    match refuse_shared(path, &found) {
        Err(StoreError::OpenToOthers { .. }) => fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(StoreError::io("close", path)),
        other => other,
    }
}

/// Makes a directory and those above it, for the owner alone.
pub(crate) fn make_dir(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreError::io("make", path))
}

/// The name of a content inside `files`.
pub(crate) fn file_name(digest: &Digest, executable: bool) -> String {
    let hex = digest.hex();
    let twin = if executable { ".x" } else { "" };
    format!("{}/{hex}{twin}", &hex[..2])
}
