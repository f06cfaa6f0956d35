//! Packwright: from a source tree to a reproducible OCI image, as a library.

mod build;
mod builder;
mod cancel;
mod catalog;
mod error;
mod isolation;
mod job;
mod lockfile;
pub mod nixpacks;
mod options;
mod progress;
mod settings;
mod source;
mod unsupported;

pub use build::Build;
pub use builder::Builder;
pub use cancel::CancelToken;
pub use catalog::{Catalog, languages, platforms};
pub use error::Error;
pub use options::{BuildOptions, LockUse};
pub use progress::{BuildId, FetchProgress, StepPosition, Update};
pub use source::{LOCK_FILE, Source};

pub use packwright_engine::{
    Architecture, BuildError, Built, Destination, DestinationError, Difference, Event, HostFiles,
    ImageOptions, LABEL, Label, LayerReport, MAX_AGE, Opened, STEP_RETRY, Secret, SecretTooShort, Start,
    StepFailure, Strictness, label,
};

pub use packwright_engine::{debian, oci, planner, remote, sandbox, store};
pub use packwright_platforms as platforms;
