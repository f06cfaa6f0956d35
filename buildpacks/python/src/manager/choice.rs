//! Which package manager: a lock file before `requirements.txt`, that before a Pipfile, a bare
//! `[project]`, `setup.py`, conda.

use packwright_buildpack::planner::{Component, Decision, Diagnostic, Origin, Overridden, Requested};

use super::kind::Manager;
use super::manifests::Manifests;
use crate::messages;

/// The manager with its evidence.
#[derive(Debug)]
pub(crate) struct ChosenManager {
    pub(crate) manager: Manager,
    pub(crate) decision: Decision,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Chooses the manager.
///
/// Errors: two lock files; a lock or poetry's table without what is needed to install.
pub(crate) fn choose(manifests: &Manifests, model: &Component) -> Result<ChosenManager, Vec<Diagnostic>> {
    let file = |name: &str| Origin::file(&name.parse().expect("a relative path"));
    let pyproject = manifests.pyproject.as_ref();
    let project = pyproject.filter(|pyproject| pyproject.is_project);
    let mut found: Vec<(Manager, Origin)> = Vec::new();
    let mut add = |there: bool, manager: Manager, origin: Origin| {
        if there {
            found.push((manager, origin));
        }
    };
    add(manifests.uv_lock.is_some(), Manager::Uv, file("uv.lock"));
    add(manifests.poetry_lock.is_some(), Manager::Poetry, file("poetry.lock"));
    add(manifests.pdm_lock.is_some(), Manager::Pdm, file("pdm.lock"));
    add(manifests.pipfile_lock.is_some(), Manager::Pipenv, file("Pipfile.lock"));
    add(manifests.pylock.is_some(), Manager::Pylock, file("pylock.toml"));
    let locks = found.len();
    let mut add = |there: bool, manager: Manager, origin: Origin| {
        if there {
            found.push((manager, origin));
        }
    };
    if let Some(list) = manifests.requirements.as_ref().and_then(|requirements| requirements.files.first()) {
        add(true, Manager::Pip, Origin::file(list));
    }
    let bare = manifests.pipfile.is_some() && manifests.pipfile_lock.is_none();
    add(bare, Manager::Pipfile, file("Pipfile"));
    add(project.is_some(), Manager::PipProject, file("pyproject.toml"));
    if let Some(setup) = &manifests.setup {
        add(true, Manager::Setup, Origin::file(&setup.path));
    }
    if let Some(conda) = &manifests.conda {
        add(true, Manager::Conda, Origin::file(&conda.path));
    }
    let is_alone = found.is_empty();
    if let Some(script) = manifests.inline.as_ref().filter(|_| is_alone) {
        found.push((Manager::Inline, script.origin.clone()));
    }
    if let Some(asked) = model.manager.as_ref().filter(|asked| of_python(&asked.value)) {
        return declared(found, asked);
    }
    let order = &model.customs.managers;
    if let ([(_, first), (_, second), ..], true) = (&found[..locks], order.is_empty()) {
        return Err(vec![messages::managers_conflict(&first.to_string(), &second.to_string())]);
    }
    // Stable: what a platform does not know stays behind, in the usual order.
    found.sort_by_key(|(manager, _)| {
        order.iter().position(|known| manager.is_called(known)).unwrap_or(order.len())
    });
    // poetry's own table says what is needed, in words that only its lock makes exact.
    let weak = matches!(found.first(), None | Some((Manager::Setup | Manager::Conda, _)));
    if let Some(pyproject) = pyproject.filter(|pyproject| pyproject.is_poetry && weak) {
        return Err(vec![messages::poetry_without_lock(&pyproject.path)]);
    }
    let mut found = found.into_iter();
    let Some((manager, origin)) = found.next() else {
        return Ok(nothing());
    };
    if pyproject.is_none() && matches!(manager, Manager::Uv | Manager::Poetry | Manager::Pdm) {
        return Err(vec![messages::lock_without_project(&origin)]);
    }
    let mut diagnostics = Vec::new();
    // A lock is made from `[project]`, so `[project]` itself is not overridden by it.
    let others = found.filter(|(other, _)| *other != Manager::PipProject || !manager.is_locked());
    let others: Vec<(Manager, Origin)> = others.collect();
    if let Some((_, loser)) = others.iter().find(|(other, _)| *other == Manager::Pip && manager.is_locked()) {
        diagnostics.push(messages::requirements_unused(loser, &origin));
    }
    if let Some(conda) = manifests.conda.as_ref().filter(|conda| !conda.renamed.is_empty()) {
        diagnostics.push(messages::conda_renamed(&conda.path, &conda.renamed));
    }
    Ok(ChosenManager { manager, decision: decision(manager, origin, overridden(others)), diagnostics })
}

/// Words by which platforms name Python's package managers.
fn of_python(word: &str) -> bool {
    ["pip", "requirements", "uv", "poetry", "pdm", "pipenv", "setuptools", "skip"].contains(&word)
}

/// The manager that a platform file names.
///
/// Errors: its files are not there.
fn declared(
    found: Vec<(Manager, Origin)>,
    asked: &Requested<String>,
) -> Result<ChosenManager, Vec<Diagnostic>> {
    let is_meant = |manager: &Manager| match asked.value.as_str() {
        "uv" => *manager == Manager::Uv,
        "poetry" => *manager == Manager::Poetry,
        "pdm" => *manager == Manager::Pdm,
        "pipenv" => matches!(manager, Manager::Pipenv | Manager::Pipfile),
        "setuptools" => matches!(manager, Manager::PipProject | Manager::Setup),
        _ => matches!(manager, Manager::Pip | Manager::PipProject | Manager::Inline),
    };
    let (mut meant, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|(manager, _)| is_meant(manager));
    if asked.value == "skip" {
        let decision = decision(Manager::None, asked.origin.clone(), overridden(others));
        return Ok(ChosenManager { manager: Manager::None, decision, diagnostics: Vec::new() });
    }
    if meant.is_empty() {
        return Err(vec![messages::declared_manager_without_files(&asked.value, &asked.origin)]);
    }
    let (manager, _) = meant.remove(0);
    let decision = decision(manager, asked.origin.clone(), overridden(others));
    Ok(ChosenManager { manager, decision, diagnostics: Vec::new() })
}

fn overridden(others: Vec<(Manager, Origin)>) -> Vec<Overridden> {
    let loser = |(other, origin): (Manager, Origin)| Overridden::new(other.label().to_owned(), origin);
    others.into_iter().map(loser).collect()
}

/// No file names a requirement.
fn nothing() -> ChosenManager {
    let origin = Origin::Default("no file names a requirement".to_owned());
    ChosenManager {
        manager: Manager::None,
        decision: decision(Manager::None, origin, Vec::new()),
        diagnostics: Vec::new(),
    }
}

fn decision(manager: Manager, origin: Origin, overridden: Vec<Overridden>) -> Decision {
    Decision::new("python package manager", manager.name().to_owned(), origin).over(overridden)
}
