//! [`ToolVersion`]: a language version that a plan asks for, and where its exact version is found.

use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::StepName;
use crate::origin::Origin;

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
