//! Copies of trees as directories, for steps that run without an overlay. Every file is copied (reflinked where
//! the file system supports it), so the step can write anywhere.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use packwright_oci::{Digest, Entry, Node, Tree};
use rustix::fs::{AtFlags, CWD};

use crate::error::StoreError;
use crate::format::{EXECUTABLE, PLAIN};
use crate::proof::digest_of;
use crate::store::{self, Store};

/// The permission bits of a copied root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopiedModes {
    /// Those of a root that [`Store::root`] makes, so that a step cannot tell one from the other.
    OfRoots,
    /// Those of the tree, so that a process without rights of its own may write where the tree says so.
    OfTree,
}

impl Store {
    /// Makes all of `tree` in the empty directory `dir`, without owners, extended attributes, setuid and setgid. All
    /// files, directories and links carry the time [`FILE_TIME`](crate::FILE_TIME), as in every root: no clock reaches
    /// a process through them.
    ///
    /// Errors: missing contents, whiteouts, a full disk.
    pub fn copy_root(&self, tree: &Tree, dir: &Path, modes: CopiedModes) -> Result<(), StoreError> {
        let mut dirs = vec![(dir.to_owned(), 0o755)];
        // Links come after all files: a link may sort before the file that it is another name of.
        let is_link = |entry: &Entry| matches!(entry.node, Node::Hardlink { .. });
        let links = tree.iter().filter(|(_, entry)| is_link(entry));
        for (path, entry) in tree.iter().filter(|(_, entry)| !is_link(entry)).chain(links) {
            // Every parent is a directory of the tree, made by us just before: no link is followed.
            let at = dir.join(path.as_str());
            let made = match &entry.node {
                Node::Dir => {
                    dirs.push((at.clone(), modes.of(entry)));
                    fs::create_dir(&at)
                }
                Node::File { digest, size } => {
                    if !self.has_file(digest, *size) {
                        return Err(StoreError::Missing { part: "files", digest: *digest });
                    }
                    let mode = Permissions::from_mode(modes.of(entry));
                    self.copy_proven(digest, &at)?;
                    fs::set_permissions(&at, mode)
                }
                Node::Symlink { target } => symlink(target, &at),
                Node::Hardlink { target } => fs::hard_link(dir.join(target.as_str()), &at),
                Node::Whiteout => {
                    return Err(StoreError::NotOnDisk {
                        path: path.clone(),
                        why: "a whiteout has a meaning in layers alone",
                    });
                }
            };
            made.map_err(StoreError::io("make", &at))?;
            if !entry.is_dir() {
                set_time(&at)?;
            }
        }
        // Last and from the bottom up: a directory that may not be written into can take no files, and each
        // entry that is made in one changes its time.
        for (at, mode) in dirs.into_iter().rev() {
            fs::set_permissions(&at, Permissions::from_mode(mode)).map_err(StoreError::io("finish", &at))?;
            set_time(&at)?;
        }
        Ok(())
    }

    /// Copies a content to `at`. The copy is what is read and compared, since a step sees the copy.
    fn copy_proven(&self, digest: &Digest, at: &Path) -> Result<(), StoreError> {
        let path = self.file_path(digest, false);
        let copied = fs::copy(&path, at).and_then(|_| digest_of(&mut fs::File::open(at)?));
        if copied.map_err(StoreError::io("make", at))? == *digest {
            return Ok(());
        }
        self.discard_content(&path, digest, &format!("its content is not {digest}"));
        Err(StoreError::Corrupted { path, digest: *digest })
    }
}

impl CopiedModes {
    /// The permission bits of `entry`, which is a file or a directory.
    fn of(self, entry: &Entry) -> u32 {
        match (self, entry.is_dir()) {
            (CopiedModes::OfTree, true) => entry.mode & 0o777,
            (CopiedModes::OfTree, false) => entry.mode & 0o777 | 0o200,
            (CopiedModes::OfRoots, true) => 0o755,
            (CopiedModes::OfRoots, false) if entry.mode & 0o100 != 0 => EXECUTABLE,
            (CopiedModes::OfRoots, false) => PLAIN,
        }
    }
}

/// Gives `at` itself, also where it is a link, the time of all files of roots.
fn set_time(at: &Path) -> Result<(), StoreError> {
    rustix::fs::utimensat(CWD, at, &store::fixed_times(), AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|error| StoreError::io("finish", at)(error.into()))
}
