//! [`Setting`]: a value of the environment, with the origin that set it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::origin::Origin;

/// A value with who set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The value.
    pub value: String,
    /// Who set it.
    pub origin: Origin,
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
