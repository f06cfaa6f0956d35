//! [`ConfinedDir`]: an open directory that no path below it can leave, whatever files it holds. Every walk of an
//! untrusted directory uses it; no path is ever resolved through a symbolic link.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Stat};
use rustix::io::Errno;

/// An open directory.
#[derive(Debug)]
pub(crate) struct ConfinedDir {
    fd: OwnedFd,
    path: PathBuf,
}

/// One name in a directory.
pub(crate) struct DirEntry {
    pub(crate) name: Vec<u8>,
    pub(crate) stat: Stat,
}

impl DirEntry {
    pub(crate) fn file_type(&self) -> FileType {
        FileType::from_raw_mode(self.stat.st_mode)
    }

    /// The name as a part of a path, when it is UTF-8.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.name).ok()
    }
}

const NO_LINKS: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);

impl ConfinedDir {
    /// Opens `path` itself, which may be reached through symbolic links.
    pub(crate) fn open(path: &Path) -> io::Result<ConfinedDir> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())?;
        Ok(ConfinedDir { fd, path: path.to_owned() })
    }

    /// The open directory `fd`; messages name it `path`.
    pub(crate) fn from_fd(fd: OwnedFd, path: PathBuf) -> ConfinedDir {
        ConfinedDir { fd, path }
    }

    /// The path of the directory, for messages only.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens `path` below this directory, which itself is the empty path. No part of `path`
    /// may be a symbolic link.
    pub(crate) fn open_at(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let path = if path.is_empty() { "." } else { path };
        for _ in 0..8 {
            match rustix::fs::openat2(&self.fd, path, flags, Mode::empty(), NO_LINKS) {
                Err(Errno::AGAIN) => continue,
                // Absent before Linux 5.6, forbidden by the seccomp profiles of old container
                // runtimes.
                Err(Errno::NOSYS | Errno::PERM) => break,
                other => return Ok(other?),
            }
        }
        self.open_by_parts(path, flags)
    }

    fn open_by_parts(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let above = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let (parents, last) = path.rsplit_once('/').unwrap_or(("", path));
        let mut dir: Option<OwnedFd> = None;
        for part in parents.split('/').filter(|part| !part.is_empty()) {
            let at = dir.as_ref().map_or(self.fd.as_fd(), AsFd::as_fd);
            dir = Some(rustix::fs::openat(at, part, above, Mode::empty())?);
        }
        let at = dir.as_ref().map_or(self.fd.as_fd(), AsFd::as_fd);
        Ok(rustix::fs::openat(at, last, flags, Mode::empty())?)
    }

    /// Opens the regular file at `path` for reading.
    pub(crate) fn file(&self, path: &str) -> io::Result<File> {
        // NONBLOCK: a pipe put in the file's place must not hang the build.
        let fd = self.open_at(path, OFlags::RDONLY | OFlags::NONBLOCK)?;
        let file = File::from(fd);
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
        }
    }

    /// Opens the directory at `path`; the empty path is this one.
    pub(crate) fn dir(&self, path: &str) -> io::Result<OwnedFd> {
        self.open_at(path, OFlags::RDONLY | OFlags::DIRECTORY)
    }
}

impl AsFd for ConfinedDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The entries of the directory `dir`, sorted by the bytes of their names.
pub(crate) fn list(dir: BorrowedFd<'_>) -> io::Result<Vec<DirEntry>> {
    let mut found = Vec::new();
    for entry in Dir::read_from(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => found.push(DirEntry { name: name.to_bytes().to_vec(), stat }),
            // Gone between the two calls, as if it had never been there.
            Err(Errno::NOENT) => continue,
            Err(error) => return Err(error.into()),
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The text of the symbolic link `name` in `dir`, as bytes.
pub(crate) fn read_link(dir: BorrowedFd<'_>, name: &[u8]) -> io::Result<Vec<u8>> {
    Ok(rustix::fs::readlinkat(dir, name, Vec::new())?.into_bytes())
}

#[cfg(test)]
mod tests;
