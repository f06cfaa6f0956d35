//! [`Error`]: why there is no plan, no lock or no image. Facts in the fields, the cause in
//! `source()`, what to do in [`Error::fix`].

use std::io;
use std::path::PathBuf;

use packwright_engine::oci::RelPath;
use packwright_engine::planner::{Diagnostic, LockError, PlanError};
use packwright_engine::remote::RemoteError;
use packwright_engine::sandbox::{Isolation, ProbeError, SandboxError};
use packwright_engine::store::{IngestError, ScanError, StoreError};
use packwright_engine::{BuildError, SecretTooShort};

/// Why there is no plan, no lock or no image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no plan for the source.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The catalog has no platform of that name.
    #[error("there is no platform `{name}`")]
    UnknownPlatform {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
    /// The source's directory cannot be read.
    #[error("cannot read the directory `{}`", .path.display())]
    SourceUnreadable {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The source holds files that no image can have.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The store is inside the source's directory: it would become part of the application.
    #[error("the store `{store}` is in the directory of the application")]
    StoreInSource {
        /// The store, from the source's directory.
        store: RelPath,
    },
    /// The source changed while its image was delivered.
    #[error("the source changed while its image was delivered")]
    SourceChanged,
    /// There is no lock file, and the caller demands one.
    #[error("there is no lock `{}`", .path.display())]
    LockMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The lock file cannot be read.
    #[error("`{}` cannot be read", .path.display())]
    LockUnreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The lock file is none.
    #[error("`{}` cannot be read as a lock", .path.display())]
    LockInvalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: LockError,
    },
    /// The isolation that the caller demands does not work on this machine.
    #[error("this machine does not offer `{isolation}`")]
    IsolationRefused {
        /// The isolation.
        isolation: Isolation,
        /// What stands in the way.
        source: ProbeError,
    },
    /// Something has to run, and no isolation works on this machine.
    #[error("{error}")]
    NoIsolation {
        /// What has to run.
        error: Box<BuildError>,
        /// What was tried, each with what stands in the way.
        obstacles: Vec<String>,
    },
    /// The image could not be built or delivered.
    #[error(transparent)]
    Build(BuildError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret is too short to be searched for.
    #[error(transparent)]
    Secret(#[from] SecretTooShort),
    /// There is no way to the network.
    #[error(transparent)]
    Network(#[from] RemoteError),
    /// A build cannot be made stoppable.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Images for this machine's processor are not supported.
    #[error("machines of the kind `{name}` are not supported")]
    Architecture {
        /// What Rust calls it.
        name: &'static str,
    },
    /// The caller cancelled the build.
    #[error("the build was cancelled")]
    Cancelled,
    /// The build took longer than the caller allows.
    #[error("the build did not end before its deadline")]
    DeadlineExceeded,
}

impl Error {
    /// What to do about it, if there is something.
    pub fn fix(&self) -> Option<String> {
        let own = |text: &str| Some(text.to_owned());
        match self {
            Error::Plan(error) => error.problems().first().and_then(|problem| problem.fix.clone()),
            Error::UnknownPlatform { known, .. } => Some(format!("name one of {}", known.join(", "))),
            Error::SourceUnreadable { .. } => own("check the path and its permissions"),
            Error::Scan(error) => error.fix(),
            Error::StoreInSource { .. } => own("open the store in a directory outside"),
            Error::SourceChanged => own("build again"),
            Error::LockMissing { .. } => own("make it with `packwright lock`, which writes packwright.lock"),
            Error::LockUnreadable { .. } => None,
            Error::LockInvalid { .. } => {
                own("make it anew with `packwright lock` and look at the difference")
            }
            Error::IsolationRefused { source, .. } => source.fix(),
            Error::NoIsolation { error, .. } => error.fix(),
            Error::Build(error) => error.fix(),
            Error::Store(error) => error.fix(),
            Error::Secret(_) => {
                own("a value this short would be found everywhere by chance; use a longer one")
            }
            Error::Network(error) => error.fix(),
            Error::Sandbox(error) => error.fix(),
            Error::Architecture { .. } => own("build on x86_64 or aarch64"),
            Error::Cancelled => None,
            Error::DeadlineExceeded => own("allow more time; what is done already is in the store"),
        }
    }

    /// Whether the same call may succeed at another time: a server did not answer, for example.
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Build(error) => error.is_transient(),
            Error::Store(error) => error.is_transient(),
            Error::Network(error) => error.is_transient(),
            Error::DeadlineExceeded => true,
            _ => false,
        }
    }

    /// Whether a file of the source is no longer as it was when the source was listed. A plan that was made before
    /// is not for the files that are there now: list and plan them anew, see
    /// [`Source::rescan`](crate::Source::rescan).
    pub fn is_source_changed(&self) -> bool {
        let Error::Build(BuildError::Ingest(error)) = self else { return false };
        matches!(error, IngestError::Changed { .. } | IngestError::Inconsistent(_))
    }

    /// The problems of a source that cannot be planned, or of an image that is not whole, all of them; none for other
    /// errors.
    pub fn problems(&self) -> Vec<Diagnostic> {
        match self {
            Error::Plan(error) => error.problems(),
            Error::Build(BuildError::NotWhole { findings }) => findings.clone(),
            _ => Vec::new(),
        }
    }
}
