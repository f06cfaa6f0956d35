//! What the words of version managers mean, the same for every tool. Knows no tool.
//!
//! Source: asdf's documentation, "Configuration", `.tool-versions`; mise's, "Dev tools",
//! "Versions"; nvm's README, "Long-term support".

use packwright_planner::Diagnostic;

/// What a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word<'a> {
    /// The newest release: `latest`.
    Newest,
    /// The newest release with long-term support: `lts`, `lts/*`.
    LongTerm,
    /// A version or range, for the language to read. `latest:3.12` and `prefix:3.12` are `3.12`.
    Version(&'a str),
    /// What is installed on the machine: `system`, `path:/opt/node`.
    System,
    /// A state of the source: `ref:main`.
    Revision,
    /// A distance from another version: `sub-2:lts`.
    Relative,
}

/// Why a request means no version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unclear {
    /// It is neither a version nor a known name.
    Unknown,
    /// The version of the machine: an image stands on none.
    System,
    /// A state of the source: only releases are taken.
    Revision,
    /// A distance from another version, which is not calculated.
    Relative,
    /// No release can satisfy it: its parts exclude each other.
    Nothing,
    /// Something that the language says better itself.
    Other(Box<Diagnostic>),
}

impl<'a> Word<'a> {
    /// What `text` names.
    pub fn of(text: &'a str) -> Word<'a> {
        let text = text.trim();
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        if let Some((kind, rest)) = text.split_once(':') {
            return match kind {
                "latest" | "prefix" => Word::Version(rest.trim()),
                "path" => Word::System,
                "ref" | "branch" | "tag" | "rev" => Word::Revision,
                _ if kind.starts_with("sub-") => Word::Relative,
                _ => Word::Version(text),
            };
        }
        match () {
            () if is("latest") => Word::Newest,
            () if is("lts") || is("lts/*") || is("lts-*") => Word::LongTerm,
            () if is("system") => Word::System,
            () => Word::Version(text),
        }
    }
}
