//! [`compare`]: two images entry by entry, to tell where a build is not reproducible.

use std::fmt;

use packwright_oci::{DiffId, Entry, RelPath};

use crate::build::Built;

/// One difference between two builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The numbers of layers differ.
    LayerCount {
        /// In the first build.
        first: usize,
        /// In the second build.
        second: usize,
    },
    /// A member of a layer differs.
    Entry {
        /// The layer, counted from 0 at the base.
        layer: usize,
        /// The member.
        path: RelPath,
        /// In the first build.
        first: Option<Entry>,
        /// In the second build.
        second: Option<Entry>,
    },
    /// A layer has equal members and other bytes.
    LayerBytes {
        /// The layer, counted from 0 at the base.
        layer: usize,
        /// In the first build.
        first: DiffId,
        /// In the second build.
        second: DiffId,
    },
    /// The layers are equal and the image is not: configuration or annotations differ.
    Documents,
}

/// All differences between two builds; none when their images are the same.
pub fn compare(first: &Built, second: &Built) -> Vec<Difference> {
    let mut differences = Vec::new();
    if first.trees.len() != second.trees.len() {
        differences.push(Difference::LayerCount { first: first.trees.len(), second: second.trees.len() });
    }
    for (layer, (one, other)) in first.trees.iter().zip(&second.trees).enumerate() {
        let before = differences.len();
        for (path, entry) in one.iter() {
            let there = other.get(path.as_str());
            if there != Some(entry) {
                differences.push(Difference::Entry {
                    layer,
                    path: path.clone(),
                    first: Some(entry.clone()),
                    second: there.cloned(),
                });
            }
        }
        for (path, entry) in other.iter().filter(|(path, _)| one.get(path.as_str()).is_none()) {
            differences.push(Difference::Entry {
                layer,
                path: path.clone(),
                first: None,
                second: Some(entry.clone()),
            });
        }
        let (one, other) = (&first.layers[layer], &second.layers[layer]);
        if differences.len() == before && one.diff_id != other.diff_id {
            differences.push(Difference::LayerBytes { layer, first: one.diff_id, second: other.diff_id });
        }
    }
    if differences.is_empty() && first.image.digest != second.image.digest {
        differences.push(Difference::Documents);
    }
    differences
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::LayerCount { first, second } => write!(f, "{first} layers, then {second}"),
            Difference::Entry { layer, path, first: Some(_), second: None } => {
                write!(f, "layer {layer}: `{path}` is in the first build only")
            }
            Difference::Entry { layer, path, first: None, .. } => {
                write!(f, "layer {layer}: `{path}` is in the second build only")
            }
            Difference::Entry { layer, path, first: Some(first), second: Some(second) } => {
                write!(f, "layer {layer}: `{path}` differs in {}", what_differs(first, second))
            }
            Difference::LayerBytes { layer, first, second } => {
                write!(f, "layer {layer}: equal members, other bytes: {first}, then {second}")
            }
            Difference::Documents => f.write_str("equal layers, other configuration or annotations"),
        }
    }
}

fn what_differs(first: &Entry, second: &Entry) -> String {
    let mut parts = Vec::new();
    if first.node != second.node {
        parts.push("content".to_owned());
    }
    if first.mode != second.mode {
        parts.push(format!("mode ({:o}, then {:o})", first.mode, second.mode));
    }
    if (first.uid, first.gid) != (second.uid, second.gid) {
        parts.push("owner".to_owned());
    }
    if first.xattrs != second.xattrs {
        parts.push("extended attributes".to_owned());
    }
    parts.join(", ")
}
