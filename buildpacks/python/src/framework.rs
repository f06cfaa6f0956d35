//! What kind of application it is, and how its processes start.

pub(crate) mod django;
mod objects;
mod script;
mod server;

use packwright_planner::{Decision, Diagnostic, LayerKind, PlanOptions, Process, RelPath, SourceTree};

use crate::dependencies::Dependencies;

pub(crate) use objects::{FRAMEWORKS, Framework};
pub(crate) use script::MAIN_FILES;

/// What the files say about the application.
#[derive(Debug, Default)]
pub(crate) struct Application {
    /// How it starts.
    pub(crate) processes: Vec<Process>,
    /// Why it has no process, when there is none.
    pub(crate) process_missing: Option<Diagnostic>,
    /// A server that must be installed besides the requirements.
    pub(crate) added_server: Option<&'static str>,
    /// Directories below `/app` that must be on Python's path.
    pub(crate) import_roots: Vec<RelPath>,
    /// Static files to collect.
    pub(crate) static_files: Option<StaticFiles>,
    /// What was decided.
    pub(crate) decisions: Vec<Decision>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A run of Django's `collectstatic`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StaticFiles {
    /// `manage.py`, from the root of the tree.
    pub(crate) manage: RelPath,
    /// The settings module.
    pub(crate) settings: String,
    /// Where the files go, from the root of the image; `None` when the settings compute it.
    pub(crate) into: Option<RelPath>,
    /// Variables that get a dummy, because the settings take a secret key from them.
    pub(crate) secret_keys: Vec<String>,
    /// The layer of what it makes.
    pub(crate) layer: LayerKind,
}

/// Looks at the files, Django first: its `manage.py` leaves no doubt.
pub(crate) fn recognise(
    tree: &dyn SourceTree,
    options: &PlanOptions,
    dependencies: &Dependencies,
) -> Application {
    if let Some(application) = django::recognise(tree, options, dependencies) {
        return application;
    }
    objects::recognise(tree, dependencies).unwrap_or_else(|| script::recognise(tree))
}
