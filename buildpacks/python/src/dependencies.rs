//! [`Dependencies`]: which packages the application will have, as far as that is known before
//! anything is resolved.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::Origin;
use pep508_rs::MarkerEnvironment;

use crate::manifest::locked::Locked;
use crate::manifest::{Reference, marker_environment};
use crate::releases::Delivery;
use crate::wheel_coverage::is_older;

/// Requirements that bring what matters to a plan: name, extra (`""` for none), what they bring. Only
/// what the list of direct requirements alone does not show.
const BRINGS: &[(&str, &str, &str)] = &[
    ("fastapi", "standard", "uvicorn"),
    ("fastapi", "all", "uvicorn"),
    ("fastapi-cli", "standard", "uvicorn"),
    ("uvicorn-worker", "", "uvicorn"),
    ("uvicorn-worker", "", "gunicorn"),
    ("psycopg", "binary", "psycopg-binary"),
    ("psycopg", "c", "psycopg-c"),
];

/// Why a package is built although others get it as a wheel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Built {
    /// The lock file holds no wheel for the chosen Python.
    Unlocked(Origin),
    /// The version that is asked for is older than the chosen Python.
    Old(Origin),
    /// `--no-binary` says so.
    Asked(Origin),
}

/// Names of packages, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependencies {
    asked: BTreeSet<String>,
    all: BTreeSet<String>,
    built: BTreeMap<String, Built>,
    is_open: bool,
    environment: MarkerEnvironment,
    delivery: Delivery,
}

impl Built {
    /// Who says so.
    pub(crate) fn origin(&self) -> &Origin {
        match self {
            Built::Unlocked(origin) | Built::Old(origin) | Built::Asked(origin) => origin,
        }
    }
}

impl Dependencies {
    /// None yet, for the Python `delivery`.
    pub(crate) fn new(delivery: &Delivery) -> Dependencies {
        Dependencies {
            asked: BTreeSet::new(),
            all: BTreeSet::new(),
            built: BTreeMap::new(),
            is_open: false,
            environment: marker_environment(delivery),
            delivery: delivery.clone(),
        }
    }

    /// From requirements; those whose marker does not hold are no dependency.
    pub(crate) fn add(&mut self, references: &[Reference]) {
        for reference in references {
            if !reference.applies(&self.environment) {
                continue;
            }
            let name = reference.name.to_string();
            for (package, extra, brought) in BRINGS {
                let asked = extra.is_empty() || reference.extras.iter().any(|known| known.as_ref() == *extra);
                if *package == name && asked {
                    self.all.insert((*brought).to_owned());
                }
            }
            if is_older(reference, &self.delivery) {
                self.built.insert(name.clone(), Built::Old(reference.origin.clone()));
            }
            self.add_name(&name);
        }
    }

    /// That there are more, which only the build backend or `setup.py` can tell.
    pub(crate) fn leave_open(&mut self) {
        self.is_open = true;
    }

    /// Whether there may be more than is known here.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    /// One more direct dependency.
    pub(crate) fn add_name(&mut self, name: &str) {
        let name = name.to_lowercase().replace(['_', '.'], "-");
        self.all.insert(name.clone());
        self.asked.insert(name);
    }

    /// Everything that a lock file holds for the main dependencies.
    pub(crate) fn add_locked(&mut self, locked: &Locked) {
        self.all.extend(locked.names.iter().cloned());
        let lacking = locked.built_from_source(&self.delivery).into_iter();
        let origin = Origin::file(&locked.path);
        self.built.extend(lacking.map(|name| (name.to_owned(), Built::Unlocked(origin.clone()))));
    }

    /// That the package `name` must be built, `:all:` for every package that was added before.
    pub(crate) fn forbid_wheels(&mut self, name: &str, origin: &Origin) {
        let all = self.asked.iter().cloned();
        let names: Vec<String> = match name {
            ":all:" => all.collect(),
            ":none:" => Vec::new(),
            name => vec![name.to_lowercase().replace(['_', '.'], "-")],
        };
        self.built.extend(names.into_iter().map(|name| (name, Built::Asked(origin.clone()))));
    }

    /// That the index has no wheel of the packages `names` for the chosen Python, whatever tables say; `origin` is
    /// where they are asked for.
    pub(crate) fn build_only(&mut self, names: &[String], origin: &Origin) {
        self.built.retain(|_, why| !matches!(why, Built::Old(_)));
        for name in names {
            self.built.entry(name.clone()).or_insert_with(|| Built::Old(origin.clone()));
        }
    }

    /// Whether the package will be there.
    pub(crate) fn have(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    /// Whether the project itself asks for it.
    pub(crate) fn ask_for(&self, name: &str) -> bool {
        self.asked.contains(name)
    }

    /// The packages that are built although others get them as wheels.
    pub(crate) fn built(&self) -> &BTreeMap<String, Built> {
        &self.built
    }
}
