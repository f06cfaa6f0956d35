//! Copies of trees as directories, for steps that run without an overlay. Every file is copied (reflinked where
//! the file system supports it), so the step can write anywhere.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use packwright_oci::{Digest, Node, Tree};

use crate::error::StoreError;
use crate::proof::digest_of;
use crate::store::Store;

impl Store {
    /// Makes all of `tree` in the empty directory `dir`, with its permission bits but without
    /// owners, extended attributes, setuid and setgid.
    ///
    /// Errors: missing contents, whiteouts, a full disk.
    pub fn copy_root(&self, tree: &Tree, dir: &Path) -> Result<(), StoreError> {
        let mut dirs = Vec::new();
        for (path, entry) in tree.iter() {
            // Every parent is a directory of the tree, made by us just before: no link is followed.
            let at = dir.join(path.as_str());
            let made = match &entry.node {
                Node::Dir => {
                    dirs.push((at.clone(), entry.mode & 0o777));
                    fs::create_dir(&at)
                }
                Node::File { digest, size } => {
                    if !self.has_file(digest, *size) {
                        return Err(StoreError::Missing { part: "files", digest: *digest });
                    }
                    let mode = Permissions::from_mode(entry.mode & 0o777 | 0o200);
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
        }
        // Last, since a directory that may not be written into can take no files.
        for (at, mode) in dirs.into_iter().rev() {
            fs::set_permissions(&at, Permissions::from_mode(mode)).map_err(StoreError::io("finish", &at))?;
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
