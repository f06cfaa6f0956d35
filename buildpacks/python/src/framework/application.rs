//! [`Application`]: what a framework module returns for a tree; the proposal is assembled from it.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Decision, Diagnostic, LayerKind, Process, RelPath};

/// What the files say about the application.
#[derive(Debug, Default)]
pub(crate) struct Application {
    /// How it starts.
    pub(crate) processes: Vec<Process>,
    /// The file of the source that the first process runs or imports first.
    pub(crate) file: Option<RelPath>,
    /// Why it has no process, when there is none.
    pub(crate) process_missing: Option<Diagnostic>,
    /// A server that must be installed besides the requirements.
    pub(crate) added_server: Option<&'static str>,
    /// Directories below `/app` that must be on Python's path.
    pub(crate) import_roots: Vec<RelPath>,
    /// Applications of Django that are installed.
    pub(crate) apps: Vec<String>,
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
    /// Variables of the platform's files that the settings read.
    pub(crate) variables: BTreeMap<String, String>,
    /// Variables that get a dummy, because the settings take a secret key from them.
    pub(crate) secret_keys: Vec<String>,
    /// The layer of what it makes.
    pub(crate) layer: LayerKind,
    /// Whether the build has no step for it: the platform has none, or a process does it.
    pub(crate) left_to_others: bool,
}
