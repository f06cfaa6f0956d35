//! `yarn.lock` of yarn 1: not YAML, a format of its own. Only the keys and the versions are read.

use packwright_buildpack::planner::{Diagnostic, RelPath};

use super::contents::{InstallScripts, LockContents, LockEntry, is_native};
use crate::manager::kind::PackageManager;

/// The key under which the descriptors (`name@range`) of the whole file are kept: yarn 1 does not
/// say which manifest asked.
pub(super) const DESCRIPTORS: &str = "*";

pub(super) fn read(path: &RelPath, text: &str) -> Result<LockContents, Diagnostic> {
    let mut locked = LockContents::new(path, PackageManager::Yarn);
    locked.format = Some("1".to_owned());
    let mut names: Vec<String> = Vec::new();
    let mut descriptors = std::collections::BTreeMap::new();
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            names.clear();
            for descriptor in line.trim_end().trim_end_matches(':').split(", ") {
                let descriptor = descriptor.trim_matches('"');
                // A name alone stands for every range: yarn 1 installs what is under it.
                let (name, range) = split(descriptor).unwrap_or((descriptor, ""));
                descriptors.insert(descriptor.to_owned(), String::new());
                names.push(real_name(name, range).to_owned());
            }
        } else if let Some(found) = line.strip_prefix("  version ") {
            names.dedup();
            let version = found.trim().trim_matches('"').to_owned();
            for name in &names {
                let package = LockEntry {
                    version: version.clone(),
                    scripts: InstallScripts::Unknown,
                    is_native: false,
                };
                locked.add(name, package);
            }
        } else if let Some((dependency, _)) = line.strip_prefix("    ").and_then(|line| line.split_once(' '))
        {
            for name in
                names.iter().filter(|name| is_native(name, std::iter::once(dependency.trim_matches('"'))))
            {
                locked.mark_native(name);
            }
        }
    }
    locked.asked.insert(DESCRIPTORS.to_owned(), descriptors);
    Ok(locked)
}

/// `@a/b@^1` as `@a/b` and `^1`.
fn split(descriptor: &str) -> Option<(&str, &str)> {
    let at = descriptor.char_indices().skip(1).find(|found| found.1 == '@')?.0;
    Some((&descriptor[..at], &descriptor[at + 1..]))
}

/// The package that is installed under the name: another one for `a@npm:b@^1`.
fn real_name<'a>(name: &'a str, range: &'a str) -> &'a str {
    range.strip_prefix("npm:").and_then(split).map_or(name, |(name, _)| name)
}
