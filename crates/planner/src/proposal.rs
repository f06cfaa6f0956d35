//! [`Buildpack`] and its [`Proposal`]: one language's view of a source tree.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Diagnostic, Origin, Package, PlanOptions, Process, Requested, Setting, SourceTree, Step, ToolVersion,
};

/// A pure rule for one language: from a tree to a [`Proposal`], or nothing.
pub trait Buildpack: Sync {
    /// The language's name in lower case; step names start with it.
    fn name(&self) -> &str;

    /// The file names that speak for this language, for the message when nothing is found.
    fn looks_for(&self) -> &[&str];

    /// What this language would do with the tree; `None` when the tree has nothing of it.
    ///
    /// Errors: all problems that keep the tree from being built, not just the first.
    fn propose(
        &self,
        tree: &dyn SourceTree,
        options: &PlanOptions,
    ) -> Result<Option<Proposal>, BuildpackError>;
}

/// Why a buildpack that recognises a tree cannot build it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.first().map_or("no problem given", |problem| problem.message.as_str()))]
pub struct BuildpackError {
    /// All problems, the most important first; at least one.
    pub problems: Vec<Diagnostic>,
}

/// One buildpack's evidence, requests, steps and processes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposal {
    /// The Debian suite it needs, if it needs a certain one.
    pub suite: Option<Requested<String>>,
    /// Language versions.
    pub versions: Vec<ToolVersion>,
    /// Packages of the base system.
    pub packages: Vec<Package>,
    /// The work, in order.
    pub steps: Vec<Step>,
    /// Variables of the image. `PATH` here is a list of directories that come before the
    /// system's own.
    pub environment: BTreeMap<String, Setting>,
    /// The processes that the files imply, the default one first.
    pub processes: Vec<Process>,
    /// Why the files imply no process. It becomes an error when nothing else declares one to
    /// run.
    pub process_missing: Option<Diagnostic>,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// What people should know.
    pub diagnostics: Vec<Diagnostic>,
}

/// One decision with its evidence, for `explain`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What was decided, `python version` for example.
    pub subject: String,
    /// What came out.
    pub value: String,
    /// Who decided it.
    pub origin: Origin,
    /// What else was said, in falling precedence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losers: Vec<Loser>,
}

/// A value that lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Loser {
    /// The value.
    pub value: String,
    /// Who said so.
    pub origin: Origin,
}

impl From<Diagnostic> for BuildpackError {
    fn from(problem: Diagnostic) -> BuildpackError {
        BuildpackError { problems: vec![problem] }
    }
}
