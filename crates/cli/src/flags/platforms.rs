//! The command lines about platforms' files.

use std::path::PathBuf;

use clap::Args;

use super::groups::{Format, SourceDir, SourceFlags};
use super::values::{self, Assignment};

/// `packwright model`.
#[derive(Debug, Args)]
pub(crate) struct Model {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// Read the files as this platform would
    #[arg(long, value_name = "NAME", value_parser = values::platform)]
    pub(crate) platform: Option<String>,
    /// Set a variable; some platforms are told things by variables: `NIXPACKS_START_CMD=…`
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    /// How the model is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `packwright convert`.
#[derive(Debug, Args)]
pub(crate) struct Convert {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// The platform whose files are written
    #[arg(long, value_name = "NAME", value_parser = values::written_platform)]
    pub(crate) to: String,
    /// The image that runs there, for platforms that run images: what `build` was told, with the registry's host
    #[arg(long, value_name = "REF")]
    pub(crate) image: Option<String>,
    /// The directory to write the files in; a file that is there already is an error. Standard output otherwise
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Set a variable in the image and in the steps that build the source
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
}
