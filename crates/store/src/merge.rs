//! The view of a step after it ran: the captured changes applied to the lower tree. Pure values.

use std::collections::BTreeSet;

use packwright_oci::{Entry, Node, RelPath, Tree};

use crate::capture::Captured;

/// `lower` with the changes of `upper`, which was captured from the upper directory of an
/// overlay: opaque directories hide the lower content, whiteouts remove, directories merge, other
/// entries replace. The result has no whiteouts.
///
/// An overlay breaks hard links when it copies one of the names up: the other names in `lower`
/// keep the old content. Entries that were copied up and not changed are equal to those of
/// `lower`, so [`Tree::changes_from`] does not see them.
pub fn merged(lower: &Tree, upper: &Captured) -> Tree {
    // By the directories above each entry, so that the time does not grow with entries times opaque directories:
    // both numbers are chosen by the step.
    let opaque: BTreeSet<&str> = upper.opaque.iter().map(RelPath::as_str).collect();
    let is_hidden = |path: &RelPath| {
        let text = path.as_str();
        text.match_indices('/').any(|(end, _)| opaque.contains(&text[..end]))
    };
    let lower = match upper.opaque.is_empty() {
        true => lower.clone(),
        false => lower.filter(|path, _| !is_hidden(path)),
    };
    lower.overlaid(&upper.tree)
}

/// The entries below `path`, with paths relative to it. When `path` is a file or a link, the result
/// holds that one entry under its name; when there is nothing at `path`, the result is empty. A hard
/// link whose file is outside becomes a file.
pub fn subtree(tree: &Tree, path: &RelPath) -> Tree {
    let mut part = Tree::new();
    let within = tree.filter(|found, _| found.is_within(path));
    let seen = |full: &RelPath| match full == path {
        true => full.name().parse().ok(),
        false => full.below(path),
    };
    for (full, entry) in within.iter() {
        let is_top = full == path && entry.is_dir();
        let Some(short) = seen(full).filter(|_| full.is_within(path) && !is_top) else { continue };
        let node = match &entry.node {
            Node::Hardlink { target } => match seen(target) {
                Some(target) => Node::Hardlink { target },
                None => continue,
            },
            node => node.clone(),
        };
        let inserted = part.insert(short, Entry { node, ..entry.clone() });
        debug_assert!(inserted.is_ok(), "what lies above an entry is a directory");
    }
    part
}

#[cfg(test)]
mod tests;
