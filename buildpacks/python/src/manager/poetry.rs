//! Poetry projects: poetry itself checks `poetry.lock` against `pyproject.toml` and writes it
//! down as hashed requirements; uv installs those. Poetry asks its index in a form that mirrors
//! often lack, so it never fetches.

use packwright_buildpack::planner::{Command, Diagnostic, Origin, Output, SourceTree, Step};
use packwright_buildpack::step::{after, source, step, words};

use super::locals::locals;
use super::pip;
use crate::manifest::index;
use crate::manifest::local::Local;
use crate::manifest::locked::Locked;
use crate::manifest::named_files;
use crate::manifest::pyproject::Pyproject;
use crate::messages;
use crate::pins::POETRY_VERSION;
use crate::releases::Delivery;
use crate::steps::{self, Question, UV, VERSIONED, answer};

const EXPORTED: &str = "requirements.txt";

/// Steps for a project with `poetry.lock`.
///
/// Errors: packages of the lock that are archives or not in the tree.
pub(super) fn steps(
    tree: &dyn SourceTree,
    locked: &Locked,
    pyproject: &Pyproject,
    delivery: &Delivery,
    servers: &[&str],
) -> Result<Vec<Step>, Vec<Diagnostic>> {
    let origin = Origin::file(&locked.path);
    if !locked.archives.is_empty() {
        return Err(vec![messages::lock_archives(&origin, &locked.archives)]);
    }
    let mut seen = vec![pyproject.path.to_string(), locked.path.to_string()];
    // `poetry check` looks for the readme that the project names.
    seen.extend(named_files::patterns(&pyproject.named_files, tree));
    let mut locals = locals(tree, locked, &mut seen)?;
    let indexes = pyproject.poetry_indexes();
    let mut made = tool(delivery);
    let mut export = export(seen, !indexes.is_empty());
    let absent = named_files::absent(&pyproject.named_files, tree);
    export.commands.splice(0..0, steps::stand_ins(&absent));
    let variables = index::variables(indexes.iter().map(|index| index.url.as_str()));
    let mut install = steps::uv_step("python.install", "installs what poetry.lock holds", &variables);
    install.inputs.push(after("python.export"));
    let options = index::options(&indexes, false);
    let arguments = [vec!["--no-deps".to_owned()], options.clone()].concat();
    install.commands =
        vec![steps::make_environment(delivery), steps::install_hashed(&answer(EXPORTED), &arguments)];
    if !locals.is_empty() || !locked.version_control.is_empty() {
        steps::take_apart(&mut export, delivery, EXPORTED);
    }
    if !locked.version_control.is_empty() {
        steps::see_git(&mut install);
        install.commands.push(steps::install_versioned(&answer(VERSIONED)));
    }
    made.push(export);
    if !servers.is_empty() {
        made.push(pip::server_beside_lock(locked.path.as_str(), servers, delivery));
        pip::add_server(&mut install, &options);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    if pyproject.poetry_package_mode && pyproject.build_requires.is_some() && pyproject.has_package(tree) {
        locals.push(Local::read(tree, None, false, &Origin::file(&pyproject.path))?);
    }
    made.extend(steps::projects(delivery, &locals));
    Ok(made)
}

/// Poetry and its exporter, pinned by the lock like everything that is fetched.
fn tool(delivery: &Delivery) -> Vec<Step> {
    let resolve = steps::resolve(
        &delivery.bootstrap(),
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
    let mut install = words(&[UV, "pip", "install", "--python", "/opt/poetry/bin/python"]);
    install.extend(words(&["--require-hashes", "--no-deps", "-r", &answer("poetry.txt")]));
    tool.commands = vec![
        Command::Exec(words(&[&delivery.bootstrap(), "-m", "venv", "--without-pip", "/opt/poetry"])),
        Command::Exec(install),
    ];
    tool.outputs.push(Output {
        path: "opt/poetry".parse().expect("a relative path"),
        layer: None,
        scrub: Vec::new(),
    });
    vec![resolve, tool]
}

/// The step that exports the lock; `plainly` without the indexes. The installer gets those by name,
/// so that it finds their credentials.
fn export(seen: Vec<String>, plainly: bool) -> Step {
    let mut export = step("python.export", "checks poetry.lock and writes it down as hashed requirements");
    export.inputs = vec![after("python.poetry"), source(seen)];
    let poetry = "/opt/poetry/bin/poetry";
    let mut line = words(&[
        poetry,
        "--no-interaction",
        "export",
        "--only",
        "main",
        "--format",
        "requirements.txt",
        "--output",
        &answer(EXPORTED),
    ]);
    if plainly {
        line.push("--without-urls".to_owned());
    }
    export.commands =
        vec![Command::Exec(words(&[poetry, "--no-interaction", "check", "--lock"])), Command::Exec(line)];
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
