//! Locks between processes. They are taken with `flock`, so the kernel releases them when the process ends,
//! even after a crash.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::error::StoreError;

/// Holds a lock until dropped.
#[derive(Debug)]
pub struct LockGuard {
    _file: File,
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
pub(crate) fn open(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(StoreError::io("open", path))
}
