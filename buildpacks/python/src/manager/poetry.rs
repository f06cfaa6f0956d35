//! Poetry projects: poetry itself checks `poetry.lock` against `pyproject.toml` and writes it
//! down as hashed requirements; uv installs those. Poetry asks its index in a form that mirrors
//! often lack, so it never fetches.

use packwright_planner::{Command, Diagnostic, Output, SourceTree, Step};

use super::pip;
use crate::data::{Delivery, POETRY_VERSION};
use crate::manifest::locked::Locked;
use crate::manifest::pyproject::Pyproject;
use crate::messages;
use crate::steps::{self, Question, UV, after, answer, source, words};

const EXPORTED: &str = "requirements.txt";

/// Steps for a project with `poetry.lock`.
///
/// Errors: packages of the lock that are directories of the tree or come from version control.
pub(super) fn steps(
    tree: &dyn SourceTree,
    locked: &Locked,
    pyproject: &Pyproject,
    delivery: &Delivery,
    server: Option<&str>,
) -> Result<Vec<Step>, Vec<Diagnostic>> {
    let problems = messages::lock_places(locked);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut made = tool(delivery);
    made.push(export(locked, pyproject));
    let mut install = steps::uv_step("python.install", "installs what poetry.lock holds", &[]);
    install.inputs.push(after("python.export"));
    install.commands = vec![
        steps::make_environment(delivery),
        steps::install_hashed(&answer(EXPORTED), &["--no-deps".to_owned()]),
    ];
    if let Some(server) = server {
        made.push(pip::server_beside_lock(locked.path.as_str(), server, delivery));
        pip::add_server(&mut install, &[]);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    if pyproject.poetry_package_mode
        && let (Some(requires), Some(name)) = (&pyproject.build_requires, &pyproject.name)
        && pyproject.has_package(tree)
    {
        made.extend(steps::project(delivery, name, requires));
    }
    Ok(made)
}

/// Poetry and its exporter, pinned by the lock like everything that is fetched.
fn tool(delivery: &Delivery) -> Vec<Step> {
    let resolve = steps::resolve(
        delivery,
        &Question {
            step: "python.poetry-versions",
            why: "finds exact versions and hashes for what poetry needs",
            answer: "poetry.txt",
            requirements: &[format!("poetry=={POETRY_VERSION}"), "poetry-plugin-export".to_owned()],
            files: &[],
            arguments: &[],
            source: None,
            variables: &[],
        },
    );
    let mut tool = steps::uv_step("python.poetry", "brings poetry, which reads poetry.lock", &[]);
    tool.inputs.push(after("python.poetry-versions"));
    let mut install = words([UV, "pip", "install", "--python", "/opt/poetry/bin/python"]);
    install.extend(words(["--require-hashes", "--no-deps", "-r", &answer("poetry.txt")]));
    tool.commands = vec![
        Command::Exec(words([&delivery.interpreter(), "-m", "venv", "--without-pip", "/opt/poetry"])),
        Command::Exec(install),
    ];
    tool.outputs.push(Output {
        path: "opt/poetry".parse().expect("a relative path"),
        layer: None,
        scrub: Vec::new(),
    });
    vec![resolve, tool]
}

fn export(locked: &Locked, pyproject: &Pyproject) -> Step {
    let mut export =
        steps::step("python.export", "checks poetry.lock and writes it down as hashed requirements");
    export.inputs = vec![after("python.poetry"), source([&pyproject.path, &locked.path])];
    let poetry = "/opt/poetry/bin/poetry";
    export.commands = vec![
        Command::Exec(words([poetry, "--no-interaction", "check", "--lock"])),
        Command::Exec(words([
            poetry,
            "--no-interaction",
            "export",
            "--only",
            "main",
            "--format",
            "requirements.txt",
            "--output",
            &answer(EXPORTED),
        ])),
    ];
    let environment = [("POETRY_VIRTUALENVS_CREATE", "false"), ("POETRY_CACHE_DIR", "/tmp/poetry")];
    for (name, value) in environment {
        export.environment.insert(name.to_owned(), value.to_owned());
    }
    export.outputs.push(Output {
        path: answer(EXPORTED).trim_start_matches('/').parse().expect("a relative path"),
        layer: None,
        scrub: Vec::new(),
    });
    export
}
