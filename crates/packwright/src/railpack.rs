//! Packwright in the place of Railpack: what its command line says about an application, the plan that follows, and what
//! `railpack info` tells about it. Reads no environment and no file but those of the source, prints nothing.
//!
//! There is no `railpack-plan.json`: BuildKit would build by it, with Railpack's frontend and base images, and the result
//! would be another image than the one that is planned here. Whoever asks for the file gets an error.
//!
//! What each key of `railpack.json` and each variable means is in `crates/platforms/COMPATIBILITY.md`.

mod caller;
mod info;

pub use caller::{Caller, CommandLine};
pub use info::{Info, provider};

use packwright_engine::planner::{Origin, Plan, PlanError, SourceTree};

use crate::catalog::Catalog;
use crate::compat;
use crate::error::Error;
use crate::source::Source;

/// A plan, and why it has no process.
#[derive(Debug)]
#[non_exhaustive]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Why it has no process, when it has none.
    pub no_start: Option<PlanError>,
}

/// The plan for `source`; nothing when no application is recognised. Versions of an earlier build count where nobody asks
/// for one.
///
/// Errors: problems that keep the source from being built.
pub fn plan(catalog: &Catalog, source: &Source, caller: &Caller) -> Result<Option<Planned>, Error> {
    let first = attempt(catalog, source, caller)?;
    let Some(planned) = &first else { return Ok(None) };
    let by_default =
        planned.plan.versions.iter().filter(|version| matches!(version.origin, Origin::Default(_)));
    let tools: Vec<&str> = by_default.map(|version| version.tool.as_str()).collect();
    match caller.with_previous(&tools) {
        Some(caller) => attempt(catalog, source, &caller),
        None => Ok(first),
    }
}

fn attempt(catalog: &Catalog, source: &Source, caller: &Caller) -> Result<Option<Planned>, Error> {
    let model = |tree: &dyn SourceTree| {
        packwright_platforms::railpack::model(tree, &catalog.facts(), caller.speaking(), caller.build())
    };
    let made = compat::attempt(catalog, source, &caller.options(), &model)?;
    Ok(made.map(|(plan, no_start)| Planned { plan, no_start }))
}

#[cfg(test)]
mod tests;
