//! The commands: each takes its flags, lets the library work, and tells what came of it.

mod build;
mod cache;
mod check;
pub(crate) mod compat;
mod convert;
mod detect;
mod doctor;
mod explain;
mod lock;
mod model;
mod plan;
mod run;

use clap::CommandFactory;

use crate::exit::Exit;
use crate::flags::{Command, CommandLine};
use crate::output;
use crate::report::Failure;
use crate::surroundings::Surroundings;

/// Does what `command` says.
pub(crate) fn execute(command: &Command, surroundings: &Surroundings) -> Result<Exit, Failure> {
    match command {
        Command::Build(flags) => build::build(flags, surroundings),
        Command::Plan(flags) => plan::plan(flags, surroundings),
        Command::Detect(flags) => detect::detect(flags, surroundings),
        Command::Explain(flags) => explain::explain(flags, surroundings),
        Command::Model(flags) => model::model(flags, surroundings),
        Command::Convert(flags) => convert::convert(flags, surroundings),
        Command::Lock(flags) => lock::lock(flags, surroundings),
        Command::Check(flags) => check::check(flags, surroundings),
        Command::Run(flags) => run::run(flags, surroundings),
        Command::Doctor(flags) => doctor::doctor(flags, surroundings),
        Command::Cache(flags) => cache::cache(flags, surroundings),
        Command::Compat(flags) => compat::compat(flags, surroundings),
        Command::Completions { shell } => completions(*shell),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "packwright", &mut script);
    output::result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
