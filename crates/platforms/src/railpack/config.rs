//! The configuration of Railpack as a value, and how two of them are merged. This module knows nothing about
//! the effect of a configuration on an image.
//!
//! Source: railwayapp/railpack, `core/config/config.go`, `core/plan/{step,command,layer}.go`,
//! `internal/utils/merge.go`.

use std::collections::BTreeMap;

use packwright_planner::Origin;

use crate::nixpacks::plan::{Item, List};

/// A configuration. What is absent is left to what has lower priority.
#[derive(Debug, Clone, Default)]
pub(super) struct Config {
    pub(super) provider: Option<Item>,
    pub(super) build_apt: List,
    pub(super) packages: BTreeMap<String, Item>,
    /// Where caches are described.
    pub(super) caches: Option<Origin>,
    pub(super) secrets: List,
    pub(super) exclude: List,
    pub(super) steps: BTreeMap<String, Step>,
    pub(super) deploy: Deploy,
}

/// A step of the build.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    pub(super) inputs: Option<Vec<Layer>>,
    pub(super) commands: Option<Vec<Command>>,
    pub(super) secrets: List,
    pub(super) assets: BTreeMap<String, Item>,
    pub(super) variables: BTreeMap<String, Item>,
    pub(super) caches: List,
    pub(super) deploy_outputs: Option<Vec<Layer>>,
}

/// What is run, and on which files.
#[derive(Debug, Clone, Default)]
pub(super) struct Deploy {
    pub(super) apt: List,
    pub(super) base: Option<Layer>,
    pub(super) inputs: Option<Vec<Layer>>,
    pub(super) start: Option<Item>,
    pub(super) variables: BTreeMap<String, Item>,
    pub(super) paths: List,
}

/// A part of a file system.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) origin: Origin,
    pub(super) from: From,
    pub(super) include: Vec<Item>,
    pub(super) exclude: Vec<Item>,
}

/// Where a part of a file system comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// What would be there anyway.
    Spread,
    /// What a step left.
    Step(String),
    /// Another image.
    Image(String),
    /// The source.
    Local,
}

/// A command of a step.
#[derive(Debug, Clone)]
pub(super) enum Command {
    /// What would be run anyway.
    Spread,
    /// A line for the shell.
    Shell(Item),
    /// A line whose words are a program and its arguments.
    Words(Item),
    /// A directory of programs, for what follows.
    Path(Item),
    /// Files out of the source, or of another image.
    Copy { image: Option<Item>, from: Item, to: Item },
    /// A file of the configuration's own.
    File { path: Item, asset: Item, mode: Option<Item> },
}

fn over<T>(under: Option<T>, over: Option<T>) -> Option<T> {
    over.or(under)
}

impl Config {
    /// This configuration with `other`, which counts more, laid over it: lists replace, maps and
    /// steps are joined by name. Secrets are all kept.
    pub(super) fn under(mut self, other: Config) -> Config {
        self.packages.extend(other.packages);
        for (name, step) in other.steps {
            let known = self.steps.remove(&name).unwrap_or_default();
            self.steps.insert(name, known.under(step));
        }
        let secrets = match (self.secrets, other.secrets) {
            (Some(mut these), Some(those)) => {
                these.extend(those);
                Some(these)
            }
            (these, those) => these.or(those),
        };
        Config {
            provider: over(self.provider, other.provider),
            build_apt: over(self.build_apt, other.build_apt),
            packages: self.packages,
            caches: over(self.caches, other.caches),
            secrets,
            exclude: over(self.exclude, other.exclude),
            steps: self.steps,
            deploy: self.deploy.under(other.deploy),
        }
    }

    /// The step called `name`, made when it is not there.
    pub(super) fn step(&mut self, name: &str) -> &mut Step {
        self.steps.entry(name.to_owned()).or_default()
    }
}

impl Step {
    fn under(mut self, other: Step) -> Step {
        self.assets.extend(other.assets);
        self.variables.extend(other.variables);
        Step {
            inputs: over(self.inputs, other.inputs),
            commands: over(self.commands, other.commands),
            secrets: over(self.secrets, other.secrets),
            assets: self.assets,
            variables: self.variables,
            caches: over(self.caches, other.caches),
            deploy_outputs: over(self.deploy_outputs, other.deploy_outputs),
        }
    }
}

impl Deploy {
    fn under(mut self, other: Deploy) -> Deploy {
        self.variables.extend(other.variables);
        let said = other.start.filter(|start| !start.value.is_empty());
        Deploy {
            apt: over(self.apt, other.apt),
            base: over(self.base, other.base),
            inputs: over(self.inputs, other.inputs),
            start: over(self.start, said),
            variables: self.variables,
            paths: over(self.paths, other.paths),
        }
    }
}
