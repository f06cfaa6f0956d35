//! The walk of a capture: lists the entries of a directory. Reads names, modes and attributes, no contents.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::AsFd;

use packwright_oci::RelPath;
use rustix::fs::{AtFlags, FileType, Mode};

use super::error::CaptureError;
use super::rules::{CaptureRules, Layering};
use crate::confined_dir::{self, ConfinedDir, DirEntry};
use crate::xattrs;

/// The kind of a file that no tree can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpecialKind {
    /// A socket.
    Socket,
    /// A named pipe.
    Pipe,
    /// A character or block device.
    Device,
}

/// One captured name.
pub(crate) enum WalkEntry {
    Dir {
        path: RelPath,
        mode: u32,
        attributes: BTreeMap<String, Vec<u8>>,
        opaque: bool,
    },
    /// `first` is the first name of the same inode, unless this is it.
    File {
        path: RelPath,
        mode: u32,
        first: Option<RelPath>,
    },
    Symlink {
        path: RelPath,
        target: String,
    },
    Whiteout {
        path: RelPath,
    },
    Special {
        path: RelPath,
        kind: SpecialKind,
    },
}

/// A walk and what it found. Restores the modes that it changed when it is dropped.
pub(crate) struct CaptureWalk<'a> {
    pub(crate) top: &'a ConfinedDir,
    pub(crate) rules: &'a CaptureRules,
    /// In byte order of paths once the walk is over.
    pub(crate) items: Vec<WalkEntry>,
    changed_modes: Vec<(RelPath, u32)>,
    inodes: BTreeMap<(u64, u64), Vec<usize>>,
    not_utf8: Vec<String>,
    reserved: Vec<String>,
}

impl<'a> CaptureWalk<'a> {
    pub(crate) fn new(top: &'a ConfinedDir, rules: &'a CaptureRules) -> CaptureWalk<'a> {
        CaptureWalk {
            top,
            rules,
            items: Vec::new(),
            changed_modes: Vec::new(),
            inodes: BTreeMap::new(),
            not_utf8: Vec::new(),
            reserved: Vec::new(),
        }
    }

    /// Walks the whole directory, then finds out which names are hard links.
    pub(crate) fn run(&mut self) -> Result<(), CaptureError> {
        let mut pending: Vec<Option<RelPath>> = vec![None];
        while let Some(dir) = pending.pop() {
            pending.extend(self.list(dir.as_ref())?.into_iter().map(Some));
        }
        if !self.not_utf8.is_empty() {
            self.not_utf8.sort();
            return Err(CaptureError::NotUtf8 { names: std::mem::take(&mut self.not_utf8) });
        }
        if !self.reserved.is_empty() {
            self.reserved.sort();
            return Err(CaptureError::Reserved { names: std::mem::take(&mut self.reserved) });
        }
        for same in std::mem::take(&mut self.inodes).into_values() {
            let first = same.iter().map(|index| self.items[*index].path()).min().cloned();
            for index in same {
                if let WalkEntry::File { path, first: slot, .. } = &mut self.items[index] {
                    *slot = first.clone().filter(|first| first != path);
                }
            }
        }
        self.items.sort_by(|a, b| a.path().cmp(b.path()));
        Ok(())
    }

    /// Takes in one directory and gives the directories in it.
    fn list(&mut self, dir: Option<&RelPath>) -> Result<Vec<RelPath>, CaptureError> {
        let text = dir.map_or("", RelPath::as_str);
        let at = self.top.path().join(text);
        let fd = self.top.dir(text).map_err(CaptureError::io("open", &at))?;
        let mut inner = Vec::new();
        for found in confined_dir::list(fd.as_fd()).map_err(CaptureError::io("list", &at))? {
            let Some(path) = self.path(dir, &found)? else { continue };
            match found.file_type() {
                FileType::Directory => {
                    self.take_dir(fd.as_fd(), &path, &found)?;
                    inner.push(path);
                }
                FileType::RegularFile => {
                    self.open_up(fd.as_fd(), &path, &found, Mode::RUSR)?;
                    if found.stat.st_nlink > 1 {
                        let inode = (found.stat.st_dev, found.stat.st_ino);
                        self.inodes.entry(inode).or_default().push(self.items.len());
                    }
                    self.items.push(WalkEntry::File { path, mode: found.stat.st_mode, first: None });
                }
                FileType::Symlink => {
                    let target = confined_dir::read_link(fd.as_fd(), &found.name)
                        .map_err(CaptureError::io("read the link", self.top.path().join(path.as_str())))?;
                    match String::from_utf8(target) {
                        Ok(target) => self.items.push(WalkEntry::Symlink { path, target }),
                        Err(error) => {
                            self.not_utf8.push(format!("`{path}` -> `{}`", error.as_bytes().escape_ascii()))
                        }
                    }
                }
                FileType::CharacterDevice
                    if found.stat.st_rdev == 0 && self.rules.layering == Layering::OverlayUpper =>
                {
                    self.items.push(WalkEntry::Whiteout { path });
                }
                special => self.items.push(WalkEntry::Special { path, kind: SpecialKind::of(special) }),
            }
            if self.items.len() > self.rules.max_entries {
                return Err(CaptureError::TooMany {
                    path: self.top.path().to_owned(),
                    limit: self.rules.max_entries,
                });
            }
        }
        Ok(inner)
    }

    /// The path of an entry; `None` for a name that no tree can hold, which is noted for the error.
    fn path(&mut self, dir: Option<&RelPath>, found: &DirEntry) -> Result<Option<RelPath>, CaptureError> {
        let prefix = dir.map(|dir| format!("{dir}/")).unwrap_or_default();
        let Some(name) = found.text() else {
            self.not_utf8.push(format!("`{prefix}{}`", found.name.escape_ascii()));
            return Ok(None);
        };
        if name.starts_with(".wh.") {
            self.reserved.push(format!("`{prefix}{name}`"));
            return Ok(None);
        }
        // The kernel gives no name that is empty, `.`, `..` or has a slash.
        let Ok(path) = format!("{prefix}{name}").parse::<RelPath>() else { return Ok(None) };
        if path.depth() > self.rules.max_depth {
            return Err(CaptureError::TooDeep { path, limit: self.rules.max_depth });
        }
        Ok(Some(path))
    }

    fn take_dir(&mut self, parent: impl AsFd, path: &RelPath, found: &DirEntry) -> Result<(), CaptureError> {
        self.open_up(parent, path, found, Mode::RUSR | Mode::XUSR)?;
        let at = self.top.path().join(path.as_str());
        let fd = self.top.dir(path.as_str()).map_err(CaptureError::io("open", &at))?;
        let (attributes, marks) =
            xattrs::read(fd.as_fd()).map_err(CaptureError::io("read attributes of", &at))?;
        let opaque = marks.opaque && self.rules.layering == Layering::OverlayUpper;
        let path = path.clone();
        self.items.push(WalkEntry::Dir { path, mode: found.stat.st_mode, attributes, opaque });
        Ok(())
    }

    /// Gives the owner the rights `needed` when the entry's mode lacks them.
    fn open_up(
        &mut self,
        parent: impl AsFd,
        path: &RelPath,
        found: &DirEntry,
        needed: Mode,
    ) -> Result<(), CaptureError> {
        let mode = Mode::from_raw_mode(found.stat.st_mode);
        if mode.contains(needed) {
            return Ok(());
        }
        // `chmod` follows links, but a name that changed into one leads to nothing but an
        // error when it is opened; steps are over when they are captured.
        rustix::fs::chmodat(parent, found.name.as_slice(), mode | needed, AtFlags::empty()).map_err(
            |error| CaptureError::io("open up", self.top.path().join(path.as_str()))(error.into()),
        )?;
        self.changed_modes.push((path.clone(), mode.as_raw_mode()));
        Ok(())
    }

    fn restore(&self, path: &RelPath, mode: u32) -> io::Result<()> {
        let parent = path.parent();
        let dir = self.top.dir(parent.as_ref().map_or("", RelPath::as_str))?;
        let mode = Mode::from_raw_mode(mode);
        Ok(rustix::fs::chmodat(dir, path.name(), mode, AtFlags::empty())?)
    }
}

impl Drop for CaptureWalk<'_> {
    fn drop(&mut self) {
        // What lies deeper comes last and must be put back first.
        for (path, mode) in self.changed_modes.iter().rev() {
            // The directory is the caller's scratch space; nothing depends on this.
            let _ = self.restore(path, *mode);
        }
    }
}

impl WalkEntry {
    /// The mode on disk; 0 where it means nothing.
    pub(crate) fn mode(&self) -> u32 {
        match self {
            WalkEntry::Dir { mode, .. } | WalkEntry::File { mode, .. } => *mode,
            WalkEntry::Symlink { .. } | WalkEntry::Whiteout { .. } | WalkEntry::Special { .. } => 0,
        }
    }

    pub(crate) fn path(&self) -> &RelPath {
        match self {
            WalkEntry::Dir { path, .. }
            | WalkEntry::File { path, .. }
            | WalkEntry::Symlink { path, .. }
            | WalkEntry::Whiteout { path }
            | WalkEntry::Special { path, .. } => path,
        }
    }
}

impl SpecialKind {
    /// The kind of a file that is neither regular, nor a directory, nor a link.
    pub(crate) fn of(file_type: FileType) -> SpecialKind {
        match file_type {
            FileType::Socket => SpecialKind::Socket,
            FileType::Fifo => SpecialKind::Pipe,
            _ => SpecialKind::Device,
        }
    }
}
