//! Whether a lock file still belongs to its manifests, where that is sure without installing.
//!
//! Only what the manager itself would refuse is reported; in doubt it has the last word.

use packwright_buildpack::planner::{Diagnostic, SourceTree, has};

use super::contents::LockContents;
use super::yarn::DESCRIPTORS;
use crate::manager::kind::PackageManager;
use crate::manifest::{DependencyKind, PackageJson};
use crate::messages;
use crate::version::range::Range;

/// Ranges that managers rewrite or resolve in ways of their own.
const SPECIAL: &[&str] = &["workspace:", "file:", "link:", "portal:", "patch:", "catalog:", "exec:"];

/// What the manifests of the root and of the members ask for and the lock does not have, and what
/// the lock has for other ranges.
pub(crate) fn check(
    tree: &dyn SourceTree,
    locked: &LockContents,
    manifests: &[&PackageJson],
) -> Vec<Diagnostic> {
    // A hook may change what the manifests ask for.
    if !locked.is_readable || has(tree, ".pnpmfile.cjs") || has(tree, ".pnpmfile.mjs") {
        return Vec::new();
    }
    let mut apart = rewritten(locked, manifests);
    if locked.manager == PackageManager::Yarn {
        // yarn 1 links members and does not write them down.
        apart.extend(manifests.iter().filter_map(|manifest| Some(manifest.name.as_ref()?.value.clone())));
    }
    manifests.iter().flat_map(|manifest| check_one(locked, manifest, &apart)).collect()
}

fn check_one(locked: &LockContents, manifest: &PackageJson, apart: &[String]) -> Vec<Diagnostic> {
    let dir = manifest.dir.as_ref().map_or("", |dir| dir.as_str());
    let by_descriptor = locked.manager == PackageManager::Yarn;
    let Some(asked) = locked.asked.get(if by_descriptor { DESCRIPTORS } else { dir }) else {
        return Vec::new();
    };
    if locked.manager == PackageManager::Npm && !locked.placed.is_empty() {
        return check_versions(locked, manifest, apart);
    }
    let mut problems = Vec::new();
    for (kind, name, range) in manifest.all_dependencies() {
        // Which kind wins when a package is named twice is the manager's affair.
        let twice = manifest.all_dependencies().filter(|found| found.1 == name).count() > 1;
        let special = SPECIAL.iter().any(|prefix| range.value.starts_with(prefix));
        if kind == DependencyKind::Peer || twice || apart.iter().any(|other| other == name) {
            continue;
        }
        let found = match by_descriptor {
            true if special => continue,
            true if asked.contains_key(name) => continue,
            true if asked.contains_key(&format!("{name}@{}", range.value)) => continue,
            true => None,
            false => match asked.get(name) {
                Some(locked_range) if same(locked_range, &range.value) || special => continue,
                found => found.map(String::as_str),
            },
        };
        let has = match found {
            Some(found) => format!("{} was made for `{found}`", locked.path),
            None => format!("{} does not know it", locked.path),
        };
        problems.push(messages::lock_stale(locked, name, range, &has));
    }
    if !by_descriptor {
        let gone = |name: &&String| manifest.all_dependencies().all(|found| found.1 != name.as_str());
        for name in asked.keys().filter(gone).filter(|name| !apart.contains(name)) {
            problems.push(messages::lock_has_more(locked, name, &manifest.path));
        }
    }
    problems
}

/// npm compares what it would install with what the lock has: a version that fits is accepted whatever range the
/// lock was made for, and a package that no manifest names any more is left out.
///
/// Source: npm's documentation, "npm ci"; `validate-lockfile.js` of npm.
fn check_versions(locked: &LockContents, manifest: &PackageJson, apart: &[String]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (kind, name, range) in manifest.all_dependencies() {
        let twice = manifest.all_dependencies().filter(|found| found.1 == name).count() > 1;
        let may_miss = matches!(kind, DependencyKind::Peer | DependencyKind::Optional);
        if may_miss || twice || apart.iter().any(|other| other == name) {
            continue;
        }
        let Some(version) = placed(locked, manifest, name) else {
            problems.push(messages::lock_stale(
                locked,
                name,
                range,
                &format!("{} does not know it", locked.path),
            ));
            continue;
        };
        if !fits(version, &range.value) {
            let has = format!("{} has {version}", locked.path);
            problems.push(messages::lock_stale(locked, name, range, &has));
        }
    }
    problems
}

/// The version of the package that Node finds from the manifest's directory.
fn placed<'a>(locked: &'a LockContents, manifest: &PackageJson, name: &str) -> Option<&'a str> {
    let mut dir = manifest.dir.clone();
    loop {
        let place = match &dir {
            Some(dir) => format!("{dir}/node_modules/{name}"),
            None => format!("node_modules/{name}"),
        };
        if let Some(version) = locked.placed.get(&place) {
            return Some(version);
        }
        dir = dir?.parent();
    }
}

/// Whether a locked version is one of the range. What is no range of versions (a tag, an address, a directory)
/// cannot be compared, nor can a version before a release: npm has the last word.
fn fits(version: &str, range: &str) -> bool {
    let range = match range.strip_prefix("npm:") {
        Some(alias) => {
            alias.char_indices().skip(1).find(|found| found.1 == '@').map_or("*", |(at, _)| &alias[at + 1..])
        }
        None => range,
    };
    let exact = Range::exact(version).filter(|_| !version.contains(['-', '/', ':']));
    match (exact, Range::parse(range)) {
        (Some(numbers), Some(range)) => !range.both(&Range::only(numbers)).is_empty(),
        _ => true,
    }
}

/// Names whose ranges an override changes.
fn rewritten(locked: &LockContents, manifests: &[&PackageJson]) -> Vec<String> {
    let mut names = locked.rewritten.clone();
    for table in ["resolutions", "overrides"] {
        let entries = manifests.iter().filter_map(|manifest| manifest.json.get(table));
        let keys = entries.flat_map(|value| value.entries()).map(|entry| entry.key.as_str());
        names.extend(keys.map(|key| {
            let last = key.rsplit("**/").next().unwrap_or(key);
            match last.char_indices().skip(1).find(|found| found.1 == '@') {
                Some((at, _)) => last[..at].to_owned(),
                None => last.to_owned(),
            }
        }));
    }
    names
}

/// Whether two ranges are the same but for the way they are written.
fn same(locked: &str, asked: &str) -> bool {
    let plain = |text: &str| text.strip_prefix("npm:").unwrap_or(text).trim().to_owned();
    let empty = |text: &str| matches!(text, "" | "*");
    let (locked, asked) = (plain(locked), plain(asked));
    locked == asked || (empty(&locked) && empty(&asked))
}
