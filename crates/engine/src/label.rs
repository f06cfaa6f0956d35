//! [`Label`]: what an image says about itself, in one label of its configuration.

use packwright_planner::{Delivered, Lock, Plan, ToolVersion};
use serde::{Deserialize, Serialize};

/// Our label's name.
pub const LABEL: &str = "dev.packwright.image";

/// What our label says about the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The rules that decided the image's bytes.
    pub profile: u32,
    /// The processes with their commands, the default one first.
    pub processes: Vec<LabelledProcess>,
    /// Versions with who asked for them.
    pub versions: Vec<LabelledVersion>,
    /// Packages that nobody asked for and that a file of the image needs, sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<LabelledPackage>,
}

/// A package in the [`Label`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledPackage {
    /// Its name.
    pub name: String,
    /// The file that needs it, and the library.
    pub why: String,
}

/// A process in the [`Label`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledProcess {
    /// Its name.
    pub name: String,
    /// Its command as a person would type it.
    pub command: String,
    /// Who says so.
    pub origin: String,
}

/// A version in the [`Label`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelledVersion {
    /// The language or tool.
    pub tool: String,
    /// The exact version.
    pub version: String,
    /// Who asked for it.
    pub origin: String,
}

/// The label of an image of `plan` and `lock`.
pub fn label(plan: &Plan, lock: &Lock) -> Label {
    let version_of = |version: &ToolVersion| match &version.delivered {
        Delivered::Package(name) => {
            let package = lock.packages.iter().find(|package| package.name == *name);
            package.map_or("", |package| package.version.as_str())
        }
        Delivered::Answer { step, path } => {
            let answer = lock.resolutions.get(step).and_then(|answers| answers.get(path));
            answer.map_or("", |text| text.trim())
        }
    };
    Label {
        profile: lock.profile,
        processes: plan
            .processes
            .iter()
            .map(|process| LabelledProcess {
                name: process.name.to_string(),
                command: process.command.to_string(),
                origin: process.origin.to_string(),
            })
            .collect(),
        versions: plan
            .versions
            .iter()
            .map(|version| LabelledVersion {
                tool: version.tool.clone(),
                version: version_of(version).to_owned(),
                origin: version.origin.to_string(),
            })
            .collect(),
        added: lock
            .added
            .iter()
            .map(|package| LabelledPackage { name: package.name.clone(), why: package.why.clone() })
            .collect(),
    }
}
