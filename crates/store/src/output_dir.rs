//! [`OutputDir`]: a directory that a step wrote into, read by the paths the step declares.
//!
//! The step may be hostile and could have put a symbolic link anywhere. No path is resolved through a link, so
//! a file of the host can never be captured in place of one that the step wrote. This file says what is at a
//! path; the engine decides which of that is a valid output.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use packwright_oci::{Entry, RelPath};
use rustix::fs::{AtFlags, FileType, Mode, Stat};
use rustix::io::Errno;

use crate::capture::walk::{CaptureWalk, SpecialKind, WalkEntry};
use crate::capture::{CaptureError, CaptureRules, Captured, Layering, StrippedEntry, capture_below};
use crate::confined_dir::ConfinedDir;
use crate::error::StoreError;
use crate::store::Store;
use crate::xattrs;

/// A directory that a step wrote into.
#[derive(Debug)]
pub struct OutputDir {
    top: ConfinedDir,
    rules: CaptureRules,
}

/// What is at one path of an [`OutputDir`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputEntry {
    /// The step wrote nothing there, so the lower layer is visible. Only in upper directories of an overlay.
    Untouched,
    /// Nothing is there: the step deleted what the lower layer has, or it never existed.
    Deleted,
    /// A directory.
    Dir {
        /// What is below it, seen from there.
        captured: Captured,
        /// Whether it hides what the lower layer has there, because the step made it or a directory above it
        /// afresh. Always true in a plain directory.
        hides: bool,
    },
    /// A regular file, its content in the store.
    File {
        /// The file.
        entry: Entry,
        /// The rights that it lost to the rules.
        stripped: Option<StrippedEntry>,
    },
    /// A symbolic link, at the path itself or on the way to it.
    Link {
        /// Where the link is.
        at: RelPath,
    },
    /// A file that no tree can hold.
    Special(SpecialKind),
}

/// Where a path leads, one part after the other.
enum Resolved {
    Dir { hides: bool },
    File,
    Other(OutputEntry),
}

impl OutputDir {
    /// Opens `dir`. The path `dir` itself may lead through symbolic links; paths below it may not.
    pub fn open(dir: &Path, rules: CaptureRules) -> Result<OutputDir, CaptureError> {
        let top = ConfinedDir::open(dir).map_err(CaptureError::io("open", dir))?;
        Ok(OutputDir { top, rules })
    }

    /// Captures what is at `path`; contents go into `store`. The rules and errors are those of
    /// [`capture`](crate::capture).
    pub fn capture(&self, store: &Store, path: &RelPath) -> Result<OutputEntry, CaptureError> {
        Ok(match self.resolve(path)? {
            Resolved::Dir { hides } => {
                OutputEntry::Dir { captured: capture_below(store, &self.below(path)?, &self.rules)?, hides }
            }
            Resolved::File => self.file(store, path)?,
            Resolved::Other(left) => left,
        })
    }

    /// The first entry at `path` or below it for which `found` returns `true`. `found` reads the bytes of each
    /// path below `path`, link text, attribute and content. Nothing is stored.
    pub fn search(
        &self,
        path: &RelPath,
        found: &mut dyn FnMut(&mut dyn Read) -> io::Result<bool>,
    ) -> Result<Option<RelPath>, CaptureError> {
        match self.resolve(path)? {
            Resolved::Dir { .. } => {}
            Resolved::File => return Ok(self.matches_file(&self.top, path, found)?.then(|| path.clone())),
            Resolved::Other(_) => return Ok(None),
        }
        let below = self.below(path)?;
        let mut walk = CaptureWalk::new(&below, &self.rules);
        walk.run()?;
        for item in &walk.items {
            let inner = item.path();
            let read = CaptureError::io("read", below.path().join(inner.as_str()));
            let is_it = match item {
                WalkEntry::Symlink { target, .. } => found(&mut inner.as_str().as_bytes())
                    .and_then(|name| Ok(name || found(&mut target.as_bytes())?)),
                WalkEntry::Dir { attributes, .. } => found(&mut inner.as_str().as_bytes())
                    .and_then(|name| Ok(name || matches_attributes(attributes.iter(), found)?)),
                WalkEntry::File { .. } => Ok(self.matches_file(&below, inner, found)?),
                WalkEntry::Whiteout { .. } | WalkEntry::Special { .. } => {
                    found(&mut inner.as_str().as_bytes())
                }
            };
            if is_it.map_err(read)? {
                return path
                    .join(inner.as_str())
                    .map(Some)
                    .map_err(|_| CaptureError::TooDeep { path: inner.clone(), limit: self.rules.max_depth });
            }
        }
        Ok(None)
    }

    fn matches_file(
        &self,
        below: &ConfinedDir,
        path: &RelPath,
        found: &mut dyn FnMut(&mut dyn Read) -> io::Result<bool>,
    ) -> Result<bool, CaptureError> {
        let mut ask = || -> io::Result<bool> {
            let mut file = below.file(path.as_str())?;
            let (attributes, _) = xattrs::read(file.as_fd())?;
            Ok(found(&mut path.as_str().as_bytes())?
                || matches_attributes(attributes.iter(), found)?
                || found(&mut file)?)
        };
        ask().map_err(CaptureError::io("read", below.path().join(path.as_str())))
    }

    fn file(&self, store: &Store, path: &RelPath) -> Result<OutputEntry, CaptureError> {
        let at = self.at(path);
        let mut file = self.top.file(path.as_str()).map_err(CaptureError::io("open", &at))?;
        let (xattrs, marks) =
            xattrs::read(file.as_fd()).map_err(CaptureError::io("read attributes of", &at))?;
        let stat =
            rustix::fs::fstat(&file).map_err(|error| CaptureError::io("look at", &at)(error.into()))?;
        if self.rules.is_whiteout(&marks) && stat.st_size == 0 {
            return Ok(OutputEntry::Deleted);
        }
        let (digest, size) =
            store.add_file(&mut file).map_err(|error| match error.downcast::<StoreError>() {
                Ok(error) => CaptureError::Store(error),
                Err(error) => CaptureError::io("read", &at)(error),
            })?;
        let entry = Entry::file(digest, size, self.rules.file_mode(stat.st_mode));
        let mut entry = Entry { xattrs, ..entry.owned_by(self.rules.uid, self.rules.gid) };
        let stripped = self.rules.strip(path, stat.st_mode, &mut entry);
        Ok(OutputEntry::File { entry, stripped })
    }

    /// Resolves `path` part by part, without following links.
    fn resolve(&self, path: &RelPath) -> Result<Resolved, CaptureError> {
        let overlay = self.rules.layering == Layering::OverlayUpper;
        let mut hides = !overlay;
        let mut parts: Vec<RelPath> = std::iter::successors(Some(path.clone()), RelPath::parent).collect();
        parts.reverse();
        for part in &parts {
            let is_last = part == path;
            let parent = part.parent();
            let dir = self.dir(parent.as_ref().map_or("", RelPath::as_str))?;
            let stat = match rustix::fs::statat(&dir, part.name(), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                Err(Errno::NOENT) if hides => return Ok(Resolved::Other(OutputEntry::Deleted)),
                Err(Errno::NOENT) => return Ok(Resolved::Other(OutputEntry::Untouched)),
                Err(error) => return Err(CaptureError::io("look at", self.at(part))(error.into())),
            };
            let left = match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => {
                    self.open_up(&dir, part, &stat, Mode::RUSR | Mode::XUSR)?;
                    let fd = self.dir(part.as_str())?;
                    let (_, marks) = xattrs::read(fd.as_fd())
                        .map_err(CaptureError::io("read attributes of", self.at(part)))?;
                    hides |= overlay && marks.opaque;
                    continue;
                }
                FileType::Symlink => OutputEntry::Link { at: part.clone() },
                FileType::CharacterDevice if overlay && stat.st_rdev == 0 => OutputEntry::Deleted,
                _ if !is_last => OutputEntry::Deleted,
                FileType::RegularFile => {
                    self.open_up(&dir, part, &stat, Mode::RUSR)?;
                    return Ok(Resolved::File);
                }
                special => OutputEntry::Special(SpecialKind::of(special)),
            };
            return Ok(Resolved::Other(left));
        }
        Ok(Resolved::Dir { hides })
    }

    /// Gives the owner the rights `needed`. They are not restored, since the directory is scratch space.
    fn open_up(&self, dir: &OwnedFd, path: &RelPath, stat: &Stat, needed: Mode) -> Result<(), CaptureError> {
        let mode = Mode::from_raw_mode(stat.st_mode);
        if mode.contains(needed) {
            return Ok(());
        }
        rustix::fs::chmodat(dir, path.name(), mode | needed, AtFlags::empty())
            .map_err(|error| CaptureError::io("open up", self.at(path))(error.into()))
    }

    fn below(&self, path: &RelPath) -> Result<ConfinedDir, CaptureError> {
        Ok(ConfinedDir::from_fd(self.dir(path.as_str())?, self.at(path)))
    }

    fn dir(&self, path: &str) -> Result<OwnedFd, CaptureError> {
        self.top.dir(path).map_err(CaptureError::io("open", self.top.path().join(path)))
    }

    fn at(&self, path: &RelPath) -> PathBuf {
        self.top.path().join(path.as_str())
    }
}

fn matches_attributes<'a>(
    mut attributes: impl Iterator<Item = (&'a String, &'a Vec<u8>)>,
    found: &mut dyn FnMut(&mut dyn Read) -> io::Result<bool>,
) -> io::Result<bool> {
    attributes.try_fold(false, |before, (name, value)| {
        Ok(before || found(&mut name.as_bytes())? || found(&mut value.as_slice())?)
    })
}
