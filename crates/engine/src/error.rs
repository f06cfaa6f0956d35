//! [`BuildError`]: why there is no image. Facts in the fields, the cause in `source()`, what to
//! do in [`BuildError::fix`].

use std::io;
use std::path::PathBuf;

use packwright_gateway::{Problem, ProblemKind};
use packwright_oci::{ArchiveError, DiffId, LayerError, RelPath, TransferError};
use packwright_planner::{Diagnostic, Origin, ProcessName, SecretName, StepName};
use packwright_sandbox::Outcome;
use packwright_store::StoreError;

use crate::redacted::RedactedError;

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No address of a Debian archive was given.
    #[error("it is not known where Debian packages come from")]
    NoMirror,
    /// The suite or mirror cannot be used.
    #[error(transparent)]
    Archive(#[from] packwright_debian::archive::SuiteError),
    /// A signed index is not what it should be.
    #[error(transparent)]
    Release(#[from] packwright_debian::release::ReleaseError),
    /// A package index is not what it should be.
    #[error(transparent)]
    Packages(#[from] packwright_debian::packages::PackagesError),
    /// Package indexes do not go together.
    #[error(transparent)]
    Index(#[from] packwright_debian::index::IndexError),
    /// No set of packages answers the requests.
    #[error(transparent)]
    Solve(#[from] packwright_debian::solve::SolveError),
    /// No set of packages answers the requests, and this is who makes them.
    #[error("{error} ({})", requested.join("; "))]
    Unsolvable {
        /// What contradicts.
        error: packwright_debian::solve::SolveError,
        /// Each request that takes part, with what the plan says it is for.
        requested: Vec<String>,
    },
    /// A package file is not what it should be.
    #[error(transparent)]
    Deb(#[from] packwright_debian::deb::DebError),
    /// The packages do not make a root file system.
    #[error(transparent)]
    Root(#[from] packwright_debian::root::RootError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] packwright_store::StoreError),
    /// The source files could not be taken in.
    #[error(transparent)]
    Ingest(#[from] packwright_store::IngestError),
    /// What a step left behind cannot be taken in.
    #[error(transparent)]
    Capture(#[from] packwright_store::CaptureError),
    /// A download failed.
    #[error(transparent)]
    Remote(#[from] packwright_remote::RemoteError),
    /// An address is not one.
    #[error(transparent)]
    Address(#[from] packwright_remote::UrlError),
    /// A sandbox could not be set up.
    #[error(transparent)]
    Sandbox(#[from] packwright_sandbox::SandboxError),
    /// There is no gateway by which steps reach the network.
    #[error(transparent)]
    Gateway(#[from] packwright_gateway::GatewayError),
    /// A layer could not be written.
    #[error(transparent)]
    Layer(#[from] packwright_oci::LayerError),
    /// An image document is not valid.
    #[error(transparent)]
    Image(#[from] packwright_oci::ImageError),
    /// An image layout could not be written or read.
    #[error(transparent)]
    Layout(#[from] packwright_oci::LayoutError),
    /// An image archive could not be written.
    #[error(transparent)]
    ImageArchive(#[from] packwright_oci::ArchiveError),
    /// A source or a sink of images that another crate brings failed.
    #[error(transparent)]
    Transfer(Box<dyn std::error::Error + Send + Sync>),
    /// A tree would not be one.
    #[error(transparent)]
    Tree(#[from] packwright_oci::TreeError),
    /// A path of the plan is not one.
    #[error(transparent)]
    Path(#[from] packwright_oci::PathError),
    /// A pattern of the plan is not one.
    #[error(transparent)]
    Selection(#[from] packwright_planner::SelectionError),
    /// The lock names rules that this version does not know.
    #[error(transparent)]
    Profile(#[from] packwright_oci::UnknownProfile),
    /// The disk failed.
    #[error("cannot use `{path}`")]
    Disk {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The destination is a directory with other content.
    #[error("`{path}` is there and is no image layout")]
    NotALayout {
        /// The directory.
        path: PathBuf,
    },
    /// An image cannot be read from there.
    #[error("images are not read from docker archives, such as `{path}`")]
    NotReadable {
        /// The archive.
        path: PathBuf,
    },
    /// A layer is not the one that the image's configuration names.
    #[error("a layer has the diff id {found}, the image says {expected}")]
    LayerDiffers {
        /// What the configuration says.
        expected: DiffId,
        /// What was found.
        found: DiffId,
    },
    /// A step names a step that is not in the plan.
    #[error("the plan has no step `{step}`")]
    UnknownStep {
        /// The name.
        step: StepName,
    },
    /// A step needs, through others, what it leaves behind itself.
    #[error("the step `{step}` needs its own result")]
    StepsInCircle {
        /// The step.
        step: StepName,
    },
    /// A step must run and no way of isolation works.
    #[error("the step `{step}` has to run, and this machine offers no way to isolate it")]
    NoIsolation {
        /// The step.
        step: StepName,
    },
    /// A process was to be started and no way of isolation works.
    #[error("this machine offers no way to run the image in isolation")]
    NoIsolationToRun,
    /// A command of a step failed.
    #[error("the step `{}` failed: `{}` {}", .0.step, .0.command, .0.outcome)]
    StepFailed(Box<StepFailure>),
    /// A step, all of whose downloads have to be known, ended well although one of them broke off: some of its bytes entered.
    #[error(
        "a download of the step `{step}` was cut off, and what entered of it cannot be compared with the lock"
    )]
    DownloadCutOff {
        /// Its name.
        step: StepName,
        /// What the gateway refused, and what it could not get; sorted.
        network: Vec<Problem>,
    },
    /// In a locked build, a step asked for something that the lock does not list, or a server sent other bytes.
    #[error("the step `{step}` fetched what is not in the lock")]
    NotInLock {
        /// The step.
        step: StepName,
        /// What the gateway refused, and what it could not get; sorted.
        network: Vec<Problem>,
    },
    /// A step did not leave what it declares.
    #[error("the step `{step}` left nothing at `/{path}`")]
    OutputMissing {
        /// The step.
        step: StepName,
        /// The declared output.
        path: RelPath,
    },
    /// A symbolic link lies where an output should be, or above it.
    #[error("the step `{step}` left no `/{path}`: `/{link}` is a symbolic link")]
    OutputBehindLink {
        /// The step.
        step: StepName,
        /// The declared output.
        path: RelPath,
        /// The link.
        link: RelPath,
    },
    /// An output is neither a file nor a directory.
    #[error("the step `{step}` left at `/{path}` what is neither file nor directory")]
    OutputSpecial {
        /// The step.
        step: StepName,
        /// The declared output.
        path: RelPath,
    },
    /// The answer of a step that resolves is not text.
    #[error("the step `{step}` answered with `/{path}`, which is not text")]
    AnswerNotText {
        /// The step.
        step: StepName,
        /// The file.
        path: RelPath,
    },
    /// The step that was to answer the plan's question left no answer.
    #[error("the step `{step}` was to answer with `/{path}`, and left no such file")]
    QuestionOpen {
        /// The step.
        step: StepName,
        /// The file.
        path: RelPath,
    },
    /// A step needs a secret that was not given.
    #[error("the step `{step}` needs the secret `{secret}`")]
    SecretMissing {
        /// The secret.
        secret: SecretName,
        /// The step.
        step: StepName,
    },
    /// A secret was found in what a step left behind.
    #[error("the step `{step}` left the secret `{secret}` in `{path}`")]
    SecretFound {
        /// The secret.
        secret: SecretName,
        /// The step.
        step: StepName,
        /// The file, from the root, secrets in its name redacted.
        path: String,
    },
    /// Something that a step left is wrong, and the words that say so held a secret.
    #[error(transparent)]
    Redacted(#[from] RedactedError),
    /// A version is asked for by a package that is not among the packages.
    #[error("the plan takes a version from the package `{package}` and does not ask for that package")]
    VersionWithoutPackage {
        /// The package.
        package: String,
    },
    /// The plan's directory is not in the source.
    #[error("the plan is for the directory `{root}`, and the source has none")]
    RootMissing {
        /// The directory.
        root: RelPath,
    },
    /// The archive has another minor version.
    #[error("{tool} {wanted} was asked for ({origin}), the archive has {delivered}")]
    VersionNotDelivered {
        /// The language or tool.
        tool: String,
        /// What was asked for.
        wanted: String,
        /// Who asked.
        origin: Origin,
        /// What there is.
        delivered: String,
    },
    /// Something that is a warning otherwise.
    #[error("{}", .problem.message)]
    Strict {
        /// The warning.
        problem: Box<Diagnostic>,
    },
    /// The lock answers other requests.
    #[error("the lock file does not fit the plan: what it was made for has changed")]
    LockOutdated,
    /// The lock is for another machine.
    #[error("the lock file is for {locked}, this machine is {machine}")]
    LockArchitecture {
        /// The lock's architecture.
        locked: String,
        /// The machine's.
        machine: &'static str,
    },
    /// The image has no such process.
    #[error("the image has no process `{process}`")]
    NoSuchProcess {
        /// The name.
        process: ProcessName,
        /// The processes that it has.
        known: Vec<String>,
    },
    /// The closing check found that the image is not whole.
    #[error("the image is not whole: {}", .findings.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; "))]
    NotWhole {
        /// All that is missing; at least one, errors all.
        findings: Vec<Diagnostic>,
    },
    /// The archive's index of files cannot be used.
    #[error(transparent)]
    Contents(#[from] packwright_debian::contents::ContentsError),
    /// A file of the image cannot be looked at.
    #[error(transparent)]
    Unreadable(packwright_verify::Unreadable),
    /// The image says nothing about what to start.
    #[error("the image names no default process")]
    NothingToStart,
    /// The caller ended the build.
    #[error("stopped")]
    Cancelled,
}

/// What a source or a sink met; an error of this crate's own ones comes out as it went in.
impl From<TransferError> for BuildError {
    fn from(error: TransferError) -> BuildError {
        match error {
            TransferError::Layout(error) => BuildError::Layout(error),
            TransferError::Archive(error) => BuildError::ImageArchive(error),
            TransferError::Other(error) => match error.downcast::<BuildError>() {
                Ok(error) => *error,
                Err(error) => BuildError::Transfer(error),
            },
            other => BuildError::Transfer(Box::new(other)),
        }
    }
}

impl BuildError {
    /// This error on its way through a port.
    pub(crate) fn in_transfer(self) -> TransferError {
        match self {
            BuildError::Layout(error) => TransferError::Layout(error),
            error => TransferError::Other(Box::new(error)),
        }
    }
}

/// How a command of a step failed.
#[derive(Debug, Clone)]
pub struct StepFailure {
    /// The step.
    pub step: StepName,
    /// The command.
    pub command: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Its last lines, secrets redacted.
    pub tail: Vec<String>,
    /// What the step says people can do.
    pub hint: Option<String>,
    /// The line that tells that the network or a server failed, and not the step itself.
    pub transient: Option<String>,
    /// Whether its output says that a disk is full, or the disk on which its files are is.
    pub disk_full: bool,
    /// What the gateway refused to the step, and what it could not get for it; sorted.
    pub network: Vec<Problem>,
}

impl StepFailure {
    /// What to do about what was not reached, and what the step says people can do if `hint` says so or there is
    /// nothing else.
    fn network_fix(&self, hint: bool) -> Option<String> {
        let mut fixes = fixes_of_unreached(&self.network);
        let hint = self.hint.as_deref().filter(|_| hint || fixes.is_empty());
        fixes.extend(hint);
        (!fixes.is_empty()).then(|| fixes.join("; "))
    }

    /// Whether the gateway refused something, which it would refuse again.
    pub fn is_refused(&self) -> bool {
        self.network.iter().any(|problem| problem.kind == ProblemKind::Refused)
    }
}

/// What to do about what the gateway did not let through, each once.
fn fixes_of_unreached(problems: &[Problem]) -> Vec<&str> {
    let mut fixes: Vec<&str> = Vec::new();
    let unreached = problems.iter().filter(|problem| problem.kind != ProblemKind::Failed);
    for fix in unreached.filter_map(|problem| problem.fix.as_deref()) {
        if !fixes.contains(&fix) {
            fixes.push(fix);
        }
    }
    fixes
}

/// What to do about a command that came to one of its limits.
fn limit_fix(outcome: Outcome) -> Option<String> {
    let flag = match outcome {
        Outcome::TimedOut { .. } => "--timeout",
        Outcome::MemoryExceeded { .. } => "--memory",
        Outcome::ProcessesExceeded { .. } => "--max-processes",
        Outcome::OutputExceeded { .. } => "--max-output",
        Outcome::DiskExceeded { .. } => "--max-disk",
        Outcome::FilesExceeded { .. } => "--max-files",
        Outcome::Exited(_) | Outcome::Signaled(_) | Outcome::Cancelled => return None,
    };
    let removed = match outcome {
        Outcome::DiskExceeded { .. } | Outcome::FilesExceeded { .. } => {
            "; what it wrote is removed, with the caches that it used"
        }
        _ => "",
    };
    Some(format!("let the step need less, or raise its limit with `{flag}`{removed}"))
}

impl BuildError {
    /// What to do about it, if there is something.
    pub fn fix(&self) -> Option<String> {
        let own = |text: &str| Some(text.to_owned());
        match self {
            BuildError::NoMirror => own(
                "name a mirror with `--mirror URL`, in PACKWRIGHT_DEBIAN_MIRROR, or in the host's apt sources",
            ),
            BuildError::Archive(error) => Some(error.fix()),
            BuildError::Release(error) => Some(error.fix()),
            BuildError::Packages(error) => Some(error.fix()),
            BuildError::Index(error) => Some(error.fix()),
            BuildError::Solve(error) | BuildError::Unsolvable { error, .. } => Some(error.fix()),
            BuildError::Deb(error) => Some(error.fix()),
            BuildError::Root(error) => Some(error.fix()),
            BuildError::Store(error) => error.fix(),
            BuildError::Ingest(error) => error.fix(),
            BuildError::Capture(error) => error.fix(),
            BuildError::Remote(error) => error.fix(),
            BuildError::Sandbox(error) => error.fix(),
            BuildError::Gateway(error) => error.fix(),
            BuildError::Layer(error) => error.fix(),
            BuildError::Image(error) => error.fix(),
            BuildError::Layout(error) => error.fix(),
            BuildError::ImageArchive(error) => error.fix(),
            BuildError::Profile(error) => error.fix(),
            BuildError::NotReadable { .. } => own("name it as `oci:DIR[:TAG]` or `oci-archive:FILE[:TAG]`"),
            BuildError::NotALayout { .. } => own("name an empty or new directory"),
            BuildError::NoIsolation { .. } | BuildError::NoIsolationToRun => {
                own("`packwright doctor` says what stands in the way and how to change it")
            }
            BuildError::DownloadCutOff { .. } => {
                own("try again later; if the server stays so, ask another one for the file")
            }
            BuildError::NotInLock { network, .. } => {
                let fixes = fixes_of_unreached(network);
                (!fixes.is_empty()).then(|| fixes.join("; "))
            }
            BuildError::StepFailed(failure) if failure.is_refused() => failure.network_fix(false),
            BuildError::StepFailed(failure) if limit_fix(failure.outcome).is_some() => {
                limit_fix(failure.outcome)
            }
            BuildError::StepFailed(failure) if failure.disk_full => own(
                "the disk is full: free some space, with `packwright cache prune` for example, or put the store on another \
                 disk with `--store`",
            ),
            BuildError::StepFailed(failure) if failure.transient.is_some() => {
                let general = "a server that the step needs could not be reached: check network, proxy and index settings";
                Some(match &failure.hint {
                    Some(hint) => format!("{general}; {hint}"),
                    None => general.to_owned(),
                })
            }
            BuildError::StepFailed(failure) => failure.network_fix(true),
            BuildError::StepsInCircle { .. } => own("let each step of the plan use earlier steps only"),
            BuildError::OutputBehindLink { .. } => {
                own("declare the path that the link leads to as the output, or let the step make a directory")
            }
            BuildError::SecretMissing { secret, .. } => {
                Some(format!("give it with `--secret {secret}=FILE`"))
            }
            BuildError::Redacted(error) => error.fix(),
            BuildError::SecretFound { .. } => {
                own("keep the command from writing it; nothing of this step was kept")
            }
            BuildError::VersionNotDelivered { delivered, .. } => Some(format!("ask for {delivered}")),
            BuildError::Strict { problem } => problem.fix.clone(),
            BuildError::NotWhole { findings } => findings.iter().find_map(|finding| finding.fix.clone()),
            BuildError::LockOutdated => own("make it anew with `packwright lock` and look at the difference"),
            BuildError::LockArchitecture { .. } => own("make a lock on a machine of this kind"),
            BuildError::NoSuchProcess { known, .. } => Some(format!("it has {}", known.join(", "))),
            BuildError::NothingToStart => own("name a process with `--process NAME`"),
            _ => None,
        }
    }

    /// Whether a step wrote more to disk than it may.
    pub(crate) fn is_too_much_on_disk(&self) -> bool {
        match self {
            BuildError::StepFailed(failure) => {
                matches!(failure.outcome, Outcome::DiskExceeded { .. } | Outcome::FilesExceeded { .. })
            }
            _ => false,
        }
    }

    /// Whether something in the store turned out damaged or gone; it has been removed, so that
    /// another try makes it anew.
    pub fn is_damage(&self) -> bool {
        match self {
            BuildError::Store(error) => {
                matches!(error, StoreError::Corrupted { .. } | StoreError::Missing { .. })
            }
            BuildError::Layer(error) => {
                matches!(error, LayerError::ContentCorrupted { .. } | LayerError::ContentUnreadable { .. })
            }
            // Layers are read out of the store while an archive is written.
            BuildError::Deb(_)
            | BuildError::ImageArchive(ArchiveError::Blob { .. } | ArchiveError::Corrupted { .. }) => true,
            _ => false,
        }
    }

    /// Whether the same build may succeed at another time.
    pub fn is_transient(&self) -> bool {
        match self {
            BuildError::Remote(error) => error.is_transient(),
            BuildError::StepFailed(failure) => failure.transient.is_some(),
            BuildError::DownloadCutOff { .. } => true,
            _ => false,
        }
    }
}
