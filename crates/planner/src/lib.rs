//! From a source tree to a build plan, without effects.
//!
//! ```text
//! SourceTree ─detect─▶ Claim… ─propose─▶ Proposal… ─compose─▶ Plan ─(engine pins)─▶ Lock
//! ```
//!
//! Everything here is a function over values: no file is opened, no clock read, no environment
//! asked. The crate knows no language and no platform by name; buildpacks and platform readers
//! bring those as values.

mod buildpack;
mod cached_tree;
mod command;
mod compose;
mod decision;
mod diagnostic;
mod ignoring;
mod language;
mod layer_kind;
mod lock;
mod model;
mod name;
mod options;
mod origin;
mod package;
mod plan;
mod plan_error;
mod process;
mod proposal;
mod selection;
mod setting;
mod source;
mod step;
mod tool_version;

pub use buildpack::{Buildpack, Claim, CommandKind, PlanContext, Role, Target};
pub use cached_tree::CachedTree;
pub use command::Command;
pub use compose::{is_beside, plan};
pub use decision::{Decision, Overridden};
pub use diagnostic::{Diagnostic, Severity};
pub use ignoring::{IgnoreFile, Ignoring};
pub use language::Language;
pub use layer_kind::LayerKind;
pub use lock::{LOCK_FORMAT, Lock, LockError, LockedPackage, LockedRelease};
pub use model::{
    AppModel, BackingService, BuildWork, ChosenPlatform, Component, Customs, Declarations, DeclaredBuild,
    DeclaredProcess, Exposed, FileWeight, Health, MODEL_FORMAT, Moment, Overlay, PackageSystem, Phase,
    PlatformFiles, Port, Probe, ProcessKind, Scale, Scoped, ServiceKind, ServiceReference, StaticMount, Stop,
    Strategy, SystemPackage, Task, Variable, VariableValue, VersionRequest, Volume, decide, is_secret_name,
    is_secret_value,
};
pub use name::{NameError, ProcessName, SecretName, StepName};
pub use options::PlanOptions;
pub use origin::{Origin, Requested};
pub use package::{Package, Scope};
pub use packwright_oci::{Digest, PathError, RelPath};
pub use plan::{Base, PLAN_FORMAT, Plan};
pub use plan_error::PlanError;
pub use process::Process;
pub use proposal::{Fallback, Proposal, StaticSite};
pub use selection::{Selection, SelectionError};
pub use setting::Setting;
pub use source::{FileKind, MemoryTree, SourceError, SourceFile, SourceTree, Subtree, find, has, text};
pub use step::{Cache, Input, Network, Output, Sharing, Step};
pub use tool_version::{Delivered, ToolVersion};

/// The JSON Schema of the plan format, emitted from the types.
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}
