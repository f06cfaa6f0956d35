//! What an application is, whatever framework it uses: the border between the rules that
//! recognise applications and those that install and build.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{
    Cache, Claim, Command, Decision, Diagnostic, Origin, Output, Package, Process, RelPath, Requested, Scope,
    Selection, Setting, StaticSite,
};

use crate::project::NodeProject;

/// What the rules that recognise applications are asked about.
#[derive(Clone, Copy)]
pub(crate) struct AppContext<'a> {
    /// The application and what stands around it.
    pub(crate) project: NodeProject<'a>,
    /// Whether the manager runs `pre…` and `post…` scripts around the ones people ask for; yarn 2
    /// and later does not.
    pub(crate) hooks: bool,
    /// How a build step runs a script of the application, from the root of the tree.
    pub(crate) run: &'a dyn Fn(&str) -> Command,
    /// The lowest Node, as major and minor number, that the wanted version may come to.
    pub(crate) node: (u64, u64),
    /// The Debian suite of the image, `trixie` for example.
    pub(crate) suite: &'a str,
}

/// A recognised application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Application {
    /// What plans call its framework, `next` for example; `none` for a bare program.
    pub(crate) framework: Requested<String>,
    /// How strongly the tree speaks for it.
    pub(crate) claim: Requested<Claim>,
    /// How it is built; nothing to build otherwise.
    pub(crate) build: Option<BuildWork>,
    /// What it runs.
    pub(crate) processes: Vec<Process>,
    /// Files to serve in place of a process.
    pub(crate) site: Option<StaticSite>,
    /// Why there is nothing to run.
    pub(crate) process_missing: Option<Diagnostic>,
    /// Which installed packages the image needs.
    pub(crate) modules: Modules,
    /// Development dependencies that the image needs all the same, by name.
    pub(crate) also: Vec<String>,
    /// Patterns of installed packages that nothing but the build needs, though no manifest says so.
    pub(crate) unneeded: Vec<&'static str>,
    /// Programs that the processes need besides what is in `node_modules`.
    pub(crate) programs: Vec<ImageProgram>,
    /// Packages that the framework's build or server needs and no manifest names.
    pub(crate) added: Vec<AddedPackage>,
    /// Directories of packages of their own that scripts of the application install.
    pub(crate) nested: Vec<RelPath>,
    /// Scripts that run at installation and install others, without that: the name, and the line that is left.
    pub(crate) relieved: BTreeMap<String, String>,
    /// Directories of other packages in which processes run programs.
    pub(crate) dirs: Vec<RelPath>,
    /// The source files that the image needs.
    pub(crate) source: Selection,
    /// Debian packages, for the build and for the image.
    pub(crate) packages: Vec<Package>,
    /// Variables of the image.
    pub(crate) environment: BTreeMap<String, Setting>,
    /// What was decided.
    pub(crate) decisions: Vec<Decision>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A package that is installed beside those of the application, because its framework would install it itself, or
/// makes a server that nothing of the application starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddedPackage {
    /// Its name.
    pub(crate) name: &'static str,
    /// The versions that fit.
    pub(crate) range: &'static str,
    /// Whether the image needs it, and not the build alone.
    pub(crate) scope: Scope,
    /// The line that needs it.
    pub(crate) origin: Origin,
}

/// The work of the step `node.build`, which sees the installed packages and the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuildWork {
    /// What it runs, in `/app`.
    pub(crate) commands: Vec<Command>,
    /// Its environment besides that of every step of this buildpack.
    pub(crate) environment: BTreeMap<String, String>,
    /// What it leaves behind.
    pub(crate) outputs: Vec<Output>,
    /// Caches of the framework's own; they belong to the application.
    pub(crate) caches: Vec<Cache>,
    /// Who says so.
    pub(crate) origin: Origin,
}

/// Which installed packages the image needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modules {
    /// None: the build made something that stands alone.
    None,
    /// Those that are no development dependencies.
    Production,
    /// All: the process runs what only development dependencies bring.
    All,
}

/// A program that a process starts and that is no package of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ImageProgram {
    /// The runtime.
    Node,
    /// The runtime and package manager.
    Bun,
    /// The chosen package manager: the command calls it by name, and not just to run a script.
    Manager,
}
