//! Locks between processes. They are taken with `flock`, so the kernel releases them when the process ends,
//! even after a crash. While it runs they are released by name: a process that another thread is just starting has
//! copies of all descriptors until it runs its program, and closing ours alone would leave the lock with it.

use std::fs::{File, OpenOptions, TryLockError};
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use crate::error::StoreError;

/// Holds a lock until dropped.
#[derive(Debug)]
pub struct LockGuard {
    _file: LockFile,
}

/// A file or directory to be locked. Its lock ends when this is dropped.
#[derive(Debug)]
pub(crate) struct LockFile(File);

impl From<File> for LockFile {
    fn from(file: File) -> LockFile {
        LockFile(file)
    }
}

impl Deref for LockFile {
    type Target = File;

    fn deref(&self) -> &File {
        &self.0
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Closing releases it too, if later.
        let _ = self.0.unlock();
    }
}

/// The first and the longest pause between two tries.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// Takes the exclusive lock on the file at `path`, which is made when it is not there.
pub(crate) fn acquire(
    path: &Path,
    waiting: &mut dyn FnMut(Duration) -> bool,
) -> Result<LockGuard, StoreError> {
    let file = open(path)?;
    let (mut pause, longest) = PAUSE;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(LockGuard { _file: file }),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", path)(source)),
        }
        if !waiting(waited) {
            return Err(StoreError::Cancelled);
        }
        std::thread::sleep(pause);
        waited += pause;
        pause = (pause * 2).min(longest);
    }
}

/// Opens a file for locking.
pub(crate) fn open(path: &Path) -> Result<LockFile, StoreError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map(LockFile)
        .map_err(StoreError::io("open", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a process has that another thread is starting: a copy of the descriptor.
    #[test]
    fn a_lock_ends_while_another_process_starts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let guard = acquire(&path, &mut |_| false).unwrap();
        let _copy = guard._file.try_clone().unwrap();
        assert!(matches!(acquire(&path, &mut |_| false), Err(StoreError::Cancelled)));
        drop(guard);
        acquire(&path, &mut |_| false).unwrap();
    }
}
