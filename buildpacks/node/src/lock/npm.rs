//! `package-lock.json` and `npm-shrinkwrap.json`, formats 1 to 3.
//! Source: docs.npmjs.com, "package-lock.json".

use std::collections::BTreeMap;

use packwright_buildpack::documents::Broken;
use packwright_buildpack::planner::{Diagnostic, RelPath};
use serde::Deserialize;

use super::contents::{InstallScripts, LockContents, LockEntry, is_native};
use crate::manager::kind::PackageManager;
use crate::messages;

/// The version of a package that is linked into the tree, which has whatever version it has.
pub(super) const LINK: &str = "link";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    lockfile_version: Option<u32>,
    #[serde(default)]
    packages: BTreeMap<String, Package>,
    #[serde(default)]
    dependencies: BTreeMap<String, Old>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    has_install_script: bool,
    #[serde(default)]
    link: bool,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    dependencies: BTreeMap<String, String>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, String>,
    #[serde(default)]
    peer_dependencies: BTreeMap<String, String>,
    /// A map of programs and files, or the file of the only program.
    bin: Option<serde_json::Value>,
}

impl Package {
    /// The programs that the package `name` brings.
    fn programs(&self, name: &str) -> Vec<String> {
        match &self.bin {
            Some(serde_json::Value::Object(map)) => map.keys().cloned().collect(),
            Some(_) => vec![name.rsplit('/').next().unwrap_or(name).to_owned()],
            None => Vec::new(),
        }
    }
}

/// A package in format 1.
#[derive(Deserialize)]
struct Old {
    version: Option<String>,
    /// A map of names and ranges; `true` at the top of the file.
    requires: Option<serde_json::Value>,
    #[serde(default)]
    dependencies: BTreeMap<String, Old>,
}

impl Old {
    fn requires(&self) -> Vec<(&String, &serde_json::Value)> {
        let map = self.requires.as_ref().and_then(serde_json::Value::as_object);
        map.map_or_else(Vec::new, |map| map.iter().collect())
    }
}

pub(super) fn read(path: &RelPath, text: &str) -> Result<LockContents, Diagnostic> {
    let file: File = serde_json::from_str(text).map_err(|error| {
        let broken = Broken {
            line: u32::try_from(error.line()).unwrap_or(u32::MAX).max(1),
            column: u32::try_from(error.column()).unwrap_or(u32::MAX).max(1),
            reason: reason(&error),
        };
        messages::broken_lock(path, &broken, PackageManager::Npm)
    })?;
    let mut locked = LockContents::new(path, PackageManager::Npm);
    locked.format = file.lockfile_version.map(|version| version.to_string());
    for (place, package) in &file.packages {
        match place.rsplit_once("node_modules/") {
            Some((_, name)) if !package.link => {
                let scripts =
                    if package.has_install_script { InstallScripts::Yes } else { InstallScripts::No };
                let name = package.name.as_deref().unwrap_or(name);
                let dependencies = package.dependencies.keys().map(String::as_str);
                let is_native = package.has_install_script && is_native(name, dependencies);
                let version = package.version.clone().unwrap_or_default();
                let is_first = !locked.has(name);
                locked.placed.insert(place.clone(), version.clone());
                locked.add(name, LockEntry { version, scripts, is_native });
                locked.note_development(name, is_first, package.dev);
                locked.add_programs(name, package.programs(name));
            }
            Some(_) => drop(locked.placed.insert(place.clone(), LINK.to_owned())),
            None => {
                let tables = [
                    &package.peer_dependencies,
                    &package.optional_dependencies,
                    &package.dev_dependencies,
                    &package.dependencies,
                ];
                let asked = tables.into_iter().flatten().map(|(name, range)| (name.clone(), range.clone()));
                locked.asked.insert(place.clone(), asked.collect());
            }
        }
    }
    if file.packages.is_empty() {
        file.dependencies.iter().for_each(|(name, old)| add_old(&mut locked, name, old, 0));
    }
    Ok(locked)
}

fn add_old(locked: &mut LockContents, name: &str, old: &Old, depth: usize) {
    let is_native = is_native(name, old.requires().iter().map(|(name, _)| name.as_str()));
    let version = old.version.clone().unwrap_or_default();
    locked.add(name, LockEntry { version, scripts: InstallScripts::Unknown, is_native });
    if depth < 100 {
        old.dependencies.iter().for_each(|(name, old)| add_old(locked, name, old, depth + 1));
    }
}

/// What the reader says, without the position that the message names anyway.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}
