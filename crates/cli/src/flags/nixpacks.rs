//! The flags of Nixpacks, as it spells them.
//!
//! Source: railwayapp/nixpacks 1.41.0, `src/main.rs`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `packwright compat nixpacks`.
#[derive(Debug, Args)]
pub(crate) struct Nixpacks {
    #[command(subcommand)]
    pub(crate) work: Work,
    /// A whole plan as JSON, laid over the one that is made
    #[arg(long, global = true, value_name = "JSON")]
    pub(crate) json_plan: Option<String>,
    /// The install command
    #[arg(long, short, global = true, value_name = "COMMAND")]
    pub(crate) install_cmd: Option<String>,
    /// The build command
    #[arg(long, short, global = true, value_name = "COMMAND")]
    pub(crate) build_cmd: Option<String>,
    /// The start command
    #[arg(long, short, global = true, value_name = "COMMAND")]
    pub(crate) start_cmd: Option<String>,
    /// A package of Nixpkgs to add, taken from Debian
    #[arg(long, short, global = true, value_name = "NAME")]
    pub(crate) pkgs: Vec<String>,
    /// A Debian package to add
    #[arg(long, short, global = true, value_name = "NAME")]
    pub(crate) apt: Vec<String>,
    /// A library of Nixpkgs to add, taken from Debian
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) libs: Vec<String>,
    /// A variable for the build and the image; without a value it is taken from the environment
    #[arg(long, short, global = true, value_name = "NAME[=VALUE]")]
    pub(crate) env: Vec<String>,
    /// The configuration or plan to read instead of nixpacks.toml and nixpacks.json
    #[arg(long, short, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Work {
    /// Print the plan in the format of Nixpacks; `build -c` takes it, edited or not
    Plan {
        /// The application's directory
        path: PathBuf,
        /// How the plan is written
        #[arg(short, long, value_enum, default_value = "json")]
        format: PlanFormat,
    },
    /// Name the languages that are recognised
    Detect {
        /// The application's directory
        path: PathBuf,
    },
    /// Build an image into the Docker engine of this machine, or into files with `-o`
    Build(Box<NixpacksBuild>),
}

/// How a plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// JSON
    Json,
    /// TOML
    Toml,
}

/// `packwright compat nixpacks build`.
#[derive(Debug, Args)]
pub(crate) struct NixpacksBuild {
    /// The application's directory
    pub(crate) path: PathBuf,
    /// The image's name
    #[arg(short, long)]
    pub(crate) name: Option<String>,
    /// The directory that gets the image, in `.nixpacks`
    #[arg(short, long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print a Dockerfile
    #[arg(short, long, hide = true)]
    pub(crate) dockerfile: bool,
    /// A further name of the image
    #[arg(short, long)]
    pub(crate) tag: Vec<String>,
    /// A label of the image, NAME=VALUE
    #[arg(short, long)]
    pub(crate) label: Vec<String>,
    /// The platform of the image; said when it is another than this machine's
    #[arg(long)]
    pub(crate) platform: Vec<String>,
    /// Needed for nothing: results are kept by what they were made of
    #[arg(long, value_name = "KEY")]
    pub(crate) cache_key: Option<String>,
    /// As `--out` with the application's directory
    #[arg(long)]
    pub(crate) current_dir: bool,
    /// Ask all archives and package indexes anew
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Has no effect, which is said
    #[arg(long, value_name = "IMAGE")]
    pub(crate) incremental_cache_image: Option<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "IMAGE")]
    pub(crate) cache_from: Option<String>,
    /// The Docker engine that gets the image, as `docker --host` takes it
    #[arg(long, value_name = "HOST")]
    pub(crate) docker_host: Option<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "HOST:IP")]
    pub(crate) add_host: Vec<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "VERIFY")]
    pub(crate) docker_tls_verify: Option<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "OUTPUT")]
    pub(crate) docker_output: Vec<String>,
    /// Has no effect, which is said
    #[arg(long, value_name = "DIR")]
    pub(crate) docker_cert_path: Option<String>,
    /// Has no effect, which is said
    #[arg(long)]
    pub(crate) inline_cache: bool,
    /// Build an image without a start command when none is found
    #[arg(long)]
    pub(crate) no_error_without_start: bool,
    /// Has no effect, which is said
    #[arg(long, value_name = "QUOTA")]
    pub(crate) cpu_quota: Option<String>,
    /// The most memory that one command of a step may use
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<String>,
    /// Has no effect: progress is always shown
    #[arg(long, short)]
    pub(crate) verbose: bool,
}
