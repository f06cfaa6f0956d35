//! Package managers: which one the project uses, and the steps that install with it. All of them
//! end in `/opt/venv`. One more is one more variant of [`Manager`] and one more module.

mod choice;
mod exact;
mod from_pylock;
mod pip;
mod poetry;
mod uv;

use packwright_planner::{Diagnostic, Origin, RelPath, SourceTree, Step};

pub(crate) use choice::choose;

use crate::data::Delivery;
use crate::dependencies::Dependencies;
use crate::manifest::conda::{self, Environment};
use crate::manifest::exact::Exact;
use crate::manifest::local::Local;
use crate::manifest::locked::{self, Locked};
use crate::manifest::pipfile::{self, Pipfile};
use crate::manifest::pyproject::{self, Pyproject};
use crate::manifest::requirements::{self, Requirements};
use crate::manifest::setup::{self, Setup};
use crate::manifest::{Reference, directory, pdm, pylock};
use crate::published::Published;
use crate::steps;
use crate::version::{Form, Wish};

/// The manifests of a project, read.
#[derive(Debug, Default)]
pub(crate) struct Manifests {
    pub(crate) pyproject: Option<Pyproject>,
    pub(crate) requirements: Option<Requirements>,
    pub(crate) uv_lock: Option<Locked>,
    pub(crate) poetry_lock: Option<Locked>,
    pub(crate) pdm_lock: Option<Exact>,
    pub(crate) pylock: Option<Locked>,
    pub(crate) pipfile: Option<Pipfile>,
    pub(crate) pipfile_lock: Option<Exact>,
    pub(crate) setup: Option<Setup>,
    pub(crate) conda: Option<Environment>,
    /// The project itself as a package, when one of its files says how it is built.
    pub(crate) own: Option<Local>,
}

/// Who installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
    /// `pdm.lock`.
    Pdm,
    /// `Pipfile.lock`.
    Pipenv,
    /// `pylock.toml`.
    Pylock,
    /// `requirements.txt`.
    Pip,
    /// `Pipfile` without a lock.
    Pipfile,
    /// `[project]` in `pyproject.toml`, without a lock.
    PipProject,
    /// `setup.py` or `setup.cfg`.
    Setup,
    /// `environment.yml`.
    Conda,
    /// Nothing to install.
    None,
}

impl Manifests {
    /// Reads all of them; `app` is the wanted member of a workspace, `list` the list of requirements
    /// where it is not `requirements.txt`. Those that speak only when
    /// no other does are read only then.
    ///
    /// Errors: everything that is wrong in any of them.
    pub(crate) fn read(
        tree: &dyn SourceTree,
        app: Option<&str>,
        list: Option<RelPath>,
    ) -> Result<Manifests, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let one = |problem: Diagnostic| vec![problem];
        let path = list.unwrap_or_else(|| "requirements.txt".parse().expect("a relative path"));
        let mut manifests = Manifests {
            pyproject: keep(pyproject::read(tree), &mut problems),
            requirements: keep(requirements::read(tree, &path), &mut problems),
            uv_lock: keep(locked::uv(tree, app).map_err(one), &mut problems),
            poetry_lock: keep(locked::poetry(tree).map_err(one), &mut problems),
            pipfile: keep(pipfile::read(tree), &mut problems),
            ..Manifests::default()
        };
        manifests.pdm_lock = keep(pdm::read(tree, manifests.pyproject.as_ref()), &mut problems);
        manifests.pipfile_lock = keep(pipfile::read_lock(tree, manifests.pipfile.as_ref()), &mut problems);
        if manifests.locked().is_none() {
            manifests.pylock = keep(pylock::read(tree), &mut problems);
        }
        let is_project = manifests.pyproject.as_ref().is_some_and(|pyproject| pyproject.is_project);
        let nothing = manifests.locked().is_none() && manifests.requirements.is_none() && !is_project;
        if nothing && manifests.pipfile.is_none() {
            manifests.setup = keep(setup::read_at(tree, None), &mut problems);
            if manifests.setup.is_none() {
                manifests.conda = keep(conda::read(tree), &mut problems);
            }
        }
        let builds = manifests.pyproject.as_ref().filter(|pyproject| {
            pyproject.is_project && (pyproject.build_requires.is_some() || pyproject.dynamic_dependencies)
        });
        let evidence = builds.map(|file| &file.path).or(manifests.setup.as_ref().map(|setup| &setup.path));
        if let Some(path) = evidence {
            manifests.own =
                keep(Local::read(tree, None, false, &Origin::file(path)).map(Some), &mut problems);
        }
        match problems.is_empty() {
            true => Ok(manifests),
            false => Err(problems),
        }
    }

    /// The lock file that counts.
    pub(crate) fn locked(&self) -> Option<&Locked> {
        let exact = self.pdm_lock.as_ref().or(self.pipfile_lock.as_ref()).map(|exact| &exact.locked);
        self.uv_lock.as_ref().or(self.poetry_lock.as_ref()).or(exact).or(self.pylock.as_ref())
    }

    /// The files by which Heroku's buildpack tells package managers apart, as far as they are there.
    ///
    /// Source: heroku-buildpack-python, lib/package_manager.sh.
    pub(crate) fn files_of_managers(&self) -> Vec<&'static str> {
        let there = [
            (self.requirements.is_some(), "requirements.txt"),
            (self.pipfile_lock.is_some(), "Pipfile.lock"),
            (self.poetry_lock.is_some(), "poetry.lock"),
            (self.uv_lock.is_some(), "uv.lock"),
        ];
        there.into_iter().filter(|(there, _)| *there).map(|(_, name)| name).collect()
    }

    /// What tells for which Pythons the packages were published.
    pub(crate) fn published(&self) -> Option<Published<'_>> {
        let list = || self.requirements.as_ref().map(|file| Published::List(&file.listed));
        self.locked().map(Published::Lock).or_else(list)
    }

    /// What they say about Python, in falling precedence.
    pub(crate) fn wishes(&self) -> Vec<Wish> {
        let pyproject = self.pyproject.as_ref();
        let pipfile = self.pipfile.as_ref().and_then(|file| file.python.as_ref());
        let conda = self.conda.as_ref().and_then(|file| file.python.as_ref());
        // A Pipfile's lock repeats what the Pipfile says.
        let lock = self.locked().filter(|_| self.pipfile_lock.is_none() || self.pipfile.is_none());
        let ranges = [
            pyproject.and_then(|file| file.requires_python.as_ref()),
            pyproject.and_then(|file| file.poetry_python.as_ref()),
            self.setup.as_ref().and_then(|file| file.requires_python.as_ref()),
            lock.and_then(|file| file.requires_python.as_ref()),
        ];
        let exact = |wish: &(String, Origin)| Wish::new(wish, Form::Version);
        let range = |wish: &(String, Origin)| Wish::new(wish, Form::Range);
        let first = pipfile.into_iter().map(exact);
        first.chain(ranges.into_iter().flatten().map(range)).chain(conda.into_iter().map(exact)).collect()
    }

    /// Which packages there will be.
    pub(crate) fn dependencies(&self, manager: Manager, delivery: &Delivery) -> Dependencies {
        let mut dependencies = Dependencies::new(delivery);
        let mut listed = |references: &[Reference]| dependencies.add(references);
        match manager {
            Manager::Pip => {
                if let Some(requirements) = &self.requirements {
                    listed(&requirements.listed);
                    requirements.local.iter().for_each(|local| listed(&local.dependencies));
                    for (name, origin) in &requirements.no_binary {
                        dependencies.forbid_wheels(name, origin);
                    }
                }
            }
            Manager::Pipfile | Manager::Pipenv => {
                self.pipfile.iter().for_each(|file| listed(&file.listed));
            }
            Manager::Setup => {
                self.setup.iter().flat_map(|file| &file.dependencies).for_each(|found| listed(found));
            }
            Manager::Conda => self.conda.iter().for_each(|file| listed(&file.listed)),
            Manager::PipProject | Manager::Uv | Manager::Poetry | Manager::Pdm => {
                if let Some(pyproject) = &self.pyproject {
                    dependencies.add(&pyproject.dependencies);
                    for name in &pyproject.poetry_dependencies {
                        dependencies.add_name(name);
                    }
                }
            }
            Manager::Pylock | Manager::None => {}
        }
        if let Some(locked) = self.locked().filter(|_| manager.is_locked()) {
            dependencies.add_locked(locked);
        }
        if manager == Manager::Pylock {
            // It does not tell which packages the project itself asks for.
            self.pylock.iter().flat_map(|locked| &locked.names).for_each(|name| dependencies.add_name(name));
        }
        dependencies
    }

    /// The directory of the chosen member of a workspace.
    pub(crate) fn member(&self) -> Option<RelPath> {
        self.uv_lock.as_ref()?.member.as_ref()?.dir.parse().ok()
    }

    /// The list of requirements that `manager` resolves.
    pub(crate) fn floating(&self, manager: Manager) -> Option<&Requirements> {
        self.requirements.as_ref().filter(|list| manager == Manager::Pip && !list.hashed)
    }

    /// Whether the steps of `manager` fetch from version control.
    pub(crate) fn is_versioned(&self, manager: Manager) -> bool {
        let exact = |exact: &Option<Exact>| exact.as_ref().is_some_and(|exact| !exact.versioned.is_empty());
        let locked = |locked: &Option<Locked>| {
            locked.as_ref().is_some_and(|locked| !locked.version_control.is_empty())
        };
        let plain = |lines: &[String]| lines.iter().any(|line| line.contains("git+"));
        match manager {
            Manager::Pip => self.requirements.as_ref().is_some_and(|file| file.versioned),
            Manager::PipProject => self.pyproject.as_ref().is_some_and(Pyproject::is_versioned),
            Manager::Uv => locked(&self.uv_lock),
            Manager::Poetry => locked(&self.poetry_lock),
            Manager::Pylock => locked(&self.pylock),
            Manager::Pdm => exact(&self.pdm_lock),
            Manager::Pipenv => exact(&self.pipfile_lock),
            Manager::Pipfile => self.pipfile.as_ref().is_some_and(|file| file.versioned),
            Manager::Setup => self.setup.as_ref().is_some_and(|file| plain(&file.lines)),
            Manager::Conda => self.conda.as_ref().is_some_and(|file| plain(&file.requirements)),
            Manager::None => false,
        }
    }
}

fn keep<T>(read: Result<Option<T>, Vec<Diagnostic>>, problems: &mut Vec<Diagnostic>) -> Option<T> {
    read.unwrap_or_else(|found| {
        problems.extend(found);
        None
    })
}

/// The packages of the tree that `locked` needs. `seen` gets the files that say what the lock's
/// packages of the tree need, so that the lock can be checked against them.
///
/// Errors: a directory that is not in the tree, or is no package.
fn locals(
    tree: &dyn SourceTree,
    locked: &Locked,
    seen: &mut Vec<String>,
) -> Result<Vec<Local>, Vec<Diagnostic>> {
    let at = Origin::file(&locked.path);
    let mut locals = Vec::new();
    let mut problems = Vec::new();
    for place in &locked.local {
        let read = directory(&locked.path, &place.dir, &at)
            .map_err(|problem| vec![problem])
            .and_then(|dir| Local::read(tree, dir, false, &at));
        match read {
            Ok(local) => {
                seen.extend(local.manifests.iter().cloned());
                locals.extend((place.needed && place.builds).then_some(local));
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(locals) } else { Err(problems) }
}

impl Manager {
    /// What plans call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Manager::Pip | Manager::PipProject | Manager::Pylock => "pip",
            Manager::Uv => "uv",
            Manager::Poetry => "poetry",
            Manager::Pdm => "pdm",
            Manager::Pipenv | Manager::Pipfile => "pipenv",
            Manager::Setup => "setuptools",
            Manager::Conda => "conda",
            Manager::None => "none",
        }
    }

    /// What a reader sees when it lost.
    fn label(self) -> &'static str {
        match self {
            Manager::PipProject => "pip, from `[project]`",
            Manager::Pylock => "pip, from a lock",
            other => other.name(),
        }
    }

    /// Whether a platform that orders managers means this one by `name`: a bare `[project]` is
    /// nobody's file of its own.
    fn is_called(self, name: &str) -> bool {
        self.name() == name && !matches!(self, Manager::PipProject | Manager::Pylock)
    }

    /// Whether a lock file says what is installed.
    pub(crate) fn is_locked(self) -> bool {
        matches!(self, Manager::Uv | Manager::Poetry | Manager::Pdm | Manager::Pipenv | Manager::Pylock)
    }

    /// The steps that install, up to `python.install` or `python.project`.
    ///
    /// Errors: what the manager's files ask for and cannot be done.
    pub(crate) fn steps(
        self,
        tree: &dyn SourceTree,
        manifests: &Manifests,
        delivery: &Delivery,
        servers: &[&str],
    ) -> Result<Vec<Step>, Vec<Diagnostic>> {
        let own = || manifests.own.clone();
        let made = match (self, &manifests.pyproject) {
            (Manager::Pip, _) => {
                let requirements = manifests.requirements.as_ref();
                requirements.map(|file| pip::requirements(file, delivery, servers))
            }
            (Manager::PipProject, Some(pyproject)) => Some(pip::project(pyproject, own(), delivery, servers)),
            (Manager::Uv, Some(pyproject)) => {
                let locked = manifests.uv_lock.as_ref();
                locked.map(|locked| uv::steps(tree, locked, pyproject, delivery, servers)).transpose()?
            }
            (Manager::Poetry, Some(pyproject)) => {
                let locked = manifests.poetry_lock.as_ref();
                locked.map(|locked| poetry::steps(tree, locked, pyproject, delivery, servers)).transpose()?
            }
            (Manager::Pdm, Some(pyproject)) => {
                let own = own().filter(|_| pyproject.pdm_distribution && pyproject.build_requires.is_some());
                manifests.pdm_lock.as_ref().map(|lock| exact::steps(lock, own, delivery, servers))
            }
            (Manager::Pipenv, _) => {
                manifests.pipfile_lock.as_ref().map(|lock| exact::steps(lock, None, delivery, servers))
            }
            (Manager::Pylock, _) => {
                manifests.pylock.as_ref().map(|lock| from_pylock::steps(lock, delivery, servers))
            }
            (Manager::Pipfile, _) => {
                manifests.pipfile.as_ref().map(|file| pip::pipfile(file, delivery, servers))
            }
            (Manager::Setup, _) => {
                let setup = manifests.setup.as_ref().zip(own());
                setup.map(|(setup, own)| pip::setup(setup, own, delivery, servers))
            }
            (Manager::Conda, _) => manifests.conda.as_ref().map(|file| pip::conda(file, delivery, servers)),
            _ => None,
        };
        let made = match made {
            Some(made) => made,
            None if servers.is_empty() => vec![steps::bare_environment(delivery)],
            None => pip::servers_only(delivery, servers),
        };
        // A bare environment needs no installer.
        let installs = made.iter().any(|step| step.inputs.contains(&steps::after("python.uv")));
        let uv = installs.then(|| steps::uv(delivery));
        Ok(uv.into_iter().chain(made).collect())
    }
}
