//! [`Scratch`]: a temporary directory of a store. It is removed when it is dropped. If the process was killed
//! before, the next process that opens the store removes it, because its lock is free.

use std::fs::{File, TryLockError};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::error::StoreError;
use crate::lock::{LockFile, LockKind, LockWait};
use crate::{confined_dir, lock};

/// A private directory, mode 0700. Removed with all its content when dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    _alive: LockFile,
}

/// How many directories removal holds open at once. Deeper directories are moved to the top first, which
/// bounds open files and stack.
const MAX_OPEN_DEPTH: usize = 64;

impl Scratch {
    /// The path of the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a directory in `scratch_dir` and locks it. The lock on `gate` prevents that another process
    /// removes it before it is locked.
    pub(crate) fn make(
        scratch_dir: &Path,
        gate: &Path,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<Scratch, StoreError> {
        let gate_file = lock::open(gate)?;
        lock::lock_file(&gate_file, gate, LockKind::Shared, waiting)?;
        let pid = rustix::process::getpid().as_raw_nonzero();
        for number in 0_u64.. {
            let path = scratch_dir.join(format!("{pid}-{number}"));
            match rustix::fs::mkdir(&path, Mode::RWXU) {
                Ok(()) => {}
                Err(Errno::EXIST) => continue,
                Err(error) => return Err(StoreError::io("make", &path)(error.into())),
            }
            let alive = LockFile::from(File::open(&path).map_err(StoreError::io("open", &path))?);
            alive.try_lock().map_err(|error| StoreError::io("lock", &path)(error.into()))?;
            return Ok(Scratch { path, _alive: alive });
        }
        unreachable!("there are more numbers than directories")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next one to open the store.
        let _ = remove_tree(&self.path);
    }
}

/// Removes the scratch directories in `scratch_dir` whose process has ended. What cannot be removed is left; it
/// costs only space.
pub(crate) fn remove_dead(scratch_dir: &Path, gate: &Path) -> Result<(), StoreError> {
    let gate_file = lock::open(gate)?;
    match gate_file.try_lock() {
        Ok(()) => {}
        // Another process makes or removes one; the next opening will do.
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(source)) => return Err(StoreError::io("lock", gate)(source)),
    }
    let mut dead = Vec::new();
    for entry in std::fs::read_dir(scratch_dir).map_err(StoreError::io("list", scratch_dir))? {
        let path = entry.map_err(StoreError::io("list", scratch_dir))?.path();
        let Ok(dir) = File::open(&path).map(LockFile::from) else { continue };
        if dir.try_lock().is_ok() {
            dead.push((path, dir));
        }
    }
    // All builds wait for the gate when they need a directory of their own, and removing one can take long. The
    // directories' own locks keep others from removing them at the same time.
    drop(gate_file);
    for (path, _locked) in dead {
        let _ = remove_tree(&path);
    }
    Ok(())
}

/// Removes a directory with all its content, even where its modes forbid that to the owner. Never
/// follows a symbolic link. It is no error when the path does not exist.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let top = match open_dir(rustix::fs::CWD, path.as_os_str().as_encoded_bytes()) {
        Ok(top) => top,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut moved = 0_u64;
    loop {
        let before = moved;
        empty(&top, &top, 0, &mut moved)?;
        if before == moved {
            break;
        }
    }
    drop(top);
    Ok(rustix::fs::rmdir(path)?)
}

/// Empties `dir`. Directories that lie too deep are moved up into `top` for the next round.
fn empty(top: &OwnedFd, dir: &OwnedFd, depth: usize, moved: &mut u64) -> io::Result<()> {
    for found in confined_dir::list(dir.as_fd())? {
        let name = found.name.as_slice();
        if found.file_type() != FileType::Directory {
            absent_is_fine(rustix::fs::unlinkat(dir, name, AtFlags::empty()))?;
            continue;
        }
        if depth >= MAX_OPEN_DEPTH {
            // Moving a directory rewrites its `..`, which needs write access to itself.
            open_dir(dir, name)?;
            loop {
                let away = format!(".deep-{moved}");
                *moved += 1;
                match rustix::fs::renameat(dir, name, top, away.as_str()) {
                    Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => continue,
                    other => break other?,
                }
            }
            continue;
        }
        let inner = open_dir(dir, name)?;
        empty(top, &inner, depth + 1, moved)?;
        drop(inner);
        absent_is_fine(rustix::fs::unlinkat(dir, name, AtFlags::REMOVEDIR))?;
    }
    Ok(())
}

/// Opens a directory and makes sure that its owner may change it.
fn open_dir(at: impl AsFd, name: &[u8]) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let fd = match rustix::fs::openat(&at, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => {
            rustix::fs::chmodat(&at, name, Mode::RWXU, AtFlags::empty())?;
            rustix::fs::openat(&at, name, flags, Mode::empty())?
        }
        other => other?,
    };
    let mode = Mode::from_raw_mode(rustix::fs::fstat(&fd)?.st_mode);
    if !mode.contains(Mode::RWXU) {
        rustix::fs::fchmod(&fd, Mode::RWXU)?;
    }
    Ok(fd)
}

fn absent_is_fine(result: rustix::io::Result<()>) -> io::Result<()> {
    match result {
        Err(Errno::NOENT) => Ok(()),
        other => Ok(other?),
    }
}
