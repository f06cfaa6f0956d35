//! What kind of application it is, and how its processes start.

pub(crate) mod application;
pub(crate) mod django;
mod functions;
pub(crate) mod kinds;
mod listening;
mod notebook;
mod program;
mod script;
mod scripts;
pub(crate) mod server;
mod subdirectory;
pub(crate) mod table;
mod web;
mod workers;

use packwright_buildpack::planner::SourceTree;

use crate::configuration::Configuration;
use crate::dependencies::Dependencies;
use crate::entry::{self, Search};
use application::Application;
use kinds::AppKind;
pub(crate) use subdirectory::has_manifest_at_top_alone;

/// Looks at the files, Django first: its `manage.py` leaves no doubt. Then applications of other
/// frameworks, notebooks that a server is asked for, programs that are started as they are.
/// Workers come besides.
pub(crate) fn recognise(
    tree: &dyn SourceTree,
    configuration: &Configuration,
    dependencies: &Dependencies,
) -> Application {
    let search = entry::search(tree, &|name| dependencies.have(name));
    let mut application = django::recognise(tree, configuration, dependencies)
        .or_else(|| match search.web.is_empty() {
            true => functions::recognise(tree, configuration, dependencies),
            false => None,
        })
        .or_else(|| {
            let factory = search.web.first().filter(|one| one.kind > AppKind::File && one.hint.is_none())?;
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
fn without_framework(tree: &dyn SourceTree, search: &Search, dependencies: &Dependencies) -> Application {
    let script = script::recognise(tree, dependencies);
    let listens = script.as_ref().is_some_and(|one| one.processes.iter().any(|it| it.name.as_str() == "web"));
    let missing = web::missing(search, dependencies);
    match (script, missing) {
        (Some(script), _) if listens => script,
        (_, None) if let Some(served) = web::callable(tree, dependencies) => served,
        // What works on queues is the application; a script beside it is a tool.
        _ if !search.workers.is_empty() => Application::default(),
        (_, Some(missing)) => missing,
        (Some(script), None) => script,
        (None, None) => notebook::jupyter(tree, dependencies).unwrap_or_else(script::missing),
    }
}
