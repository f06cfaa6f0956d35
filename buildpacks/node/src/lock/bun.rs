//! `bun.lock`: JSON with trailing commas. Source: bun.sh/docs/install/lockfile.

use std::collections::BTreeMap;

use packwright_buildpack::documents::Value;
use packwright_buildpack::planner::{Diagnostic, RelPath};

use super::contents::{InstallScripts, LockContents, LockEntry, is_native};
use crate::manager::kind::PackageManager;
use crate::messages;

/// The tables of a workspace.
const TABLES: &[&str] = &["peerDependencies", "optionalDependencies", "devDependencies", "dependencies"];

pub(super) fn read(path: &RelPath, text: &str) -> Result<LockContents, Diagnostic> {
    let file = packwright_buildpack::documents::json(text)
        .map_err(|broken| messages::broken_lock(path, &broken, PackageManager::Bun))?;
    let mut locked = LockContents::new(path, PackageManager::Bun);
    locked.format = file.get("lockfileVersion").and_then(Value::word).map(str::to_owned);
    for entry in file.get("packages").map_or(&[][..], Value::entries) {
        let Some(locator) = entry.value.items().first().and_then(Value::text) else { continue };
        let Some(at) = locator.char_indices().skip(1).find(|found| found.1 == '@') else { continue };
        let version = &locator[at.0 + 1..];
        if !version.starts_with("workspace:") {
            let name = &locator[..at.0];
            let tables = entry.value.items().iter().filter_map(|item| item.get("dependencies"));
            let dependencies = tables.flat_map(Value::entries).map(|entry| entry.key.as_str());
            let is_native = is_native(name, dependencies);
            let version = version.to_owned();
            locked.add(name, LockEntry { version, scripts: InstallScripts::Unknown, is_native });
            let programs = entry.value.items().iter().filter_map(|item| item.get("bin"));
            let programs = programs.flat_map(|bin| programs_of(name, bin)).collect();
            locked.add_programs(name, programs);
        }
    }
    for entry in file.get("workspaces").map_or(&[][..], Value::entries) {
        let mut asked = BTreeMap::new();
        for table in TABLES {
            for entry in entry.value.get(table).map_or(&[][..], Value::entries) {
                if let Some(range) = entry.value.text() {
                    asked.insert(entry.key.clone(), range.to_owned());
                }
            }
        }
        locked.asked.insert(entry.key.clone(), asked);
    }
    let overrides = file.get("overrides").map_or(&[][..], Value::entries);
    locked.rewritten = overrides.iter().map(|entry| entry.key.clone()).collect();
    Ok(locked)
}

/// The programs of `bin`: a map, or the file of the only one.
fn programs_of(name: &str, bin: &Value) -> Vec<String> {
    match bin.text() {
        Some(_) => vec![name.rsplit('/').next().unwrap_or(name).to_owned()],
        None => bin.entries().iter().map(|entry| entry.key.clone()).collect(),
    }
}
