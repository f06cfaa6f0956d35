//! `packwright-tests gate`: the trials that take too long for the test command.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use packwright_tests::gate::{self, Gate};

/// What is too long for `cargo test --workspace`
#[derive(Debug, Parser)]
#[command(name = "packwright-tests")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every trial: on each fixture plan, answers, what is missing, reproducibility, offline builds, isolation and outside judges; then attacks, damage, the fuzzer and the packages
    ///
    /// Builds `packwright` first, in the profile of this program. Each row of the table at the end is a trial. Exit
    /// status 0 when all passed, 1 when one failed, 2 for wrong usage. What passed is kept in `target/tmp/gate`, so
    /// that `--resume` goes on after an interruption.
    Gate(Gate),
}

fn main() -> ExitCode {
    let Command::Gate(gate) = CommandLine::parse().command;
    gate::run(&gate)
}
