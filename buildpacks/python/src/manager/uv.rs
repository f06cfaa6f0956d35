//! uv projects: `uv sync` from `uv.lock`, exactly. Packages of the tree are left out there, and
//! built when everything else is installed.

use packwright_buildpack::planner::{Diagnostic, Origin, SourceTree, Step};
use packwright_buildpack::step::{source, words};

use super::locals::locals;
use super::pip;
use crate::manifest::local::Local;
use crate::manifest::locked::Locked;
use crate::manifest::pyproject::Pyproject;
use crate::messages;
use crate::releases::Delivery;
use crate::steps::{self, UV};

/// Steps for a project with `uv.lock`.
///
/// Errors: packages of the lock that are archives or not in the tree; a workspace of which no
/// member is chosen.
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
    if !pyproject.is_project && locked.member.is_none() && locked.local.iter().any(|place| place.builds) {
        let members: Vec<String> = locked.local.iter().map(|place| place.name.clone()).collect();
        return Err(vec![messages::member_missing(&origin, &members)]);
    }
    let mut made = Vec::new();
    let mut seen = vec![pyproject.path.to_string(), locked.path.to_string()];
    let mut locals = locals(tree, locked, &mut seen)?;
    let mut install = steps::uv_step("python.install", "installs what uv.lock holds", &[]);
    install.inputs.push(source(seen));
    install.environment.insert("UV_PROJECT_ENVIRONMENT".to_owned(), "/opt/venv".to_owned());
    let left_out = if locked.local.is_empty() { "--no-install-project" } else { "--no-install-local" };
    let mut sync = words(&[UV, "sync", "--locked", "--no-default-groups", left_out]);
    sync.extend(words(&["--python", &delivery.interpreter()]));
    if let Some(member) = &locked.member {
        sync.extend(words(&["--package", &member.name]));
    }
    for group in &locked.groups {
        sync.extend(words(&["--group", group]));
    }
    // uv compares the lock's index with the configured one. The lock knows where its files are,
    // so a mirror in the environment must not make it look out of date.
    let mut unconfigured = locked
        .registries
        .iter()
        .filter(|registry| registry.contains("://") && !pyproject.uv_indexes.contains(registry));
    if let (Some(only), None) = (unconfigured.next(), unconfigured.next()) {
        sync.extend(words(&["--default-index", only]));
    }
    install.commands = vec![steps::make_environment(delivery), steps::command(sync)];
    if !locked.version_control.is_empty() {
        steps::see_git(&mut install);
    }
    if !servers.is_empty() {
        made.push(pip::server_beside_lock(locked.path.as_str(), servers, delivery));
        pip::add_server(&mut install, &[]);
    }
    install.commands.push(steps::compile());
    install.outputs.push(steps::environment_output());
    made.push(install);
    if locked.installs_project && pyproject.build_requires.is_some() {
        locals.push(Local::read(tree, None, false, &Origin::file(&pyproject.path))?);
    }
    made.extend(steps::projects(delivery, &locals));
    Ok(made)
}
