//! [`StoreError`]: what can go wrong with the store itself, and what the user can do about it.

use std::io;
use std::path::{Path, PathBuf};

use packwright_oci::{Digest, RelPath};

use crate::format::FORMAT;

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The store was made by a version with other rules.
    #[error("`{}` holds a store of the format `{found}`, not `{}`", path.display(), FORMAT)]
    Format {
        /// The store.
        path: PathBuf,
        /// The first line of its `format` file.
        found: String,
    },
    /// The directory holds files that are not a store's.
    #[error("`{}` is not empty and not a store", path.display())]
    NotAStore {
        /// The directory.
        path: PathBuf,
    },
    /// The store, or a directory in it, belongs to another user.
    #[error("`{}` belongs to user {owner}, and this is user {us}", path.display())]
    NotOurs {
        /// The directory.
        path: PathBuf,
        /// The id of its owner.
        owner: u32,
        /// The id of the user who wants to use it.
        us: u32,
    },
    /// Other users can write into the store, or into a directory in it.
    #[error("other users can write into `{}`: its mode is {mode:04o}", path.display())]
    OpenToOthers {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Stored bytes are no longer those that were stored. The entry has been removed.
    #[error("`{}` was damaged: its content is not {digest}", path.display())]
    Corrupted {
        /// The entry that was removed.
        path: PathBuf,
        /// What it should have been.
        digest: Digest,
    },
    /// The bytes received are not those that were asked for.
    #[error("expected {expected} with {expected_size} bytes, got {found} with {found_size} bytes")]
    Mismatch {
        /// The digest asked for.
        expected: Digest,
        /// The length asked for, in bytes.
        expected_size: u64,
        /// The digest of the bytes received.
        found: Digest,
        /// The number of bytes received.
        found_size: u64,
    },
    /// Nothing with this digest is stored.
    #[error("{digest} is not among the stored {part}")]
    Missing {
        /// The part of the store: `files`, `blobs`, `trees`.
        part: &'static str,
        /// What was asked for.
        digest: Digest,
    },
    /// A tree holds something that a directory on disk cannot.
    #[error("`{path}` cannot be laid out on disk: {why}")]
    NotOnDisk {
        /// The entry.
        path: RelPath,
        /// Why not.
        why: &'static str,
    },
    /// A hard link in a tree that names no file of it.
    #[error("the hard link `{path}` names no file of its tree")]
    LooseLink {
        /// The link.
        path: RelPath,
    },
    /// A name that may not become part of a path.
    #[error("`{name}` is not a name of lower case letters, digits, `-`, `_` and `.`")]
    Name {
        /// The name.
        name: String,
    },
    /// Another build holds the store.
    #[error("the store `{}` is in use by another build", path.display())]
    Busy {
        /// The store.
        path: PathBuf,
    },
    /// The caller cancelled the wait for a lock.
    #[error("stopped while waiting for another build")]
    Cancelled,
    /// A value that cannot be written as JSON.
    #[error("cannot write the {what} record")]
    Unwritable {
        /// The record's namespace, or `tree`.
        what: &'static str,
        /// What the serializer said.
        source: serde_json::Error,
    },
    /// A store that is not a directory failed, for example a server.
    #[error("cannot {action} in {place}")]
    Backend {
        /// What was tried, a verb with its object.
        action: &'static str,
        /// The store, as messages name it.
        place: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// An operating system error at `path`.
    pub(crate) fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> StoreError {
        let path = path.as_ref().to_owned();
        move |source| StoreError::Io { action, path, source }
    }

    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            StoreError::Io { source, path, .. } => io_fix(source, path),
            StoreError::Format { .. } | StoreError::NotAStore { .. } => {
                Some("choose another directory for the store, or remove this one".to_owned())
            }
            StoreError::NotOurs { .. } => Some(
                "give each user a store: name a directory of your own with `--store DIR`; a directory that is not \
                 there yet is made"
                    .to_owned(),
            ),
            StoreError::OpenToOthers { path, .. } => Some(format!(
                "name another directory with `--store DIR`, which is made when it is not there, or, if no other user \
                 ever wrote into this one, run `chmod go-w {}`",
                path.display()
            )),
            StoreError::Corrupted { .. } => Some(
                "build again: the damaged entry was removed and will be made anew; \
                 if this comes back, check the disk"
                    .to_owned(),
            ),
            StoreError::Missing { .. } => Some("build again: what is missing will be made anew".to_owned()),
            StoreError::Busy { .. } => Some(
                "wait until no build runs, then try again; `packwright cache prune --wait` does that".to_owned(),
            ),
            StoreError::Mismatch { .. }
            | StoreError::NotOnDisk { .. }
            | StoreError::LooseLink { .. }
            | StoreError::Name { .. }
            | StoreError::Cancelled
            | StoreError::Backend { .. }
            | StoreError::Unwritable { .. } => None,
        }
    }

    /// Whether the same call may succeed later without a change by the user.
    pub fn is_transient(&self) -> bool {
        matches!(self, StoreError::Busy { .. })
    }
}

fn io_fix(source: &io::Error, path: &Path) -> Option<String> {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(
            "free some space, with `packwright cache prune` for example, or put the store on \
             another disk"
                .to_owned(),
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Some(format!(
            "make `{}` writable for you, or choose another directory for the store",
            path.display()
        )),
        _ => None,
    }
}
