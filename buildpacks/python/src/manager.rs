//! Package managers: which one the project uses, and the steps that install with it. All of them
//! end in `/opt/venv`. One more is one more variant of [`Manager`] and one more module.

mod pip;
mod poetry;
mod uv;

use packwright_planner::{Decision, Diagnostic, Loser, Origin, RelPath, SourceTree, Step, find};

use crate::data::Delivery;
use crate::dependencies::Dependencies;
use crate::manifest::locked::{self, Locked};
use crate::manifest::marker_environment;
use crate::manifest::pyproject::{self, Pyproject};
use crate::manifest::requirements::{self, Requirements};
use crate::messages;
use crate::steps;

/// The manifests of a project, read.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    pub(crate) pyproject: Option<Pyproject>,
    pub(crate) requirements: Option<Requirements>,
    pub(crate) uv_lock: Option<Locked>,
    pub(crate) poetry_lock: Option<Locked>,
}

/// Who installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    /// `requirements.txt`.
    Pip,
    /// `[project]` in `pyproject.toml`, without a lock.
    PipProject,
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
    /// Nothing to install.
    None,
}

/// The manager with its evidence.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) manager: Manager,
    pub(crate) decision: Decision,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Files of managers that are recognised and not supported yet, with what to do instead.
const UNSUPPORTED: &[(&str, &str, &str)] = &[
    ("Pipfile", "pipenv", "pipenv requirements > requirements.txt"),
    ("Pipfile.lock", "pipenv", "pipenv requirements > requirements.txt"),
    ("pdm.lock", "pdm", "pdm export -o requirements.txt"),
    ("environment.yml", "conda", "pip freeze > requirements.txt"),
    ("setup.py", "setuptools without pyproject.toml", "pip freeze > requirements.txt"),
];

/// Names that only such files give away.
pub(crate) fn unsupported_files() -> impl Iterator<Item = &'static str> {
    UNSUPPORTED.iter().map(|&(file, _, _)| file)
}

impl Manifests {
    /// Reads all of them.
    ///
    /// Errors: everything that is wrong in any of them.
    pub(crate) fn read(tree: &dyn SourceTree) -> Result<Manifests, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let path: RelPath = "requirements.txt".parse().expect("a relative path");
        let manifests = Manifests {
            pyproject: keep(pyproject::read(tree), &mut problems),
            requirements: keep(requirements::read(tree, &path), &mut problems),
            uv_lock: keep(locked::uv(tree).map_err(|problem| vec![problem]), &mut problems),
            poetry_lock: keep(locked::poetry(tree).map_err(|problem| vec![problem]), &mut problems),
        };
        match problems.is_empty() {
            true => Ok(manifests),
            false => Err(problems),
        }
    }

    /// The lock file that counts.
    pub(crate) fn locked(&self) -> Option<&Locked> {
        self.uv_lock.as_ref().or(self.poetry_lock.as_ref())
    }

    /// Which packages there will be.
    pub(crate) fn dependencies(&self, manager: Manager, delivery: &Delivery) -> Dependencies {
        let environment = marker_environment(delivery);
        let mut dependencies = Dependencies::default();
        match manager {
            Manager::Pip => {
                if let Some(requirements) = &self.requirements {
                    dependencies.add(&requirements.listed, &environment);
                }
            }
            Manager::PipProject | Manager::Uv | Manager::Poetry => {
                if let Some(pyproject) = &self.pyproject {
                    dependencies.add(&pyproject.dependencies, &environment);
                    for name in &pyproject.poetry_dependencies {
                        dependencies.add_name(name);
                    }
                }
                if let Some(locked) = self.locked() {
                    dependencies.add_locked(locked);
                }
            }
            Manager::None => {}
        }
        dependencies
    }
}

fn keep<T>(read: Result<Option<T>, Vec<Diagnostic>>, problems: &mut Vec<Diagnostic>) -> Option<T> {
    read.unwrap_or_else(|found| {
        problems.extend(found);
        None
    })
}

/// Chooses the manager: a lock file before `requirements.txt`, that before a bare `[project]`.
///
/// Errors: two lock files; a manager that is not supported yet; poetry or pyproject without
/// what is needed to install.
pub(crate) fn choose(tree: &dyn SourceTree, manifests: &Manifests) -> Result<Choice, Vec<Diagnostic>> {
    let file = |name: &str| Origin::file(&name.parse().expect("a relative path"));
    let uv = manifests.uv_lock.as_ref().map(|_| (Manager::Uv, file("uv.lock")));
    let poetry = manifests.poetry_lock.as_ref().map(|_| (Manager::Poetry, file("poetry.lock")));
    if uv.is_some() && poetry.is_some() {
        return Err(vec![messages::managers_conflict("uv.lock", "poetry.lock")]);
    }
    let pip = manifests.requirements.as_ref().map(|_| (Manager::Pip, file("requirements.txt")));
    let pyproject = manifests.pyproject.as_ref();
    let project = pyproject
        .filter(|pyproject| pyproject.is_project)
        .map(|_| (Manager::PipProject, file("pyproject.toml")));
    let mut found = [uv, poetry, pip, project].into_iter().flatten();
    let Some((manager, origin)) = found.next() else {
        return without_manager(tree, pyproject);
    };
    if let Some(pyproject) = pyproject
        && manager == Manager::PipProject
        && pyproject.dynamic_dependencies
    {
        return Err(vec![messages::dynamic_dependencies(&pyproject.path)]);
    }
    if pyproject.is_none() && matches!(manager, Manager::Uv | Manager::Poetry) {
        return Err(vec![messages::lock_without_project(&origin)]);
    }
    let mut diagnostics = Vec::new();
    // A lock is made from `[project]`, so only a file beside them is another voice.
    let losers: Vec<Loser> = found
        .filter(|(other, _)| !(*other == Manager::PipProject && manager != Manager::Pip))
        .map(|(other, origin)| Loser { value: other.label().to_owned(), origin })
        .collect();
    if let Some(loser) = losers.first().filter(|_| manager != Manager::Pip) {
        diagnostics.push(messages::requirements_unused(&loser.origin, &origin));
    }
    Ok(Choice {
        manager,
        decision: Decision {
            subject: "python package manager".to_owned(),
            value: manager.name().to_owned(),
            origin,
            losers,
        },
        diagnostics,
    })
}

/// No file of a supported manager: an error when there is one of another, nothing to install
/// otherwise.
fn without_manager(tree: &dyn SourceTree, pyproject: Option<&Pyproject>) -> Result<Choice, Vec<Diagnostic>> {
    if let Some(pyproject) = pyproject.filter(|pyproject| pyproject.is_poetry) {
        return Err(vec![messages::poetry_without_lock(&pyproject.path)]);
    }
    for (name, manager, remedy) in UNSUPPORTED {
        if let Some(file) = find(tree, name) {
            return Err(vec![messages::manager_unsupported(&file.path, manager, remedy)]);
        }
    }
    Ok(Choice {
        manager: Manager::None,
        decision: Decision {
            subject: "python package manager".to_owned(),
            value: Manager::None.name().to_owned(),
            origin: Origin::Default("no file names a requirement".to_owned()),
            losers: Vec::new(),
        },
        diagnostics: Vec::new(),
    })
}

impl Manager {
    /// What plans call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Manager::Pip | Manager::PipProject => "pip",
            Manager::Uv => "uv",
            Manager::Poetry => "poetry",
            Manager::None => "none",
        }
    }

    /// What a reader sees when it lost.
    fn label(self) -> &'static str {
        match self {
            Manager::PipProject => "pip, from `[project]`",
            other => other.name(),
        }
    }

    /// The steps that install, up to `python.install` or `python.project`.
    ///
    /// Errors: what the manager's files ask for and cannot be done.
    pub(crate) fn steps(
        self,
        tree: &dyn SourceTree,
        manifests: &Manifests,
        delivery: &Delivery,
        server: Option<&str>,
    ) -> Result<Vec<Step>, Vec<Diagnostic>> {
        let mut steps = vec![steps::uv(delivery)];
        match (self, &manifests.requirements, &manifests.pyproject) {
            (Manager::Pip, Some(requirements), _) => {
                steps.extend(pip::requirements(requirements, delivery, server));
            }
            (Manager::PipProject, _, Some(pyproject)) => {
                steps.extend(pip::project(pyproject, delivery, server));
            }
            (Manager::Uv, _, Some(pyproject)) => {
                let Some(locked) = &manifests.uv_lock else {
                    unreachable!("uv is chosen by its lock file");
                };
                steps.extend(uv::steps(locked, pyproject, delivery, server)?);
            }
            (Manager::Poetry, _, Some(pyproject)) => {
                let Some(locked) = &manifests.poetry_lock else {
                    unreachable!("poetry is chosen by its lock file");
                };
                steps.extend(poetry::steps(tree, locked, pyproject, delivery, server)?);
            }
            _ => match server {
                Some(server) => steps.extend(pip::server_only(delivery, server)),
                None => return Ok(vec![steps::bare_environment(delivery)]),
            },
        }
        Ok(steps)
    }
}
