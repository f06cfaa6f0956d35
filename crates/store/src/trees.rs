//! Stored trees: each is a file of JSON, named by its digest.

use std::fs;
use std::io;

use packwright_oci::{Digest, Node, Tree};

use crate::error::StoreError;
use crate::store::Store;

impl Store {
    /// Stores `tree`; gives the digest of its JSON, the same for the same tree everywhere.
    ///
    /// Errors: [`StoreError::LooseLink`], because such a tree cannot be read back.
    pub fn put_tree(&self, tree: &Tree) -> Result<Digest, StoreError> {
        refuse_loose_links(tree)?;
        let json = json(tree)?;
        let digest = Digest::of(&json);
        let path = self.tree_path(&digest);
        if !fs::read(&path).is_ok_and(|stored| stored == json) {
            self.write_durably(&path, &[&json])?;
        }
        Ok(digest)
    }

    /// The tree that was stored as `digest`.
    ///
    /// Errors: [`StoreError::Missing`]; [`StoreError::Corrupted`], and the damaged entry is removed.
    pub fn tree(&self, digest: &Digest) -> Result<Tree, StoreError> {
        let path = self.tree_path(digest);
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::Missing { part: "trees", digest: *digest });
            }
            Err(error) => return Err(StoreError::io("read", &path)(error)),
        };
        let tree = match Digest::of(&json) == *digest {
            true => serde_json::from_slice(&json).ok(),
            false => None,
        };
        tree.ok_or_else(|| {
            self.discard(&path, &format!("its content is not {digest}"));
            StoreError::Corrupted { path, digest: *digest }
        })
    }

    /// Whether the contents of all files of `tree` are stored. Checks lengths and times, not digests.
    pub fn has_all_of(&self, tree: &Tree) -> bool {
        tree.iter().all(|(_, entry)| match &entry.node {
            Node::File { digest, size } => self.has_file(digest, *size),
            _ => true,
        })
    }

    /// Whether the contents of all files of `tree` are stored. Reads them all; those that are damaged are removed
    /// and reported by [`Store::take_damage`].
    pub fn verify_all_of(&self, tree: &Tree) -> bool {
        let mut whole = true;
        for (_, entry) in tree.iter() {
            if let Node::File { digest, .. } = &entry.node {
                let read = self.open_file(digest).map_err(io::Error::from);
                whole &= read.and_then(|mut file| io::copy(&mut file, &mut io::sink())).is_ok();
            }
        }
        whole
    }
}

/// Refuses hard links that name no file of their tree, because such a tree cannot be read back.
pub(crate) fn refuse_loose_links(tree: &Tree) -> Result<(), StoreError> {
    for (path, entry) in tree.iter() {
        let Node::Hardlink { target } = &entry.node else { continue };
        let file = tree.get(target.as_str()).map(|file| &file.node);
        if !matches!(file, Some(Node::File { .. })) {
            return Err(StoreError::LooseLink { path: path.clone() });
        }
    }
    Ok(())
}

/// The order of a struct's fields is that of its declaration and maps are sorted, so the bytes
/// depend on the tree alone.
pub(crate) fn json(tree: &Tree) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(tree).map_err(|source| StoreError::Unwritable { what: "tree", source })
}
