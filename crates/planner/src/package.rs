//! [`Package`]: a package of the base system that a plan asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layer_kind::LayerKind;

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
