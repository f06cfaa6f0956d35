//! `packwright compat nixpacks …` and `packwright compat railpack …`, and the same when the command is called by these names:
//! the command lines that self-hosted platforms call Nixpacks and Railpack with, answered without Docker, Nix and BuildKit.
//!
//! Every flag is accepted. Where a flag of Nixpacks cannot be followed, a warning on standard error says so; where one of
//! Railpack cannot, the command fails.

mod build;
mod caller;
mod loading;
mod messages;
mod railpack;

use std::ffi::OsString;
use std::path::Path;

use packwright::Catalog;
use packwright::nixpacks::{self, PrintedPlan};

use crate::exit::Exit;
use crate::flags::compat::Compat;
use crate::flags::groups::LogFlags;
use crate::flags::nixpacks::{Nixpacks, PlanFormat, Work};
use crate::host::Host;
use crate::output;
use crate::report::Failure;
use crate::session::source;
use crate::terminal::notices::show_notices;

/// The programs that this one answers for.
const NAMES: [&str; 2] = ["nixpacks", "railpack"];

/// The command line with `compat NAME` in it, when the program is called by the name of another builder.
pub(crate) fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut given: Vec<OsString> = given.collect();
    let called = given.first().and_then(|name| Path::new(name).file_name()).map(OsString::from);
    let name = NAMES.into_iter().find(|name| called.as_deref() == Some(name.as_ref()));
    if let Some(name) = name {
        given.splice(1..1, ["compat".into(), name.into()]);
    }
    given
}

/// Runs a command line of another builder. As Nixpacks does, it ends with status 1 for every failure; as Railpack does, with
/// 75 where a later try may succeed.
pub(super) fn compat(compat: &Compat, host: &Host) -> Result<Exit, Failure> {
    let (done, tells_later) = match compat {
        Compat::Nixpacks(line) => (nixpacks(line, host), false),
        Compat::Railpack(line) => (railpack::railpack(line, host), true),
        Compat::Pack { line } => (pack(line), false),
    };
    done.map_err(|failure| match failure.exit {
        Exit::TryLater if tells_later => failure,
        Exit::NothingDetected | Exit::Usage | Exit::TryLater => Failure { exit: Exit::Failed, ..failure },
        _ => failure,
    })
}

fn nixpacks(line: &Nixpacks, host: &Host) -> Result<Exit, Failure> {
    match &line.work {
        Work::Plan { path, format } => plan(line, path, *format, host),
        Work::Detect { path } => detect(line, path, host),
        Work::Build(build) => build::build(line, build, host),
    }
}

fn pack(_line: &[OsString]) -> Result<Exit, Failure> {
    Err(messages::no_pack())
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
