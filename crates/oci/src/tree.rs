//! [`Tree`]: files with modes, owners and links, as a value. Layers, the outputs of steps and the contents of
//! Debian packages are trees.
//!
//! A tree names file contents by digest and never holds them; [`ContentSource`](crate::ContentSource) opens them. It has
//! no times: every member of every layer carries the profile's epoch, so that no clock reaches
//! the image.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::{Digest, RelPath};

/// Files below one root, sorted by path. The root itself is not an entry.
///
/// Invariants: every parent of an entry is an entry; a hard link points at a regular file of
/// the same tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeMap<RelPath, Entry>", try_from = "BTreeMap<RelPath, Entry>")]
pub struct Tree {
    entries: BTreeMap<RelPath, Entry>,
}

/// One member of a [`Tree`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What the member is.
    pub node: Node,
    /// Permission bits with setuid, setgid and sticky: `0o7777` at most.
    pub mode: u32,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// Extended attributes by full name, `security.capability` for example.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub xattrs: BTreeMap<String, Vec<u8>>,
}

/// The kinds of tree members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Node {
    /// A directory.
    Dir,
    /// A regular file.
    File {
        /// Digest of its content.
        digest: Digest,
        /// Length of its content in bytes.
        size: u64,
    },
    /// A symbolic link with its target as written.
    Symlink {
        /// The link's text.
        target: String,
    },
    /// Another name of a regular file in the same tree. Mode, owner and extended attributes are
    /// those of that file; the link's own entry carries the same.
    Hardlink {
        /// The first name.
        target: RelPath,
    },
    /// In a layer: deletes the path, and everything below it, from the layers below.
    Whiteout,
}

/// Why an entry cannot be part of a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Something other than a directory lies above the path.
    #[error("`{path}` lies below `{parent}`, which is not a directory")]
    ParentIsNotADirectory {
        /// The path that was to be added.
        path: RelPath,
        /// The entry above it.
        parent: RelPath,
    },
    /// Two trees have different entries at the path.
    #[error("`{path}` is in the tree twice with different content")]
    Conflict {
        /// The path that came twice.
        path: RelPath,
    },
    /// A written-down tree lacks the directory above an entry.
    #[error("`{path}` is in the tree without the directory above it")]
    NoParent {
        /// The entry.
        path: RelPath,
    },
    /// A written-down tree has a hard link to something other than a regular file.
    #[error("the hard link `{path}` points at `{target}`, which is no file of the tree")]
    NoTarget {
        /// The link.
        path: RelPath,
        /// What it points at.
        target: RelPath,
    },
}

impl Entry {
    /// A directory owned by root.
    pub fn dir(mode: u32) -> Entry {
        Entry::new(Node::Dir, mode)
    }

    /// A regular file owned by root.
    pub fn file(digest: Digest, size: u64, mode: u32) -> Entry {
        Entry::new(Node::File { digest, size }, mode)
    }

    /// A symbolic link owned by root.
    pub fn symlink(target: impl Into<String>) -> Entry {
        Entry::new(Node::Symlink { target: target.into() }, 0o777)
    }

    /// A whiteout: the entry of a deleted path.
    pub fn whiteout() -> Entry {
        Entry::new(Node::Whiteout, 0)
    }

    fn new(node: Node, mode: u32) -> Entry {
        Entry { node, mode, uid: 0, gid: 0, xattrs: BTreeMap::new() }
    }

    /// The same entry with another owner.
    pub fn owned_by(mut self, uid: u32, gid: u32) -> Entry {
        self.uid = uid;
        self.gid = gid;
        self
    }

    /// Whether this is a directory.
    pub fn is_dir(&self) -> bool {
        self.node == Node::Dir
    }
}

impl Tree {
    /// A tree without entries.
    pub fn new() -> Tree {
        Tree::default()
    }

    /// Adds `entry` at `path` and replaces an existing entry. Missing parents become directories
    /// of root with mode 0755. A directory that replaces a directory keeps what is below it; the other hard links of
    /// a file that is replaced keep its content. The target of a hard link may be added later.
    ///
    /// Errors: a parent that is not a directory.
    pub fn insert(&mut self, path: RelPath, entry: Entry) -> Result<(), TreeError> {
        let mut missing = Vec::new();
        let mut above = path.parent();
        while let Some(parent) = above {
            match self.entries.get(&parent) {
                Some(found) if found.is_dir() => break,
                Some(_) => return Err(TreeError::ParentIsNotADirectory { path, parent }),
                None => {
                    above = parent.parent();
                    missing.push(parent);
                }
            }
        }
        self.entries.extend(missing.into_iter().map(|parent| (parent, Entry::dir(0o755))));
        match self.entries.get(&path) {
            Some(found) if found.is_dir() && entry.is_dir() => {}
            Some(_) => {
                self.remove(&path);
            }
            None => {}
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Removes `path` and everything below it; gives whether it existed. Other hard links of a removed
    /// file keep its content, as on a file system.
    pub fn remove(&mut self, path: &RelPath) -> bool {
        let mut lost = BTreeMap::new();
        let found = self.cut(path, &mut lost);
        self.mend_links(lost);
        found
    }

    /// Removes `path` and everything below it, and adds the removed files to `lost`.
    fn cut(&mut self, path: &RelPath, lost: &mut BTreeMap<RelPath, Entry>) -> bool {
        let Some(found) = self.entries.remove(path) else { return false };
        if found.is_dir() {
            let below: Vec<RelPath> = self.below(path).map(|(path, _)| path.clone()).collect();
            for path in below {
                if let Some((path, entry)) = self.entries.remove_entry(&path)
                    && matches!(entry.node, Node::File { .. })
                {
                    lost.insert(path, entry);
                }
            }
        } else if matches!(found.node, Node::File { .. }) {
            lost.insert(path.clone(), found);
        }
        true
    }

    /// Gives the content of `lost` files to the first of the links that point at them; the
    /// other links then point at that one.
    fn mend_links(&mut self, lost: BTreeMap<RelPath, Entry>) {
        if lost.is_empty() {
            return;
        }
        let mut heirs: BTreeMap<RelPath, RelPath> = BTreeMap::new();
        for (path, entry) in &mut self.entries {
            let Node::Hardlink { target } = &mut entry.node else { continue };
            let Some(file) = lost.get(target) else { continue };
            match heirs.get(target) {
                Some(heir) => *target = heir.clone(),
                None => {
                    heirs.insert(target.clone(), path.clone());
                    *entry = file.clone();
                }
            }
        }
    }

    /// The entry at `path`.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// All entries in the byte order of their paths: parents first.
    pub fn iter(&self) -> impl Iterator<Item = (&RelPath, &Entry)> {
        self.entries.iter()
    }

    /// The entries strictly below `path`, in order.
    pub fn below<'a>(&'a self, path: &RelPath) -> impl Iterator<Item = (&'a RelPath, &'a Entry)> + use<'a> {
        // Siblings such as `a-b` sort between `a` and `a/b`, hence the slash.
        let start = format!("{path}/");
        let range = (Bound::Excluded(start.as_str()), Bound::Unbounded);
        let after = self.entries.range::<str, _>(range);
        after.take_while(move |(path, _)| path.as_str().starts_with(&start))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sum of the sizes of the regular files, in bytes.
    pub fn size(&self) -> u64 {
        self.entries
            .values()
            .map(|entry| match entry.node {
                Node::File { size, .. } => size,
                _ => 0,
            })
            .sum()
    }

    /// Gives the entry at `path` the mode, owner and extended attributes of `source`.
    pub(crate) fn set_attributes(&mut self, path: &RelPath, source: &Entry) {
        if let Some(entry) = self.entries.get_mut(path) {
            let node = entry.node.clone();
            *entry = Entry { node, ..source.clone() };
        }
    }
}

impl TryFrom<BTreeMap<RelPath, Entry>> for Tree {
    type Error = TreeError;

    fn try_from(entries: BTreeMap<RelPath, Entry>) -> Result<Tree, TreeError> {
        for (path, entry) in &entries {
            if let Some(parent) = path.parent() {
                match entries.get(&parent) {
                    Some(found) if found.is_dir() => {}
                    Some(_) => {
                        let path = path.clone();
                        return Err(TreeError::ParentIsNotADirectory { path, parent });
                    }
                    None => return Err(TreeError::NoParent { path: path.clone() }),
                }
            }
            if let Node::Hardlink { target } = &entry.node
                && !matches!(entries.get(target), Some(Entry { node: Node::File { .. }, .. }))
            {
                let (path, target) = (path.clone(), target.clone());
                return Err(TreeError::NoTarget { path, target });
            }
        }
        Ok(Tree { entries })
    }
}

impl From<Tree> for BTreeMap<RelPath, Entry> {
    fn from(tree: Tree) -> BTreeMap<RelPath, Entry> {
        tree.entries
    }
}

mod layers;
mod resolve;
#[cfg(test)]
mod tests;
