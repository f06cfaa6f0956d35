//! [`Manifests`]: every manifest and lock file of a project, read once, and what they say together.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested, SourceTree, has};
use packwright_buildpack::version::Notation;

use super::kind::Manager;
use crate::dependencies::Dependencies;
use crate::framework::application::Application;
use crate::manifest::conda::{self, Environment};
use crate::manifest::exact::Exact;
use crate::manifest::inline::{self, InlineScript};
use crate::manifest::local::Local;
use crate::manifest::locked::{self, Locked, LockedDirectory};
use crate::manifest::pipfile::{self, Pipfile};
use crate::manifest::pyproject::{self, Pyproject};
use crate::manifest::requirements::{self, Requirements};
use crate::manifest::setup::{self, Setup};
use crate::manifest::{Reference, pdm, pylock};
use crate::messages;
use crate::releases::{Delivery, default_release};
use crate::wheel_coverage::WheelCoverage;

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
    /// What a script says itself that it needs; it counts where no other manifest is there.
    pub(crate) inline: Option<InlineScript>,
    /// The project itself as a package, when one of its files says how it is built.
    pub(crate) own: Option<Local>,
}

impl Manifests {
    /// Reads all of them; `app` is the wanted member of a workspace, `list` the list of requirements
    /// where it is not `requirements.txt`. `setup.py` and conda's file
    /// count only when there is no other manifest, and are read only then.
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
        manifests.inline = keep(inline::read(tree), &mut problems);
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

    /// Reads those that say what the project asks for, and no lock file; `list` as for
    /// [`Manifests::read`].
    ///
    /// Errors: everything that is wrong in any of them.
    pub(crate) fn without_locks(
        tree: &dyn SourceTree,
        list: Option<RelPath>,
    ) -> Result<Manifests, Vec<Diagnostic>> {
        let path = list.unwrap_or_else(|| "requirements.txt".parse().expect("a relative path"));
        let mut manifests = Manifests {
            pyproject: pyproject::read(tree)?,
            requirements: requirements::read(tree, &path)?,
            pipfile: pipfile::read(tree)?,
            ..Manifests::default()
        };
        let is_project = manifests.pyproject.as_ref().is_some_and(|pyproject| pyproject.is_project);
        if !is_project && manifests.requirements.is_none() && manifests.pipfile.is_none() {
            manifests.setup = setup::read_at(tree, None)?;
            if manifests.setup.is_none() {
                manifests.conda = conda::read(tree)?;
            }
        }
        // Only then the block counts, and detection reads no file for nothing.
        let others = manifests.requirements.is_some() || manifests.pipfile.is_some();
        if !is_project && !others && manifests.setup.is_none() && manifests.conda.is_none() {
            manifests.inline = inline::read(tree)?;
        }
        Ok(manifests)
    }

    /// The packages that the manifests ask for, whichever manager counts, as the default Python
    /// reads them.
    pub(crate) fn direct_dependencies(&self) -> Dependencies {
        let delivery = default_release();
        let managers = [
            Manager::Pip,
            Manager::PipProject,
            Manager::Pipfile,
            Manager::Setup,
            Manager::Conda,
            Manager::Inline,
        ];
        let mut dependencies = Dependencies::new(&delivery);
        managers.into_iter().for_each(|manager| self.add_direct(manager, &mut dependencies));
        dependencies
    }

    /// The directory of the member of a workspace that `app` chooses, or that is the only one. Only
    /// `uv.lock` says it; the lock is not read where the project at the root is meant.
    pub(crate) fn member_without_locks(&self, tree: &dyn SourceTree, app: Option<&str>) -> Option<RelPath> {
        if app.is_none() && !self.is_bare_workspace(tree) {
            return None;
        }
        locked::uv(tree, app).ok()??.member?.dir.parse().ok()
    }

    /// Whether the top of the tree is a workspace of uv and no project itself.
    pub(crate) fn is_bare_workspace(&self, tree: &dyn SourceTree) -> bool {
        self.pyproject.as_ref().is_some_and(|pyproject| !pyproject.is_project) && has(tree, "uv.lock")
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
    pub(crate) fn wheel_coverage(&self) -> Option<WheelCoverage<'_>> {
        // The first that is there is what is installed from.
        let project = self.pyproject.as_ref().filter(|file| file.is_project);
        let lists: [Option<&[Reference]>; 6] = [
            self.requirements.as_ref().map(|file| file.listed.as_slice()),
            self.pipfile.as_ref().map(|file| file.listed.as_slice()),
            project.map(|file| file.dependencies.as_slice()),
            self.setup.as_ref().and_then(|file| file.dependencies.as_deref()),
            self.conda.as_ref().map(|file| file.listed.as_slice()),
            self.inline.as_ref().map(|script| script.listed.as_slice()),
        ];
        let list = lists.into_iter().flatten().next().map(WheelCoverage::List);
        self.locked().map(WheelCoverage::Lock).or(list)
    }

    /// What they say about Python, in falling precedence.
    pub(crate) fn version_requests(&self) -> Vec<(Requested<String>, Notation)> {
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
            self.inline.as_ref().and_then(|script| script.requires_python.as_ref()),
        ];
        let as_written = |(text, origin): &(String, Origin), notation: Notation| {
            (Requested { value: text.clone(), origin: origin.clone() }, notation)
        };
        let pipfile = pipfile.into_iter().map(|request| as_written(request, Notation::Version));
        let ranges = ranges.into_iter().flatten().map(|request| as_written(request, Notation::Range));
        let conda = conda.into_iter().map(|request| as_written(request, Notation::Version));
        pipfile.chain(ranges).chain(conda).collect()
    }

    /// Which packages there will be.
    pub(crate) fn dependencies(&self, manager: Manager, delivery: &Delivery) -> Dependencies {
        let mut dependencies = Dependencies::new(delivery);
        self.add_direct(manager, &mut dependencies);
        if let Some(locked) = self.locked().filter(|_| manager.is_locked()) {
            dependencies.add_locked(locked);
        }
        if manager == Manager::Pylock {
            // It does not tell which packages the project itself asks for.
            self.pylock.iter().flat_map(|locked| &locked.names).for_each(|name| dependencies.add_name(name));
        }
        dependencies
    }

    /// Adds what the manifest of `manager` asks for.
    fn add_direct(&self, manager: Manager, dependencies: &mut Dependencies) {
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
                if self.setup.as_ref().is_some_and(|file| file.dependencies.is_none()) {
                    dependencies.leave_open();
                }
            }
            Manager::Inline => self.inline.iter().for_each(|script| listed(&script.listed)),
            Manager::Conda => self.conda.iter().for_each(|file| listed(&file.listed)),
            Manager::PipProject | Manager::Uv | Manager::Poetry | Manager::Pdm => {
                if let Some(pyproject) = &self.pyproject {
                    dependencies.add(&pyproject.dependencies);
                    if pyproject.dynamic_dependencies {
                        dependencies.leave_open();
                    }
                    for name in &pyproject.poetry_dependencies {
                        dependencies.add_name(name);
                    }
                }
            }
            Manager::Pylock | Manager::None => {}
        }
    }

    /// A word about what a script says that it needs and `manager`, which `origin` chose, does not bring.
    pub(crate) fn inline_remark(
        &self,
        manager: Manager,
        origin: &Origin,
        dependencies: &Dependencies,
    ) -> Option<Diagnostic> {
        let script =
            self.inline.as_ref().filter(|_| manager != Manager::Inline && !dependencies.is_open())?;
        let names = script.listed.iter().map(|one| one.name.as_ref());
        let names: Vec<&str> = names.filter(|name| !dependencies.have(name)).collect();
        (!names.is_empty()).then(|| messages::inline_unused(&script.origin, origin, &names))
    }

    /// The directory of the chosen member of a workspace.
    pub(crate) fn member(&self) -> Option<RelPath> {
        self.uv_lock.as_ref()?.member.as_ref()?.dir.parse().ok()
    }

    /// The member of a workspace of uv in whose directory `application` lies, by its name, where none is chosen
    /// and the project at the root does not need it: `uv sync` would leave its packages out.
    pub(crate) fn member_with(&self, application: &Application) -> Option<Requested<String>> {
        let lock = self.uv_lock.as_ref().filter(|lock| lock.member.is_none())?;
        let decision = application.decisions.iter().find(|decision| decision.subject == "application")?;
        let Origin::File { path, .. } = &decision.origin else { return None };
        let dir = |member: &LockedDirectory| member.dir.parse::<RelPath>().ok();
        let holds = |member: &&LockedDirectory| dir(member).is_some_and(|dir| path.is_within(&dir));
        // The innermost: a member may lie in another one.
        let member = lock.local.iter().filter(holds).max_by_key(|member| member.dir.len())?;
        let is_left_out = !member.needed;
        is_left_out.then(|| Requested { value: member.name.clone(), origin: decision.origin.clone() })
    }

    /// The directories of the members that the project at the root does not need.
    pub(crate) fn members_apart(&self) -> Vec<RelPath> {
        let apart = self.uv_lock.iter().flat_map(|lock| &lock.local).filter(|member| !member.needed);
        apart.filter_map(|member| member.dir.parse().ok()).collect()
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
            Manager::Inline => self.inline.as_ref().is_some_and(|script| plain(&script.lines)),
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
