//! Groups of flags that several commands share.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use packwright::gateway::{HostRule, Rules};
use packwright::oci::{Compression, RelPath};
use packwright::planner::{Network, PlanOptions};
use packwright::sandbox::Isolation;
use packwright::{Catalog, StepNetwork};

use crate::report::{Failure, Report};

use super::values::{self, Assignment, SecretFlag};

/// Where the source is.
#[derive(Debug, Args)]
pub(crate) struct SourceDir {
    /// The application's directory
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
}

/// What is said about the source.
#[derive(Debug, Args)]
pub(crate) struct SourceFlags {
    /// The directory of the application below DIR, where it is not all of DIR
    ///
    /// Without it, an application at the top of DIR is taken, or the only one in its directories.
    #[arg(long, value_name = "SUBDIR", value_parser = values::subdirectory)]
    pub(crate) root: Option<RelPath>,
    /// The application among several: the name or directory of a workspace's member, or a directory below DIR
    #[arg(long, value_name = "NAME")]
    pub(crate) app: Option<String>,
    /// Build as this platform would: its own files count, with its own rules, and those of others do not
    #[arg(long, value_name = "NAME", value_parser = values::platform)]
    pub(crate) platform: Option<String>,
    /// A buildpack that may take part; given several times, the first owns the application. All of them otherwise
    #[arg(long = "buildpack", value_name = "NAME")]
    pub(crate) buildpacks: Vec<String>,
    /// The line that starts the web process, for the shell
    #[arg(long, value_name = "COMMAND")]
    pub(crate) start: Option<String>,
    /// Let the steps that see the source reach the network; give the flag to `lock` too, so that it records what
    /// they fetch
    #[arg(long)]
    pub(crate) build_network: bool,
    /// Give a secret to the steps that build the source: a variable of their environment and a file in /run/secrets
    ///
    /// `ID` takes the value from the environment variable ID, `ID=env:VARIABLE` from another one, `ID=FILE` from a
    /// file, less one newline at its end. What steps print is shown without it, and a step that
    /// leaves it in its outputs fails. Steps with network get it when they list a variable of that name, as steps
    /// that install do for credentials of package indexes. Can be given several times.
    #[arg(long = "secret", value_name = "ID[=SRC]", value_parser = values::secret)]
    pub(crate) secrets: Vec<SecretFlag>,
    /// Take warnings for errors
    #[arg(long)]
    pub(crate) strict: bool,
}

/// What every command takes that runs steps.
#[derive(Debug, Args)]
pub(crate) struct BuildFlags {
    #[command(flatten, next_help_heading = "Where packages come from")]
    pub(crate) archive: ArchiveFlags,
    #[command(flatten, next_help_heading = "How steps run")]
    pub(crate) steps: StepFlags,
    #[command(flatten, next_help_heading = "Store and messages")]
    pub(crate) store: StoreFlags,
    #[command(flatten, next_help_heading = "Store and messages")]
    pub(crate) log: LogFlags,
}

/// What the image is made of, besides the source.
#[derive(Debug, Args)]
pub(crate) struct ImageFlags {
    /// Build this plan, written by `packwright plan --format json|toml` and edited perhaps, instead of making one
    #[arg(long, value_name = "FILE")]
    pub(crate) plan: Option<PathBuf>,
    /// Build from the lock alone, and fail when there is none or it does not fit
    ///
    /// Steps receive from the network exactly what the lock lists; what the store already has is not fetched again.
    ///
    /// Without this flag, packwright.lock in DIR is used when it is there and fits. When it does not fit, a warning
    /// says so and the versions are found anew. Downloads are compared only with this flag or `--lock`.
    #[arg(long)]
    pub(crate) locked: bool,
    /// The lock to use instead of packwright.lock in DIR
    #[arg(long, value_name = "FILE")]
    pub(crate) lock: Option<PathBuf>,
    /// How layers are compressed
    #[arg(long, value_enum, default_value_t = CompressionFlag::Gzip)]
    pub(crate) compression: CompressionFlag,
    /// The time of all files and of the image, in seconds since 1970; 1980-01-01 unless given here or in
    /// SOURCE_DATE_EPOCH
    #[arg(long, value_name = "SECONDS")]
    pub(crate) epoch: Option<u64>,
}

/// Where packages come from, and how fresh the answers must be.
#[derive(Debug, Args)]
pub(crate) struct ArchiveFlags {
    /// The Debian mirror, up to where `dists` and `pool` are
    ///
    /// The first of these that says one: this flag, PACKWRIGHT_DEBIAN_MIRROR, the apt sources of this machine
    /// (/etc/apt/sources.list and sources.list.d).
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Option<String>,
    /// The mirror of Debian's security archive, looked for in the same way; PACKWRIGHT_DEBIAN_SECURITY_MIRROR
    #[arg(long, value_name = "URL")]
    pub(crate) security_mirror: Option<String>,
    /// How long answers of archives and package indexes, and downloads of steps, count as current: `90s`, `30m`, `12h`, `7d`
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = values::duration)]
    pub(crate) max_age: Duration,
    /// Ask all archives and package indexes anew, as with `--max-age 0s`
    #[arg(long, conflicts_with = "max_age")]
    pub(crate) refresh: bool,
}

/// How steps run.
#[derive(Debug, Args)]
pub(crate) struct StepFlags {
    /// The application that the build is of, by any name that no other application of the store has;
    /// PACKWRIGHT_SUBJECT
    ///
    /// Builds of one subject share the caches of package managers and compilers, and the results of steps that use
    /// them; builds of others see neither. Without one, such caches are empty and end with their step. It is taken
    /// from nothing in the source, nor from its place, since both can be another application's.
    #[arg(long, value_name = "NAME")]
    pub(crate) subject: Option<String>,
    /// How steps are kept apart from this machine; the first that works unless given
    #[arg(long, value_enum)]
    pub(crate) isolation: Option<IsolationFlag>,
    /// How steps that fetch reach the network
    #[arg(long, value_enum, default_value_t = NetworkFlag::Gateway)]
    pub(crate) network: NetworkFlag,
    /// Let steps reach a host with a private address, or this machine: a name with its subdomains, or an address; with
    /// `:PORT`, that port only
    ///
    /// Hosts that the settings of package managers name (PIP_INDEX_URL, npm_config_registry, GOPROXY, …) need no
    /// flag. Steps reach the ports 80 and 443; any other port is reached where a setting or this flag names it. Can be
    /// given several times.
    #[arg(long = "allow-host", value_name = "HOST[:PORT]")]
    pub(crate) allow_hosts: Vec<HostRule>,
    /// Never let steps reach a host, even if something else allows it; written as for `--allow-host`
    #[arg(long = "deny-host", value_name = "HOST[:PORT]")]
    pub(crate) deny_hosts: Vec<HostRule>,
    /// How much is done at once: steps, layers, and threads that unpack and compress; as much as there are processors
    /// unless given
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<std::num::NonZero<usize>>,
    /// The longest that one command of a step may take
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = values::duration)]
    pub(crate) timeout: Duration,
    /// The most memory that one command of a step may use, with all its children: `512M`, `2G`; not limited unless
    /// given
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    pub(crate) memory: Option<u64>,
    /// The most processes and threads that one command of a step may have
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_processes: u32,
    /// The most that one command of a step may print
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = values::size)]
    pub(crate) max_output: u64,
    /// The most that a step may have on disk, with what its caches grow: `2G`; not limited unless given
    ///
    /// A step that writes more is stopped, and what it wrote is removed, with the caches that it used.
    #[arg(long, value_name = "SIZE", value_parser = values::size)]
    pub(crate) max_disk: Option<u64>,
    /// The most files, directories and links that a step may make, counted in the same way; not limited unless given
    #[arg(long, value_name = "N")]
    pub(crate) max_files: Option<u64>,
}

/// Where everything is kept between builds.
#[derive(Debug, Default, Args)]
pub(crate) struct StoreFlags {
    /// The directory of the store, made when it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
}

/// What is said on the way.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct LogFlags {
    /// How progress, summary and errors are written to standard error; `json` is one object on each line
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// Say nothing but warnings and errors
    #[arg(short, long, conflicts_with = "log_format")]
    pub(crate) quiet: bool,
}

/// How progress is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people: a progress line on a terminal, plain lines otherwise
    #[default]
    Text,
    /// For programs: one JSON object on each line
    Json,
}

/// How steps that fetch reach the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkFlag {
    /// Through a gateway: public addresses, by http and https
    Gateway,
    /// The host's network: everything that this machine reaches, so that `--deny-host` is refused beside it
    Host,
}

impl StepFlags {
    /// How steps that fetch reach the network.
    ///
    /// Errors: hosts to keep steps from, and nothing that could.
    pub(crate) fn network(&self) -> Result<StepNetwork, Failure> {
        match self.network {
            NetworkFlag::Gateway => {
                let (allow, deny) = (self.allow_hosts.clone(), self.deny_hosts.clone());
                Ok(StepNetwork::Gateway(Rules { allow, deny }))
            }
            NetworkFlag::Host if self.deny_hosts.is_empty() => Ok(StepNetwork::Host),
            NetworkFlag::Host => Err(Failure::usage(
                Report::new(
                    "`--network host` keeps steps from no host, and `--deny-host` asks for it".to_owned(),
                )
                .fix("leave out one of both: only the gateway refuses hosts"),
            )),
        }
    }
}

/// A way of isolation that runs steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IsolationFlag {
    /// A user namespace with an overlay
    Overlay,
    /// A user namespace with a copied root
    Copy,
    /// A copied root, entered as root
    Chroot,
}

impl IsolationFlag {
    /// The library's name for it.
    pub(crate) fn isolation(self) -> Isolation {
        match self {
            IsolationFlag::Overlay => Isolation::Overlay,
            IsolationFlag::Copy => Isolation::Copy,
            IsolationFlag::Chroot => Isolation::Chroot,
        }
    }
}

/// How layers are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CompressionFlag {
    /// Understood by everything
    Gzip,
    /// Smaller and faster; not every container engine reads it
    Zstd,
    /// As it is
    None,
}

impl CompressionFlag {
    /// The library's name for it.
    pub(crate) fn compression(self) -> Compression {
        match self {
            CompressionFlag::Gzip => Compression::Gzip,
            CompressionFlag::Zstd => Compression::Zstd,
            CompressionFlag::None => Compression::None,
        }
    }
}

impl SourceFlags {
    /// All languages and platforms, to plan as the platform that the caller chooses.
    pub(crate) fn catalog(&self) -> Catalog {
        catalog(self.platform.as_deref())
    }

    /// What the flags choose about a plan.
    pub(crate) fn plan_options(&self, environment: &[Assignment]) -> PlanOptions {
        PlanOptions {
            environment: values::environment(environment),
            secrets: self.secrets.iter().map(|secret| secret.name.clone()).collect(),
            root: self.root.clone(),
            app: self.app.clone(),
            buildpacks: self.buildpacks.clone(),
            start: self.start.clone(),
            build_network: if self.build_network { Network::Fetch } else { Network::None },
            strict: self.strict,
            ..PlanOptions::default()
        }
    }

    /// The flag that says what a plan is made of and is given all the same, if any.
    pub(crate) fn about_the_plan(&self) -> Option<&'static str> {
        let given = [
            ("--root", self.root.is_some()),
            ("--app", self.app.is_some()),
            ("--platform", self.platform.is_some()),
            ("--buildpack", !self.buildpacks.is_empty()),
            ("--start", self.start.is_some()),
            ("--build-network", self.build_network),
        ];
        given.iter().find(|(_, given)| *given).map(|(name, _)| *name)
    }
}

/// All languages and platforms, to plan as `platform`, whose name was checked when it was read.
pub(crate) fn catalog(platform: Option<&str>) -> Catalog {
    let catalog = Catalog::default();
    match platform {
        None => catalog,
        Some(name) => catalog.as_platform(name).expect("the flag takes the names of platforms"),
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For programs and people
    Toml,
}
