//! Paths that manifests name, seen from the root of the tree.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath};

use crate::messages;

/// The path that `value` names when it is written in the file at `path`; `None` when it leaves
/// the tree. The root of the tree is the empty text.
pub(super) fn beside(path: &RelPath, value: &str) -> Option<String> {
    let value = value.strip_prefix("file:").unwrap_or(value);
    let value = value.strip_prefix("//").unwrap_or(value);
    let (value, parent) =
        match value.strip_prefix("/app").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(absolute) => (absolute.trim_start_matches('/'), None),
            None => (value, path.parent()),
        };
    if value.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = parent.iter().flat_map(|dir| dir.parts()).collect();
    for part in value.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The directory that `value` names in the file at `path`; `None` for the root of the tree.
pub(crate) fn directory(path: &RelPath, value: &str, at: &Origin) -> Result<Option<RelPath>, Diagnostic> {
    let dir = beside(path, value).ok_or_else(|| messages::include_escapes(at, value))?;
    match dir.is_empty() {
        true => Ok(None),
        false => dir.parse().map(Some).map_err(|_| messages::include_escapes(at, value)),
    }
}
