//! [`Proposal`]: what one buildpack proposes for a source tree: versions, packages, steps, processes.

use std::collections::BTreeMap;

use packwright_oci::RelPath;

use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::name::StepName;
use crate::origin::{Origin, Requested};
use crate::package::Package;
use crate::process::Process;
use crate::question::Question;
use crate::selection::Selection;
use crate::setting::Setting;
use crate::step::Step;
use crate::tool_version::ToolVersion;

/// One buildpack's evidence, requests, steps and processes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The Debian suite it needs, if it needs a certain one.
    pub suite: Option<Requested<String>>,
    /// Language versions.
    pub versions: Vec<ToolVersion>,
    /// Packages of the base system.
    pub packages: Vec<Package>,
    /// The work, in order.
    pub steps: Vec<Step>,
    /// The source files that the image needs; the owner's word counts.
    pub source: Selection,
    /// Variables of the image. `PATH` here is a list of directories that come before the
    /// system's own.
    pub environment: BTreeMap<String, Setting>,
    /// The processes that the files imply, the default one first.
    pub processes: Vec<Process>,
    /// Whether these processes need neither a shell's usual programs nor bash, as a compiled program
    /// does not: the image then has `sh` alone, unless another process is a line for the shell.
    pub stands_alone: bool,
    /// Who runs the declared build that the buildpack was given ([`Component::build`](crate::Component::build)).
    pub declared_build: BuildRunner,
    /// Files to be served in place of a process.
    pub site: Option<StaticSite>,
    /// Why the files imply no process. It becomes an error when nothing else declares one to
    /// run.
    pub process_missing: Option<Diagnostic>,
    /// Files that the owner's steps need, that the source does not have, and that the front end in
    /// a directory above them may make.
    pub needs: Vec<NeededFiles>,
    /// What only a network can answer; the owner's question counts.
    pub question: Option<Question>,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// What people should know.
    pub diagnostics: Vec<Diagnostic>,
}

/// Files that an owner's steps need and that the source does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededFiles {
    /// Where they must be, from the top of the tree: a file, or a directory with files in it.
    pub path: RelPath,
    /// Who says that they are needed.
    pub origin: Origin,
    /// What people are told when no helper takes part that could make them; nothing where the
    /// owner's steps bear their absence.
    pub missing: Option<Diagnostic>,
}

/// Who runs the commands of a declared build that a buildpack was given.
///
/// The default makes sure that no declared command is lost: a buildpack has to say that it runs them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildRunner {
    /// The planner, in the step `declared.build`, which comes before those steps of the buildpack that
    /// see source files. They see what it leaves.
    Planner {
        /// The directory below `/app` whose files are in the image after the build; all of `/app` when
        /// there is none.
        leaves: Option<RelPath>,
    },
    /// The buildpack: its steps run the commands.
    Buildpack,
}

impl Default for BuildRunner {
    fn default() -> BuildRunner {
        BuildRunner::Planner { leaves: None }
    }
}

/// Files that a web server shows as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticSite {
    /// Their directory below `/app`; all of `/app` when there is none.
    pub dir: Option<RelPath>,
    /// The step that makes them; they are source files when there is none.
    pub step: Option<StepName>,
    /// What is shown for a path that names no file.
    pub fallback: Fallback,
    /// Files whose names change with their contents, so that a browser may keep them for ever;
    /// patterns as in [`Selection`], from the directory.
    pub immutable: Vec<String>,
    /// Who says that there is such a site.
    pub origin: Origin,
}

/// What a static site shows for a path that names no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// `404.html` if there is one, with status 404.
    NotFound,
    /// `index.html` with status 200, for an application that routes in the browser. A path that
    /// looks like a file (`/a.js`) stays 404.
    Index,
}

impl Default for Proposal {
    fn default() -> Proposal {
        Proposal::new()
    }
}

impl Proposal {
    /// A proposal that does nothing yet and takes all source files.
    pub fn new() -> Proposal {
        Proposal {
            suite: None,
            versions: Vec::new(),
            packages: Vec::new(),
            steps: Vec::new(),
            source: Selection::all(),
            environment: BTreeMap::new(),
            processes: Vec::new(),
            stands_alone: false,
            declared_build: BuildRunner::default(),
            site: None,
            process_missing: None,
            needs: Vec::new(),
            question: None,
            decisions: Vec::new(),
            diagnostics: Vec::new(),
        }
    }
}
