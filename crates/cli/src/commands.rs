//! The commands. Each turns its flags into calls of the library and reports the result.

mod build;
mod cache;
mod check;
pub(crate) mod compat;
mod convert;
mod detect;
mod doctor;
mod explain;
mod lock;
mod lock_record;
mod model;
mod plan;
mod run;
mod verify;

use clap::CommandFactory;

use crate::exit::Exit;
use crate::flags::commands::{Command, CommandLine};
use crate::host::Host;
use crate::output;
use crate::report::Failure;

/// Runs `command`.
pub(crate) fn execute(command: &Command, host: &Host) -> Result<Exit, Failure> {
    match command {
        Command::Build(flags) => build::build(flags, host),
        Command::Plan(flags) => plan::plan(flags, host),
        Command::Detect(flags) => detect::detect(flags, host),
        Command::Explain(flags) => explain::explain(flags, host),
        Command::Model(flags) => model::model(flags, host),
        Command::Convert(flags) => convert::convert(flags, host),
        Command::Lock(flags) => lock::lock(flags, host),
        Command::Check(flags) => check::check(flags, host),
        Command::Run(flags) => run::run(flags, host),
        Command::Verify(flags) => verify::verify(flags, host),
        Command::Doctor(flags) => doctor::doctor(flags, host),
        Command::Cache(flags) => cache::cache(flags, host),
        Command::Compat(flags) => compat::compat(flags, host),
        Command::Completions { shell } => completions(*shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "packwright", &mut script);
    output::result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
