//! Manifests as text and as TOML: how a file is read, and where in it a value stands.

use packwright_buildpack::planner::{Diagnostic, FileKind, Origin, RelPath, SourceFile, SourceTree, find};
use toml::Spanned;

use crate::messages;

/// The text of the file at `path`; `None` when there is none. A symbolic link is an error: a step
/// would be given the link and not what it points to.
pub(crate) fn text(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    if let Some(SourceFile { kind: FileKind::Symlink { target }, .. }) = find(tree, path.as_str()) {
        return Err(messages::manifest_is_link(path, target));
    }
    packwright_buildpack::planner::text(tree, path.as_str())
        .map_err(|error| messages::unreadable(path, &error))
}

/// Reads `text` as TOML of the wanted shape; the error names line and column.
pub(crate) fn parse_toml<T: serde::de::DeserializeOwned>(
    path: &RelPath,
    text: &str,
) -> Result<T, Diagnostic> {
    toml::from_str(text).map_err(|error| {
        let (line, column) = position(text, error.span().map_or(0, |span| span.start));
        messages::broken_toml(path, line, column, error.message())
    })
}

/// Line and column, both from 1, of the byte at `offset`.
pub(crate) fn position(text: &str, offset: usize) -> (u32, u32) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (line as u32, (before.len() - start) as u32 + 1)
}

/// Where the value `spanned` of the file at `path` stands.
pub(crate) fn origin<T>(path: &RelPath, text: &str, spanned: &Spanned<T>) -> Origin {
    Origin::line(path, position(text, spanned.span().start).0)
}
