//! The flags of Railpack, as it spells them.
//!
//! Source: railwayapp/railpack, `cli/*.go` (2026-08).

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `packwright compat railpack`.
#[derive(Debug, Args)]
pub(crate) struct Railpack {
    #[command(subcommand)]
    pub(crate) work: Work,
    /// Has no effect: progress is always shown
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Work {
    /// Build an image into the Docker engine of this machine
    #[command(visible_alias = "b")]
    Build(Box<RailpackBuild>),
    /// Show what would be built; a plan for BuildKit is an error
    #[command(visible_alias = "p")]
    Prepare(Prepare),
    /// Tell what is known about an application
    #[command(visible_alias = "i")]
    Info(Info),
    /// An error that names `packwright plan`: there is no plan in the form of Railpack
    Plan(RailpackPlan),
    /// An error that names the schema of railpack.json
    Schema,
    /// An error: there is no frontend of BuildKit
    Frontend,
}

/// What is said about the application.
#[derive(Debug, Args)]
pub(crate) struct Application {
    /// The application's directory
    #[arg(value_name = "DIRECTORY")]
    pub(crate) path: PathBuf,
    /// A variable for the build, or one that speaks to Railpack; without `=` it is taken from the environment
    #[arg(long, short, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,
    /// A version of an earlier build, which counts where nobody asks for one
    #[arg(long, value_name = "NAME@VERSION")]
    pub(crate) previous: Vec<String>,
    /// The build command, where neither variable nor file has one
    #[arg(long, value_name = "COMMAND")]
    pub(crate) build_cmd: Option<String>,
    /// The start command, where neither variable nor file has one
    #[arg(long, value_name = "COMMAND")]
    pub(crate) start_cmd: Option<String>,
    /// The configuration to read in place of railpack.json, from the application's directory
    #[arg(long, value_name = "FILE")]
    pub(crate) config_file: Option<String>,
    /// Fail when there is no start command
    #[arg(long)]
    pub(crate) error_missing_start: bool,
}

/// `packwright compat railpack build`.
#[derive(Debug, Args)]
pub(crate) struct RailpackBuild {
    #[command(flatten)]
    pub(crate) application: Application,
    /// The image's name; the directory's otherwise
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// An error: `packwright build -o oci:DIR` writes the image into files
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// The platform of the image; an error when it is another than this machine's
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "MODE")]
    pub(crate) progress: Option<String>,
    /// Show the plan, as `packwright plan` does
    #[arg(long)]
    pub(crate) show_plan: bool,
    /// Needed for nothing: results are kept by what they were made of
    #[arg(long, value_name = "KEY")]
    pub(crate) cache_key: Option<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "SOURCE")]
    pub(crate) cache_from: Vec<String>,
    /// An error: nothing is exported
    #[arg(long, value_name = "DEST")]
    pub(crate) cache_to: Vec<String>,
    /// Ask all archives and package indexes anew
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// An error: there is no LLB
    #[arg(long, hide = true)]
    pub(crate) dump_llb: bool,
}

/// `packwright compat railpack prepare`.
#[derive(Debug, Args)]
pub(crate) struct Prepare {
    #[command(flatten)]
    pub(crate) application: Application,
    /// An error: BuildKit would build another image by that file than Packwright does
    #[arg(long, value_name = "FILE")]
    pub(crate) plan_out: Option<PathBuf>,
    /// The file that gets what is known about the application as JSON, also when there is no plan
    #[arg(long, value_name = "FILE")]
    pub(crate) info_out: Option<PathBuf>,
    /// An error, as `--plan-out`
    #[arg(long)]
    pub(crate) show_plan: bool,
    /// Do not show what would be built
    #[arg(long)]
    pub(crate) hide_pretty_plan: bool,
}

/// `packwright compat railpack info`.
#[derive(Debug, Args)]
pub(crate) struct Info {
    #[command(flatten)]
    pub(crate) application: Application,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "pretty")]
    pub(crate) format: InfoFormat,
    /// The file that gets the answer
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Has no effect: the answer for people is the plan, as `packwright plan` shows it
    #[arg(long)]
    pub(crate) show_plan: bool,
}

/// How information is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InfoFormat {
    /// For people
    Pretty,
    /// JSON
    Json,
}

/// `packwright compat railpack plan`.
#[derive(Debug, Args)]
pub(crate) struct RailpackPlan {
    #[command(flatten)]
    pub(crate) application: Application,
    /// The file that would get the plan
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}
