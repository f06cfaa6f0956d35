//! Where the symbolic links of a source tree lead. Computed from the paths and link texts of the scan; no link
//! is followed on disk.

use std::collections::{BTreeMap, VecDeque};

use packwright_oci::RelPath;

/// The kind of file at a path of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathKind {
    Dir,
    File,
    Link(String),
}

/// Where a link leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkTarget {
    /// To something in the tree.
    Inside,
    /// Out of the tree.
    Outside,
    /// To a path in the tree where nothing is.
    Missing,
    /// Back to itself, directly or through other links.
    Loop,
}

/// How many links Linux follows for one path.
///
/// Source: path_resolution(7).
const MAX_LINKS: usize = 40;

/// Follows the link at `path`, whose text is `target`, through `places`.
pub(crate) fn resolve(places: &BTreeMap<RelPath, PathKind>, path: &RelPath, target: &str) -> LinkTarget {
    let mut at: Vec<String> = path.parts().map(str::to_owned).collect();
    at.pop();
    let mut rest: VecDeque<String> = VecDeque::new();
    let mut links = 0;
    let mut missing = false;
    if !follow(target, &mut rest) {
        return LinkTarget::Outside;
    }
    while let Some(part) = rest.pop_front() {
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                if at.pop().is_none() {
                    return LinkTarget::Outside;
                }
                continue;
            }
            _ => at.push(part),
        }
        match places.get(at.join("/").as_str()) {
            Some(PathKind::Dir) => {}
            Some(PathKind::File) => missing |= !rest.is_empty(),
            None => missing = true,
            Some(PathKind::Link(target)) => {
                links += 1;
                if links > MAX_LINKS {
                    return LinkTarget::Loop;
                }
                at.pop();
                if !follow(target, &mut rest) {
                    return LinkTarget::Outside;
                }
            }
        }
    }
    if missing { LinkTarget::Missing } else { LinkTarget::Inside }
}

/// Puts the parts of `target` in front of the parts that remain; gives whether `target` is relative.
fn follow(target: &str, rest: &mut VecDeque<String>) -> bool {
    for part in target.rsplit('/') {
        rest.push_front(part.to_owned());
    }
    !target.starts_with('/')
}

#[cfg(test)]
mod tests;
