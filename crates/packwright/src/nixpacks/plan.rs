//! The plan that Nixpacks' command line asks for, and the one that its printed plan leaves open.

use std::collections::BTreeMap;

use packwright_engine::planner::{Plan, PlanError, SourceTree};
use packwright_platforms::nixpacks::{self, Printed};

use super::caller::Caller;
use super::planned::Planned;
use super::printed;
use crate::catalog::Catalog;
use crate::compat;
use crate::error::Error;
use crate::source::Source;

/// The plan for `source`, `None` when no application is recognised, and what the caller says once
/// a plan that was passed back is taken apart.
///
/// Errors: problems that keep the source from being built.
pub fn plan(catalog: &Catalog, source: &Source, caller: &Caller) -> Result<(Option<Planned>, Caller), Error> {
    if caller.line.config.is_some() {
        return passed_back(catalog, source, caller);
    }
    let settled = caller.settled(None);
    let Some((plan, no_start)) = attempt(catalog, source, &settled, &settled.line, None)? else {
        return Ok((None, settled));
    };
    let mut speaking = nixpacks::speaking(source, &catalog.facts(), &caller.environment);
    speaking.extend(printed::versions(catalog, &plan));
    let bare = bare(catalog, source, &settled.detecting(&speaking))?;
    let detected = bare.as_ref().map(printed::stands_for).unwrap_or_default();
    let model = nixpacks::model(source, &catalog.facts(), &settled.environment, &settled.line, None);
    let declared = model.component(plan.root.as_ref());
    Ok((Some(Planned { plan, no_start, declared, detected, speaking }), settled))
}

/// The plan for a configuration that the caller names: an edited plan, for the most part. What in
/// it was printed stands for what is detected.
fn passed_back(
    catalog: &Catalog,
    source: &Source,
    caller: &Caller,
) -> Result<(Option<Planned>, Caller), Error> {
    let speaking = BTreeMap::new();
    let bare = bare(catalog, source, &caller.detecting(&speaking))?;
    let settled = caller.settled(bare.as_ref());
    let detected = bare.as_ref().map(printed::stands_for).unwrap_or_default();
    let Some((plan, no_start)) = attempt(catalog, source, &settled, &settled.line, Some(&detected))? else {
        return Ok((None, settled));
    };
    let model =
        nixpacks::model(source, &catalog.facts(), &settled.environment, &settled.line, Some(&detected));
    let declared = model.component(plan.root.as_ref());
    Ok((Some(Planned { plan, no_start, declared, detected, speaking }), settled))
}

/// The plan if nothing were declared: what a printed plan shows of it stands for it.
fn bare(catalog: &Catalog, source: &Source, caller: &Caller) -> Result<Option<Plan>, Error> {
    match attempt(catalog, source, caller, &caller.line, None) {
        Ok(made) => Ok(made.map(|(plan, _)| plan)),
        // What is wrong is said about the plan that is asked for, which may be without it.
        Err(_) => Ok(None),
    }
}

/// The plan for a command line, and why it has no process, when it has none.
fn attempt(
    catalog: &Catalog,
    source: &Source,
    caller: &Caller,
    line: &nixpacks::CommandLine,
    printed: Option<&Printed>,
) -> Result<Option<(Plan, Option<PlanError>)>, Error> {
    let model =
        |tree: &dyn SourceTree| nixpacks::model(tree, &catalog.facts(), &caller.environment, line, printed);
    compat::attempt(catalog, source, &caller.options(), &model)
}
