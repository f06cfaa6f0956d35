//! [`Listing`]: a tree by its directories, as it is laid out on disk and compared with what is there. Touches no disk.

use std::collections::BTreeMap;

use packwright_oci::{Entry, Node, Tree};

use crate::error::StoreError;

/// A directory of the tree: its path, and the entries directly in it.
pub(crate) type Listing<'a> = (&'a str, Vec<(&'a str, &'a Entry)>);

/// The node of the entry, or of its file when it is a hard link.
pub(crate) fn first_name<'a>(tree: &'a Tree, entry: &'a Entry) -> &'a Node {
    match &entry.node {
        Node::Hardlink { target } => tree.get(target.as_str()).map_or(&entry.node, |to| &to.node),
        node => node,
    }
}

/// All directories, parents first, the root as the empty path. Refuses entries that no directory on disk can hold.
pub(crate) fn listings(tree: &Tree) -> Result<Vec<Listing<'_>>, StoreError> {
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
