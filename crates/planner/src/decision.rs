//! [`Decision`]: a value that a plan settled on, who chose it, and the values it overrode.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::origin::Origin;

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
    pub overridden: Vec<Overridden>,
}

/// A value that lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Overridden {
    /// The value.
    pub value: String,
    /// Who said so.
    pub origin: Origin,
}

impl Decision {
    /// A decision against which nothing else was said.
    pub fn new(subject: impl Into<String>, value: impl Into<String>, origin: Origin) -> Decision {
        Decision { subject: subject.into(), value: value.into(), origin, overridden: Vec::new() }
    }

    /// This decision, with one more value that lost, the one of the highest precedence first.
    pub fn over(mut self, lost: impl IntoIterator<Item = Overridden>) -> Decision {
        self.overridden.extend(lost);
        self
    }
}

impl Overridden {
    /// A value that lost.
    pub fn new(value: impl Into<String>, origin: Origin) -> Overridden {
        Overridden { value: value.into(), origin }
    }
}
