//! For which Pythons the packages of a project were published as wheels. A lock file lists its wheels;
//! for a version that a requirement names exactly, a table knows it.

use packwright_buildpack::planner::Origin;
use pep440_rs::Version;

use crate::manifest::locked::Locked;
use crate::manifest::{Reference, marker_environment};
use crate::releases::Delivery;

/// The first versions that are published as wheels for a Python, where building an older one needs
/// libraries or fails with that Python: name, minor version of Python, version.
///
/// Source: asked of the index with `pip download --only-binary`, November 2026.
const WHEELS_SINCE: &[(&str, (u64, u64), [u64; 3])] = &[
    ("asyncpg", (3, 13), [0, 30, 0]),
    ("cffi", (3, 11), [1, 15, 1]),
    ("cffi", (3, 12), [1, 16, 0]),
    ("cffi", (3, 13), [1, 17, 0]),
    ("greenlet", (3, 13), [3, 1, 0]),
    ("grpcio", (3, 13), [1, 66, 2]),
    ("lxml", (3, 11), [4, 9, 1]),
    ("lxml", (3, 12), [4, 9, 3]),
    ("lxml", (3, 13), [5, 3, 0]),
    ("numpy", (3, 13), [2, 1, 0]),
    ("orjson", (3, 13), [3, 10, 7]),
    ("pandas", (3, 13), [2, 2, 3]),
    ("pillow", (3, 11), [9, 2, 0]),
    ("pillow", (3, 13), [10, 4, 0]),
    ("psycopg2-binary", (3, 11), [2, 9, 5]),
    ("psycopg2-binary", (3, 12), [2, 9, 9]),
    ("psycopg2-binary", (3, 13), [2, 9, 10]),
    ("psycopg2-binary", (3, 14), [2, 9, 11]),
    ("pydantic-core", (3, 13), [2, 20, 0]),
    ("pyyaml", (3, 13), [6, 0, 2]),
    ("scikit-learn", (3, 13), [1, 5, 2]),
    ("scipy", (3, 13), [1, 14, 1]),
    ("uvloop", (3, 13), [0, 21, 0]),
];

/// The first versions that run on a Python, of packages without compiled code: older ones import
/// modules that it has no more. Name, minor version of Python, version.
///
/// Source: the imports in the published files, November 2026; `cgi` went with Python 3.13, and Django had used it up to 4.0.
const RUNS_SINCE: &[(&str, (u64, u64), [u64; 3])] =
    &[("django", (3, 13), [4, 1, 0]), ("django", (3, 14), [4, 1, 0]), ("django", (3, 15), [4, 1, 0])];

/// What tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WheelCoverage<'a> {
    /// A lock file.
    Lock(&'a Locked),
    /// A list of requirements.
    List(&'a [Reference]),
}

impl WheelCoverage<'_> {
    /// The packages without a wheel for `delivery`, and those that do not run on it.
    pub(crate) fn lacking(&self, delivery: &Delivery) -> Vec<String> {
        match self {
            WheelCoverage::Lock(locked) => {
                let outrun = RUNS_SINCE.iter().map(|(name, _, _)| *name).filter(|name| {
                    locked
                        .version(name)
                        .is_some_and(|version| is_before(RUNS_SINCE, name, &version, delivery))
                });
                locked.without_wheel(delivery).into_iter().chain(outrun).map(str::to_owned).collect()
            }
            WheelCoverage::List(list) => old(list, delivery).map(|one| one.name.to_string()).collect(),
        }
    }

    /// The place that says so of `delivery`.
    pub(crate) fn origin(&self, delivery: &Delivery) -> Option<Origin> {
        match self {
            WheelCoverage::Lock(locked) => Some(Origin::file(&locked.path)),
            WheelCoverage::List(list) => old(list, delivery).next().map(|one| one.origin.clone()),
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
