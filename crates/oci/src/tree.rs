//! [`Tree`]: files with modes, owners and links, as values. What a layer is made of, what a
//! step leaves behind, what a Debian package holds.
//!
//! A tree names file contents by digest and never holds them; [`Contents`] opens them. It has
//! no times: every member of every layer carries the profile's epoch, so that no clock reaches
//! the image.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use crate::{Digest, RelPath};

/// Files below one root, sorted by path. The root itself is not an entry.
///
/// Invariants: every parent of an entry is an entry; a hard link points at a regular file of
/// the same tree.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
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
    /// Another name of a regular file in the same tree.
    Hardlink {
        /// The first name.
        target: RelPath,
    },
    /// In a layer: the path and all below it are gone from the layers beneath.
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
    /// The path is there already, as something else.
    #[error("`{path}` is in the tree twice with different content")]
    Conflict {
        /// The path that came twice.
        path: RelPath,
    },
}

/// Opens file contents by digest.
pub trait Contents: Sync {
    /// A reader over the whole content. Fails with `NotFound` for an unknown digest.
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn io::Read + '_>>;
}

impl Entry {
    /// A directory of root's.
    pub fn dir(mode: u32) -> Entry {
        Entry::new(Node::Dir, mode)
    }

    /// A regular file of root's.
    pub fn file(digest: Digest, size: u64, mode: u32) -> Entry {
        Entry::new(Node::File { digest, size }, mode)
    }

    /// A symbolic link of root's.
    pub fn symlink(target: impl Into<String>) -> Entry {
        Entry::new(
            Node::Symlink {
                target: target.into(),
            },
            0o777,
        )
    }

    fn new(node: Node, mode: u32) -> Entry {
        Entry {
            node,
            mode,
            uid: 0,
            gid: 0,
            xattrs: BTreeMap::new(),
        }
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

    /// Adds `entry` at `path`, in place of what was there; missing parents become directories
    /// of root's with mode 0755. A directory keeps what is below it.
    ///
    /// Errors: a parent that is not a directory.
    pub fn insert(&mut self, path: RelPath, entry: Entry) -> Result<(), TreeError> {
        let mut above = path.parent();
        while let Some(parent) = above {
            match self.entries.get(&parent) {
                Some(found) if found.is_dir() => break,
                Some(_) => return Err(TreeError::ParentIsNotADirectory { path, parent }),
                None => {
                    above = parent.parent();
                    self.entries.insert(parent, Entry::dir(0o755));
                }
            }
        }
        if !entry.is_dir() {
            self.remove(&path);
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Removes `path` and all below it; says whether it was there.
    pub fn remove(&mut self, path: &RelPath) -> bool {
        let found = self.entries.remove(path).is_some();
        let below: Vec<RelPath> = self.below(path).map(|(path, _)| path.clone()).collect();
        for path in below {
            self.entries.remove(&path);
        }
        found
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
    pub fn below<'a>(
        &'a self,
        path: &RelPath,
    ) -> impl Iterator<Item = (&'a RelPath, &'a Entry)> + use<'a> {
        let base = path.clone();
        let start = std::ops::Bound::Excluded(path.clone());
        // Siblings such as `a-b` sort between `a` and `a/b`, hence the filter.
        self.entries
            .range((start, std::ops::Bound::Unbounded))
            .take_while({
                let base = base.clone();
                move |(path, _)| path.as_str().starts_with(base.as_str())
            })
            .filter(move |(path, _)| path.is_within(&base))
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

    /// Keeps the entries for which `keep` holds, and the parents of those.
    pub fn filter(&self, mut keep: impl FnMut(&RelPath, &Entry) -> bool) -> Tree {
        let mut entries = BTreeMap::new();
        for (path, entry) in &self.entries {
            if !keep(path, entry) {
                continue;
            }
            entries.insert(path.clone(), entry.clone());
            let mut above = path.parent();
            while let Some(parent) = above {
                if entries.contains_key(&parent) {
                    break;
                }
                above = parent.parent();
                entries.insert(parent.clone(), self.entries[&parent].clone());
            }
        }
        Tree { entries }
    }

    /// What a reader of both layers sees: `upper` over `self`. A whiteout of `upper` removes,
    /// a directory merges, anything else replaces.
    ///
    /// Source: OCI image-spec, layer.md, "Applying Changesets".
    pub fn overlaid(mut self, upper: &Tree) -> Tree {
        for (path, entry) in &upper.entries {
            match entry.node {
                Node::Whiteout => {
                    self.remove(path);
                }
                Node::Dir => {
                    self.entries.insert(path.clone(), entry.clone());
                }
                _ => {
                    self.remove(path);
                    self.entries.insert(path.clone(), entry.clone());
                }
            }
        }
        self
    }

    /// The layer that turns `lower` into `self`: new and changed entries, whiteouts for those
    /// that are gone, and the directories above all of these. Hard links whose first name did
    /// not change are written out as files again, since a layer must carry its own targets.
    pub fn changes_from(&self, lower: &Tree) -> Tree {
        let mut layer = self.filter(|path, entry| lower.entries.get(path) != Some(entry));
        let broken: Vec<(RelPath, RelPath)> = layer
            .entries
            .iter()
            .filter_map(|(path, entry)| match &entry.node {
                Node::Hardlink { target } if !layer.entries.contains_key(target) => {
                    Some((path.clone(), target.clone()))
                }
                _ => None,
            })
            .collect();
        for (path, target) in broken {
            if let Some(file) = self.entries.get(&target) {
                layer.entries.insert(path, file.clone());
            }
        }
        for path in lower.entries.keys() {
            let replaced_above = path.parent().is_some_and(|parent| {
                self.entries
                    .get(&parent)
                    .is_none_or(|entry| !entry.is_dir())
            });
            if self.entries.contains_key(path) || replaced_above {
                continue;
            }
            if let Some(parent) = path.parent() {
                layer = layer.with_parents_of(&parent, self);
            }
            layer
                .entries
                .insert(path.clone(), Entry::new(Node::Whiteout, 0));
        }
        layer
    }

    fn with_parents_of(mut self, path: &RelPath, source: &Tree) -> Tree {
        let mut above = Some(path.clone());
        while let Some(dir) = above {
            if self.entries.contains_key(&dir) {
                break;
            }
            if let Some(entry) = source.entries.get(&dir) {
                self.entries.insert(dir.clone(), entry.clone());
            }
            above = dir.parent();
        }
        self
    }
}

#[cfg(test)]
mod tests;
