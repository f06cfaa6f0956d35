//! Removes directories that steps have left behind, whatever their permissions.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

const DIRECTORY: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// How deep directories are held open. What is deeper is first moved up, so that neither the stack nor the number of
/// open files bounds the depth.
const DEPTH: usize = 32;

/// Removes a file or a directory with everything in it. Does nothing if it is not there.
///
/// Directories without permissions (mode 0000) and the kernel's in an overlay's work directory are made
/// accessible first; they belong to the caller, as a sandbox maps one id. Symbolic links are removed, never
/// followed. No other process may be writing to the tree.
///
/// # Errors
///
/// The first one; what comes before it is gone by then.
pub fn remove_tree(path: &Path) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Err(io::ErrorKind::InvalidInput.into()) };
    let name = CString::new(name.as_encoded_bytes())?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent =
        match rustix::fs::open(parent, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) {
            Err(Errno::NOENT) => return Ok(()),
            other => other?,
        };
    match rustix::fs::statat(&parent, &name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(()),
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Directory => {}
        Ok(_) => return Ok(rustix::fs::unlinkat(&parent, &name, AtFlags::empty())?),
        Err(errno) => return Err(errno.into()),
    }
    let top = open(&parent, &name)?;
    // Each round removes everything down to `DEPTH` and moves what is deeper to the top.
    let mut moved = 0;
    loop {
        let before = moved;
        empty(&top, &top, 0, &mut moved)?;
        if moved == before {
            break;
        }
    }
    Ok(rustix::fs::unlinkat(&parent, &name, AtFlags::REMOVEDIR)?)
}

fn empty(top: &OwnedFd, directory: &OwnedFd, depth: usize, moved: &mut u64) -> io::Result<()> {
    // Names first: what a directory lists while it is being changed is not defined.
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            names.push((name.to_owned(), entry.file_type()));
        }
    }
    for (name, kind) in names {
        let kind = match kind {
            FileType::Unknown => {
                let stat = rustix::fs::statat(directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
                FileType::from_raw_mode(stat.st_mode)
            }
            known => known,
        };
        if kind != FileType::Directory {
            rustix::fs::unlinkat(directory, &name, AtFlags::empty())?;
            continue;
        }
        let child = open(directory, &name)?;
        if depth == DEPTH {
            lift(top, directory, &name, moved)?;
            continue;
        }
        empty(top, &child, depth + 1, moved)?;
        drop(child);
        rustix::fs::unlinkat(directory, &name, AtFlags::REMOVEDIR)?;
    }
    Ok(())
}

/// Moves a directory to the top under a name that is free there.
fn lift(top: &OwnedFd, directory: &OwnedFd, name: &CString, moved: &mut u64) -> io::Result<()> {
    loop {
        *moved += 1;
        // Replaces nothing but an empty directory, which would go as well.
        match rustix::fs::renameat(directory, name, top, format!("packwright-removing-{moved}")) {
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
            other => return Ok(other?),
        }
    }
}

/// Opens a directory, and makes it ours to list and change.
fn open(parent: &OwnedFd, name: &CString) -> io::Result<OwnedFd> {
    let all = Mode::RWXU;
    match rustix::fs::openat(parent, name, DIRECTORY, Mode::empty()) {
        Ok(directory) => {
            if !Mode::from_raw_mode(rustix::fs::fstat(&directory)?.st_mode).contains(all) {
                rustix::fs::fchmod(&directory, all)?;
            }
            Ok(directory)
        }
        Err(Errno::ACCESS) => {
            let stat = rustix::fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::Directory {
                return Err(Errno::NOTDIR.into());
            }
            rustix::fs::chmodat(parent, name, all, AtFlags::empty())?;
            Ok(rustix::fs::openat(parent, name, DIRECTORY, Mode::empty())?)
        }
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests;
