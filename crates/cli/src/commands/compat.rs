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

use std::ffi::OsString;
use std::path::Path;

use packwright::planner::{AppModel, Diagnostic, Plan, PlanError, PlanOptions, SourceTree};
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

/// A plan, why it has no process, when it has none.
struct Made {
    plan: Plan,
    no_start: Option<PlanError>,
}

/// The plan of the application, nothing when there is none, and what the caller says in the end.
fn made(application: &Application, caller: &Caller) -> Result<(Option<Made>, Caller), Failure> {
    let (printed, settled) = match &caller.line.config {
        None => (None, caller.settled(None)),
        // What would be printed without the file, to see what in it was printed.
        Some(_) => {
            let bare =
                nixpacks::CommandLine { config: Some(caller::nothing()), ..nixpacks::CommandLine::default() };
            let made = attempt(application, caller, &bare, None)?;
            let settled = caller.settled(made.as_ref().map(|made| &made.plan));
            (Some(made.map(|made| printed::stands_for(&made)).unwrap_or_default()), settled)
        }
    };
    let made = attempt(application, &settled, &settled.line, printed.as_ref())?;
    Ok((made, settled))
}

fn attempt(
    application: &Application,
    caller: &Caller,
    line: &nixpacks::CommandLine,
    printed: Option<&Printed>,
) -> Result<Option<Made>, Failure> {
    let options = caller.options();
    let model = |tree: &dyn SourceTree| -> AppModel {
        let mut model = nixpacks::model(tree, &caller.environment, line, printed);
        model.diagnostics.splice(0..0, application.diagnostics().iter().cloned());
        model
    };
    let why = match packwright::plan(application, &buildpacks(), &model, &options) {
        Ok(plan) => return Ok(Some(Made { plan, no_start: None })),
        Err(PlanError::NothingDetected { .. }) => return Ok(None),
        Err(why) => why,
    };
    // When a start command is all that is missing, there is a plan without one.
    let started = PlanOptions { start: Some("true".to_owned()), ..options };
    match packwright::plan(application, &buildpacks(), &model, &started) {
        Ok(mut plan) => {
            plan.processes.retain(|process| process.name.as_str() != "web");
            plan.port = None;
            Ok(Some(Made { plan, no_start: Some(why) }))
        }
        Err(_) => Err(why.into()),
    }
}

#[cfg(test)]
mod tests;
