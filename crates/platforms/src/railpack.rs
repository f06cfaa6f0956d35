//! `railpack.json` and the `RAILPACK_*` variables: the configuration of Railpack. The file overrides the
//! variables, as in Railpack's code (its documentation says the opposite). A list replaces the one of lower
//! precedence, and `...` in a list stands for what it replaces.
//!
//! Every key and variable with what is done for it is in `COMPATIBILITY.md`, which a test holds
//! true.
//!
//! Source: railwayapp/railpack, `core/core.go`, `core/config`, `core/plan` and
//! `core/generate/context.go`.

mod command_line;
mod component;
mod config;
mod file;
mod messages;
mod reader;
mod variables;

pub use command_line::model;
pub(crate) use reader::{FILE, MANAGERS, VERSION_FILES, declarations};

/// The names of all variables that are known.
#[cfg(test)]
pub(crate) fn variables_known() -> impl Iterator<Item = String> {
    variables::VARIABLES.iter().map(|(name, _)| format!("{}{name}", variables::PREFIX))
}

#[cfg(test)]
mod tests;
