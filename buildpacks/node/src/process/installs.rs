//! What scripts call that their step cannot do, since it has no network: installations, of the package itself and of
//! packages in directories of their own (`cd client && npm install`), which steps with network do; and changes of a
//! database, which belong to a release. Reads lines; installs nothing.

use packwright_buildpack::planner::{CommandKind, Network, Origin, RelPath, has};

use super::expand::ScriptExpander;
use super::line::Segment;
use super::manager_call::{self, Asks, ManagerCall, Place};
use super::programs;
use crate::application::AppContext;
use crate::commands;
use crate::lock::LOCK_FILES;
use crate::manager::PackageManager;
use crate::manifest::beside;
use crate::packages::Packages;

/// A script without what its step cannot do.
pub(crate) struct Relieved {
    /// What is left to run, in the application's directory; nothing when it does nothing else.
    pub(crate) segments: Vec<Segment>,
    /// The directories of other packages that it installs.
    pub(crate) dirs: Vec<RelPath>,
    /// The commands in it that change a database.
    pub(crate) released: Vec<Segment>,
    /// The line of the script.
    pub(crate) origin: Origin,
}

/// The script `name` without what it installs, and without what it changes in a database; `None` when it does
/// neither, or the line without it would not be the same line.
pub(crate) fn relieved(subject: &AppContext<'_>, name: &str) -> Option<Relieved> {
    let manifest = subject.project.app;
    // Scripts of other packages stay calls of their manager, which knows their programs.
    let packages = Packages::only(manifest);
    let scripts = ScriptExpander { manifest, packages, hooks: subject.hooks, flat: false };
    let expansion = scripts.expand(name)?.ok()?;
    let mut here = Some(String::new());
    let mut dirs = Vec::new();
    let mut kept: Vec<Segment> = Vec::new();
    let mut released = Vec::new();
    let mut dropped = false;
    // With a network the build may reach a database. In a member of a workspace the manager calls the script, after
    // those of the members that it needs.
    let may_release =
        subject.project.context.options.build_network == Network::None && subject.project.dir().is_none();
    let mut waiting = expansion.segments.into_iter().peekable();
    while let Some(segment) = waiting.next() {
        let words = segment.texts();
        if segment.words.len() == 1 && segment.words[0].text.is_empty() {
            return None;
        }
        if let ["cd", to] = words.as_slice() {
            here = here.and_then(|dir| (!to.starts_with('/')).then(|| joined(&dir, to))?);
        }
        let plain = segment.opens == 0 && segment.closes == 0 && !segment.background;
        let in_chain = plain && matches!(segment.joint, "" | "&&" | ";");
        // What follows a failure, `migrate || echo skipped`, belongs to the command.
        let stands_alone = in_chain && waiting.peek().is_none_or(|next| matches!(next.joint, "&&" | ";"));
        match installed(subject, here.as_deref(), &words) {
            None if may_release && stands_alone && here.as_deref() == Some("") && releases(&segment) => {
                dropped = true;
                released.push(segment);
            }
            None => kept.push(segment),
            Some(_) if !in_chain => return None,
            Some(dir) => {
                dropped = true;
                dirs.extend(dir);
            }
        }
    }
    if let Some(first) = released.first_mut() {
        first.joint = "";
    }
    if let Some(first) = kept.first_mut() {
        first.joint = "";
    }
    // What only goes to directories does nothing.
    if kept.iter().all(|segment| segment.texts().first() == Some(&"cd")) {
        kept.clear();
    }
    dropped.then_some(Relieved { segments: kept, dirs, released, origin: expansion.origin })
}

/// Whether a command changes a database.
fn releases(segment: &Segment) -> bool {
    let texts = segment.split().1.iter().map(|word| word.text.as_str()).collect::<Vec<_>>();
    let mut words = texts.as_slice();
    while let Some(inner) = programs::unwrapped(words).filter(|inner| !inner.is_empty()) {
        words = inner;
    }
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    commands::classify(&words) == Some(CommandKind::Releases)
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
