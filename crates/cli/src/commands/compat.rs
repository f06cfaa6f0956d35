//! `packwright compat nixpacks …`, and the same when the command is called as `nixpacks`: the
//! command lines that self-hosted platforms call Nixpacks with, answered without Docker and Nix.
//!
//! Every flag of Nixpacks is accepted. Where a flag cannot be followed, a warning on standard error
//! says so.

mod build;
mod caller;
mod messages;

use std::ffi::OsString;
use std::path::Path;

use packwright::Catalog;
use packwright::nixpacks::{self, PrintedPlan};

use crate::exit::Exit;
use crate::flags::groups::LogFlags;
use crate::flags::nixpacks::{Compat, Nixpacks, PlanFormat, Work};
use crate::host::Host;
use crate::output;
use crate::report::Failure;
use crate::session::source;
use crate::terminal::notices::show_notices;

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

/// Runs a command line of Nixpacks. As Nixpacks does, it ends with status 1 for every failure.
pub(super) fn compat(compat: &Compat, host: &Host) -> Result<Exit, Failure> {
    let Compat::Nixpacks(line) = compat;
    let done = match &line.work {
        Work::Plan { path, format } => plan(line, path, *format, host),
        Work::Detect { path } => detect(line, path, host),
        Work::Build(build) => build::build(line, build, host),
    };
    done.map_err(|failure| match failure.exit {
        Exit::NothingDetected | Exit::Usage | Exit::TryLater => Failure { exit: Exit::Failed, ..failure },
        _ => failure,
    })
}

fn plan(line: &Nixpacks, path: &Path, format: PlanFormat, host: &Host) -> Result<Exit, Failure> {
    let (caller, mut said) = caller::read(line, path, host)?;
    let catalog = Catalog::default();
    let source = source(host, &catalog, path, &[])?;
    let (planned, caller) = nixpacks::plan(&catalog, &source, &caller)?;
    said.extend(caller.diagnostics());
    said.extend(planned.iter().flat_map(|planned| planned.plan.diagnostics.clone()));
    show_notices(&said, LogFlags::default(), host.terminal);
    let printed = PrintedPlan::new(planned.as_ref(), &caller);
    output::result(&match format {
        PlanFormat::Json => {
            let text = serde_json::to_string_pretty(&printed).expect("a plan is plain text");
            format!("{text}\n")
        }
        PlanFormat::Toml => toml::to_string_pretty(&printed).expect("a plan is plain text"),
    })?;
    Ok(Exit::Done)
}

fn detect(line: &Nixpacks, path: &Path, host: &Host) -> Result<Exit, Failure> {
    let (caller, mut said) = caller::read(line, path, host)?;
    let catalog = Catalog::default();
    let source = source(host, &catalog, path, &[])?;
    let (planned, caller) = nixpacks::plan(&catalog, &source, &caller)?;
    said.extend(caller.diagnostics());
    show_notices(&said, LogFlags::default(), host.terminal);
    let languages = planned.iter().flat_map(|planned| &planned.plan.buildpacks);
    let names: Vec<&str> = languages.map(|name| nixpacks::provider(name)).collect();
    output::result(&format!("{}\n", names.join(", ")))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests;
