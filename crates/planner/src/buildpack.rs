//! [`Buildpack`]: a pure rule for one language, and what it is asked.
//!
//! ```text
//! language ─▶ detect ─▶ propose
//!   data       claim     proposal
//! ```
//!
//! What is true of a language in every application is data ([`Language`]). Whether a tree is an
//! application of the language is a cheap question ([`Buildpack::detect`]). What has to be done for it
//! is asked of those buildpacks only that take part in the plan ([`Buildpack::propose`]).

use crate::{
    Command, Component, Diagnostic, Language, Origin, PlanOptions, Proposal, RelPath, Requested, SourceTree,
    StaticSite,
};

/// A pure rule for one language: from a tree to a [`Proposal`].
///
/// One list holds all buildpacks; their order decides between claims of equal strength.
pub trait Buildpack: Send + Sync {
    /// What is true of the language in every application.
    fn language(&self) -> &Language;

    /// Whether the tree holds an application of this language, how strongly it says so, and the file
    /// or the option that is the evidence.
    ///
    /// Every buildpack is asked this about every directory that may hold the application, so it
    /// must be cheap: it looks at file names, manifests and declared processes, and plans nothing.
    /// What is wrong with those files is reported by [`Buildpack::propose`].
    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>>;

    /// What this language does for the application in its role. `None` when there is nothing to do
    /// in that role; the owner, which [`Buildpack::detect`] made the claim for, always has something.
    ///
    /// Errors: all problems that keep the tree from being built, the most important first.
    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>>;

    /// What can be chosen with [`PlanOptions::app`] and shares the top of the tree: the members of a
    /// workspace, the programs of one module. In the order of their paths.
    fn targets(&self, _tree: &dyn SourceTree) -> Vec<Target> {
        Vec::new()
    }

    /// What a simple command of a declared build does, by its words; `None` when it calls no tool
    /// of this language.
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

/// What a buildpack is asked about: a tree, and what is declared and chosen for it.
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

/// An application that shares the top of the tree with others and has a name: a member of a
/// workspace, a program of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name in the workspace or the module.
    pub name: String,
    /// Its directory, or the file of a program that has none of its own.
    pub path: RelPath,
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
