//! Notebooks, which Voilà or Jupyter serves; and Reflex, which is recognised but cannot be started.

use packwright_buildpack::planner::{
    Command, Decision, Origin, Overridden, Process, RelPath, SourceTree, find,
};

use super::application::Application;
use super::web::framework_decision;
use crate::dependencies::Dependencies;
use crate::entry::SKIPPED;
use crate::messages;

/// Notebooks by these names are the application.
const NAMES: &[&str] = &["app", "main", "index", "dashboard", "voila"];

/// Requirements that bring an editor for notebooks, with how it starts. The token that guards it
/// is in its output.
const EDITORS: &[(&str, &str)] = &[
    ("jupyterlab", "jupyter lab --ip=0.0.0.0 --port=$PORT --no-browser"),
    ("notebook", "jupyter notebook --ip=0.0.0.0 --port=$PORT --no-browser"),
    ("jupyter", "jupyter notebook --ip=0.0.0.0 --port=$PORT --no-browser"),
];

/// Voilà shows the only notebook, or the one whose name says so, or lets people choose.
pub(super) fn voila(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    if !dependencies.ask_for("voila") {
        return None;
    }
    let found = notebooks(tree);
    let Some((chosen, others)) = found.split_first() else {
        return Some(Application {
            process_missing: Some(messages::notebook_missing("voila")),
            ..Application::default()
        });
    };
    let is_clear = others.is_empty() || name_rank(chosen) < NAMES.len();
    let dir = chosen.parent().filter(|_| !is_clear);
    let what = match (is_clear, &dir) {
        (true, _) => Command::Exec(vec![chosen.to_string()]).to_string(),
        (false, Some(dir)) => Command::Exec(vec![dir.to_string()]).to_string(),
        (false, None) => ".".to_owned(),
    };
    let line = format!("voila {what} --port=$PORT --Voila.ip=0.0.0.0 --no-browser");
    let mut application = served("voila", line, chosen, others);
    kernel(&mut application, dependencies);
    if !is_clear {
        application.diagnostics.push(messages::several_notebooks(found.len()));
    }
    Some(application)
}

/// An editor for notebooks, when the project asks for one and has nothing else to start.
pub(super) fn jupyter(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    let (id, line) = EDITORS.iter().find(|(name, _)| dependencies.ask_for(name))?;
    let found = notebooks(tree);
    let (chosen, others) = found.split_first()?;
    let mut application = served(id, (*line).to_owned(), chosen, others);
    kernel(&mut application, dependencies);
    Some(application)
}

/// What runs the cells. The editors bring it; without it every notebook is answered with 500.
fn kernel(application: &mut Application, dependencies: &Dependencies) {
    const KERNEL: &str = "ipykernel";
    if ![KERNEL, "jupyterlab", "notebook", "jupyter"].iter().any(|name| dependencies.have(name)) {
        application.added_server = Some(KERNEL);
        application.diagnostics.push(messages::kernel_added(KERNEL));
    }
}

/// Reflex is recognised, and its remedy said.
pub(super) fn reflex(tree: &dyn SourceTree, dependencies: &Dependencies) -> Option<Application> {
    let config = find(tree, "rxconfig.py").filter(|_| dependencies.ask_for("reflex"))?;
    Some(Application {
        process_missing: Some(messages::reflex_unsupported(&config.path)),
        decisions: vec![framework_decision("reflex", Origin::file(&config.path))],
        ..Application::default()
    })
}

fn served(id: &str, line: String, chosen: &RelPath, others: &[&RelPath]) -> Application {
    Application {
        processes: vec![Process::web(
            Command::shell(line),
            Origin::Detected(format!("the notebook {chosen}")),
        )],
        decisions: vec![
            framework_decision(id, Origin::file(chosen)),
            Decision::new("application", chosen.to_string(), Origin::file(chosen))
                .over(others.iter().map(|other| Overridden::new(other.to_string(), Origin::file(other)))),
        ],
        ..Application::default()
    }
}

/// The notebooks, the most likely first.
fn notebooks(tree: &dyn SourceTree) -> Vec<&RelPath> {
    let is_open = |part: &str| !part.starts_with('.') && (part == "notebooks" || !SKIPPED.contains(&part));
    let mut found: Vec<&RelPath> = tree
        .files()
        .iter()
        .map(|file| &file.path)
        .filter(|path| path.as_str().ends_with(".ipynb"))
        .filter(|path| path.parent().iter().flat_map(|dir| dir.parts()).all(is_open))
        .collect();
    found.sort_by_key(|path| (name_rank(path), path.depth(), path.as_str()));
    found
}

fn name_rank(path: &RelPath) -> usize {
    let stem = path.name().trim_end_matches(".ipynb").to_lowercase();
    NAMES.iter().position(|&name| name == stem).unwrap_or(NAMES.len())
}
