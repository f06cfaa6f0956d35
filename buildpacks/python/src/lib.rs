//! The Python buildpack: from a source tree to a proposal, without effects.
//!
//! ```text
//! manifests ─▶ manager ─▶ version ─▶ dependencies ─▶ application ─▶ steps
//! ```
//!
//! Files are read and never run. Every choice carries its origin; what loses is reported. The
//! README beside this crate lists the files, the precedence and the limits.

#![expect(
    clippy::result_large_err,
    reason = "a problem ends the plan: its size on the way out does not matter"
)]

mod data;
mod dependencies;
mod entry;
mod framework;
mod manager;
mod manifest;
mod messages;
mod packages;
mod steps;
mod syntax;
mod version;

use std::collections::BTreeMap;

use packwright_planner::{
    Buildpack, BuildpackError, Diagnostic, Network, Origin, PlanOptions, Proposal, RelPath, Setting,
    SourceTree, has,
};

use framework::MAIN_FILES;
use manager::Manifests;

/// The Python buildpack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Python;

/// Files at the root that speak for Python, besides main files and those of managers that are
/// recognised and not supported.
const MANIFESTS: &[&str] = &["requirements.txt", "pyproject.toml", "uv.lock", "poetry.lock", "manage.py"];

/// What the message lists when nothing is found.
const LOOKS_FOR: &[&str] = &[
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "manage.py",
    "main.py",
    "app.py",
    "server.py",
    "bot.py",
    "wsgi.py",
    "asgi.py",
];

/// Files of a web application without main file.
const GATEWAYS: &[&str] = &["wsgi.py", "asgi.py", "api.py", "application.py"];

impl Buildpack for Python {
    fn name(&self) -> &str {
        "python"
    }

    fn looks_for(&self) -> &[&str] {
        LOOKS_FOR
    }

    fn propose(
        &self,
        tree: &dyn SourceTree,
        options: &PlanOptions,
    ) -> Result<Option<Proposal>, BuildpackError> {
        if !recognises(tree) {
            return Ok(None);
        }
        propose(tree, options).map(Some).map_err(|problems| BuildpackError { problems })
    }
}

fn recognises(tree: &dyn SourceTree) -> bool {
    let known = [MANIFESTS, GATEWAYS, MAIN_FILES].into_iter().flatten().copied();
    known.chain(manager::unsupported_files()).any(|name| has(tree, name))
}

/// The story from top to bottom.
fn propose(tree: &dyn SourceTree, options: &PlanOptions) -> Result<Proposal, Vec<Diagnostic>> {
    let manifests = Manifests::read(tree)?;
    let choice = both(
        manager::choose(tree, &manifests),
        version::choose(tree, options, manifests.pyproject.as_ref(), manifests.locked()),
    )?;
    let (manager, version) = choice;
    let delivery = version.delivery;
    let dependencies = manifests.dependencies(manager.manager, delivery);
    let application = framework::recognise(tree, options, &dependencies);
    let mut steps = manager.manager.steps(tree, &manifests, delivery, application.added_server)?;
    if let Some(files) = &application.static_files {
        let after = steps.iter().any(|step| step.name.as_str() == "python.project");
        steps.push(steps::static_files(files, after));
    }
    let fetches = steps.iter().any(|step| step.network == Network::Fetch);
    let mut decisions = vec![version.decision.clone(), manager.decision];
    decisions.extend(application.decisions);
    let mut diagnostics = version.diagnostics.clone();
    diagnostics.extend(manager.diagnostics);
    diagnostics.extend(application.diagnostics);
    Ok(Proposal {
        suite: Some(version.suite()),
        packages: packages::packages(delivery, &dependencies, fetches),
        versions: vec![version.tool],
        steps,
        environment: environment(&application.import_roots),
        processes: application.processes,
        process_missing: application.process_missing,
        decisions,
        diagnostics,
    })
}

/// Both values, or the problems of both.
fn both<A, B>(
    first: Result<A, Vec<Diagnostic>>,
    second: Result<B, Vec<Diagnostic>>,
) -> Result<(A, B), Vec<Diagnostic>> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(mut problems), Err(more)) => {
            problems.extend(more);
            Err(problems)
        }
        (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
    }
}

fn environment(import_roots: &[RelPath]) -> BTreeMap<String, Setting> {
    let mut environment = BTreeMap::new();
    let mut set = |name: &str, value: String, why: &str| {
        let origin = Origin::Default(why.to_owned());
        environment.insert(name.to_owned(), Setting { value, origin });
    };
    set("PATH", "/opt/venv/bin".to_owned(), "programs of the installed packages");
    set("PYTHONUNBUFFERED", "1".to_owned(), "output appears when it is written");
    set(
        "PYTHONDONTWRITEBYTECODE",
        "1".to_owned(),
        "the file system of a container does not live long enough to be worth it",
    );
    if !import_roots.is_empty() {
        let roots: Vec<String> = import_roots.iter().map(|dir| format!("/app/{dir}")).collect();
        set("PYTHONPATH", roots.join(":"), "the application's modules are imported from there");
    }
    environment
}
