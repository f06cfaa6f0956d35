//! How strongly a tree looks like a Python application.

use packwright_buildpack::planner::{Claim, Command, Component, Origin, PlanContext, Requested, find};

use crate::framework::application::Application;
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

/// The claim of an application that was recognised.
pub(crate) fn of(context: &PlanContext<'_>, application: &Application) -> Requested<Claim> {
    if let Some(declared) = declared(context.model) {
        return declared;
    }
    let first = application.processes.first();
    match first {
        Some(process) if process.name.as_str() == "web" => Claim::Server.by(process.origin.clone()),
        Some(process) => Claim::Program.by(process.origin.clone()),
        None => Claim::Tools.by(evidence(context, MANIFESTS)),
    }
}

/// The claim of a tree whose files cannot be read: what their names alone say.
pub(crate) fn unread(context: &PlanContext<'_>) -> Requested<Claim> {
    if let Some(declared) = declared(context.model) {
        return declared;
    }
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
    let process = model.processes.iter().find(|process| {
        let line = match &process.command {
            Some(Command::Shell(line)) => line.clone(),
            Some(Command::Exec(words)) => words.join(" "),
            None => return false,
        };
        let mut words = line.split_whitespace().filter(|word| !word.contains('=') && *word != "exec");
        words.next().is_some_and(|word| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or(word)))
    })?;
    Some(Claim::Server.by(process.origin.clone()))
}

/// The first of `names` that is there.
fn evidence(context: &PlanContext<'_>, names: &[&str]) -> Origin {
    match names.iter().find_map(|name| find(context.tree, name)) {
        Some(file) => Origin::file(&file.path),
        None => Origin::Detected("files of Python's package managers".to_owned()),
    }
}
