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
mod command;
mod compose;
mod diagnostic;
mod ignoring;
mod language;
mod lock;
mod model;
mod name;
mod options;
mod origin;
mod plan;
mod proposal;
mod selection;
mod source;
mod step;

pub use buildpack::{Buildpack, Claim, CommandKind, PlanContext, Role, Target};
pub use command::Command;
pub use compose::{PlanError, is_beside, plan};
pub use diagnostic::{Diagnostic, Severity};
pub use ignoring::{IgnoreFile, Ignoring};
pub use language::Language;
pub use lock::{LOCK_FORMAT, Lock, LockError, LockedPackage, LockedRelease};
pub use model::{
    AppModel, BackingService, BuildWork, Chosen, Component, Customs, Declarations, DeclaredBuild,
    DeclaredProcess, Exposed, Health, MODEL_FORMAT, Moment, Overlay, PackageSystem, Phase, PlatformFiles,
    Port, Probe, ProcessKind, Scale, Scoped, ServiceKind, ServiceReference, StaticMount, Stop, Strategy,
    SystemPackage, Task, Variable, VariableValue, VersionRequest, Volume, Weight, decide, is_secret_name,
    is_secret_value,
};
pub use name::{NameError, ProcessName, SecretName, StepName};
pub use options::PlanOptions;
pub use origin::{Origin, Requested};
pub use packwright_oci::{Digest, PathError, RelPath};
pub use plan::{
    Base, Delivered, LayerKind, PLAN_FORMAT, Package, Plan, Process, Scope, Setting, ToolVersion,
};
pub use proposal::{Decision, Fallback, Overridden, Proposal, StaticSite};
pub use selection::{Selection, SelectionError};
pub use source::{
    CachedTree, FileKind, MemoryTree, SourceError, SourceFile, SourceTree, Subtree, find, has, text,
};
pub use step::{Cache, Input, Network, Output, Sharing, Step};

/// The JSON Schema of the plan format, emitted from the types.
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}
