//! Locks between processes. They are taken with `flock`, so the kernel releases them when the process ends,
//! even after a crash. While it runs they are released by name: a process that another thread is just starting has
//! copies of all descriptors until it runs its program, and closing ours alone would leave the lock with it. No
//! wait is blind: each asks its caller whether to go on, and knows who is waited for.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::StoreError;

/// Holds a lock until dropped. Then its file goes too: keys are as many as there is work, so that the files would
/// only become more.
#[derive(Debug)]
pub struct LockGuard {
    path: PathBuf,
    // Released after the file is gone, so that it is this one's to remove.
    _file: LockFile,
}

impl Drop for LockGuard {
    fn drop(&mut self) {
        // What stays is an empty file, which the next one to hold the lock removes.
        let _ = std::fs::remove_file(&self.path);
    }
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

/// Whether others may hold the lock at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Others may, shared as well.
    Shared,
    /// No other may.
    Exclusive,
}

/// A wait for a lock that another thread or process holds. It is given to the caller before every pause; the
/// caller says whether to go on.
#[derive(Debug)]
pub struct LockWait<'a> {
    /// The time waited so far.
    pub waited: Duration,
    file: &'a File,
}

impl LockWait<'_> {
    /// The process that holds the lock; `None` where the kernel does not tell, for one in another container for
    /// example.
    ///
    /// Source: proc_locks(5).
    pub fn holder(&self) -> Option<u32> {
        let found = self.file.metadata().ok()?;
        let (major, minor) = (rustix::fs::major(found.dev()), rustix::fs::minor(found.dev()));
        let at = format!("{major:02x}:{minor:02x}:{}", found.ino());
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        holder_in(&locks, &at)
    }
}

/// The first and the longest pause between two tries.
const PAUSE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// Takes the exclusive lock on the file at `path`, which is made when it is not there.
pub(crate) fn acquire(
    path: &Path,
    waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
) -> Result<LockGuard, StoreError> {
    loop {
        let file = open(path)?;
        lock_file(&file, path, LockKind::Exclusive, waiting)?;
        // One that was waited for is gone with its holder, and others meet at a new one by now.
        if is_at(&file, path).map_err(StoreError::io("look at", path))? {
            return Ok(LockGuard { path: path.to_owned(), _file: file });
        }
    }
}

/// Whether `path` is still the name of `file`.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let file = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (file.dev(), file.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Locks `file`, which is at `path`, until it is closed. `waiting` is called before every pause; when it returns
/// `false`, the wait ends with [`StoreError::Cancelled`].
pub fn lock_file(
    file: &File,
    path: &Path,
    kind: LockKind,
    waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
) -> Result<(), StoreError> {
    let (mut pause, longest) = PAUSE;
    let mut waited = Duration::ZERO;
    loop {
        let tried = match kind {
            LockKind::Shared => file.try_lock_shared(),
            LockKind::Exclusive => file.try_lock(),
        };
        match tried {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", path)(source)),
        }
        if !waiting(&LockWait { waited, file }) {
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

/// The process that holds a lock on the file `at`, `MAJOR:MINOR:INODE`, by the lines of `/proc/locks`.
fn holder_in(locks: &str, at: &str) -> Option<u32> {
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            // A line with an arrow in the second place is of a process that waits.
            [_, "FLOCK", _, _, process, file, ..] if *file == at => process.parse().ok().filter(|id| *id > 0),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_when_its_caller_says_so_and_names_the_holder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let held = acquire(&path, &mut |_| true).unwrap();
        for kind in [LockKind::Shared, LockKind::Exclusive] {
            let mut holder = None;
            let error = lock_file(&open(&path).unwrap(), &path, kind, &mut |wait| {
                holder = wait.holder();
                wait.waited < Duration::from_millis(10)
            });
            assert!(matches!(error, Err(StoreError::Cancelled)), "{kind:?}: {error:?}");
            assert_eq!(holder, Some(std::process::id()));
        }
        drop(held);
        let (one, other) = (open(&path).unwrap(), open(&path).unwrap());
        for file in [&one, &other] {
            lock_file(file, &path, LockKind::Shared, &mut |_| false).unwrap();
        }
    }

    /// Threads that lock by one name while each holder removes the file: never two at once, and no file is left.
    #[test]
    fn a_lock_leaves_no_file_and_has_one_holder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let _held = acquire(&path, &mut |_| true).unwrap();
                        assert_eq!(inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    }
                });
            }
        });
        assert!(!path.exists());
    }

    #[test]
    fn the_holder_is_not_one_who_waits_too() {
        let locks = "1: POSIX  ADVISORY  WRITE 9 fe:00:77 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 41 fe:00:77 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 42 fe:00:77 0 EOF\n\
                     3: FLOCK  ADVISORY  READ 0 fe:00:78 0 EOF\n";
        assert_eq!(holder_in(locks, "fe:00:77"), Some(41));
        assert_eq!(holder_in(locks, "fe:00:78"), None);
        assert_eq!(holder_in(locks, "fe:00:79"), None);
    }

    /// What a process has that another thread is starting: a copy of the descriptor.
    #[test]
    fn a_lock_ends_while_another_process_starts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = |file: &LockFile| lock_file(file, &path, LockKind::Exclusive, &mut |_| false);
        let (held, other) = (open(&path).unwrap(), open(&path).unwrap());
        lock(&held).unwrap();
        let _copy = held.try_clone().unwrap();
        assert!(matches!(lock(&other), Err(StoreError::Cancelled)));
        drop(held);
        lock(&other).unwrap();
    }
}
