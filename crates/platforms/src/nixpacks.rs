//! `nixpacks.toml`, `nixpacks.json` and the `NIXPACKS_*` variables: the configuration of Nixpacks, with its
//! own precedence: provider < Procfile < file < variables < command line. A list replaces the one of lower
//! precedence, and `...` in a list stands for what it replaces.
//!
//! Nothing of Nix is used: names of its packages become Debian's. Every key and variable with what
//! is done for it is in `COMPATIBILITY.md`, which a test holds true.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan` and `docs/pages/docs/configuration`.

mod command_line;
mod component;
mod file;
pub(crate) mod messages;
pub(crate) mod plan;
mod providers;
pub(crate) mod reader;
pub(crate) mod variables;

pub use command_line::{CommandLine, ConfigFile, Printed, model, speaking};
pub(crate) use command_line::{is_started, started};
pub(crate) use component::{added_path, with_path};
pub(crate) use variables::Meaning;

/// The names of all variables that are known.
#[cfg(test)]
pub(crate) fn variables_known() -> impl Iterator<Item = String> {
    variables::VARIABLES.iter().map(|(name, _)| format!("{}{name}", variables::PREFIX))
}

#[cfg(test)]
pub(crate) mod tests;
