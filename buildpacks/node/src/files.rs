//! The files of a tree as text and as values with lines. Decides nothing about what they say.

use packwright_documents::{Broken, Content, Value};
use packwright_planner::{Diagnostic, FileKind, RelPath, SourceFile, SourceTree, find};

use crate::messages;

/// The text of the file at `path`; `None` when there is none. A symbolic link is an error: a step
/// would be given the link and not what it points to.
pub(crate) fn text(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    if let Some(SourceFile { kind: FileKind::Symlink { target }, .. }) = find(tree, path.as_str()) {
        return Err(messages::manifest_is_link(path, target));
    }
    packwright_planner::text(tree, path.as_str()).map_err(|error| messages::unreadable(path, &error))
}

/// The configuration file at `path`, JSON with what JSON5 adds; `None` when there is none.
pub(crate) fn json_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Value>, Diagnostic> {
    let Some(text) = text(tree, path)? else { return Ok(None) };
    packwright_documents::json5(&text).map(Some).map_err(|broken| messages::broken_json(path, &broken))
}

/// The YAML file at `path`; `None` when there is none.
pub(crate) fn yaml_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Value>, Diagnostic> {
    let Some(text) = text(tree, path)? else { return Ok(None) };
    first_document(&text).map(Some).map_err(|broken| messages::broken_yaml(path, &broken))
}

/// The first document of a YAML text; nothing for a text without one.
pub(crate) fn first_document(text: &str) -> Result<Value, Broken> {
    let first = packwright_documents::yaml(text)?.into_iter().next();
    Ok(first.unwrap_or(Value { line: 1, content: Content::Null }))
}
