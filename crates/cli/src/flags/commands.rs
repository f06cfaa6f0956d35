//! The command line as a value, and the help that people read. What a flag means is said here
//! and nowhere else; what follows from it is decided by the commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::compat::Compat;
use super::groups::{BuildFlags, Format, ImageFlags, LogFlags, SourceDir, SourceFlags, StoreFlags};
use super::platforms::{Convert, Model};
use super::values::{self, Assignment, Output};

const ABOUT: &str = "From a source tree to a reproducible OCI image, without a daemon and without root";

const EXAMPLES: &str = "\
Examples:
  packwright explain                              what would be built, and why
  packwright build -o oci:../image                build this directory into an image layout
  packwright build shop -o docker-archive:shop.tar -t shop:1
  packwright run -p 8000                          build, then run the web process on port 8000
  packwright lock && packwright build --locked    pin every version, then build from the pins
  packwright doctor                               what this machine can do

Exit status:
  0   done
  1   failed
  2   wrong usage
  3   no application was recognised
  75  try again later, for example when a server did not answer
  130 ended with Ctrl-C (128 and the number of the signal)";

const ENVIRONMENT: &str = "\
Environment:
  PACKWRIGHT_STORE                   the store
  PACKWRIGHT_SUBJECT                 the application that the build is of, for its caches
  PACKWRIGHT_DEBIAN_MIRROR           the Debian mirror
  PACKWRIGHT_DEBIAN_SECURITY_MIRROR  the mirror of Debian's security archive
  SOURCE_DATE_EPOCH                  the time of all files and of the image
  XDG_CACHE_HOME, HOME               the store is $XDG_CACHE_HOME/packwright or ~/.cache/packwright
                                     when neither --store nor PACKWRIGHT_STORE says another
  SSL_CERT_FILE                      certificate authorities to trust, in place of the system's
  http_proxy, https_proxy, no_proxy  the way to the network; also all_proxy, and in capitals
  NO_COLOR                           no colours
  TERM=dumb                          no colours and no progress line

A flag wins over the variable. Steps that fetch are given the variables that they list in the
plan, such as PIP_INDEX_URL, and no others; `packwright explain` shows them.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "packwright", version, about = ABOUT, max_term_width = 110, after_help = EXAMPLES)]
#[command(after_long_help = format!("{EXAMPLES}\n\n{ENVIRONMENT}"))]
pub(crate) struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build an image from a directory
    ///
    /// Standard output gets the image's digest and nothing else. The same source, lock and flags give the same
    /// digest on every machine of the same architecture.
    #[command(after_long_help = ENVIRONMENT)]
    Build(Build),
    /// Show the plan: what would be done, as data that can be edited and built with `build --plan`
    Plan(Plan),
    /// Name the languages that are recognised, one on each line; exit status 3 when there are none
    Detect(Detect),
    /// Tell what was decided, who decided it, and what lost
    Explain(Explain),
    /// Show what the files of platforms declare (Procfile, render.yaml, fly.toml, …), and what was decided between them
    Model(Model),
    /// Write the files of another platform from what the files here declare and from the plan
    ///
    /// What that platform has no words for is said on standard error, each loss with a code.
    Convert(Convert),
    /// Pin every version that the plan leaves open and every download of its steps, in packwright.lock
    ///
    /// Runs the steps that fetch with empty caches, and records address, digest and size of every download. With
    /// `--locked`, steps receive exactly these: from the store however old, without asking a server, or from a server
    /// that sends the same bytes. Documents in which package managers look versions up may be newer.
    ///
    /// The lock is made for the machine's architecture. It is written beside the sources, belongs in version control
    /// and is never part of the image.
    #[command(after_long_help = ENVIRONMENT)]
    Lock(Lock),
    /// Build twice under different conditions and compare the images entry by entry
    ///
    /// The second build has an empty store in the directory for temporary files, another number of jobs, file mode
    /// mask 077, and another way of isolation where two work and `--isolation` names none. It gets the first one's
    /// lock and Debian packages and does everything else anew. Exit status 0 when the images are the same, 1 when
    /// they differ.
    ///
    /// With TMPDIR in another kind of file system (tmpfs, for example) the entries of directories have another order
    /// too, which programs that do not sort them depend on.
    #[command(after_long_help = ENVIRONMENT)]
    Check(Check),
    /// Build a directory, or take an image, and run it in the sandbox on the host's network
    ///
    /// Output is passed on as it is. SIGINT, SIGTERM and SIGHUP go to the application; a second Ctrl-C kills it. The
    /// exit status is the application's. Files that it writes are gone afterwards.
    #[command(after_long_help = ENVIRONMENT)]
    Run(Run),
    /// Look for what is missing in an image of any origin: programs, interpreters, libraries, symbol versions
    ///
    /// Every image that is built here has passed this check. Processes of our own images are known with the files that
    /// declare them; of others the entry point is. What a process cannot start without is an error, anything else a
    /// warning. Nothing of the image runs.
    ///
    /// Exit status 0 when the image is whole, 1 when it is not.
    Verify(Verify),
    /// Tell what this machine can do, and what stands in the way
    ///
    /// Exit status 0 when there is a way to run steps in isolation, 1 otherwise.
    #[command(after_long_help = ENVIRONMENT)]
    Doctor(Doctor),
    /// Look at the store, or make it smaller
    #[command(subcommand)]
    Cache(Cache),
    /// Answer the command lines of another build tool in its place
    #[command(subcommand)]
    Compat(Compat),
    /// Print a completion script for a shell
    #[command(long_about = "Print a completion script for a shell, for example:\n\n  \
        packwright completions bash > ~/.local/share/bash-completion/completions/packwright")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// `packwright build`.
#[derive(Debug, Args)]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// Where the image goes: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:NAME[:TAG]]`
    ///
    /// Can be given several times. Without it the image stays in the store, and only its digest is printed. What is
    /// at DEST stays whole until the new image is; other images in a layout stay. A DEST inside DIR is no part of the
    /// source.
    #[arg(short, long = "output", value_name = "DEST", value_parser = values::output)]
    pub(crate) outputs: Vec<Output>,
    /// Name of the image, with or without a tag, where DEST has none
    #[arg(short, long, value_name = "NAME", requires = "outputs")]
    pub(crate) tag: Option<String>,
    /// Set a variable in the image and in the steps that build the source
    #[arg(conflicts_with = "plan", long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    #[command(flatten, next_help_heading = "What is built")]
    pub(crate) image: ImageFlags,
    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

/// `packwright plan`.
#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// Set a variable in the image and in the steps that build the source
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    /// How the plan is written; `build --plan` reads JSON and TOML
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Print the JSON Schema of the plan format and do nothing else
    #[arg(long, conflicts_with_all = ["dir", "format", "environment", "secrets", "strict", "root", "app", "platform", "buildpacks", "start", "build_network"])]
    pub(crate) schema: bool,
}

/// `packwright detect`.
#[derive(Debug, Args)]
pub(crate) struct Detect {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `packwright explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// Set a variable in the image and in the steps that build the source
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    /// Also show steps, packages and files
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// One table over all platforms: what each would build and start, and what it would not do
    #[arg(long, conflicts_with_all = ["platform", "verbose"])]
    pub(crate) platforms: bool,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `packwright lock`.
#[derive(Debug, Args)]
pub(crate) struct Lock {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// Where the lock is written instead of packwright.lock in DIR
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Also print what each step downloaded: size, digest and address
    #[arg(long)]
    pub(crate) explain: bool,
    /// Variables of the image and of the steps that build the source, as `build` will be given them
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

/// `packwright check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) source_dir: SourceDir,
    /// Set a variable in the image and in the steps that build the source
    #[arg(conflicts_with = "plan", long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    #[command(flatten, next_help_heading = "What is built")]
    pub(crate) image: ImageFlags,
    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

/// `packwright run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A directory to build, or an image: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`
    #[arg(value_name = "DIR|IMAGE", default_value = ".")]
    pub(crate) what: PathBuf,
    /// The process to run; the image's default one when none is named
    #[arg(long, value_name = "NAME")]
    pub(crate) process: Option<packwright::planner::ProcessName>,
    /// The port to listen on, given to the application as PORT
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Set a variable for the running application alone
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) environment: Vec<Assignment>,
    /// Set a variable in the image and in the steps that build the source, as `build --env` does
    #[arg(conflicts_with = "plan", long = "build-env", value_name = "NAME=VALUE", value_parser = values::assignment)]
    pub(crate) build_environment: Vec<Assignment>,
    #[command(flatten)]
    pub(crate) source: SourceFlags,
    #[command(flatten, next_help_heading = "What is built")]
    pub(crate) image: ImageFlags,
    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

/// `packwright verify`.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The image: `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]`
    #[arg(value_name = "IMAGE")]
    pub(crate) image: String,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Let warnings count as errors
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
}

/// `packwright doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Also try to reach the Debian mirror
    #[arg(long)]
    pub(crate) network: bool,
    /// The Debian mirror to look at, as in `build`
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Option<String>,
    /// The mirror of the security archive to look at, as in `build`
    #[arg(long, value_name = "URL")]
    pub(crate) security_mirror: Option<String>,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
}

/// `packwright cache`.
#[derive(Debug, Subcommand)]
pub(crate) enum Cache {
    /// Tell where the store is and how much it holds
    Info {
        #[command(flatten)]
        store: StoreFlags,
    },
    /// Read everything in the store and remove what is damaged
    Verify {
        #[command(flatten)]
        store: StoreFlags,
    },
    /// Remove what no build needs any more, or what the flags name
    Prune {
        /// Remove everything
        #[arg(long, conflicts_with_all = ["older_than", "max_size"])]
        all: bool,
        /// Remove what was not used for this long: `12h`, `30d`
        #[arg(long, value_name = "DURATION", value_parser = values::duration)]
        older_than: Option<Duration>,
        /// Remove the least recently used until the store is no larger than this: `500M`, `10G`
        #[arg(long, value_name = "SIZE", value_parser = values::size)]
        max_size: Option<u64>,
        /// Wait until no build runs; builds that begin meanwhile wait until the store is pruned
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        store: StoreFlags,
    },
}

impl Command {
    /// How the command reports progress and problems.
    pub(crate) fn log(&self) -> LogFlags {
        match self {
            Command::Build(Build { build, .. })
            | Command::Lock(Lock { build, .. })
            | Command::Check(Check { build, .. })
            | Command::Run(Run { build, .. }) => build.log,
            _ => LogFlags::default(),
        }
    }
}
