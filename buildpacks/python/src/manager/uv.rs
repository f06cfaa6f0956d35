//! uv projects: `uv sync` from `uv.lock`, exactly.

use packwright_planner::{Diagnostic, Step};

use super::pip;
use crate::data::Delivery;
use crate::manifest::locked::Locked;
use crate::manifest::pyproject::Pyproject;
use crate::messages;
use crate::steps::{self, UV, source, words};

/// Steps for a project with `uv.lock`.
///
/// Errors: packages of the lock that are directories of the tree or come from version control.
pub(super) fn steps(
    locked: &Locked,
    pyproject: &Pyproject,
    delivery: &Delivery,
    server: Option<&str>,
) -> Result<Vec<Step>, Vec<Diagnostic>> {
    let problems = messages::lock_places(locked);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut made = Vec::new();
    let mut install = steps::uv_step("python.install", "installs what uv.lock holds", &[]);
    install.inputs.push(source([&pyproject.path, &locked.path]));
    install.environment.insert("UV_PROJECT_ENVIRONMENT".to_owned(), "/opt/venv".to_owned());
    let mut sync = words([
        UV,
        "sync",
        "--locked",
        "--no-dev",
        "--no-install-project",
        "--python",
        &delivery.interpreter(),
    ]);
    // uv compares the lock's index with the configured one. The lock knows where its files are,
    // so a mirror in the environment must not make it look out of date.
    let mut unconfigured = locked
        .registries
        .iter()
        .filter(|registry| registry.contains("://") && !pyproject.uv_indexes.contains(registry));
    if let (Some(only), None) = (unconfigured.next(), unconfigured.next()) {
        sync.extend(words(["--default-index", only]));
    }
    install.commands = vec![steps::make_environment(delivery), steps::command(sync)];
    if let Some(server) = server {
        made.push(pip::server_beside_lock(locked.path.as_str(), server, delivery));
        pip::add_server(&mut install, &[]);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    if locked.installs_project
        && let (Some(requires), Some(name)) = (&pyproject.build_requires, &pyproject.name)
    {
        made.extend(steps::project(delivery, name, requires));
    }
    Ok(made)
}
