//! Which Go: Debian's where it will do, else a toolchain that the go command itself downloads and
//! checks. A `go` line is the least version that a module can do with, not the one it wants.
//!
//! Source: Go documentation, "Go Toolchains".

use packwright_buildpack::planner::{
    Decision, Delivered, Diagnostic, Origin, PlanContext, Requested, ToolVersion,
};
use packwright_buildpack::releases::{self, Delivery, SuiteRelease};
use packwright_buildpack::step::{answer, name};
use packwright_buildpack::version::{
    self, Choice, Hints, Manifests, Notation, Releases, Request, Source, Tool, Unclear, VersionFile, Word,
};

use crate::module::Modules;

/// How people and files call Go.
pub(crate) const TOOL: Tool = Tool {
    language: "go",
    name: "go",
    title: "Go",
    option: "PACKWRIGHT_GO_VERSION",
    names: &["go", "golang"],
    prefixes: &["go"],
    files: &[VersionFile::line(".go-version"), VersionFile::TOOL_VERSIONS, VersionFile::MISE],
    hints: Hints::Alone,
    example: "1.24",
};

/// The suite whose Go builds, or fetches the Go that builds. Bookworm's cannot fetch one.
pub(crate) const SUITE: &str = releases::DEFAULT_SUITE;

/// The step that finds the exact version.
pub(crate) const VERSION_STEP: &str = "go.version";

type Number = (u64, u64, u64);

/// The first that is a module of its own which the go command can fetch and run.
const FIRST: Number = (1, 21, 0);

/// Versions from one on, and below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first.
    pub(crate) from: Number,
    /// The first that is not in it; no limit when there is none.
    pub(crate) below: Option<Number>,
    /// Whether the newest is asked for, and not what does.
    newest: bool,
}

/// The chosen Go.
#[derive(Debug, Clone)]
pub(crate) struct Go {
    /// Where it comes from.
    pub(crate) delivery: Delivery,
    /// The versions of which the newest is fetched, where one is.
    pub(crate) range: Range,
    /// For the plan.
    pub(crate) tool: ToolVersion,
    /// For people.
    pub(crate) decision: Decision,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Chooses the Go that builds `modules`.
///
/// Errors: requests that cannot be read, that exclude each other, or that ask for what is too old.
pub(crate) fn choose(given: &PlanContext<'_>, modules: &Modules) -> Result<Go, Vec<Diagnostic>> {
    let lines = modules.versions().into_iter().map(|said| (said, Notation::AtLeast));
    let manifests = Manifests { pins: Vec::new(), requests: lines.collect() };
    let requests = version::collect(&TOOL, given, None, manifests);
    let choice = version::choose(&TOOL, requests, &Versions)?;
    Ok(Go::of(&choice))
}

impl Go {
    fn of(choice: &Choice<Range, Release>) -> Go {
        let counted = if choice.first_decides { 1 } else { choice.voices.len() };
        let range = choice.voices.iter().take(counted).fold(Range::ALL, |all, voice| all.and(voice.wanted));
        let (delivery, value) = match choice.release {
            Release::Package(row) if range.has(number(&row)) => (Delivery::Package(row), row.line.to_owned()),
            _ => {
                let version = range.line().told();
                (Delivery::Client { suite: SUITE, version: version.clone() }, version)
            }
        };
        let delivered = match &delivery {
            Delivery::Package(row) => row.delivered(),
            Delivery::Client { .. } => {
                Delivered::Answer { step: name(VERSION_STEP), path: answer("go", "version") }
            }
        };
        Go {
            range: range.line(),
            tool: choice.tool_version(&TOOL, &value, delivered),
            decision: choice.decision(&TOOL, value),
            diagnostics: choice.diagnostics.clone(),
            delivery,
        }
    }

    /// Whether the go command fetches it.
    pub(crate) fn is_fetched(&self) -> bool {
        matches!(self.delivery, Delivery::Client { .. })
    }

    /// The suite, with the reason.
    pub(crate) fn suite(&self) -> Requested<String> {
        self.delivery.suite("Go")
    }
}

/// Debian's Go, and those that its go command fetches.
struct Versions;

/// What can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Release {
    Package(SuiteRelease),
    Fetched(Range),
}

/// Debian's Go, which builds or brings what builds.
pub(crate) fn debian() -> &'static SuiteRelease {
    releases::in_suite("go", SUITE).expect("the table has a Go for the default suite")
}

fn number(row: &SuiteRelease) -> Number {
    (row.numbers.0, row.numbers.1, row.patch)
}

impl Releases for Versions {
    type Wanted = Range;
    type Release = Release;

    fn read(&self, request: &Request, word: Word<'_>) -> Result<Range, Unclear> {
        let text = match word {
            Word::Newest => return Ok(Range { newest: true, ..Range::ALL }),
            Word::Version(text) => text,
            _ => return Err(Unclear::Unknown),
        };
        let least = request.source == Source::Manifest(Notation::AtLeast);
        Range::parse(text, least).ok_or(Unclear::Unknown)
    }

    fn candidates(&self, wanted: &Range) -> Vec<Release> {
        let package = Release::Package(*debian());
        let fetched = Range { from: wanted.from.max(FIRST), ..*wanted };
        let package = self.fits(wanted, &package).then_some(package);
        package.into_iter().chain((!fetched.is_empty()).then_some(Release::Fetched(fetched))).collect()
    }

    fn fits(&self, wanted: &Range, release: &Release) -> bool {
        match release {
            Release::Package(row) => wanted.has(number(row)) && !wanted.newest,
            Release::Fetched(range) => !range.and(*wanted).is_empty(),
        }
    }

    fn agree(&self, all: &[&Range]) -> bool {
        !all.iter().fold(Range::ALL, |both, range| both.and(**range)).is_empty()
    }

    fn default(&self) -> (Release, Origin) {
        (Release::Package(*debian()), Origin::Default("the Go of the current Debian".to_owned()))
    }

    fn name(&self, release: &Release) -> String {
        match release {
            Release::Package(row) => row.line.to_owned(),
            Release::Fetched(range) => range.told(),
        }
    }

    fn available(&self) -> String {
        format!("Debian {SUITE} has {}, and the go command fetches 1.21 and newer", debian().line)
    }

    fn nearest(&self, _wanted: &Range) -> String {
        "1.21".to_owned()
    }
}

impl Range {
    const ALL: Range = Range { from: (0, 0, 0), below: None, newest: false };

    /// `1.22` is every 1.22, `1.22.3` itself, `1` every 1; with `least`, and behind `>=`, all that come
    /// later too. What comes before a release (`1.25rc1`) counts as the release.
    pub(crate) fn parse(text: &str, least: bool) -> Option<Range> {
        let (text, least) = match text.strip_prefix(">=") {
            Some(rest) => (rest.trim(), true),
            None => (text, least),
        };
        let text = text.strip_suffix(".x").or(text.strip_suffix(".*")).unwrap_or(text);
        let text = text.split(['r', 'b']).next().filter(|release| !release.is_empty())?;
        let numbers: Vec<u64> = text
            .split('.')
            .map(|part| part.parse::<u64>().ok().filter(|n| *n < 10_000))
            .collect::<Option<_>>()?;
        let (from, below) = match *numbers.as_slice() {
            [major] => ((major, 0, 0), (major + 1, 0, 0)),
            [major, minor] => ((major, minor, 0), (major, minor + 1, 0)),
            [major, minor, patch] => ((major, minor, patch), (major, minor, patch + 1)),
            _ => return None,
        };
        Some(Range { from, below: (!least).then_some(below), newest: false })
    }

    fn and(self, other: Range) -> Range {
        let below = match (self.below, other.below) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Range { from: self.from.max(other.from), below, newest: self.newest || other.newest }
    }

    fn has(&self, number: Number) -> bool {
        self.from <= number && self.below.is_none_or(|below| number < below)
    }

    fn is_empty(&self) -> bool {
        self.below.is_some_and(|below| below <= self.from)
    }

    /// Of this range the oldest line that can be fetched, whose newest release is taken; all of it
    /// where the newest is asked for.
    fn line(self) -> Range {
        let from = self.from.max(FIRST);
        let next = Some((from.0, from.1 + 1, 0));
        let below =
            if self.newest { self.below } else { Range { from, below: next, newest: false }.and(self).below };
        Range { from, below, ..self }
    }

    /// What people read: the numbers that all of it begin with.
    fn told(&self) -> String {
        match (self.from, self.below) {
            (from, Some(below)) if below == (from.0, from.1, from.2 + 1) => {
                format!("{}.{}.{}", from.0, from.1, from.2)
            }
            _ if self.newest => "latest".to_owned(),
            (from, _) => format!("{}.{}", from.0, from.1),
        }
    }

    /// The bounds as arguments: minor and patch number of the first, and of the first that is not taken.
    pub(crate) fn arguments(&self) -> [String; 2] {
        let text = |(_, minor, patch): Number| (minor * 10_000 + patch).to_string();
        [text(self.from), text(self.below.unwrap_or((1, 9999, 0)))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_they_are_written() {
        for (text, least, from, below) in [
            ("1.22", false, (1, 22, 0), Some((1, 23, 0))),
            ("1.22.3", false, (1, 22, 3), Some((1, 22, 4))),
            ("1.22", true, (1, 22, 0), None),
            (">=1.22", false, (1, 22, 0), None),
            ("1.25rc1", true, (1, 25, 0), None),
            ("1.22.x", false, (1, 22, 0), Some((1, 23, 0))),
            ("1", false, (1, 0, 0), Some((2, 0, 0))),
        ] {
            assert_eq!(Range::parse(text, least), Some(Range { from, below, newest: false }), "{text}");
        }
        for text in ["", "a", "1.", "1.2.3.4", "rc1", "99999999999999999999", "1.22 || 1.23"] {
            assert_eq!(Range::parse(text, false), None, "{text}");
        }
    }
}
