//! [`Store`]: opening it, and what all its directories share: paths of entries, locks, temporary files,
//! and writing to disk.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use packwright_oci::Digest;
use packwright_planner::Diagnostic;
use rustix::fs::{Timespec, Timestamps};

use crate::confined_dir::ConfinedDir;
use crate::error::StoreError;
use crate::format::{EXECUTABLE, FILE_TIME, PLAIN};
use crate::lock::{LockFile, LockGuard, LockKind, LockWait};
use crate::namespace::Namespace;
use crate::scratch::Scratch;
use crate::{layout, lock, scratch};

/// An open store. Share it by reference among threads.
///
/// While it is open, nothing is removed from the store: [`Store::prune`] in another process
/// does not wait but fails.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// The directory of file contents, kept open because a build looks into it thousands of times.
    pub(crate) files: ConfinedDir,
    /// Temporary files, on the same file system as the entries they become.
    drafts: Scratch,
    next_draft: AtomicU64,
    pub(crate) damage: Mutex<Vec<Diagnostic>>,
    /// Locked shared as long as the store is open, exclusively while it is pruned.
    pub(crate) in_use: LockFile,
}

/// The lock that every open store holds shared, and a prune exclusively.
pub(crate) const IN_USE: &str = "locks/store";

/// The lock that is held while a store is opened, and exclusively by a prune that waits for its turn: a store that is
/// always in use would never be free otherwise.
pub(crate) const TURN: &str = "locks/turn";

impl Store {
    /// Opens the store at `path`, an absolute path; makes one when there is nothing or an empty
    /// directory. Waits while another process prunes it, however long; [`Store::open_with`] can be ended. Removes
    /// what killed processes left behind.
    ///
    /// Errors: a directory with other content, a store of another format.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_with(path, &mut |_| true)
    }

    /// [`Store::open`], with `waiting` called while another process prunes the store, see [`Store::lock`].
    pub fn open_with(
        path: &Path,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<Store, StoreError> {
        layout::prepare(path, waiting)?;
        let turn_path = path.join(TURN);
        let turn = lock::open(&turn_path)?;
        lock::lock_file(&turn, &turn_path, LockKind::Shared, waiting)?;
        let in_use_path = path.join(IN_USE);
        let in_use = lock::open(&in_use_path)?;
        lock::lock_file(&in_use, &in_use_path, LockKind::Shared, waiting)?;
        drop(turn);
        let (scratch_dir, gate) = (path.join("scratch"), path.join("locks/scratch"));
        scratch::remove_dead(&scratch_dir, &gate)?;
        let files = path.join("files");
        Ok(Store {
            path: path.to_owned(),
            files: ConfinedDir::open(&files).map_err(StoreError::io("open", &files))?,
            drafts: Scratch::make(&scratch_dir, &gate, waiting)?,
            next_draft: AtomicU64::new(0),
            damage: Mutex::new(Vec::new()),
            in_use,
        })
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the exclusive lock on `key` of `namespace`, and waits while another thread or process holds it.
    ///
    /// `waiting` is called before every pause of the wait; when it returns `false`, the wait ends with [`StoreError::Cancelled`].
    pub fn lock(
        &self,
        namespace: Namespace,
        key: &Digest,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<LockGuard, StoreError> {
        let name = format!("{namespace}-{}", key.hex());
        lock::acquire(&self.path().join("locks").join(name), waiting)
    }

    /// A new empty directory for temporary files; see [`Scratch`].
    pub fn scratch(&self) -> Result<Scratch, StoreError> {
        self.scratch_with(&mut |_| true)
    }

    /// [`Store::scratch`], with `waiting` called while another process lists such directories, see
    /// [`Store::lock`].
    pub fn scratch_with(
        &self,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<Scratch, StoreError> {
        Scratch::make(&self.path().join("scratch"), &self.path().join("locks/scratch"), waiting)
    }

    /// Flushes everything stored so far to the disk. Call it once per step, before the record is written that
    /// makes the contents reachable.
    ///
    /// It flushes the whole file system (`syncfs`): one call for thousands of files, but it also waits for the
    /// unwritten data of other programs.
    pub fn commit(&self) -> Result<(), StoreError> {
        let dir = File::open(&self.path).map_err(StoreError::io("open", &self.path))?;
        rustix::fs::syncfs(&dir).map_err(|error| StoreError::io("write out", &self.path)(error.into()))
    }

    /// Removes a directory of the store so that an interruption leaves all of it or nothing: it is moved away
    /// before it is emptied. What is left of it then is removed as what killed processes left behind.
    pub(crate) fn retire(&self, path: &Path) -> std::io::Result<()> {
        let away = self.draft_path();
        match fs::rename(path, &away) {
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                // Moving a directory rewrites its `..`, which needs write access to itself.
                fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
                fs::rename(path, &away)?;
            }
            other => other?,
        }
        scratch::remove_tree(&away)
    }

    /// Where the content `digest` is kept, in the twin for executables or the other.
    pub(crate) fn file_path(&self, digest: &Digest, executable: bool) -> PathBuf {
        self.path().join("files").join(layout::file_name(digest, executable))
    }

    /// Where the blob `digest` is or would be.
    pub fn blob_path(&self, digest: &Digest) -> PathBuf {
        self.path().join("blobs/sha256").join(digest.hex())
    }

    pub(crate) fn tree_path(&self, digest: &Digest) -> PathBuf {
        self.path().join("trees").join(format!("{}.json", digest.hex()))
    }

    pub(crate) fn record_path(&self, namespace: Namespace, key: &Digest) -> PathBuf {
        self.path().join("records").join(namespace.name()).join(key.hex())
    }

    /// A path for a new temporary file.
    pub(crate) fn draft_path(&self) -> PathBuf {
        let number = self.next_draft.fetch_add(1, Ordering::Relaxed);
        self.drafts.path().join(number.to_string())
    }

    /// Writes a small file so that after a crash it is either absent or complete.
    pub(crate) fn write_durably(&self, path: &Path, parts: &[&[u8]]) -> Result<(), StoreError> {
        let (draft, file) = self.draft(path, parts)?;
        file.sync_data().map_err(StoreError::io("write", path))?;
        draft.publish()
    }

    /// Writes a small file beside its place: the first half of [`Store::write_durably`]. It must be on the disk
    /// before it is published.
    pub(crate) fn draft<'a>(&self, path: &'a Path, parts: &[&[u8]]) -> Result<(Draft<'a>, File), StoreError> {
        let draft = Draft { path, at: self.draft_path() };
        let write = || {
            let mut file = File::create_new(&draft.at)?;
            for part in parts {
                file.write_all(part)?;
            }
            Ok(file)
        };
        let file = write().map_err(StoreError::io("write", path))?;
        Ok((draft, file))
    }
}

/// A small file that is not at its place yet. Dropped, it is gone.
pub(crate) struct Draft<'a> {
    path: &'a Path,
    at: PathBuf,
}

impl Draft<'_> {
    /// Moves it to its place, over what was there.
    pub(crate) fn publish(self) -> Result<(), StoreError> {
        fs::rename(&self.at, self.path).map_err(StoreError::io("write", self.path))
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        // After the move there is none; no other draft ever has its name.
        let _ = fs::remove_file(&self.at);
    }
}

/// The times that files and directories of roots carry.
pub(crate) fn fixed_times() -> Timestamps {
    let time = Timespec { tv_sec: FILE_TIME, tv_nsec: 0 };
    Timestamps { last_access: time, last_modification: time }
}

/// Whether `found` has the modification time that the store gave it, which a write changes.
pub(crate) fn has_fixed_time(found: &rustix::fs::Stat) -> bool {
    found.st_mtime == FILE_TIME
}

/// Whether `found` is a copy of a content as the store made it, by its mode and time.
pub(crate) fn is_sealed(found: &rustix::fs::Stat, executable: bool) -> bool {
    let mode = if executable { EXECUTABLE } else { PLAIN };
    found.st_mode & 0o7777 == mode && has_fixed_time(found)
}

/// The current time. Only for the time of last use and for ages; it must not reach an image.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
