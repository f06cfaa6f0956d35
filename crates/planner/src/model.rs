//! [`AppModel`]: what platform files declare about an application, whichever platform they are for. Readers in
//! the `platforms` crate make one [`Declarations`] for each file; [`decide()`] merges them into one model and
//! records which values were overridden.
//!
//! Everything is declared and nothing resolved: a password that a platform makes up, a port that
//! it chooses and an address that it will know are kinds of values here.

mod app_model;
mod checked;
mod completed;
mod component;
mod decide;
mod declarations;
mod exposed;
mod process;
mod secret;
mod service;
mod variable;

pub use app_model::{AppModel, MODEL_FORMAT, PlatformFiles};
pub use component::{
    BuildWork, Component, Customs, DeclaredBuild, PackageSystem, Phase, Strategy, SystemPackage, Task,
    VersionRequest,
};
pub use decide::{ChosenPlatform, decide};
pub use declarations::{Declarations, FileWeight, Overlay};
pub use exposed::Exposed;
pub use process::{DeclaredProcess, Health, Moment, Port, Probe, ProcessKind, Scale, Stop};
pub(crate) use secret::{Blotted, blotted};
pub use secret::{is_secret_name, is_secret_value};
pub use service::{BackingService, ServiceKind, ServiceReference, StaticMount, Volume};
pub use variable::{Scoped, Variable, VariableValue};
