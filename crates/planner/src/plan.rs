//! [`Plan`]: the whole build as data. A public format: printed, diffed, edited, stored, sent to
//! another machine and executed there.

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Command, Decision, Diagnostic, Input, Origin, ProcessName, Selection, Step, StepName};

/// The name and version of the plan format.
pub const PLAN_FORMAT: &str = "packwright.plan/1";

/// The whole build as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_FORMAT`].
    pub format: String,
    /// The buildpacks that take part, the one that owns the application first.
    pub buildpacks: Vec<String>,
    /// The directory of the source that is the application, where it is not all of it. Every
    /// other path of the plan starts there, but for those that say where something was read: in
    /// origins, decisions and diagnostics files are named from the top of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub root: Option<RelPath>,
    /// What the image stands on.
    pub base: Base,
    /// Language versions that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<ToolVersion>,
    /// Packages of the base system that were asked for; what they depend on is found when the
    /// plan is pinned.
    pub packages: Vec<Package>,
    /// The work, in an order in which it can be done.
    pub steps: Vec<Step>,
    /// The source files that go into the image, below `/app`.
    pub source: Selection,
    /// The image's environment.
    pub environment: BTreeMap<String, Setting>,
    /// The port that the default process listens on when nobody sets `PORT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// What the image can run; the default one first.
    pub processes: Vec<Process>,
    /// What was decided, for what reason, against what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// What people should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
}

/// What an image stands on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Base {
    /// Packages of a Debian archive.
    Debian {
        /// The suite's code name, `trixie` for example.
        suite: String,
        /// Who chose it.
        origin: Origin,
    },
}

/// A language version that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolVersion {
    /// The language or tool, `python` for example.
    pub tool: String,
    /// The version as far as it was asked for: `3.13` or `3.13.5`.
    pub wanted: String,
    /// Who asked.
    pub origin: Origin,
    /// What tells the exact version.
    pub delivered: Delivered,
}

/// Where the exact version of a tool is known from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Delivered {
    /// From a package of the base system. Its version must start with the first two numbers of
    /// the wanted one; another third number is reported.
    Package(String),
    /// From the answer of a step that resolves and that sees to it that the version is the
    /// wanted one: a text of one line.
    Answer {
        /// The step.
        step: StepName,
        /// The text's path from the root.
        #[schemars(with = "String")]
        path: RelPath,
    },
}

/// A package of the base system that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// Its name in the archive.
    pub name: String,
    /// Where it is needed.
    pub scope: Scope,
    /// The layer it belongs to when it is part of the image.
    pub layer: LayerKind,
    /// What for.
    pub why: String,
}

/// Where a package is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// By the steps only; it is not in the image.
    Build,
    /// By the running application; the steps have it too.
    Run,
}

/// The layers of an image from the bottom up, in the order of how seldom they change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// The base system.
    Base,
    /// The language runtime.
    Runtime,
    /// System packages that the application asks for.
    System,
    /// What the package manager installed.
    Dependencies,
    /// What the build made of the source.
    Build,
    /// The source, and how its processes start.
    Source,
}

/// A value with who set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The value.
    pub value: String,
    /// Who set it.
    pub origin: Origin,
}

/// A named command that the image can run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its name.
    pub name: ProcessName,
    /// How it starts, in `/app`.
    pub command: Command,
    /// Who says so.
    pub origin: Origin,
}

impl Package {
    /// A package that the running application needs; steps have it too.
    pub fn run(name: impl Into<String>, layer: LayerKind, why: impl Into<String>) -> Package {
        Package { name: name.into(), scope: Scope::Run, layer, why: why.into() }
    }

    /// A package that only steps need.
    pub fn build(name: impl Into<String>, layer: LayerKind, why: impl Into<String>) -> Package {
        Package { name: name.into(), scope: Scope::Build, layer, why: why.into() }
    }
}

impl Process {
    /// The process that answers requests from outside, `web`.
    pub fn web(command: Command, origin: Origin) -> Process {
        Process { name: ProcessName::web(), command, origin }
    }

    /// A process that answers nobody from outside, `worker`.
    pub fn worker(command: Command, origin: Origin) -> Process {
        Process { name: ProcessName::worker(), command, origin }
    }
}

impl Setting {
    /// A value that holds unless something else is asked for; `why` says why this one.
    pub fn default(value: impl Into<String>, why: impl Into<String>) -> Setting {
        Setting { value: value.into(), origin: Origin::Default(why.into()) }
    }

    /// A value that follows from what was found in the tree.
    pub fn detected(value: impl Into<String>, what: impl Into<String>) -> Setting {
        Setting { value: value.into(), origin: Origin::Detected(what.into()) }
    }
}

impl Plan {
    /// The process that runs when nobody names one: `web`, or the only one besides `release`.
    pub fn default_process(&self) -> Option<&Process> {
        self.processes.first().filter(|process| process.name.as_str() != "release")
    }

    /// The plan as canonical JSON: sorted keys, two spaces, a newline at the end.
    pub fn to_json(&self) -> String {
        let value = serde_json::to_value(self).expect("a plan has string keys only");
        let mut text = serde_json::to_string_pretty(&value).expect("a value is always JSON");
        text.push('\n');
        text
    }

    /// Reads a plan from JSON, or from TOML when the text does not start with `{`.
    ///
    /// Errors: what the reader of that format says, with line and column; an unknown format; two
    /// steps of one name; a step that needs one which does not come before it.
    pub fn from_text(text: &str) -> Result<Plan, String> {
        let plan: Plan = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| error.to_string())?
        } else {
            toml::from_str(text).map_err(|error| error.to_string())?
        };
        if plan.format != PLAN_FORMAT {
            return Err(format!("its format is `{}`, this program reads `{PLAN_FORMAT}`", plan.format));
        }
        check_order(&plan.steps)?;
        Ok(plan)
    }

    /// The plan as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a plan has no value that TOML cannot hold")
    }

    /// The directory of the application in the image and in every step.
    pub fn app_dir() -> RelPath {
        "app".parse().expect("`app` is a relative path")
    }
}

/// Whether each step needs only steps before it, and no two have one name.
fn check_order(steps: &[Step]) -> Result<(), String> {
    let mut before = BTreeSet::new();
    for step in steps {
        for input in &step.inputs {
            if let Input::Step(needed) = input
                && !before.contains(needed)
            {
                return Err(format!("the step `{}` needs `{needed}`, which is no step before it", step.name));
            }
        }
        if !before.insert(&step.name) {
            return Err(format!("two steps are called `{}`", step.name));
        }
    }
    Ok(())
}
