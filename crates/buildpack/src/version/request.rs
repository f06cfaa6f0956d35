//! Requests for a version, with the place that asks. Which request counts is for
//! [`choose`](super::choose()) to say.

use packwright_planner::{Diagnostic, Requested};

use super::tool::Tool;

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
