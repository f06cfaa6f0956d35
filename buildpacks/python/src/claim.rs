//! How strongly a tree looks like a Python application.

use packwright_buildpack::planner::{
    Claim, Component, Origin, PlanContext, ProcessName, Requested, SourceTree, find,
};

use crate::configuration::Configuration;
use crate::declared::installs;
use crate::framework;
use crate::framework::application::Application;
use crate::manager::Manifests;
use crate::member_view::MemberView;
use crate::messages;
use crate::project_files::{GATEWAYS, MAIN_FILES, MANIFESTS};

/// Programs that Python brings, by which a declared process gives it away.
const PROGRAMS: &[&str] = &[
    "python",
    "python3",
    "gunicorn",
    "uvicorn",
    "hypercorn",
    "daphne",
    "waitress-serve",
    "granian",
    "flask",
    "fastapi",
    "django-admin",
    "celery",
    "rq",
    "dramatiq",
    "huey_consumer",
    "arq",
    "streamlit",
    "gradio",
    "panel",
    "voila",
    "jupyter",
    "sanic",
    "litestar",
    "uv",
    "poetry",
    "pdm",
    "pipenv",
    "manage.py",
];

/// The claim on a tree that has files of Python, by declared processes, manifests and sources. Lock
/// files are not read, except where only the lock says which member of a workspace is meant, and no
/// version or package manager is chosen.
pub(crate) fn claim(context: &PlanContext<'_>) -> Requested<Claim> {
    let PlanContext { tree, model, options, .. } = *context;
    if let Some(declared) = declared(model) {
        return declared;
    }
    let list = installs::list(tree, model).map(|list| list.value);
    let Ok(manifests) = Manifests::without_locks(tree, list) else {
        return by_names(context);
    };
    let dependencies = manifests.direct_dependencies();
    let member = manifests.member_without_locks(tree, options.app.as_deref());
    if member.is_none() && manifests.is_bare_workspace(tree) {
        return by_names(context);
    }
    let view = member.as_ref().map(|dir| MemberView::new(tree, dir));
    let seen = view.as_ref().map_or(tree, |view| view as &dyn SourceTree);
    let application = framework::recognise(seen, &Configuration::of(context), &dependencies);
    match application.processes.first().cloned() {
        Some(process) if process.name == ProcessName::web() => Claim::Server.by(process.origin),
        Some(process) => Claim::Program.by(process.origin),
        // The manifest's packages are those of an application that does not show how it starts: what a directory
        // below holds would be built without them.
        None if is_incomplete(&application) && framework::has_manifest_at_top_alone(seen) => {
            Claim::Program.by(evidence(context, MANIFESTS))
        }
        None => Claim::Tools.by(evidence(context, MANIFESTS)),
    }
}

/// Whether a framework is asked for and used, and no file makes an application of it.
fn is_incomplete(application: &Application) -> bool {
    application.process_missing.as_ref().is_some_and(|missing| missing.code == messages::APPLICATION_MISSING)
}

/// The claim on a tree whose manifests cannot be read: what the names of its files say.
fn by_names(context: &PlanContext<'_>) -> Requested<Claim> {
    let has = |names: &[&str]| names.iter().any(|name| find(context.tree, name).is_some());
    if has(&["manage.py"]) || has(GATEWAYS) {
        return Claim::Server.by(evidence(context, &[&["manage.py"], GATEWAYS].concat()));
    }
    match has(MAIN_FILES) {
        true => Claim::Program.by(evidence(context, MAIN_FILES)),
        false => Claim::Tools.by(evidence(context, MANIFESTS)),
    }
}

/// A process that the platform files declare and that Python runs.
fn declared(model: &Component) -> Option<Requested<Claim>> {
    let is_ours = |program: &String| PROGRAMS.contains(&program.rsplit('/').next().unwrap_or(program));
    let (.., origin) = model.commands().find(|(_, command, _)| command.programs().iter().any(is_ours))?;
    Some(Claim::Server.by(origin.clone()))
}

/// The first of `names` that is there.
fn evidence(context: &PlanContext<'_>, names: &[&str]) -> Origin {
    match names.iter().find_map(|name| find(context.tree, name)) {
        Some(file) => Origin::file(&file.path),
        None => Origin::Detected("files of Python's package managers".to_owned()),
    }
}
