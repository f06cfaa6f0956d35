//! What kind of application it is, and how its processes start.

mod declared;
pub(crate) mod django;
mod listening;
mod nested;
mod notebook;
mod script;
pub(crate) mod server;
pub(crate) mod table;
mod web;
mod workers;

use packwright_planner::{Decision, Diagnostic, LayerKind, PlanOptions, Process, RelPath, SourceTree};

use crate::dependencies::Dependencies;
use crate::entry::{self, EntryKind};

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
    /// Variables that get a dummy, because the settings take a secret key from them.
    pub(crate) secret_keys: Vec<String>,
    /// The layer of what it makes.
    pub(crate) layer: LayerKind,
}

/// Looks at the files, Django first: its `manage.py` leaves no doubt. Then applications of other
/// frameworks, notebooks that a server is asked for, programs that are started as they are.
/// Workers come besides.
pub(crate) fn recognise(
    tree: &dyn SourceTree,
    options: &PlanOptions,
    dependencies: &Dependencies,
) -> Application {
    let search = entry::search(tree, &|name| dependencies.have(name));
    let mut application = django::recognise(tree, options, dependencies)
        .or_else(|| {
            let factory =
                search.web.first().filter(|one| one.kind > EntryKind::File && one.hint.is_none())?;
            script::serving(tree, dependencies, factory)
        })
        .or_else(|| web::recognise(tree, &search, dependencies))
        .or_else(|| notebook::reflex(tree, dependencies))
        .or_else(|| notebook::voila(tree, dependencies))
        .unwrap_or_else(|| without_framework(tree, &search, dependencies));
    workers::add(tree, &search, &mut application);
    application
}

/// No application of a framework that answers requests.
fn without_framework(
    tree: &dyn SourceTree,
    search: &entry::Search,
    dependencies: &Dependencies,
) -> Application {
    let script = script::recognise(tree, dependencies);
    let listens = script.as_ref().is_some_and(|one| one.processes.iter().any(|it| it.name.as_str() == "web"));
    let missing = web::missing(search, dependencies);
    match (script, missing) {
        (Some(script), _) if listens => script,
        // What works on queues is the application; a script beside it is a tool.
        _ if !search.workers.is_empty() => Application::default(),
        (_, Some(missing)) => missing,
        (Some(script), None) => script,
        (None, None) => notebook::jupyter(tree, dependencies).unwrap_or_else(script::missing),
    }
}
