//! `yarn.lock` of yarn 2 and later, which is YAML.

use packwright_buildpack::documents::Value;
use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, RelPath};

use super::contents::{InstallScripts, LockContents, LockEntry, is_native};
use crate::manager::kind::PackageManager;
use crate::messages;

/// Whether the text of a `yarn.lock` is of this format.
pub(super) fn is(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("__metadata:"))
}

pub(super) fn read(path: &RelPath, text: &str) -> Result<LockContents, Diagnostic> {
    let file = files::yaml_document(text)
        .map_err(|broken| messages::broken_lock(path, &broken, PackageManager::Berry))?;
    let mut locked = LockContents::new(path, PackageManager::Berry);
    let format = file.at(&["__metadata", "version"]).and_then(Value::word);
    locked.format = format.map(str::to_owned);
    for entry in file.entries().iter().filter(|entry| entry.key != "__metadata") {
        let Some((name, reference)) = entry.value.text_of("resolution").and_then(split) else { continue };
        if let Some(dir) = reference.strip_prefix("workspace:") {
            let dir = if dir == "." { "" } else { dir };
            let table = entry.value.get("dependencies").map_or(&[][..], Value::entries);
            let asked = table.iter().filter_map(|entry| {
                let range = entry.value.word()?;
                Some((entry.key.clone(), range.strip_prefix("npm:").unwrap_or(range).to_owned()))
            });
            locked.asked.insert(dir.to_owned(), asked.collect());
        } else if let Some(version) = entry.value.get("version").and_then(Value::word) {
            let table = entry.value.get("dependencies").map_or(&[][..], Value::entries);
            let is_native = is_native(name, table.iter().map(|entry| entry.key.as_str()));
            let version = version.to_owned();
            locked.add(name, LockEntry { version, scripts: InstallScripts::Unknown, is_native });
            let programs = entry.value.get("bin").map_or(&[][..], Value::entries);
            locked.add_programs(name, programs.iter().map(|program| program.key.clone()).collect());
        }
    }
    Ok(locked)
}

/// `@a/b@npm:1.0.0` as `@a/b` and `npm:1.0.0`.
fn split(locator: &str) -> Option<(&str, &str)> {
    let at = locator.char_indices().skip(1).find(|found| found.1 == '@')?.0;
    Some((&locator[..at], &locator[at + 1..]))
}
