//! For which Pythons the packages of a project were published as wheels, as far as its files tell: a
//! lock file lists the wheels, of a version that is asked for exactly the table knows.

use packwright_planner::Origin;
use pep440_rs::Version;

use crate::data::{Delivery, RUNS_SINCE, WHEELS_SINCE};
use crate::manifest::locked::Locked;
use crate::manifest::{Reference, marker_environment};

/// What tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Published<'a> {
    /// A lock file.
    Lock(&'a Locked),
    /// A list of requirements.
    List(&'a [Reference]),
}

impl Published<'_> {
    /// The packages without a wheel for `delivery`, and those that do not run on it.
    pub(crate) fn lacking(&self, delivery: &Delivery) -> Vec<String> {
        match self {
            Published::Lock(locked) => {
                let outrun = RUNS_SINCE.iter().map(|(name, _, _)| *name).filter(|name| {
                    locked
                        .version(name)
                        .is_some_and(|version| is_before(RUNS_SINCE, name, &version, delivery))
                });
                locked.without_wheel(delivery).into_iter().chain(outrun).map(str::to_owned).collect()
            }
            Published::List(list) => old(list, delivery).map(|one| one.name.to_string()).collect(),
        }
    }

    /// The place that says so of `delivery`.
    pub(crate) fn origin(&self, delivery: &Delivery) -> Option<Origin> {
        match self {
            Published::Lock(locked) => Some(Origin::file(&locked.path)),
            Published::List(list) => old(list, delivery).next().map(|one| one.origin.clone()),
        }
    }
}

/// Those of `list` that ask for a version from before `delivery`.
fn old<'a>(list: &'a [Reference], delivery: &'a Delivery) -> impl Iterator<Item = &'a Reference> {
    let environment = marker_environment(delivery);
    let outrun = |one: &Reference| {
        one.exact.as_ref().is_some_and(|exact| is_before(RUNS_SINCE, one.name.as_ref(), exact, delivery))
    };
    list.iter().filter(move |one| (is_older(one, delivery) || outrun(one)) && one.applies(&environment))
}

/// Whether `reference` asks for a version that is known to have no wheel for `delivery`.
pub(crate) fn is_older(reference: &Reference, delivery: &Delivery) -> bool {
    let name: &str = reference.name.as_ref();
    reference.exact.as_ref().is_some_and(|exact| is_before(WHEELS_SINCE, name, exact, delivery))
}

/// Whether the table says that the version is too old for `delivery`.
fn is_before(
    table: &[(&str, (u64, u64), [u64; 3])],
    name: &str,
    version: &Version,
    delivery: &Delivery,
) -> bool {
    let since = table.iter().find(|(known, minor, _)| *known == name && *minor == delivery.minor);
    since.is_some_and(|(_, _, since)| *version < Version::new(*since))
}
