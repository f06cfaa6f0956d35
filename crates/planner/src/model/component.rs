//! [`Component`]: one part of the application that is built and run: a directory, its build settings, its
//! processes and variables.

use std::collections::BTreeMap;

use packwright_oci::RelPath;
use serde::Serialize;

use crate::{Command, DeclaredProcess, Origin, ProcessName, Requested, Scope, StaticMount, Variable, Volume};

/// One part of the application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Component {
    /// Its name in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Requested<String>>,
    /// Its directory, where it is not the top of the tree. Commands run there, and all paths of
    /// the component start there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<Requested<RelPath>>,
    /// Its language: `python`, `node`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Requested<String>>,
    /// Versions of languages and tools, in falling precedence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionRequest>,
    /// The package manager by name: `poetry`, `pnpm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Requested<String>>,
    /// How the image is to be built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Requested<Strategy>>,
    /// Packages of an operating system.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<SystemPackage>,
    /// The work of the build, where the file describes it, in the order in which it is done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// What `phases` leave for the buildpack that is asked; the planner fills it in.
    #[serde(skip)]
    pub build: Option<DeclaredBuild>,
    /// The directory whose files are the site, for a site without a program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Requested<String>>,
    /// Whether the file describes a service that the clock starts: it has no process that answers or waits, and
    /// its job is what the image runs.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_job: bool,
    /// What it runs, `release` included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<DeclaredProcess>,
    /// Its variables.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
    /// Files that the platform serves in its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statics: Vec<StaticMount>,
    /// Directories that outlive its instances.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// Patterns of files that are no part of it, in the syntax of `.gitignore`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<Requested<String>>,
    /// What the chosen platform does differently with files that buildpacks read.
    #[serde(skip_serializing_if = "Customs::is_default")]
    pub customs: Customs,
    /// What files say that describe an image or a development machine. It counts after what is
    /// detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hints: Option<Box<Component>>,
}

/// A request for a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VersionRequest {
    /// The language or tool: `python`, `node`, `poetry`.
    pub tool: String,
    /// The version as the file has it: `3.12`, `>=18`.
    pub version: Requested<String>,
}

/// How an image is to be built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// By looking at the source.
    Detect,
    /// By a Dockerfile.
    Dockerfile {
        /// Its path from the component's directory.
        path: String,
        /// The stage that is wanted.
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        /// Build arguments.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        args: BTreeMap<String, String>,
    },
    /// Not at all: there is an image.
    Image(String),
    /// By these buildpacks, in this order.
    Buildpacks {
        /// The builder image, if one is named.
        #[serde(skip_serializing_if = "Option::is_none")]
        builder: Option<String>,
        /// Names or addresses.
        list: Vec<String>,
    },
    /// By another program: `nixpacks`, `railpack`.
    Program(String),
}

/// A package of an operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystemPackage {
    /// Its name, and the line that has it.
    pub name: Requested<String>,
    /// Whose name that is. Readers translate what they can, so that all but `Debian` is a
    /// package that will be missing.
    pub system: PackageSystem,
    /// Where it is needed.
    pub scope: Scope,
}

/// Whose name a package has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageSystem {
    /// Debian and its kin.
    Debian,
    /// Nixpkgs.
    Nix,
    /// Red Hat and its kin.
    Yum,
}

/// A phase of a declared build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// Its name in the file: `install`, `build`, one of the file's own.
    pub name: String,
    /// What the phase is for.
    pub work: BuildWork,
    /// What it does, in order. Without [`Task::Detected`] among them, the tasks take the place
    /// of what would be detected for this work; with none at all, nothing is to be done.
    pub tasks: Vec<Task>,
}

/// What a phase of a build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BuildWork {
    /// It brings tools.
    Setup,
    /// It installs the packages that the application depends on.
    Install,
    /// It builds the application.
    Build,
    /// It does all of that, as platforms with one build command have it.
    All,
}

/// A task of a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// What would be detected: the `...` of Nixpacks and Railpack.
    Detected,
    /// A command.
    Run(Requested<Command>),
}

/// A declared build as a buildpack is to do it, in its step that builds: without the commands that
/// only install what its own steps install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredBuild {
    /// Commands that come first.
    pub before: Vec<Requested<Command>>,
    /// Whether what is detected follows.
    pub detected: bool,
    /// Commands that come last.
    pub after: Vec<Requested<Command>>,
}

/// What a platform does differently with files that buildpacks read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Customs {
    /// The only files that say a version, the one that counts first; buildpacks' own order when
    /// there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_files: Option<Vec<String>>,
    /// Whether files of more than one package manager are an error there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub one_manager: bool,
    /// The package managers in the order in which their files count there; buildpacks' own order
    /// when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub managers: Vec<String>,
    /// Whether the platform's builds gather a framework's static files without being asked to; nothing where
    /// that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collects_assets: Option<bool>,
    /// The platform that has these customs, where the caller chooses one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
}

impl Customs {
    fn is_default(&self) -> bool {
        *self == Customs::default()
    }
}

impl Component {
    /// Its directory, unless it is the top of the tree.
    pub fn dir(&self) -> Option<&RelPath> {
        self.root.as_ref().map(|root| &root.value)
    }

    /// The requests for a version of `tool`, the one that counts first.
    pub fn version_requests<'a>(&'a self, tool: &'a str) -> impl Iterator<Item = &'a Requested<String>> {
        self.versions.iter().filter(move |request| request.tool == tool).map(|request| &request.version)
    }

    /// The processes that say how they start: name, command, and who says so.
    pub fn commands(&self) -> impl Iterator<Item = (&ProcessName, &Command, &Origin)> {
        self.processes
            .iter()
            .filter_map(|process| Some((&process.name, process.command.as_ref()?, &process.origin)))
    }

    /// Whether the caller chooses a platform, whose files count before all others.
    pub fn is_chosen(&self) -> bool {
        self.customs.platform.is_some()
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        *self == Component::default()
    }

    /// The variable `name`.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.environment.iter().find(|variable| variable.name == name)
    }
}

impl Phase {
    /// A phase of commands that take the place of what would be detected.
    pub fn of(name: &str, work: BuildWork, commands: Vec<Requested<Command>>) -> Phase {
        Phase { name: name.to_owned(), work, tasks: commands.into_iter().map(Task::Run).collect() }
    }
}
