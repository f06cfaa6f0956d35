//! What a framework's build makes: files to serve, or a server.

use packwright_buildpack::planner::{Diagnostic, Fallback, Origin, Requested};

use crate::application::AddedPackage;

/// What a framework's build makes.
#[derive(Debug, Clone)]
pub(super) enum BuildResult {
    /// Files that a web server shows.
    Site(BuiltSite),
    /// A program that answers HTTP.
    Server(BuiltServer),
    /// Something that cannot be run as it is, and what to do about it.
    Broken(Diagnostic),
}

/// Files that a web server shows.
#[derive(Debug, Clone)]
pub(super) struct BuiltSite {
    /// Their directory, from the application's.
    pub(super) dir: Requested<String>,
    /// What is shown for a path that names no file.
    pub(super) fallback: Fallback,
    /// Files whose names change with their contents, from the directory.
    pub(super) immutable: Vec<String>,
    /// Lines for the shell that put the files where they are served from, after the build.
    pub(super) layout: Vec<String>,
    /// Programs that cannot serve such a site, although start scripts that were there before call
    /// them.
    pub(super) instead_of: &'static [&'static str],
}

/// A program that answers HTTP.
#[derive(Debug, Clone)]
pub(super) struct BuiltServer {
    /// How it starts when no script of the project says it; `None` when only the project can.
    pub(super) start: Option<Vec<String>>,
    /// The start scripts that mean the same; the framework's own way is taken for them.
    pub(super) same: &'static [&'static str],
    /// Variables of the image: name, value, why.
    pub(super) environment: Vec<(&'static str, &'static str, &'static str)>,
    /// What of the build goes into the image.
    pub(super) ship: Shipped,
    /// Lines for the shell that put files where they are run from, after the build.
    pub(super) layout: Vec<String>,
    /// Development dependencies that it loads when it starts, each with the line that needs it.
    pub(super) also: Vec<Requested<String>>,
    /// Packages that it needs and no manifest names.
    pub(super) added: Vec<AddedPackage>,
    /// Files that its build needs and the project does not have: path in the step, text.
    pub(super) written: &'static [(&'static str, &'static str)],
    /// Variables of its build.
    pub(super) build_environment: &'static [(&'static str, &'static str)],
    /// Patterns of installed packages that its own program does without.
    pub(super) unneeded: &'static [&'static str],
    /// Why it is a server.
    pub(super) origin: Origin,
}

/// What of the build goes into the image.
#[derive(Debug, Clone)]
pub(super) enum Shipped {
    /// These directories, which need nothing else: no packages, no source.
    Alone(Vec<String>),
    /// These directories, with production packages and the source.
    With(Vec<String>),
    /// Whatever the build makes, with production packages and the source.
    Whole,
}

impl BuiltSite {
    /// A site whose only open questions are where it is and what is shown for other paths.
    pub(super) fn shape(dir: Requested<String>, fallback: Fallback, immutable: &[&str]) -> BuildResult {
        let immutable = immutable.iter().map(|&pattern| pattern.to_owned()).collect();
        BuildResult::Site(BuiltSite { dir, fallback, immutable, layout: Vec::new(), instead_of: &[] })
    }
}

impl BuildResult {
    /// The site, with programs that cannot serve it.
    pub(super) fn instead_of(self, programs: &'static [&'static str]) -> BuildResult {
        match self {
            BuildResult::Site(site) => BuildResult::Site(BuiltSite { instead_of: programs, ..site }),
            other => other,
        }
    }
}

impl BuiltServer {
    /// A server that starts with these words.
    pub(super) fn new(start: &[&str], ship: Shipped, origin: Origin) -> BuiltServer {
        BuiltServer {
            start: Some(start.iter().map(|&word| word.to_owned()).collect()),
            same: &[],
            environment: Vec::new(),
            ship,
            layout: Vec::new(),
            also: Vec::new(),
            added: Vec::new(),
            written: &[],
            build_environment: &[],
            unneeded: &[],
            origin,
        }
    }
}

/// The tool's default directory, where no file names one.
pub(super) fn default_dir(dir: &str, tool: &str) -> Requested<String> {
    Requested { value: dir.to_owned(), origin: Origin::Default(format!("where {tool} writes")) }
}
