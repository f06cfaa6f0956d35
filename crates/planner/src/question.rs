//! [`Question`]: what a plan's maker cannot know without a network. Planning stays pure: the plan names the step that
//! finds the answer, and is made again with it.

use packwright_oci::RelPath;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::StepName;

/// A question of a plan. Without its answer, the plan is what is known without a network, and can be built as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The step of the plan that finds the answer. It resolves, needs only steps that need no answer, and nothing
    /// builds on it.
    pub step: StepName,
    /// The output of that step that is the answer: a small text, for the buildpack that asks.
    #[schemars(with = "String")]
    pub path: RelPath,
    /// The answer with which the plan was made ([`PlanOptions::answers`](crate::PlanOptions::answers)). The step does
    /// not run then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}
