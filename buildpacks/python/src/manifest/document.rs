//! Manifests as text and as TOML: how a file is read, and where in it a value stands.

use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};
use toml::Spanned;

use crate::messages;

/// The text of the file at `path`, also where links within the tree lead to it; `None` when there is
/// none.
pub(crate) fn text(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    files::text(tree, path).map_err(|error| error.diagnostic("python"))
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
