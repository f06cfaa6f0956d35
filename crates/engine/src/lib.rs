//! Packwright: from a source tree to a reproducible OCI image.
//!
//! ```text
//! SourceTree ──plan──▶ Plan ──pin──▶ Lock ──build──▶ Built ──deliver──▶ layout · archive
//! ```
//!
//! [`plan`] is a pure function. The others get all they may use as a [`BuildContext`]: a store on
//! disk, a way to the network, a way of isolation, the time. What happens on the way
//! comes as [`Event`]s; a [`Cancellation`] ends it. This crate prints nothing, reads no environment, looks for
//! nothing on its own, and knows no language and no platform: buildpacks and platform files are
//! given to it as values.

mod added;
mod app_user;
mod archive;
mod build;
mod cancellation;
mod closing_check;
mod compare;
mod contents_index;
mod context;
mod credentials;
mod deliver;
mod destination;
mod downloading;
mod downloads;
mod entered;
mod error;
mod event;
mod fetch;
mod fingerprint;
mod full_disk;
mod graph;
mod growth;
mod hosts;
mod key;
mod label;
mod lacking;
mod layers;
mod layout_dir;
mod library_archive;
mod lines;
mod namespace;
mod netrc;
mod network;
mod open;
mod packages;
mod pin;
mod process;
mod question;
mod redacted;
mod regular_file;
mod results;
mod retry;
mod secret;
mod settings;
mod shared_cache;
mod snapshot;
mod start;
mod step;
mod step_dir;
mod step_sandbox;
mod steps;
mod stored_files;
mod tasks;
mod whole_file;

pub use app_user::APP_USER;
pub use build::{Built, ImageOptions, build, build_adding};
pub use cancellation::Cancellation;
pub use closing_check::verify;
pub use compare::{Difference, compare};
pub use context::{Architecture, BuildContext, HostFiles, MAX_AGE, STEP_LIMITS, STEP_RETRY, best_isolation};
pub use deliver::{deliver, deliver_to};
pub use destination::{Destination, DestinationError};
pub use downloading::Downloading;
pub use downloads::StoreDownloads;
pub use error::{BuildError, StepFailure};
pub use event::{Event, LayerReport};
pub use label::{LABEL, Label, LabelledPackage, LabelledProcess, LabelledVersion, label};
pub use layout_dir::LayoutDir;
pub use network::StepNetwork;
pub use open::{OpenedImage, open_from, open_image};
pub use pin::{Strictness, check_lock, pin};
pub use question::ask;
pub use redacted::RedactedError;
pub use regular_file::{FinalLink, read_regular};
pub use secret::{Secret, SecretTooShort};
pub use shared_cache::SharedCache;
pub use snapshot::{snapshot, snapshot_dir};
pub use start::{StartOptions, start};

pub use packwright_debian as debian;
pub use packwright_gateway as gateway;
pub use packwright_oci as oci;
pub use packwright_planner as planner;
pub use packwright_remote as remote;
pub use packwright_sandbox as sandbox;
pub use packwright_store as store;

pub use packwright_planner::plan;
