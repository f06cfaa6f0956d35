//! `packwright compat nixpacks …`, and the same when the command is called as `nixpacks`: the
//! command lines that self-hosted platforms call Nixpacks with, answered without Docker and Nix.
//!
//! Every flag of Nixpacks is accepted. What cannot be done for one is said on standard error; what
//! each key of its configuration means is in `crates/platforms/COMPATIBILITY.md`.

mod build;
mod caller;
mod dockerfile;
mod line;
mod messages;
mod printed;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use packwright_engine::planner::{AppModel, Component, Diagnostic, Plan, PlanError, PlanOptions, SourceTree};
use packwright_platforms::nixpacks::{self, Printed};

use crate::application::{Application, buildpacks};
use crate::exit::Exit;
use crate::output;
use crate::report::Failure;
use crate::surroundings::Surroundings;

use caller::Caller;
pub(crate) use line::Compat;
use line::{Format, Work};

/// The command line with `compat nixpacks` in it, when the program is called as `nixpacks`.
pub(crate) fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut given: Vec<OsString> = given.collect();
    let is_nixpacks =
        given.first().is_some_and(|name| Path::new(name).file_name() == Some("nixpacks".as_ref()));
    if is_nixpacks {
        given.splice(1..1, ["compat".into(), "nixpacks".into()]);
    }
    given
}

/// Does what the command line says. Nixpacks ends with 1 whatever went wrong; so does this.
pub(super) fn compat(compat: &Compat, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let Compat::Nixpacks(line) = compat;
    let done = match &line.work {
        Work::Plan { path, format } => plan(line, path, *format, surroundings),
        Work::Detect { path } => detect(line, path, surroundings),
        Work::Build(build) => build::build(line, build, surroundings),
    };
    done.map_err(|failure| match failure.exit {
        Exit::NothingDetected | Exit::Usage | Exit::TryLater => Failure { exit: Exit::Failed, ..failure },
        _ => failure,
    })
}

fn plan(
    line: &line::Nixpacks,
    path: &Path,
    format: Format,
    surroundings: &Surroundings,
) -> Result<Exit, Failure> {
    let caller = Caller::read(line, path, surroundings)?;
    let application = Application::read(surroundings, path, &[])?;
    let (made, caller) = made(&application, &caller)?;
    let said: Vec<Diagnostic> = made.iter().flat_map(|made| made.plan.diagnostics.clone()).collect();
    caller.tell(surroundings, said);
    let printed = printed::Plan::new(made.as_ref(), &caller);
    output::result(&match format {
        Format::Json => printed.json(),
        Format::Toml => printed.toml(),
    })?;
    Ok(Exit::Done)
}

fn detect(line: &line::Nixpacks, path: &Path, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let caller = Caller::read(line, path, surroundings)?;
    let application = Application::read(surroundings, path, &[])?;
    let (made, caller) = made(&application, &caller)?;
    caller.tell(surroundings, Vec::new());
    let names: Vec<&str> =
        made.iter().flat_map(|made| &made.plan.buildpacks).map(|name| provider(name)).collect();
    output::result(&format!("{}\n", names.join(", ")))?;
    Ok(Exit::Done)
}

/// What Nixpacks calls a language.
fn provider(buildpack: &str) -> &str {
    match buildpack {
        "static" => "staticfile",
        other => other,
    }
}

/// A plan, and what it was made of.
struct Made {
    plan: Plan,
    /// Why it has no process, when it has none.
    no_start: Option<PlanError>,
    /// What the configuration declares for the application.
    declared: Component,
    /// What would be printed if nothing were declared.
    detected: Printed,
    /// The variables of the configuration that speak to Nixpacks.
    speaking: BTreeMap<String, String>,
}

/// The plan of the application, nothing when there is none, and what the caller says in the end.
fn made(application: &Application, caller: &Caller) -> Result<(Option<Made>, Caller), Failure> {
    if caller.line.config.is_some() {
        return passed_back(application, caller);
    }
    let settled = caller.settled(None);
    let Some((plan, no_start)) = attempt(application, &settled, &settled.line, None)? else {
        return Ok((None, settled));
    };
    let mut speaking = nixpacks::speaking(application, &caller.environment);
    speaking.extend(printed::versions(&plan));
    let bare = bare(application, &settled.detecting(&speaking))?;
    let detected = bare.as_ref().map(printed::stands_for).unwrap_or_default();
    let model = nixpacks::model(application, &settled.environment, &settled.line, None);
    let declared = model.component(plan.root.as_ref());
    Ok((Some(Made { plan, no_start, declared, detected, speaking }), settled))
}

/// The plan for a configuration that the caller names: an edited plan, for the most part. What in
/// it was printed stands for what is detected.
fn passed_back(application: &Application, caller: &Caller) -> Result<(Option<Made>, Caller), Failure> {
    let speaking = BTreeMap::new();
    let bare = bare(application, &caller.detecting(&speaking))?;
    let settled = caller.settled(bare.as_ref());
    let detected = bare.as_ref().map(printed::stands_for).unwrap_or_default();
    let Some((plan, no_start)) = attempt(application, &settled, &settled.line, Some(&detected))? else {
        return Ok((None, settled));
    };
    let model = nixpacks::model(application, &settled.environment, &settled.line, Some(&detected));
    let declared = model.component(plan.root.as_ref());
    Ok((Some(Made { plan, no_start, declared, detected, speaking }), settled))
}

/// The plan if nothing were declared: what a printed plan shows of it stands for it.
fn bare(application: &Application, caller: &Caller) -> Result<Option<Plan>, Failure> {
    match attempt(application, caller, &caller.line, None) {
        Ok(made) => Ok(made.map(|(plan, _)| plan)),
        // What is wrong is said about the plan that is asked for, which may be without it.
        Err(_) => Ok(None),
    }
}

/// The plan for a command line, and why it has no process, when it has none.
fn attempt(
    application: &Application,
    caller: &Caller,
    line: &nixpacks::CommandLine,
    printed: Option<&Printed>,
) -> Result<Option<(Plan, Option<PlanError>)>, Failure> {
    let options = caller.options();
    let model = |tree: &dyn SourceTree| -> AppModel {
        let mut model = nixpacks::model(tree, &caller.environment, line, printed);
        model.diagnostics.splice(0..0, application.diagnostics().iter().cloned());
        model
    };
    let why = match packwright_engine::plan(application, &buildpacks(), &model, &options) {
        Ok(plan) => return Ok(Some((plan, None))),
        Err(PlanError::NothingDetected { .. }) => return Ok(None),
        Err(why) => why,
    };
    // When a start command is all that is missing, there is a plan without one.
    let started = PlanOptions { start: Some("true".to_owned()), ..options };
    match packwright_engine::plan(application, &buildpacks(), &model, &started) {
        Ok(mut plan) => {
            plan.processes.retain(|process| process.name.as_str() != "web");
            plan.port = None;
            Ok(Some((plan, Some(why))))
        }
        Err(_) => Err(why.into()),
    }
}

#[cfg(test)]
mod tests;
