//! [`PlanOptions`]: what the caller chooses about a plan.

use std::collections::BTreeMap;

use packwright_oci::RelPath;

use crate::{Network, SecretName, StepName};

/// What the caller chooses about a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Variables for the image and for the steps that build the source. Those that start with
    /// `PACKWRIGHT_` speak to buildpacks and to the planner and go no further, as do those of
    /// [`PlanOptions::addressed`].
    pub environment: BTreeMap<String, String>,
    /// Variables in files of the source that are in no image (`.env`, `.env.production`), as far as their names
    /// make them public: for the tools that read these files when they build. In the order of files and lines.
    pub public: Vec<PublicVariable>,
    /// How variables begin that speak to the builders of platforms: the readers of those platforms'
    /// files take them for declarations.
    pub addressed: Vec<String>,
    /// Names of secrets for the steps that see source files.
    pub secrets: Vec<SecretName>,
    /// The directory of the application, where it is not the whole tree.
    pub root: Option<RelPath>,
    /// The application among several: the name or directory of a workspace's member, or of a
    /// directory that holds an application.
    pub app: Option<String>,
    /// The buildpacks that may take part, the owner first; all of them when empty.
    pub buildpacks: Vec<String>,
    /// The line that starts the `web` process, for the shell.
    pub start: Option<String>,
    /// Whether steps that see the source may reach the network.
    pub build_network: Network,
    /// Whether a warning is an error.
    pub strict: bool,
    /// What was found for the questions of an earlier plan of the same source, by the step that found it
    /// ([`Plan::question`](crate::Plan::question)).
    pub answers: BTreeMap<StepName, String>,
}

/// A variable of a front end that a file of the source sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicVariable {
    /// The file, from the application's directory.
    pub file: RelPath,
    /// The line, from 1.
    pub line: u32,
    /// Its name.
    pub name: String,
    /// Its value, without quotes; what the file's own tools would expand stays as it is written.
    pub value: String,
}

impl PlanOptions {
    /// Variables with this prefix speak to Packwright and are no part of the application.
    pub const OURS: &'static str = "PACKWRIGHT_";

    /// The caller's variables that are the application's.
    pub fn application(&self) -> impl Iterator<Item = (&String, &String)> {
        let is_addressed = |name: &str| self.addressed.iter().any(|start| name.starts_with(start));
        let is_own = move |name: &str| !name.starts_with(PlanOptions::OURS) && !is_addressed(name);
        self.environment.iter().filter(move |(name, _)| is_own(name))
    }
}
