//! Roots: trees as directories, in which steps run. Their files are hard links into `files`, so a root takes
//! little more space than its directories. A root is never written into; the sandbox puts an overlay above it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use packwright_oci::{Digest, Entry, Node, Tree};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::confined_dir::ConfinedDir;
use crate::error::StoreError;
use crate::lock::LockWait;
use crate::scratch::remove_tree;
use crate::store::{self, Store};
use crate::{layout, lock};

/// The kernel's id of the current boot. A root from an earlier boot may lack bytes that never reached the disk
/// before a crash; a root from this boot cannot.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// How often a link is tried to a content that other processes replace at the same time.
const TRIES: usize = 100;

/// Threads that make links. More do not help, since they wait for the same directory locks.
const THREADS: usize = 2;

/// A directory of the tree: its path, and the entries directly in it.
type Listing<'a> = (&'a str, Vec<(&'a str, &'a Entry)>);

impl Store {
    /// The root of the stored tree `digest`. The first call makes it, which takes about a second per
    /// 100,000 files. `waiting` is called while another process makes the same root, see [`Store::lock`].
    ///
    /// Directories have mode 0755, files 0555 when their owner may execute them, else 0444;
    /// owners and extended attributes are left out. Hard links of the tree are links.
    ///
    /// Errors: [`StoreError::Missing`] and [`StoreError::Corrupted`] for contents that are missing or damaged,
    /// [`StoreError::NotOnDisk`] for whiteouts.
    pub fn root(
        &self,
        digest: &Digest,
        waiting: &mut dyn FnMut(&LockWait<'_>) -> bool,
    ) -> Result<PathBuf, StoreError> {
        let root = self.path().join("roots").join(digest.hex());
        let marker = root.with_extension("made");
        let boot = fs::read(BOOT).unwrap_or_default();
        if is_of_boot(&marker, &boot) && root.is_dir() {
            return Ok(root);
        }
        let tree = self.tree(digest)?;
        let name = format!("locks/root-{}", digest.hex());
        let _alone = lock::acquire(&self.path().join(name), waiting)?;
        if root.is_dir() {
            if is_of_boot(&marker, &boot) || is_whole(&root, &tree) {
                self.note_boot(&marker, &boot)?;
                return Ok(root);
            }
            remove_tree(&root).map_err(StoreError::io("remove", &root))?;
        }
        let scratch = self.scratch_with(waiting)?;
        let draft = scratch.path().join("root");
        self.lay_out(&tree, &draft)?;
        fs::rename(&draft, &root).map_err(StoreError::io("make", &root))?;
        self.note_boot(&marker, &boot)?;
        Ok(root)
    }

    fn note_boot(&self, marker: &Path, boot: &[u8]) -> Result<(), StoreError> {
        let draft = self.draft_path();
        fs::write(&draft, boot)
            .and_then(|()| fs::rename(&draft, marker))
            .map_err(StoreError::io("write", marker))
    }

    /// Makes the directory `target` with all of `tree` in it.
    fn lay_out(&self, tree: &Tree, target: &Path) -> Result<(), StoreError> {
        let listings = listings(tree)?;
        layout::make_dir(target)?;
        let top = ConfinedDir::open(target).map_err(StoreError::io("open", target))?;
        for (path, _) in listings.iter().filter(|(path, _)| !path.is_empty()) {
            rustix::fs::mkdirat(&top, *path, Mode::RWXU)
                .map_err(|error| StoreError::io("make", target.join(path))(error.into()))?;
        }
        let share = listings.len().div_ceil(THREADS).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> =
                listings.chunks(share).map(|part| scope.spawn(|| self.fill_all(tree, &top, part))).collect();
            workers.into_iter().try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }

    fn fill_all(&self, tree: &Tree, top: &ConfinedDir, listings: &[Listing<'_>]) -> Result<(), StoreError> {
        for (path, members) in listings {
            let at = top.path().join(path);
            let dir = top.dir(path).map_err(StoreError::io("open", &at))?;
            for (name, entry) in members {
                self.fill(tree, &dir, name, entry, &at)?;
            }
            rustix::fs::fchmod(&dir, Mode::from_raw_mode(0o755))
                .and_then(|()| rustix::fs::futimens(&dir, &store::fixed_times()))
                .map_err(|error| StoreError::io("finish", &at)(error.into()))?;
        }
        Ok(())
    }

    fn fill(
        &self,
        tree: &Tree,
        dir: &OwnedFd,
        name: &str,
        entry: &Entry,
        at: &Path,
    ) -> Result<(), StoreError> {
        let io = |error: Errno| StoreError::io("make", at.join(name))(error.into());
        match first_name(tree, entry) {
            Node::File { digest, size } => self.link(digest, *size, entry.mode & 0o100 != 0, dir, name, at),
            Node::Symlink { target } => {
                rustix::fs::symlinkat(target.as_str(), dir, name).map_err(io)?;
                let flags = AtFlags::SYMLINK_NOFOLLOW;
                rustix::fs::utimensat(dir, name, &store::fixed_times(), flags).map_err(io)
            }
            // Directories were made before; the rest was refused before.
            Node::Dir | Node::Hardlink { .. } | Node::Whiteout => Ok(()),
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one link has two ends with two parts each")]
    fn link(
        &self,
        digest: &Digest,
        size: u64,
        executable: bool,
        dir: &OwnedFd,
        name: &str,
        at: &Path,
    ) -> Result<(), StoreError> {
        let path = self.file_path(digest, executable);
        if executable {
            self.ensure_twin(digest, size).map_err(|error| from_io(error, &path))?;
        }
        let stored = layout::file_name(digest, executable);
        for _ in 0..TRIES {
            match rustix::fs::statat(&self.files, stored.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if stat.st_size as u64 == size => {}
                Ok(_) => {
                    self.discard(&path, "its length is not that of its content");
                    return Err(StoreError::Corrupted { path, digest: *digest });
                }
                Err(Errno::NOENT) => break,
                Err(error) => return Err(StoreError::io("look at", &path)(error.into())),
            }
            match rustix::fs::linkat(&self.files, stored.as_str(), dir, name, AtFlags::empty()) {
                Ok(()) => return Ok(()),
                // Another process stored the same content at this moment: the kernel links no file
                // that has just lost its last name to another one.
                Err(Errno::NOENT) => {}
                // Too many links (65,000 on ext4, and every empty file is the same one), or a file
                // system without links.
                Err(Errno::MLINK | Errno::PERM | Errno::XDEV | Errno::OPNOTSUPP) => {
                    return copy(&path, dir, name).map_err(StoreError::io("make", at.join(name)));
                }
                Err(error) => return Err(StoreError::io("make", at.join(name))(error.into())),
            }
        }
        Err(StoreError::Missing { part: "files", digest: *digest })
    }
}

/// The node of the entry, or of its file when it is a hard link.
fn first_name<'a>(tree: &'a Tree, entry: &'a Entry) -> &'a Node {
    match &entry.node {
        Node::Hardlink { target } => tree.get(target.as_str()).map_or(&entry.node, |to| &to.node),
        node => node,
    }
}

/// All directories, parents first, the root as the empty path. Refuses entries that no directory on disk can hold.
fn listings(tree: &Tree) -> Result<Vec<Listing<'_>>, StoreError> {
    let mut dirs: BTreeMap<&str, Vec<(&str, &Entry)>> = [("", Vec::new())].into();
    for (path, entry) in tree.iter() {
        let refuse = |why| Err(StoreError::NotOnDisk { path: path.clone(), why });
        match (&entry.node, first_name(tree, entry)) {
            (Node::Whiteout, _) => return refuse("a whiteout has a meaning in layers alone"),
            (Node::Hardlink { .. }, Node::File { .. }) => {}
            (Node::Hardlink { .. }, _) => return refuse("its first name is not a file of the tree"),
            (Node::Dir, _) => drop(dirs.insert(path.as_str(), Vec::new())),
            (Node::File { .. } | Node::Symlink { .. }, _) => {}
        }
        let (parent, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        match dirs.get_mut(parent) {
            Some(members) => members.push((name, entry)),
            None => return refuse("what lies above it is not a directory"),
        }
    }
    Ok(dirs.into_iter().collect())
}

fn is_of_boot(marker: &Path, boot: &[u8]) -> bool {
    !boot.is_empty() && fs::read(marker).is_ok_and(|made| made == boot)
}

/// Whether all files exist with their lengths. A file that a crash damaged has another length.
fn is_whole(root: &Path, tree: &Tree) -> bool {
    let Ok(top) = ConfinedDir::open(root) else { return false };
    tree.iter().all(|(path, entry)| {
        let Ok(stat) = rustix::fs::statat(&top, path.as_str(), AtFlags::SYMLINK_NOFOLLOW) else {
            return false;
        };
        let found = FileType::from_raw_mode(stat.st_mode);
        match first_name(tree, entry) {
            Node::Dir => found == FileType::Directory,
            Node::File { size, .. } => found == FileType::RegularFile && stat.st_size as u64 == *size,
            Node::Symlink { .. } => found == FileType::Symlink,
            Node::Hardlink { .. } | Node::Whiteout => false,
        }
    })
}

fn copy(from: &Path, dir: &OwnedFd, name: &str) -> io::Result<()> {
    let mut source = fs::File::open(from)?;
    let mode = Mode::from_raw_mode(source.metadata()?.permissions().mode());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut target = fs::File::from(rustix::fs::openat(dir.as_fd(), name, flags, Mode::RUSR | Mode::WUSR)?);
    io::copy(&mut source, &mut target)?;
    rustix::fs::fchmod(&target, mode)?;
    Ok(rustix::fs::futimens(&target, &store::fixed_times())?)
}

/// The [`StoreError`] that the I/O error carries, or a new one.
fn from_io(error: io::Error, path: &Path) -> StoreError {
    match error.downcast::<StoreError>() {
        Ok(error) => error,
        Err(error) => StoreError::io("make", path)(error),
    }
}
