//! [`Buildpack`]: a pure rule for one language, and what it is asked.

use crate::{
    Command, Component, Diagnostic, Origin, PlanOptions, Proposal, RelPath, Requested, SourceTree, StaticSite,
};

/// A pure rule for one language: from a tree to a [`Proposal`], or nothing.
pub trait Buildpack: Sync {
    /// The language's name in lower case; step names start with it.
    fn name(&self) -> &str;

    /// The file names that speak for this language: for the message when nothing is found, and to
    /// find directories worth asking about.
    fn looks_for(&self) -> &[&str];

    /// What this language would do in the role it is given; `None` when the tree has nothing of
    /// it, or nothing to do in that role.
    ///
    /// Errors: all problems that keep the tree from being built, not just the first.
    fn propose(&self, given: &PlanContext<'_>) -> Result<Option<Proposal>, BuildpackError>;

    /// The applications of a workspace that can be chosen by name with
    /// [`PlanOptions::app`], in the order of their paths. None unless the language has
    /// workspaces and the tree is one.
    fn members(&self, _tree: &dyn SourceTree) -> Vec<Member> {
        Vec::new()
    }

    /// What a simple command of a declared build is to this language, by its words; `None` when
    /// it is not the language's affair.
    fn classify(&self, _words: &[String]) -> Option<CommandKind> {
        None
    }

    /// The package manager by which a command that installs brings the packages of the application
    /// in `tree`, by its words; `None` when it brings others, or its files are not there.
    fn installs_with(&self, _words: &[String], _tree: &dyn SourceTree) -> Option<&'static str> {
        None
    }

    /// A declared command as it starts in the image, where it begins with a tool that is there for
    /// the build alone, `poetry run` for example; `None` where nothing changes.
    fn launch_command(&self, _command: &Command) -> Option<Command> {
        None
    }
}

/// What a simple command of a declared build is to a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandKind {
    /// It installs what the manifests name, which the language's own steps do.
    Installs,
    /// It runs a tool of the language.
    Runs,
    /// It changes a database, which is not there while an image is built: it belongs into the
    /// release command.
    Releases,
}

/// What a buildpack is asked to look at.
#[derive(Clone, Copy)]
pub struct PlanContext<'a> {
    /// The source tree.
    pub tree: &'a dyn SourceTree,
    /// What the platform files and the caller declare for the application.
    pub model: &'a Component,
    /// What the caller chooses.
    pub options: &'a PlanOptions,
    /// What the buildpack is to be.
    pub role: Role<'a>,
}

/// What a buildpack is to be in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role<'a> {
    /// The language of the application. All buildpacks are asked for this first; the strongest
    /// [`Claim`] gets it.
    Owner,
    /// Another language owns the application. What this one builds for it goes into the image
    /// and is there before the owner's steps that see the whole source; its runtime and its
    /// packages are for the build alone, and it has no processes.
    Helper {
        /// The Debian suite that the owner needs, if it needs a certain one.
        suite: Option<&'a str>,
    },
    /// The owner makes files that need no program of its own: serve them.
    Server(&'a StaticSite),
}

/// How strongly a tree speaks for a language, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// There are files of the language's tools, and nothing that runs: a `package.json` with a
    /// formatter, a `pyproject.toml` with a linter's settings.
    Tools,
    /// There are finished files that a web server can show.
    Files,
    /// There is a program that can be started.
    Program,
    /// There is a site that is built and then served as files.
    Site,
    /// There is a web application, or a declared process that runs this language.
    Server,
}

/// An application of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name in the workspace.
    pub name: String,
    /// Its directory.
    pub dir: RelPath,
}

/// Why a buildpack that recognises a tree cannot build it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.first().map_or("no problem given", |problem| problem.message.as_str()))]
pub struct BuildpackError {
    /// How strongly the tree speaks for the language all the same; when another one speaks
    /// louder, these problems are its own affair.
    pub claim: Requested<Claim>,
    /// All problems, the most important first; at least one.
    pub problems: Vec<Diagnostic>,
}

impl Claim {
    /// What it means, in words that follow the language's name.
    pub fn meaning(self) -> &'static str {
        match self {
            Claim::Tools => "has tools here and nothing that runs",
            Claim::Files => "has files to serve",
            Claim::Program => "has a program",
            Claim::Site => "builds a site of files",
            Claim::Server => "has a web application or a declared process",
        }
    }

    /// This claim, with its evidence.
    pub fn by(self, evidence: Origin) -> Requested<Claim> {
        Requested { value: self, origin: evidence }
    }
}
