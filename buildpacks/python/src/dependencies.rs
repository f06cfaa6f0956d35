//! [`Dependencies`]: which packages the application will have, as far as that is known before
//! anything is resolved.

use std::collections::BTreeSet;

use pep508_rs::MarkerEnvironment;

use crate::data::BRINGS_SERVER;
use crate::manifest::Reference;
use crate::manifest::locked::Locked;

/// Names of packages, normalised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dependencies {
    asked: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Dependencies {
    /// From requirements; those whose marker does not hold are no dependency.
    pub(crate) fn add(&mut self, references: &[Reference], environment: &MarkerEnvironment) {
        for reference in references {
            if !reference.applies(environment) {
                continue;
            }
            let name = reference.name.to_string();
            for (package, extra, server) in BRINGS_SERVER {
                let asked = extra.is_empty() || reference.extras.iter().any(|known| known.as_ref() == *extra);
                if *package == name && asked {
                    self.all.insert((*server).to_owned());
                }
            }
            self.add_name(&name);
        }
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
    }

    /// Whether the package will be there.
    pub(crate) fn have(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    /// Whether the project itself asks for it.
    pub(crate) fn ask_for(&self, name: &str) -> bool {
        self.asked.contains(name)
    }
}
