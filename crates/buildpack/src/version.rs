//! Which version of a tool: where requests come from, what they mean, and which release is chosen.
//!
//! ```text
//! collect ──Requests──▶ choose (reads each request, finds what fits all) ──Choice──▶ decision
//! ```
//!
//! **Precedence**, the same for every tool: the caller's option, a manifest that pins the very
//! version that must run, the files of a chosen platform, the tool's version files in their usual
//! order (or in the chosen platform's), the files of other platforms, the manifests, hints, the
//! default. A file is looked for in the application's directory and then upwards.
//!
//! A language describes its tool once, as a [`Tool`], and what can be had of it as [`Releases`]. It
//! reads no version file by itself, so that `.tool-versions`, mise and links mean the same for all.

mod choice;
mod messages;
mod mise;
mod numbers;
mod sources;
mod word;

use packwright_planner::{Diagnostic, Requested};

pub use choice::{Choice, Disagreement, Releases, Voice, choose};
pub use messages::{unavailable, unreadable};
pub use numbers::{Number, Numbers};
pub use sources::{Manifests, collect};
pub use word::{Unclear, Word};

/// A tool whose version is chosen, and the names by which files know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// The buildpack's name: diagnostic codes start with it.
    pub language: &'static str,
    /// What plans call it: `node`.
    pub name: &'static str,
    /// What people call it: `Node`.
    pub title: &'static str,
    /// The variable by which the caller chooses: `PACKWRIGHT_NODE_VERSION`.
    pub option: &'static str,
    /// Its names in `.tool-versions` and in mise's files, without a backend before them.
    pub names: &'static [&'static str],
    /// What may stand before a version and means nothing: `python-`, `go`.
    pub prefixes: &'static [&'static str],
    /// The files that say its version, the one that counts first.
    pub files: &'static [VersionFile],
    /// When hints count.
    pub hints: Hints,
    /// A version to write, for messages.
    pub example: &'static str,
}

/// A file that says versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionFile {
    /// Its name in its directory. For mise's files, of which there are several, `mise.toml`.
    pub name: &'static str,
    /// How it is written.
    pub form: Form,
}

/// How a version file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A version a line, of which the first counts: `.nvmrc`.
    Line,
    /// The first line, if it starts with these letters or with a digit: `runtime.txt`.
    Prefixed(&'static str),
    /// asdf's: a tool a line, then its versions, of which the first counts.
    ToolVersions,
    /// mise's.
    Mise,
}

/// When hints count: what files say that describe another image or a development machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hints {
    /// After all others, where those leave a choice.
    Last,
    /// Only where nothing else asks for a version, and only the first.
    Alone,
}

impl VersionFile {
    /// asdf's file.
    pub const TOOL_VERSIONS: VersionFile = VersionFile { name: ".tool-versions", form: Form::ToolVersions };
    /// mise's files.
    pub const MISE: VersionFile = VersionFile { name: "mise.toml", form: Form::Mise };

    /// A file with a version a line.
    pub const fn line(name: &'static str) -> VersionFile {
        VersionFile { name, form: Form::Line }
    }

    /// A file whose first line is a language and a version.
    pub const fn prefixed(name: &'static str, prefix: &'static str) -> VersionFile {
        VersionFile { name, form: Form::Prefixed(prefix) }
    }
}

/// A request for a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its words as they are written, and where.
    pub said: Requested<String>,
    /// The version in these words, without what means nothing.
    pub version: String,
    /// What kind of place asks.
    pub source: Source,
}

/// What kind of place asks for a version, in falling precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The caller's option.
    Option,
    /// A manifest that names the one version that must run, such as `packageManager`.
    Pin,
    /// A file of the platform that the caller chooses.
    ChosenPlatform,
    /// A version file.
    File,
    /// A file of another platform.
    Platform,
    /// A manifest of the language.
    Manifest(Notation),
    /// A file that describes another image or a development machine.
    Hint,
}

/// How a manifest means its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notation {
    /// A number names a version; an operator before it makes a range.
    Version,
    /// A range in the words of the language's package managers.
    Range,
    /// The version named, and all later ones.
    AtLeast,
}

/// All requests for a version of one tool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    /// Those that count, in falling precedence.
    pub requests: Vec<Request>,
    /// Those that must not make a plan fail.
    pub hints: Vec<Request>,
    /// Files that cannot be read, or say no version where one belongs.
    pub problems: Vec<Diagnostic>,
    /// What people should know.
    pub remarks: Vec<Diagnostic>,
}

impl Request {
    /// A request for a version of `tool`.
    pub fn new(tool: &Tool, said: Requested<String>, source: Source) -> Request {
        let text = said.value.trim();
        let bare = tool.prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
        let version = bare.filter(|rest| !rest.is_empty()).unwrap_or(text).to_owned();
        Request { said, version, source }
    }
}

impl Requests {
    /// Whether the first request counts whatever the others say: the caller's, or a chosen platform's.
    pub fn first_decides(&self) -> bool {
        let first = self.requests.first().map(|request| request.source);
        matches!(first, Some(Source::Option | Source::ChosenPlatform))
    }
}

#[cfg(test)]
mod tests;
