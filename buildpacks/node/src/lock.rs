//! Lock files: which there are, and what they say is installed.
//!
//! A lock file answers three questions: what is installed (native needs, frameworks), which packages
//! have install scripts, and whether the manifests still ask for what was locked. The package manager
//! installs.

mod berry;
mod bun;
pub(crate) mod contents;
mod npm;
mod pnpm;
pub(crate) mod stale;
mod yarn;

use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, RelPath, SourceTree, has};

use crate::manager::kind::PackageManager;
use crate::messages;

pub(crate) use contents::{InstallScripts, LockContents, LockEntry};

/// Lock files by their names, the first ones first in messages.
pub(crate) const LOCK_FILES: &[(&str, PackageManager)] = &[
    ("npm-shrinkwrap.json", PackageManager::Npm),
    ("package-lock.json", PackageManager::Npm),
    ("pnpm-lock.yaml", PackageManager::Pnpm),
    ("yarn.lock", PackageManager::Yarn),
    ("bun.lock", PackageManager::Bun),
    ("bun.lockb", PackageManager::Bun),
];

/// A lock file that is there, unread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeLock {
    /// Where it is.
    pub(crate) path: RelPath,
    /// Whose it is; [`Manager::Yarn`] for both lines of yarn.
    pub(crate) manager: PackageManager,
}

/// The lock files at the root of the tree. `npm-shrinkwrap.json` hides `package-lock.json`, and
/// `bun.lock` hides `bun.lockb`, as their managers have it.
pub(crate) fn files(tree: &dyn SourceTree) -> Vec<NodeLock> {
    let mut found: Vec<NodeLock> = Vec::new();
    for &(name, manager) in LOCK_FILES {
        let hidden = found.iter().any(|file| file.manager == manager);
        if has(tree, name) && !hidden {
            found.push(NodeLock { path: name.parse().expect("names of lock files are paths"), manager });
        }
    }
    found
}

/// Reads a lock file.
pub(crate) fn read(tree: &dyn SourceTree, file: &NodeLock) -> Result<LockContents, Diagnostic> {
    let path = &file.path;
    if path.as_str() == "bun.lockb" {
        return Ok(LockContents::unreadable(path, PackageManager::Bun));
    }
    let text = files::text(tree, path).map_err(messages::unreadable)?.unwrap_or_default();
    match file.manager {
        PackageManager::Npm => npm::read(path, &text),
        PackageManager::Pnpm => pnpm::read(path, &text),
        PackageManager::Bun => bun::read(path, &text),
        PackageManager::Yarn | PackageManager::Berry => match berry::is(&text) {
            true => berry::read(path, &text),
            false => yarn::read(path, &text),
        },
    }
    .and_then(|locked| check_conflict_marks(locked, &text))
}

/// A merge conflict in a lock file is the reason for all else that looks wrong in it.
fn check_conflict_marks(locked: LockContents, text: &str) -> Result<LockContents, Diagnostic> {
    match text.lines().position(|line| line.starts_with("<<<<<<< ")) {
        Some(index) => Err(messages::lock_conflict(&locked.path, index as u32 + 1, locked.manager)),
        None => Ok(locked),
    }
}

#[cfg(test)]
mod tests;
