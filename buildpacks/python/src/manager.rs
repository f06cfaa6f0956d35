//! Package managers: which one the project uses, and the steps that install with it. All of them
//! end in `/opt/venv`. One more is one more variant of [`Manager`] and one more module.

mod choice;
mod exact;
mod from_pylock;
mod kind;
mod locals;
mod manifests;
mod pip;
mod poetry;
mod uv;

use packwright_buildpack::planner::{Diagnostic, SourceTree, Step};
use packwright_buildpack::step::after;

pub(crate) use choice::{ChosenManager, choose};
pub(crate) use kind::Manager;
pub(crate) use manifests::Manifests;

use crate::releases::Delivery;
use crate::steps;

/// The steps that install, up to `python.install` or `python.project`.
///
/// Errors: what the manager's files ask for and cannot be done.
pub(crate) fn steps(
    manager: Manager,
    tree: &dyn SourceTree,
    manifests: &Manifests,
    delivery: &Delivery,
    servers: &[&str],
) -> Result<Vec<Step>, Vec<Diagnostic>> {
    let own = || manifests.own.clone();
    let made = match (manager, &manifests.pyproject) {
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
        (Manager::Pipfile, _) => manifests.pipfile.as_ref().map(|file| pip::pipfile(file, delivery, servers)),
        (Manager::Setup, _) => {
            let setup = manifests.setup.as_ref().zip(own());
            setup.map(|(setup, own)| pip::setup(setup, own, delivery, servers))
        }
        (Manager::Conda, _) => manifests.conda.as_ref().map(|file| pip::conda(file, delivery, servers)),
        (Manager::Inline, _) => {
            manifests.inline.as_ref().map(|script| pip::inline(script, delivery, servers))
        }
        _ => None,
    };
    let made = match made {
        Some(made) => made,
        None if servers.is_empty() => vec![steps::bare_environment(delivery)],
        None => pip::servers_only(delivery, servers),
    };
    // A bare environment needs no installer.
    let installs = made.iter().any(|step| step.inputs.contains(&after("python.uv")));
    let uv = installs.then(|| steps::uv(delivery));
    Ok(uv.into_iter().chain(made).collect())
}
