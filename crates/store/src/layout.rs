//! The directories of a store, and how an empty directory becomes one.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

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
    lock_file(&dir, path, LockKind::Exclusive, waiting)?;
    let format = path.join("format");
    match fs::read_to_string(&format) {
        Ok(text) if text.lines().next() == Some(FORMAT) => return Ok(()),
        Ok(text) => {
            let found = text.lines().next().unwrap_or_default().to_owned();
            return Err(StoreError::Format { path: path.to_owned(), found });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::io("read", &format)(error)),
    }
    refuse_foreign(path)?;
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
