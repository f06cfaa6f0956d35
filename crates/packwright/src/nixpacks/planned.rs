//! [`Planned`]: a plan with what it was made of, as far as printing it needs that.

use std::collections::BTreeMap;

use packwright_engine::planner::{Component, Plan, PlanError};
use packwright_platforms::nixpacks::Printed;

/// A plan, and what it was made of.
#[derive(Debug)]
#[non_exhaustive]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Why it has no process, when it has none.
    pub no_start: Option<PlanError>,
    /// What the configuration declares for the application.
    pub(super) declared: Component,
    /// What would be printed if nothing were declared.
    pub(super) detected: Printed,
    /// The variables of the configuration that speak to Nixpacks.
    pub(super) speaking: BTreeMap<String, String>,
}
