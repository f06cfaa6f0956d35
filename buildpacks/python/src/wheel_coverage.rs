//! For which Pythons the packages of a project were published as wheels. A lock file lists its wheels;
//! for a version that a requirement names exactly, a table knows it.

use packwright_buildpack::planner::Origin;
use pep440_rs::Version;

use crate::manifest::locked::Locked;
use crate::manifest::{Newest, Reference, marker_environment};
use crate::releases::Delivery;

/// The first versions that are published as wheels for a Python, where building an older one needs
/// libraries or fails with that Python: name, minor version of Python, version.
///
/// Source: asked of the index with `pip download --only-binary` and `uv pip compile --only-binary :all:
/// --resolution lowest`, November 2026.
const WHEELS_SINCE: &[(&str, (u64, u64), [u64; 3])] = &[
    ("aiohttp", (3, 12), [3, 9, 0]),
    ("aiohttp", (3, 13), [3, 10, 5]),
    ("aiohttp", (3, 14), [3, 13, 0]),
    ("asyncpg", (3, 13), [0, 30, 0]),
    ("cffi", (3, 11), [1, 15, 1]),
    ("cffi", (3, 12), [1, 16, 0]),
    ("cffi", (3, 13), [1, 17, 0]),
    ("gevent", (3, 12), [23, 7, 0]),
    ("gevent", (3, 13), [24, 10, 1]),
    ("gevent", (3, 14), [25, 8, 1]),
    ("greenlet", (3, 13), [3, 1, 0]),
    ("grpcio", (3, 13), [1, 66, 2]),
    ("httptools", (3, 12), [0, 6, 1]),
    ("httptools", (3, 13), [0, 6, 2]),
    ("httptools", (3, 14), [0, 7, 1]),
    ("lxml", (3, 11), [4, 9, 1]),
    ("lxml", (3, 12), [4, 9, 3]),
    ("lxml", (3, 13), [5, 3, 0]),
    ("matplotlib", (3, 12), [3, 7, 3]),
    ("matplotlib", (3, 13), [3, 9, 2]),
    ("matplotlib", (3, 14), [3, 10, 5]),
    ("numba", (3, 12), [0, 59, 0]),
    ("numba", (3, 13), [0, 61, 0]),
    ("numba", (3, 14), [0, 63, 0]),
    ("numpy", (3, 13), [2, 1, 0]),
    ("orjson", (3, 13), [3, 10, 7]),
    ("pandas", (3, 13), [2, 2, 3]),
    ("pillow", (3, 11), [9, 2, 0]),
    ("pillow", (3, 13), [10, 4, 0]),
    ("psycopg-binary", (3, 12), [3, 1, 12]),
    ("psycopg-binary", (3, 13), [3, 2, 2]),
    ("psycopg-binary", (3, 14), [3, 2, 10]),
    ("psycopg2-binary", (3, 11), [2, 9, 5]),
    ("psycopg2-binary", (3, 12), [2, 9, 9]),
    ("psycopg2-binary", (3, 13), [2, 9, 10]),
    ("psycopg2-binary", (3, 14), [2, 9, 11]),
    ("pyarrow", (3, 12), [14, 0, 0]),
    ("pyarrow", (3, 13), [18, 0, 0]),
    ("pyarrow", (3, 14), [22, 0, 0]),
    ("pydantic-core", (3, 13), [2, 20, 0]),
    ("pyyaml", (3, 13), [6, 0, 2]),
    ("pyzmq", (3, 12), [25, 1, 1]),
    ("pyzmq", (3, 13), [26, 1, 0]),
    ("pyzmq", (3, 14), [27, 0, 0]),
    ("scikit-learn", (3, 13), [1, 5, 2]),
    ("scipy", (3, 13), [1, 14, 1]),
    ("shapely", (3, 12), [2, 0, 2]),
    ("shapely", (3, 13), [2, 0, 6]),
    ("shapely", (3, 14), [2, 1, 2]),
    ("tensorflow", (3, 12), [2, 16, 1]),
    ("tensorflow", (3, 13), [2, 20, 0]),
    ("tensorflow", (3, 14), [2, 22, 0]),
    ("tiktoken", (3, 12), [0, 5, 2]),
    ("tiktoken", (3, 13), [0, 8, 0]),
    ("tiktoken", (3, 14), [0, 12, 0]),
    ("tokenizers", (3, 12), [0, 14, 0]),
    ("tokenizers", (3, 13), [0, 15, 1]),
    ("tokenizers", (3, 14), [0, 21, 0]),
    ("torch", (3, 12), [2, 2, 0]),
    ("torch", (3, 13), [2, 5, 0]),
    ("torch", (3, 14), [2, 9, 0]),
    ("uvloop", (3, 13), [0, 21, 0]),
];

/// A package whose older releases import, wherever they are used, what the standard library has no more.
#[derive(Debug, PartialEq, Eq)]
struct Outrun {
    name: &'static str,
    /// The first release that does without; `None` when there is none.
    since: Option<[u64; 3]>,
    /// The module that it imports.
    module: &'static str,
    /// The package that brings the module back.
    backport: &'static str,
}

const fn outrun(name: &'static str, since: [u64; 3], module: &'static str, backport: &'static str) -> Outrun {
    Outrun { name, since: Some(since), module, backport }
}

/// The Python from which on the modules of [`OUTRUN`] are gone. Source: PEP 594.
const GONE_IN: (u64, u64) = (3, 13);

/// The packages. Source: the imports at the top of modules in the published files, November 2026.
const OUTRUN: &[Outrun] = &[
    outrun("cherrypy", [18, 10, 0], "cgi", "legacy-cgi"),
    outrun("discord-py", [2, 5, 0], "audioop", "audioop-lts"),
    outrun("django", [4, 1, 0], "cgi", "legacy-cgi"),
    outrun("falcon", [4, 0, 0], "cgi", "legacy-cgi"),
    outrun("paste", [3, 10, 1], "cgi", "legacy-cgi"),
    Outrun { name: "pydub", since: None, module: "audioop", backport: "audioop-lts" },
    outrun("pysaml2", [7, 5, 5], "cgi", "legacy-cgi"),
    outrun("python-telegram-bot", [20, 0, 0], "imghdr", "standard-imghdr"),
    outrun("speechrecognition", [3, 12, 0], "aifc", "standard-aifc"),
    outrun("tweepy", [4, 15, 0], "imghdr", "standard-imghdr"),
    outrun("web-py", [0, 70, 0], "cgi", "legacy-cgi"),
    outrun("webob", [1, 8, 9], "cgi", "legacy-cgi"),
];

impl Outrun {
    /// Whether a requirement whose versions end at `newest` is for releases that `delivery` outran.
    fn is_past(&self, newest: Option<&Newest>, delivery: &Delivery) -> bool {
        let is_old = match (self.since, newest) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(since), Some(newest)) => newest.is_before(&Version::new(since)),
        };
        is_old && delivery.minor >= GONE_IN
    }
}

/// A package that imports what the chosen Python has no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MissingModule {
    /// The package.
    pub(crate) package: &'static str,
    /// What it imports.
    pub(crate) module: &'static str,
    /// The package that brings the module back.
    pub(crate) backport: &'static str,
    /// Who asks for the package.
    pub(crate) origin: Origin,
}

/// What tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WheelCoverage<'a> {
    /// A lock file.
    Lock(&'a Locked),
    /// A list of requirements.
    List(&'a [Reference]),
}

impl WheelCoverage<'_> {
    /// Whether the index is to be asked: there are exact versions or upper bounds, and no file names their wheels.
    pub(crate) fn is_of_the_index(&self) -> bool {
        match self {
            WheelCoverage::Lock(locked) => !locked.names.is_empty() && !locked.has_files(),
            WheelCoverage::List(list) => list.iter().any(|one| one.newest.is_some()),
        }
    }

    /// The packages without a wheel for `delivery`, and those that do not run on it.
    pub(crate) fn lacking(&self, delivery: &Delivery) -> Vec<String> {
        match self {
            WheelCoverage::Lock(locked) => {
                let outrun = self.outrun(delivery).map(|(row, _)| row.name);
                locked.without_wheel(delivery).into_iter().chain(outrun).map(str::to_owned).collect()
            }
            WheelCoverage::List(_) => self.old(delivery).map(|one| one.name.to_string()).collect(),
        }
    }

    /// The packages that import modules which `delivery` has no more, and that nothing brings back.
    pub(crate) fn missing_modules(&self, delivery: &Delivery) -> Vec<MissingModule> {
        let missing = |(row, origin): (&Outrun, Origin)| MissingModule {
            package: row.name,
            module: row.module,
            backport: row.backport,
            origin,
        };
        self.outrun(delivery).map(missing).collect()
    }

    /// The rows that `delivery` outran, with who asks for the package.
    fn outrun<'s>(
        &'s self,
        delivery: &'s Delivery,
    ) -> Box<dyn Iterator<Item = (&'static Outrun, Origin)> + 's> {
        match *self {
            WheelCoverage::Lock(locked) => Box::new(OUTRUN.iter().filter_map(move |row| {
                let version = locked.version(row.name)?;
                let newest = Newest { version, is_accepted: true };
                let is_missing = row.is_past(Some(&newest), delivery) && !locked.names.contains(row.backport);
                is_missing.then(|| (row, Origin::file(&locked.path)))
            })),
            WheelCoverage::List(list) => {
                let environment = marker_environment(delivery);
                let is_back = |row: &Outrun| list.iter().any(|one| one.name.as_ref() == row.backport);
                Box::new(list.iter().filter(move |one| one.applies(&environment)).filter_map(move |one| {
                    let row = OUTRUN.iter().find(|row| row.name == one.name.as_ref())?;
                    let is_missing = row.is_past(one.newest.as_ref(), delivery) && !is_back(row);
                    is_missing.then(|| (row, one.origin.clone()))
                }))
            }
        }
    }

    /// Those of a list that ask for a version from before `delivery`.
    fn old<'s>(&'s self, delivery: &'s Delivery) -> impl Iterator<Item = &'s Reference> {
        let list: &[Reference] = match self {
            WheelCoverage::List(list) => list,
            WheelCoverage::Lock(_) => &[],
        };
        let environment = marker_environment(delivery);
        let outrun: Vec<&'static str> = self.outrun(delivery).map(|(row, _)| row.name).collect();
        let is_old = move |one: &&Reference| {
            (is_older(one, delivery) || outrun.contains(&one.name.as_ref())) && one.applies(&environment)
        };
        list.iter().filter(is_old)
    }

    /// The place that says so of `delivery`.
    pub(crate) fn origin(&self, delivery: &Delivery) -> Option<Origin> {
        match self {
            WheelCoverage::Lock(locked) => Some(Origin::file(&locked.path)),
            WheelCoverage::List(_) => self.old(delivery).next().map(|one| one.origin.clone()),
        }
    }
}

/// Whether `reference` asks for versions that are known to have no wheel for `delivery`.
pub(crate) fn is_older(reference: &Reference, delivery: &Delivery) -> bool {
    let name: &str = reference.name.as_ref();
    let since = WHEELS_SINCE.iter().find(|(known, minor, _)| *known == name && *minor == delivery.minor);
    let newest = reference.newest.as_ref();
    since.is_some_and(|(_, _, since)| newest.is_some_and(|newest| newest.is_before(&Version::new(*since))))
}
