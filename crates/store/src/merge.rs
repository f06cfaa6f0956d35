//! What a step sees after it ran: the captured changes over the tree beneath. Pure values.

use std::collections::BTreeMap;

use packwright_oci::{Entry, Node, RelPath, Tree, TreeError};

use crate::Captured;

/// `lower` with the changes of `upper`, which was captured from the upper directory of an
/// overlay: opaque directories hide what was beneath, whiteouts remove, other entries replace.
/// The result has no whiteouts.
///
/// An overlay breaks hard links when it copies one of the names up: names of `lower` whose
/// first name changed keep the old content.
pub fn merged(lower: &Tree, upper: &Captured) -> Tree {
    let mut lower = lower.clone();
    for path in &upper.opaque {
        let hidden: Vec<RelPath> = lower.below(path).map(|(path, _)| path.clone()).collect();
        lower = detached(lower, |target| target.is_within(path));
        for path in hidden {
            lower.remove(&path);
        }
    }
    lower = detached(lower, |target| is_touched(&upper.tree, target));
    lower.overlaid(&upper.tree)
}

/// Whether the file at `path` of the lower tree is no longer seen once `upper` lies above.
fn is_touched(upper: &Tree, path: &RelPath) -> bool {
    let gone = |entry: &Entry| !entry.is_dir();
    if upper.get(path.as_str()).is_some() {
        return true;
    }
    let mut above = path.parent();
    while let Some(parent) = above {
        if upper.get(parent.as_str()).is_some_and(gone) {
            return true;
        }
        above = parent.parent();
    }
    false
}

/// `tree` without hard links to files that `lost` names: the first of the other names becomes
/// the file, the rest links to it.
fn detached(mut tree: Tree, lost: impl Fn(&RelPath) -> bool) -> Tree {
    let mut heirs: BTreeMap<RelPath, RelPath> = BTreeMap::new();
    let mut changed: Vec<(RelPath, Entry)> = Vec::new();
    for (path, entry) in tree.iter() {
        let Node::Hardlink { target } = &entry.node else { continue };
        if !lost(target) || lost(path) {
            continue;
        }
        let node = match heirs.get(target) {
            Some(heir) => Node::Hardlink { target: heir.clone() },
            None => match tree.get(target.as_str()) {
                Some(file) => {
                    heirs.insert(target.clone(), path.clone());
                    file.node.clone()
                }
                None => continue,
            },
        };
        changed.push((path.clone(), Entry { node, ..entry.clone() }));
    }
    for (path, entry) in changed {
        replace(&mut tree, path, entry);
    }
    tree
}

/// The entries at `path` and below, seen from there; the entry of `path` itself is left out
/// when it is a directory. Links to files outside become files.
///
/// A tree whose `path` is a file or a link comes back with that one entry under its name.
pub fn subtree(tree: &Tree, path: &RelPath) -> Tree {
    let mut part = Tree::new();
    let tree = detached(tree.clone(), |target| !target.is_within(path));
    match tree.get(path.as_str()) {
        Some(entry) if entry.is_dir() => {}
        Some(entry) => {
            if let Ok(name) = path.name().parse() {
                replace(&mut part, name, entry.clone());
            }
            return part;
        }
        None => return part,
    }
    for (full, entry) in tree.below(path) {
        let Some(short) = full.below(path) else { continue };
        let node = match &entry.node {
            Node::Hardlink { target } => match target.below(path) {
                Some(target) => Node::Hardlink { target },
                None => continue,
            },
            node => node.clone(),
        };
        replace(&mut part, short, Entry { node, ..entry.clone() });
    }
    part
}

/// Inserts where the parents are known to be directories.
fn replace(tree: &mut Tree, path: RelPath, entry: Entry) {
    let inserted: Result<(), TreeError> = tree.insert(path, entry);
    debug_assert!(inserted.is_ok(), "the parents of an entry are directories");
}

#[cfg(test)]
mod tests;
