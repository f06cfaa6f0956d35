//! [`Exact`]: a lock file of pdm or pipenv as requirements that uv installs as they are. What it
//! says is computed when the plan is made, so neither tool has to run.

use packwright_buildpack::planner::RelPath;

use super::index::Index;
use super::local::Local;
use super::locked::Locked;

/// A lock file as a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exact {
    /// What is known about its packages.
    pub(crate) locked: Locked,
    /// Packages of indexes and archives at addresses, in the order of the file.
    pub(crate) pinned: Vec<Pinned>,
    /// `name @ git+address@commit`, which have no hash.
    pub(crate) versioned: Vec<String>,
    /// Directories of the tree.
    pub(crate) local: Vec<Local>,
    /// The indexes that it names.
    pub(crate) indexes: Vec<Index>,
    /// Whether the first of them takes the place of the public one.
    pub(crate) replaces_public: bool,
}

/// One exact version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pinned {
    /// Normalised name.
    pub(crate) name: String,
    /// `==1.2`, or the address after `@`.
    pub(crate) version: String,
    /// In words: `name==1.2 ; marker`.
    pub(crate) line: String,
    /// `sha256:…`; none when the lock does not say.
    pub(crate) hashes: Vec<String>,
}

impl Exact {
    /// The lock file.
    pub(crate) fn path(&self) -> &RelPath {
        &self.locked.path
    }

    /// The lines of a requirements file, with hashes.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |pinned: &Pinned| {
            let hashes = pinned.hashes.iter().map(|hash| format!(" --hash={hash}"));
            std::iter::once(pinned.line.clone()).chain(hashes).collect::<String>()
        };
        self.pinned.iter().map(line).collect()
    }

    /// Whether every package has a hash.
    pub(crate) fn is_hashed(&self) -> bool {
        self.pinned.iter().all(|pinned| !pinned.hashes.is_empty())
    }

    /// `name==1.2` of every package that is there in one version.
    pub(crate) fn constraints(&self) -> Vec<String> {
        let single = |pinned: &&Pinned| {
            let same = self.pinned.iter().filter(|other| other.name == pinned.name).count();
            same == 1 && pinned.version.starts_with("==")
        };
        let line = |pinned: &Pinned| format!("{}{}", pinned.name, pinned.version);
        self.pinned.iter().filter(single).map(line).collect()
    }
}
