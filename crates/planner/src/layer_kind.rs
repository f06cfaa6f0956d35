//! [`LayerKind`]: the layers of an image, from the one that changes least to the one that changes most.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
