//! `pnpm-lock.yaml`, formats 5.x, 6.x and 9.0.
//! Source: the files that pnpm 7 to 10 write, and the format's page in the repository pnpm/spec.

use std::collections::BTreeMap;

use packwright_buildpack::documents::Value;
use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, RelPath};

use super::contents::{InstallScripts, LockContents, LockEntry, is_native};
use crate::manager::kind::PackageManager;
use crate::messages;

/// The tables of an importer.
const TABLES: &[&str] = &["dependencies", "devDependencies", "optionalDependencies"];

pub(super) fn read(path: &RelPath, text: &str) -> Result<LockContents, Diagnostic> {
    let file = files::yaml_document(text)
        .map_err(|broken| messages::broken_lock(path, &broken, PackageManager::Pnpm))?;
    let mut locked = LockContents::new(path, PackageManager::Pnpm);
    locked.format = file.get("lockfileVersion").and_then(Value::word).map(str::to_owned);
    let old = locked.format.as_deref().is_some_and(|format| format.starts_with('5'));
    let nine = !old && !locked.format.as_deref().is_some_and(|format| format.starts_with('6'));
    // Format 9 keeps what packages depend on apart.
    let mut native: Vec<&str> = Vec::new();
    for entry in file.get("snapshots").map_or(&[][..], Value::entries) {
        if let Some((name, _)) = split(&entry.key, old).filter(|(name, _)| needs_tools(name, &entry.value)) {
            native.push(name);
        }
    }
    for entry in file.get("packages").map_or(&[][..], Value::entries) {
        let scripts = match entry.value.get("requiresBuild") {
            Some(value) if value.is_true() => InstallScripts::Yes,
            _ if nine => InstallScripts::Unknown,
            _ => InstallScripts::No,
        };
        let named = (entry.value.text_of("name"), entry.value.get("version").and_then(Value::word));
        let found = match named {
            (Some(name), Some(version)) => Some((name, version)),
            _ => split(&entry.key, old),
        };
        if let Some((name, version)) = found {
            let is_native = native.contains(&name) || needs_tools(name, &entry.value);
            locked.add(name, LockEntry { version: version.to_owned(), scripts, is_native });
        }
    }
    match file.get("importers") {
        Some(importers) => {
            for entry in importers.entries() {
                let dir = if entry.key == "." { "" } else { entry.key.as_str() };
                locked.asked.insert(dir.to_owned(), asked(&entry.value));
            }
        }
        None => {
            locked.asked.insert(String::new(), asked(&file));
        }
    }
    let overrides = file.get("overrides").map_or(&[][..], Value::entries);
    locked.rewritten = overrides.iter().map(|entry| overridden(&entry.key).to_owned()).collect();
    Ok(locked)
}

fn needs_tools(name: &str, package: &Value) -> bool {
    let dependencies = package.get("dependencies").map_or(&[][..], Value::entries);
    is_native(name, dependencies.iter().map(|entry| entry.key.as_str()))
}

/// Name and version of a key of `packages`: `/@a/b/1.0.0_peer` in format 5, `/@a/b@1.0.0(peer)`
/// in 6, `@a/b@1.0.0` in 9.
fn split(key: &str, old: bool) -> Option<(&str, &str)> {
    let key = key.strip_prefix('/').unwrap_or(key);
    let key = key.split('(').next().unwrap_or(key);
    match old {
        true => {
            key.rsplit_once('/').map(|(name, version)| (name, version.split('_').next().unwrap_or(version)))
        }
        false => match key.strip_prefix('@') {
            Some(scoped) => scoped.find('@').map(|at| (&key[..at + 1], &scoped[at + 1..])),
            None => key.split_once('@'),
        },
    }
}

fn asked(importer: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entry in importer.get("specifiers").map_or(&[][..], Value::entries) {
        if let Some(range) = entry.value.word() {
            all.insert(entry.key.clone(), range.to_owned());
        }
    }
    for table in TABLES {
        for entry in importer.get(table).map_or(&[][..], Value::entries) {
            if let Some(range) = entry.value.get("specifier").and_then(Value::word) {
                all.insert(entry.key.clone(), range.to_owned());
            }
        }
    }
    all
}

/// The package that the key of an override is about: `a`, `a@^1`, `b>a@1`.
fn overridden(key: &str) -> &str {
    let last = key.rsplit('>').next().unwrap_or(key);
    match last.char_indices().skip(1).find(|found| found.1 == '@') {
        Some((at, _)) => &last[..at],
        None => last,
    }
}
