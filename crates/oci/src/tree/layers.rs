//! Trees as layers: one applied to another, the difference of two, a part of one. As on a file system, a file
//! whose name is removed stays under its other hard links.

use std::collections::{BTreeMap, BTreeSet};

use super::{Entry, Node, Tree};
use crate::{RelPath, TreeError};

impl Tree {
    /// Keeps the entries for which `keep` returns `true`, and their parents. When a file is removed and
    /// hard links to it stay, the first of these becomes the file.
    pub fn filter(&self, mut keep: impl FnMut(&RelPath, &Entry) -> bool) -> Tree {
        let mut kept = Tree::new();
        let mut lost = BTreeMap::new();
        for (path, entry) in &self.entries {
            if keep(path, entry) {
                kept.entries.insert(path.clone(), entry.clone());
                kept.take_parents(path, self);
            } else if matches!(entry.node, Node::File { .. }) {
                lost.insert(path.clone(), entry.clone());
            }
        }
        kept.mend_links(lost);
        kept
    }

    /// Adds the directories above `path` that are missing, as `source` has them.
    fn take_parents(&mut self, path: &RelPath, source: &Tree) {
        let mut above = path.parent();
        while let Some(dir) = above {
            if self.entries.contains_key(&dir) {
                break;
            }
            above = dir.parent();
            if let Some(entry) = source.entries.get(&dir) {
                self.entries.insert(dir, entry.clone());
            }
        }
    }

    /// Moves all entries below `base`, whose own entry is `dir`; directories above it belong to
    /// root with mode 0755. Targets of hard links are moved as well.
    ///
    /// Errors: `dir` is no directory, and there is something to put below it.
    pub fn moved_below(self, base: &RelPath, dir: Entry) -> Result<Tree, TreeError> {
        let under =
            |path: &RelPath| base.join(path.as_str()).expect("a relative path below a relative path is one");
        let mut moved = Tree::new();
        moved.insert(base.clone(), dir)?;
        for (path, mut entry) in self.entries {
            if let Node::Hardlink { target } = &mut entry.node {
                *target = under(target);
            }
            moved.insert(under(&path), entry)?;
        }
        Ok(moved)
    }

    /// Applies the layer `upper` to `self`. A whiteout of `upper` removes, a directory merges,
    /// every other entry replaces. A file of `self` that is removed or replaced stays under its other
    /// hard links.
    ///
    /// Source: OCI image-spec, layer.md, "Applying Changesets".
    pub fn overlaid(mut self, upper: &Tree) -> Tree {
        let mut lost = BTreeMap::new();
        for (path, entry) in &upper.entries {
            let merges = entry.is_dir() && self.entries.get(path).is_some_and(Entry::is_dir);
            if !merges {
                self.cut(path, &mut lost);
            }
        }
        self.mend_links(lost);
        for (path, entry) in &upper.entries {
            if entry.node != Node::Whiteout {
                self.entries.insert(path.clone(), entry.clone());
            }
        }
        self
    }

    /// The layer that turns `lower` into `self`: new and changed entries, whiteouts for removed
    /// entries, and the directories above all of these. Either all names of a file are in the layer or
    /// none, since a hard link can only point to a file of the same layer.
    pub fn changes_from(&self, lower: &Tree) -> Tree {
        let changed = |path: &RelPath, entry: &Entry| lower.entries.get(path) != Some(entry);
        let linked: BTreeSet<&RelPath> = self
            .entries
            .iter()
            .filter_map(|(path, entry)| match &entry.node {
                Node::Hardlink { target } => {
                    let target_changed = self.entries.get(target).is_some_and(|file| changed(target, file));
                    (target_changed || changed(path, entry)).then_some(target)
                }
                _ => None,
            })
            .collect();
        let mut layer = self.filter(|path, entry| {
            let file = match &entry.node {
                Node::Hardlink { target } => target,
                _ => path,
            };
            changed(path, entry) || linked.contains(file)
        });
        for path in lower.entries.keys() {
            let replaced_above = path
                .parent()
                .is_some_and(|parent| self.entries.get(&parent).is_none_or(|entry| !entry.is_dir()));
            if self.entries.contains_key(path) || replaced_above {
                continue;
            }
            layer.take_parents(path, self);
            layer.entries.insert(path.clone(), Entry::whiteout());
        }
        layer
    }
}
