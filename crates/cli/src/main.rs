//! The `packwright` command: it turns flags and the host's environment into calls of the `packwright`
//! library, shows progress on standard error and the result on standard output, and ends with an
//! exit status.
//!
//! ```text
//! flags ─┐
//!        ├─▶ commands ──▶ session ──▶ the library ──updates──▶ terminal ──▶ output
//! host ──┘                                       └──errors───▶ report ──▶ terminal ──▶ output, exit
//! ```
//!
//! Only this crate reads the environment, the home directory and the terminal, listens for signals
//! and sets an exit status. It decides nothing about images.

mod commands;
mod exit;
mod flags;
mod host;
mod output;
mod report;
mod session;
mod signals;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::flags::commands::CommandLine;
use crate::host::Host;
use crate::terminal::notices::show_failure;

fn main() -> ExitCode {
    let line = CommandLine::parse_from(commands::compat::arguments(std::env::args_os()));
    let host = match Host::read() {
        Ok(host) => host,
        Err(failure) => {
            show_failure(&failure, line.command.log(), None);
            return failure.exit.into();
        }
    };
    match commands::execute(&line.command, &host) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            show_failure(&failure, line.command.log(), Some(host.terminal));
            failure.exit.into()
        }
    }
}
