//! The files in which a Python project says what it needs. Each reader takes text and gives a
//! value; what is made of the values is decided elsewhere.

pub(crate) mod conda;
pub(crate) mod exact;
pub(crate) mod index;
mod json;
pub(crate) mod local;
pub(crate) mod locked;
pub(crate) mod pdm;
pub(crate) mod pipfile;
pub(crate) mod pylock;
pub(crate) mod pyproject;
mod reference;
pub(crate) mod requirements;
pub(crate) mod setup;
pub(crate) mod wheels;

use packwright_planner::{Diagnostic, FileKind, Origin, RelPath, SourceFile, SourceTree, find};
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};
use toml::Spanned;

use crate::data::Delivery;
use crate::messages;

pub(crate) use reference::Reference;

/// The text of the file at `path`; `None` when there is none. A symbolic link is an error: a step
/// would be given the link and not what it points to.
pub(crate) fn text(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    if let Some(SourceFile { kind: FileKind::Symlink { target }, .. }) = find(tree, path.as_str()) {
        return Err(messages::manifest_is_link(path, target));
    }
    packwright_planner::text(tree, path.as_str()).map_err(|error| messages::unreadable(path, &error))
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

/// The path that `value` names when it is written in the file at `path`; `None` when it leaves
/// the tree. The root of the tree is the empty text.
fn beside(path: &RelPath, value: &str) -> Option<String> {
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

/// Refuses an address that nothing can be fetched from.
fn check_address(reference: &Reference, at: &Origin) -> Result<(), Diagnostic> {
    match &reference.address {
        Some(address) if !is_fetched(address) => Err(messages::requirement_scheme(at, address)),
        _ => Ok(()),
    }
}

/// Whether uv fetches from `address` without keys of its own.
fn is_fetched(address: &str) -> bool {
    ["https://", "http://", "git+https://", "git+http://", "git+file:///app/"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
}

/// What markers are asked about: CPython of the delivered version on Linux. The machine is taken
/// as x86_64; markers only decide at plan time whether a requirement is among those installed.
pub(crate) fn marker_environment(delivery: &Delivery) -> MarkerEnvironment {
    let full = delivery.version().to_string();
    MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: "x86_64",
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: delivery.name,
        sys_platform: "linux",
    }
    .try_into()
    .expect("the versions in the table are versions")
}
