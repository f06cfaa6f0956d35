//! `packwright compat`: the other build tools whose command lines are answered.

use std::ffi::OsString;

use clap::Subcommand;

use super::nixpacks::Nixpacks;
use super::railpack::Railpack;

/// `packwright compat`.
#[derive(Debug, Subcommand)]
pub(crate) enum Compat {
    /// Answer command lines of Nixpacks: plan, detect, build
    ///
    /// The same happens when the command is called as `nixpacks`, by a link of that name. Every flag of Nixpacks is
    /// accepted; what cannot be done for one is said on standard error.
    #[command(display_name = "nixpacks", version, subcommand_required = true)]
    Nixpacks(Nixpacks),
    /// Answer command lines of Railpack: build, prepare, info
    ///
    /// The same happens when the command is called as `railpack`, by a link of that name. Every flag of Railpack is
    /// accepted; what cannot be done for one is an error, or is said on standard error where it changes no image.
    #[command(display_name = "railpack", version, subcommand_required = true)]
    Railpack(Railpack),
    /// An error that names what builds the same image: command lines of pack are not answered
    #[command(hide = true, disable_help_flag = true)]
    Pack {
        /// The command line.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        line: Vec<OsString>,
    },
}
