//! [`Plan`]: the whole build as data. A public format: printed, diffed, edited, stored, sent to
//! another machine and executed there.

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decision::Decision;
use crate::diagnostic::Diagnostic;
use crate::origin::Origin;
use crate::package::Package;
use crate::process::Process;
use crate::question::Question;
use crate::selection::Selection;
use crate::setting::Setting;
use crate::step::{Input, Step};
use crate::tool_version::ToolVersion;

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
    /// What cannot be known without a network, and what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
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
