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
    self, Choice, Hints, Manifests, Notation, Number, Numbers, Releases, Request, Source, Tool, Unclear,
    VersionFile, Word,
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

/// Those that are modules of their own which the go command can fetch and run.
const FETCHED: Numbers = Numbers { from: (1, 21, 0), below: Some((2, 0, 0)) };

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    versions: Numbers,
    /// Whether the newest is asked for, and not what will do.
    newest: bool,
}

/// The chosen Go.
#[derive(Debug, Clone)]
pub(crate) struct Go {
    /// Where it comes from.
    pub(crate) delivery: Delivery,
    /// The versions of which the newest is fetched, where one is.
    pub(crate) versions: Numbers,
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
    fn of(choice: &Choice<Wanted, Release>) -> Go {
        let counted = if choice.first_decides { 1 } else { choice.voices.len() };
        let wanted: Vec<Wanted> = choice.voices.iter().take(counted).map(|voice| voice.wanted).collect();
        let versions = wanted.iter().fold(Numbers::ALL, |all, wanted| all.and(wanted.versions));
        let fetched = versions.and(FETCHED);
        let newest = wanted.iter().any(|wanted| wanted.newest);
        let fetched = if newest { fetched } else { fetched.line() };
        let (delivery, value) = match choice.release {
            Release::Package(row) if versions.has(number(&row)) => {
                (Delivery::Package(row), row.line.to_owned())
            }
            _ => {
                let version = if newest { "latest".to_owned() } else { fetched.told() };
                (Delivery::Client { suite: SUITE, version: version.clone() }, version)
            }
        };
        let delivered = match &delivery {
            Delivery::Package(row) => row.delivered(),
            Delivery::Client { .. } => {
                Delivered::Answer { step: name(VERSION_STEP), path: answer("go", "version") }
            }
        };
        let told = match choice.voices.first() {
            Some(voice) if voice.request.version != value => {
                format!("{value} for `{}`", voice.request.said.value)
            }
            _ => value.clone(),
        };
        Go {
            versions: fetched,
            tool: choice.tool_version(&TOOL, &value, delivered),
            decision: choice.decision(&TOOL, told),
            diagnostics: choice.diagnostics.clone(),
            delivery,
        }
    }

    /// The bounds of what is fetched, as the step takes them: the minor number times 10000 and the
    /// third, of the first version and of the first that is not taken.
    pub(crate) fn bounds(&self) -> [String; 2] {
        let text = |(_, minor, patch): Number| (minor * 10_000 + patch).to_string();
        let below = self.versions.below.filter(|below| below.0 == 1);
        [text(self.versions.from), text(below.unwrap_or((1, 9999, 0)))]
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
    Fetched(Numbers),
}

/// Debian's Go, which builds or brings what builds.
pub(crate) fn debian() -> &'static SuiteRelease {
    releases::in_suite("go", SUITE).expect("the table has a Go for the default suite")
}

fn number(row: &SuiteRelease) -> Number {
    (row.numbers.0, row.numbers.1, row.patch)
}

impl Releases for Versions {
    type Wanted = Wanted;
    type Release = Release;

    fn read(&self, request: &Request, word: Word<'_>) -> Result<Wanted, Unclear> {
        let at_least = request.source == Source::Manifest(Notation::AtLeast);
        let versions = match word {
            // As `setup-go` of GitHub's workflows has it.
            Word::Newest | Word::Version("stable") => {
                return Ok(Wanted { versions: Numbers::ALL, newest: true });
            }
            Word::Version(text) => Numbers::parse(text, at_least),
            _ => None,
        };
        versions.map(|versions| Wanted { versions, newest: false }).ok_or(Unclear::Unknown)
    }

    fn candidates(&self, wanted: &Wanted) -> Vec<Release> {
        let package = Release::Package(*debian());
        let fetched = wanted.versions.and(FETCHED);
        let package = self.fits(wanted, &package).then_some(package);
        package.into_iter().chain((!fetched.is_empty()).then_some(Release::Fetched(fetched))).collect()
    }

    fn fits(&self, wanted: &Wanted, release: &Release) -> bool {
        match release {
            Release::Package(row) => wanted.versions.has(number(row)) && !wanted.newest,
            Release::Fetched(versions) => !versions.and(wanted.versions).is_empty(),
        }
    }

    // Nothing is downloaded for a hint.
    fn takes_hint(&self, hint: &Wanted) -> bool {
        self.fits(hint, &Release::Package(*debian()))
    }

    fn agree(&self, all: &[&Wanted]) -> bool {
        !all.iter().fold(Numbers::ALL, |both, wanted| both.and(wanted.versions)).is_empty()
    }

    fn default(&self) -> (Release, Origin) {
        (Release::Package(*debian()), Origin::Default("the Go of the current Debian".to_owned()))
    }

    fn name(&self, release: &Release) -> String {
        match release {
            Release::Package(row) => row.line.to_owned(),
            Release::Fetched(versions) => versions.told(),
        }
    }

    fn available(&self) -> String {
        format!("Debian {SUITE} has {}, and the go command fetches 1.21 and newer", debian().line)
    }

    fn nearest(&self, wanted: &Wanted) -> String {
        let is_newer = wanted.versions.from > FETCHED.from;
        if is_newer { debian().line } else { "1.21" }.to_owned()
    }
}
