//! Digests of source files by their time stamps, so that a rebuild reads only what changed.
//!
//! The rule is git's for "racily clean" entries: a time stamp proves nothing about a file that had
//! just been written when it was read, because a later write within the same tick of the file system's
//! clock leaves the stamp unchanged. Such files are read again by the next build.
//!
//! Git leaves out what is true of memory maps: a page that was written through one is writable, and no further write
//! moves the time of its file, until the kernel has written the page to the disk. So a file counts only when it was
//! modified longer ago than that takes; in file systems that have no disk, never.

use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use packwright_oci::{Digest, Hasher, RelPath};
use rustix::fs::Stat;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::namespace::Namespace;
use crate::store::Store;

/// Digests of source files, by directory.
const SOURCE: Namespace = Namespace::new("source");

/// How old a file must be before its stamp is trusted: the coarsest tick in use (FAT, 2 s).
const SETTLED: Duration = Duration::from_secs(2);

/// How long the kernel leaves a written page in memory, with a margin: 30 s until it is old, and up to 5 s until that
/// is noticed. Who sets other values has to wait for these, or to close the file, before a build.
///
/// Source: Linux, Documentation/admin-guide/sysctl/vm.rst, `dirty_expire_centisecs`, `dirty_writeback_centisecs`.
const WRITTEN_BACK: Duration = Duration::from_secs(60);

/// File systems in memory, by the number that statfs(2) has for them: nothing is ever written back, and no write
/// through a map moves a time.
const IN_MEMORY: [u32; 2] = [0x0102_1994, 0x8584_58f6]; // tmpfs, ramfs

/// The part of a file's metadata that changes with every write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The digest of one file, valid as long as the file has the same stamp. A JSON array on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StatCacheEntry(pub(crate) RelPath, pub(crate) Stamp, pub(crate) Digest);

impl Stamp {
    pub(crate) fn of(stat: &Stat) -> Stamp {
        Stamp {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: stat.st_size as u64,
            modified: (stat.st_mtime, stat.st_mtime_nsec as i64),
            changed: (stat.st_ctime, stat.st_ctime_nsec as i64),
        }
    }

    /// Adds all of it to `hasher`.
    pub(crate) fn hash(&self, hasher: &mut Hasher) {
        let (modified, changed) = (self.modified, self.changed);
        for part in [self.device, self.inode, self.size] {
            hasher.update(&part.to_le_bytes());
        }
        for part in [modified.0, modified.1, changed.0, changed.1] {
            hasher.update(&part.to_le_bytes());
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether every write after `read_at` by a call changes the stamp.
    pub(crate) fn is_settled(&self, read_at: SystemTime) -> bool {
        is_before(self.modified, read_at, SETTLED) && is_before(self.changed, read_at, SETTLED)
    }

    /// Whether every write after `read_at` through a memory map changes the stamp, where files are on a disk.
    pub(crate) fn is_written_back(&self, read_at: SystemTime) -> bool {
        is_before(self.modified, read_at, WRITTEN_BACK)
    }
}

/// Whether `time` (seconds and nanoseconds) is more than `margin` before `read_at`.
fn is_before(time: (i64, i64), read_at: SystemTime, margin: Duration) -> bool {
    let Some(limit) = read_at.checked_sub(margin) else { return false };
    let Ok(limit) = limit.duration_since(SystemTime::UNIX_EPOCH) else { return false };
    time < (limit.as_secs() as i64, i64::from(limit.subsec_nanos()))
}

/// Whether `file` is on a file system whose time stamps tell of all writes.
pub(crate) fn is_on_disk(file: impl AsFd) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|found| !IN_MEMORY.contains(&(found.f_type as u32)))
}

/// The entries for the files of `dir`, in the order of their paths.
pub(crate) fn load(store: &Store, dir: &Path) -> Result<Vec<StatCacheEntry>, StoreError> {
    load_as(store, SOURCE_DIR, dir)
}

/// The same, as far as they were noted for the purpose `kind`.
pub(crate) fn load_as(store: &Store, kind: &[u8], dir: &Path) -> Result<Vec<StatCacheEntry>, StoreError> {
    let record = store.record::<Vec<StatCacheEntry>>(SOURCE, &key(kind, dir))?;
    Ok(record.map(|record| record.value).unwrap_or_default())
}

/// Stores the entries for the files of `dir`.
pub(crate) fn save(store: &Store, dir: &Path, known: &[StatCacheEntry]) -> Result<(), StoreError> {
    save_as(store, SOURCE_DIR, dir, known)
}

/// The same for the purpose `kind`.
pub(crate) fn save_as(
    store: &Store,
    kind: &[u8],
    dir: &Path,
    known: &[StatCacheEntry],
) -> Result<(), StoreError> {
    store.put_record(SOURCE, &key(kind, dir), &known)
}

/// Where sources are.
const SOURCE_DIR: &[u8] = b"source directory";

fn key(kind: &[u8], dir: &Path) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update_framed(kind);
    hasher.update_framed(dir.as_os_str().as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests;
