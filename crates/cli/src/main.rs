//! The `packwright` command: flags and surroundings in, the `packwright` library at work, what
//! happens on standard error, the result on standard output, an exit status at the end.
//!
//! ```text
//! flags ──┐
//!         ├─▶ commands ──▶ the library ──events──▶ terminal ──▶ output
//! surroundings ─┘               └──errors──▶ report ──▶ terminal ──▶ output, exit
//! ```
//!
//! Environment, home, clock, terminal, signals and exit status exist in this crate alone; every
//! decision about images is the library's.

mod application;
mod commands;
mod exit;
mod flags;
mod making;
mod output;
mod report;
mod signals;
mod site;
mod surroundings;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::flags::CommandLine;
use crate::surroundings::Surroundings;

fn main() -> ExitCode {
    let line = CommandLine::parse_from(commands::compat::arguments(std::env::args_os()));
    let surroundings = match Surroundings::read() {
        Ok(surroundings) => surroundings,
        Err(failure) => {
            terminal::tell_failure(&failure, line.command.log(), None);
            return failure.exit.into();
        }
    };
    match commands::execute(&line.command, &surroundings) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal::tell_failure(&failure, line.command.log(), Some(surroundings.terminal));
            failure.exit.into()
        }
    }
}
