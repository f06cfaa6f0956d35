//! From a source tree to a build plan, without effects.
//!
//! ```text
//! SourceTree ─detect─▶ Claim… ─propose─▶ Proposal… ─compose─▶ Plan ─(engine pins)─▶ Lock
//! ```
//!
//! 1. Readers of platform files turn a [`SourceTree`] into [`Declarations`], one for each file, and
//!    [`decide()`] merges them into one [`AppModel`].
//! 2. [`plan()`] finds the directory of the application: the caller names it, or it is the only one that
//!    holds an application.
//! 3. Each [`Buildpack`] is asked how strongly it claims that directory ([`Buildpack::detect`]). The
//!    strongest claim makes the owner of the application; the other buildpacks may help it or serve its
//!    files ([`Role`]).
//! 4. Each buildpack that takes part returns a [`Proposal`]: versions, packages, steps, processes.
//! 5. The proposals become one [`Plan`]. Each value in it has an [`Origin`]. The caller's options come
//!    before platform files, those before what was detected, and hints come last; a value that lost
//!    stays in the plan as [`Overridden`].
//!
//! The engine pins the plan's open requests in a [`Lock`] and runs its [`Step`]s. Every function here is
//! a function over values: it opens no file, reads no clock and no environment. The crate knows no
//! language and no platform by name; buildpacks and platform readers bring those as values.
//!
//! ```
//! use packwright_planner::{
//!     AppModel, Buildpack, Claim, Command, Diagnostic, Language, MemoryTree, Origin, PlanContext, PlanOptions,
//!     Process, Proposal, Requested, find, plan,
//! };
//!
//! /// Scripts called `main.toy`, which `toy` runs.
//! struct Toy;
//!
//! const TOY: Language = Language::new("toy", "Toy").manifests(&["main.toy"]);
//!
//! impl Buildpack for Toy {
//!     fn language(&self) -> &Language {
//!         &TOY
//!     }
//!
//!     fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
//!         let file = find(context.tree, "main.toy")?;
//!         Some(Requested { value: Claim::Program, origin: Origin::file(&file.path) })
//!     }
//!
//!     fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
//!         let Some(file) = find(context.tree, "main.toy") else { return Ok(None) };
//!         let web = Process::web(Command::shell("toy main.toy"), Origin::file(&file.path));
//!         Ok(Some(Proposal { processes: vec![web], ..Proposal::new() }))
//!     }
//! }
//!
//! let tree = MemoryTree::parse("//- /main.toy\nserve\n");
//! let no_platform_files = |_: &dyn packwright_planner::SourceTree| AppModel::default();
//! let plan = plan(&tree, &[&Toy], &no_platform_files, &PlanOptions::default())?;
//! assert_eq!(plan.buildpacks, ["toy"]);
//! assert_eq!(plan.processes[0].command.to_string(), "toy main.toy");
//! assert_eq!(plan.processes[0].origin.to_string(), "main.toy");
//! # Ok::<(), packwright_planner::PlanError>(())
//! ```

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
mod question;
mod selection;
mod setting;
mod source;
mod step;
mod tool_version;

pub use buildpack::{Buildpack, Claim, CommandKind, PlanContext, Role, Target};
pub use cached_tree::CachedTree;
pub use command::{Command, is_shell};
pub use compose::{BASE_PROGRAMS, BUILTINS, DEFAULT_SUITE, FOR_DEVELOPERS, has_program, is_beside, plan};
pub use decision::{Decision, Overridden};
pub use diagnostic::{Diagnostic, Severity};
pub use ignoring::{IgnoreFile, Ignoring};
pub use language::Language;
pub use layer_kind::LayerKind;
pub use lock::{
    AddedPackage, AskedBy, LOCK_FORMAT, Lock, LockError, LockedDownload, LockedPackage, LockedRelease,
};
pub use model::{
    AppModel, BackingService, BuildWork, ChosenPlatform, Component, Customs, Declarations, DeclaredBuild,
    DeclaredProcess, Exposed, FileWeight, Health, MODEL_FORMAT, Moment, Overlay, PackageSystem, Phase,
    PlatformFiles, Port, Probe, ProcessKind, Scale, Scoped, ServiceKind, ServiceReference, StaticMount, Stop,
    Strategy, SystemPackage, Task, Variable, VariableValue, VersionRequest, Volume, decide, is_secret_name,
    is_secret_value,
};
pub use name::{NameError, ProcessName, SecretName, StepName};
pub use options::{PlanOptions, PublicVariable};
pub use origin::{Origin, Requested};
pub use package::{Package, Scope};
pub use packwright_oci::{Digest, PathError, RelPath};
pub use plan::{Base, PLAN_FORMAT, Plan};
pub use plan_error::PlanError;
pub use process::Process;
pub use proposal::{BuildRunner, Fallback, NeededFiles, Proposal, StaticSite};
pub use question::Question;
pub use selection::{Selection, SelectionError};
pub use setting::Setting;
pub use source::{
    FileKind, LARGEST_TEXT, MemoryTree, SourceError, SourceFile, SourceTree, Subtree, find, has, text,
};
pub use step::{Cache, Credential, Input, Network, Output, Step};
pub use tool_version::{Delivered, ToolVersion};

/// The JSON Schema of the plan format, emitted from the types.
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}
