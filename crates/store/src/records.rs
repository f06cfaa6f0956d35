//! Records: small JSON values by namespace and key, the results of earlier work.
//!
//! A record file is one line with the digest of the rest and the time of writing in nanoseconds
//! since 1970, then the JSON. Its modification time is when it was last used.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use packwright_oci::Digest;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::StoreError;
use crate::layout;
use crate::namespace::Namespace;
use crate::store::{self, Draft, Store};

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<T> {
    /// What was written.
    pub value: T,
    /// When it was written, by the clock of the machine that wrote it.
    pub written: SystemTime,
}

impl Store {
    /// The record of `namespace` under `key`; marks it as used now. A damaged record is removed and reported by
    /// [`Store::take_damage`]; the result is `None`. So it is for a record that is whole and not a `T`: another
    /// version of the program wrote it, and it stays until it is written anew.
    pub fn record<T: DeserializeOwned>(
        &self,
        namespace: Namespace,
        key: &Digest,
    ) -> Result<Option<Record<T>>, StoreError> {
        let path = self.record_path(namespace, key);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        let Some((json, written)) = checked(&bytes) else {
            self.discard(&path, "its bytes are not those that were written");
            return Ok(None);
        };
        match serde_json::from_slice(json) {
            Ok(value) => {
                touch(&path);
                Ok(Some(Record { value, written }))
            }
            Err(_) => Ok(None),
        }
    }

    /// Writes the record of `namespace` under `key` and replaces an earlier one. What it names must
    /// be on disk: call [`Store::commit`] before.
    ///
    /// The record keeps what it names from being pruned: every `sha256:<hex>` text in `value`, at any
    /// depth, counts as the name of a tree, a content or a blob.
    pub fn put_record<T: Serialize>(
        &self,
        namespace: Namespace,
        key: &Digest,
        value: &T,
    ) -> Result<(), StoreError> {
        let (line, json) = written(namespace, value)?;
        let path = self.record_path(namespace, key);
        self.make_room(namespace)?;
        self.write_durably(&path, &[line.as_bytes(), &json])
    }

    /// Writes many records of `namespace`, as [`Store::put_record`] does, and flushes once for all of them, which
    /// is a [`Store::commit`]: what they name need not be on disk before. Of two with the same key the later one
    /// stays. A crash in between leaves some of them, each of which is whole.
    ///
    /// Errors: when one cannot be written; those before it may be there.
    pub fn put_records<T: Serialize>(
        &self,
        namespace: Namespace,
        records: &[(Digest, T)],
    ) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        self.make_room(namespace)?;
        let paths: Vec<PathBuf> = records.iter().map(|(key, _)| self.record_path(namespace, key)).collect();
        let mut drafts = Vec::with_capacity(records.len());
        for (path, (_, value)) in paths.iter().zip(records) {
            let (line, json) = written(namespace, value)?;
            // Closed at once: there may be more of them than files may be open.
            drafts.push(self.draft(path, &[line.as_bytes(), &json])?.0);
        }
        self.commit()?;
        drafts.into_iter().try_for_each(Draft::publish)
    }

    /// Makes the directory of the records of `namespace`.
    fn make_room(&self, namespace: Namespace) -> Result<(), StoreError> {
        layout::make_dir(&self.path().join("records").join(namespace.name()))
    }

    /// Removes the record of `namespace` under `key`; it is no error when there is none.
    pub fn remove_record(&self, namespace: Namespace, key: &Digest) -> Result<(), StoreError> {
        let path = self.record_path(namespace, key);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// The cache directory `name` of steps; it is created when it does not exist. Marks it as used now.
    ///
    /// Errors: a name that is not made of lower case letters, digits, `-`, `_` and `.`, or
    /// starts with a dot.
    pub fn cache_dir(&self, name: &str) -> Result<PathBuf, StoreError> {
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
        };
        let valid =
            !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.bytes().all(allowed);
        if !valid {
            return Err(StoreError::Name { name: name.to_owned() });
        }
        let path = self.path().join("caches").join(name);
        layout::make_dir(&path)?;
        layout::own_room(&path)?;
        touch(&path);
        Ok(path)
    }
}

/// The two parts of a record file that is written now.
fn written<T: Serialize>(namespace: Namespace, value: &T) -> Result<(String, Vec<u8>), StoreError> {
    let json = serde_json::to_vec(value)
        .map_err(|source| StoreError::Unwritable { what: namespace.name(), source })?;
    let now = store::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let line = format!("{} {}\n", Digest::of(&json), now.as_nanos());
    Ok((line, json))
}

/// The JSON of a record file whose digest is right, and when it was written.
pub(crate) fn checked(bytes: &[u8]) -> Option<(&[u8], SystemTime)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (digest, written) = std::str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
    let digest: Digest = digest.parse().ok()?;
    let json = &bytes[end + 1..];
    let written = Duration::from_nanos(written.parse().ok()?);
    (Digest::of(json) == digest).then_some((json, SystemTime::UNIX_EPOCH + written))
}

/// Sets the time of last use. A failure is ignored, since it can only make the entry be pruned earlier.
fn touch(path: &Path) {
    let times = Timestamps {
        last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
    };
    let _ = rustix::fs::utimensat(rustix::fs::CWD, path, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
}
