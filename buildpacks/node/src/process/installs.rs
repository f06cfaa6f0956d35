//! Installations that scripts call: of the package itself, and of packages in directories of their own, `cd client &&
//! npm install`. Steps with network do this work, so a script runs without it. Reads lines; installs nothing.

use packwright_buildpack::planner::{Origin, RelPath, has};

use super::expand::ScriptExpander;
use super::line::Segment;
use super::manager_call::{self, Asks, ManagerCall, Place};
use crate::application::AppContext;
use crate::lock::LOCK_FILES;
use crate::manager::PackageManager;
use crate::manifest::beside;
use crate::packages::Packages;

/// A script without the installations in it.
pub(crate) struct WithoutInstalls {
    /// What is left to run, in the application's directory; nothing when it only installs.
    pub(crate) segments: Vec<Segment>,
    /// The directories of other packages that it installs.
    pub(crate) dirs: Vec<RelPath>,
    /// The line of the script.
    pub(crate) origin: Origin,
}

/// The script `name` without what it installs; `None` when it installs nothing, or the line without it would not
/// be the same line.
pub(crate) fn without_installs(subject: &AppContext<'_>, name: &str) -> Option<WithoutInstalls> {
    let manifest = subject.project.app;
    // Scripts of other packages stay calls of their manager, which knows their programs.
    let packages = Packages::only(manifest);
    let scripts = ScriptExpander { manifest, packages, hooks: subject.hooks, flat: false };
    let expansion = scripts.expand(name)?.ok()?;
    let mut here = Some(String::new());
    let mut dirs = Vec::new();
    let mut kept: Vec<Segment> = Vec::new();
    let mut dropped = false;
    for segment in expansion.segments {
        let words = segment.texts();
        if segment.words.len() == 1 && segment.words[0].text.is_empty() {
            return None;
        }
        if let ["cd", to] = words.as_slice() {
            here = here.and_then(|dir| (!to.starts_with('/')).then(|| joined(&dir, to))?);
        }
        match installed(subject, here.as_deref(), &words) {
            None => kept.push(segment),
            Some(dir) => {
                let plain = segment.opens == 0 && segment.closes == 0 && !segment.background;
                if !plain || !matches!(segment.joint, "" | "&&" | ";") {
                    return None;
                }
                dropped = true;
                dirs.extend(dir);
            }
        }
    }
    if let Some(first) = kept.first_mut() {
        first.joint = "";
    }
    // What only goes to directories does nothing.
    if kept.iter().all(|segment| segment.texts().first() == Some(&"cd")) {
        kept.clear();
    }
    dropped.then_some(WithoutInstalls { segments: kept, dirs, origin: expansion.origin })
}

/// The package that a command installs where steps can: an inner nothing for the application's own.
fn installed(subject: &AppContext<'_>, here: Option<&str>, words: &[&str]) -> Option<Option<RelPath>> {
    let ManagerCall { place, asks: Asks::Install } = manager_call::read(words)? else { return None };
    let dir = match place {
        None => here?.to_owned(),
        Some(Place::Dir(dir)) => joined(here?, &dir)?,
        Some(_) => return None,
    };
    if dir.is_empty() {
        return Some(None);
    }
    let dir: RelPath = subject.project.path(&dir)?;
    let is_nested = subject.project.nested.iter().any(|nested| nested.dir.as_ref() == Some(&dir));
    (is_nested && !has_other_lock(subject, &dir)).then_some(Some(dir))
}

/// Whether the package was locked by a manager that the steps do not have: they have npm and the application's own.
fn has_other_lock(subject: &AppContext<'_>, dir: &RelPath) -> bool {
    let is_there = |name: &str| has(subject.project.context.tree, &format!("{dir}/{name}"));
    let others = LOCK_FILES
        .iter()
        .filter(|(_, manager)| ![PackageManager::Npm, subject.project.manager].contains(manager));
    others.into_iter().any(|(name, _)| is_there(name))
        || subject.project.manager == PackageManager::Bun && (is_there("bun.lock") || is_there("bun.lockb"))
}

/// `to` from `dir`, both from the application's directory, which is nothing.
fn joined(dir: &str, to: &str) -> Option<String> {
    match beside(None, format!("{dir}/{to}").trim_start_matches('/')) {
        Some(path) => Some(path.to_string()),
        None if !to.contains('$') && !dir.is_empty() => Some(String::new()),
        None => (to == ".").then(String::new),
    }
}
