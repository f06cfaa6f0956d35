//! Cloud Foundry's `manifest.yml`: applications, their processes, variables, routes and services.
//!
//! ```text
//! manifest.yml   the applications; YAML anchors and merges are common     (application.rs)
//! .cfignore      files that are not uploaded
//! apt.yml        packages, for the buildpack that reads it
//! ```
//!
//! `((name))` is filled in when the application is pushed: in `env` it is a variable that somebody
//! has to give, elsewhere the key counts as not there. The `Procfile` is another reader's.
//!
//! Source: docs.cloudfoundry.org, "App manifest attribute reference", "Deploying with app
//! manifests"; v3-apidocs.cloudfoundry.org, "App manifest"; facts about platform formats, 2.11.

mod application;
mod messages;
mod placeholders;
mod write;

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{
    Declarations, Diagnostic, FileWeight, PackageSystem, RelPath, Scope, SystemPackage,
};

use crate::cloudfoundry::placeholders::is_given;
use crate::dir_view::{DirView, Seen};
use crate::table::Document;

pub(crate) use write::write;

/// The name of this reader.
const PLATFORM: &str = "cloudfoundry";

/// The names of the file.
const FILES: &[&str] = &["manifest.yml", "manifest.yaml"];

/// Reads Cloud Foundry's files of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    for name in FILES {
        match view.read(PLATFORM, FileWeight::Decides, name) {
            None => {}
            Some(Err(refused)) => return vec![refused],
            Some(Ok(seen)) => {
                if let Some(declared) = manifest(view, &seen) {
                    return vec![declared];
                }
            }
        }
    }
    misnamed(view).into_iter().collect()
}

/// Reads the file, unless it belongs to somebody else.
fn manifest(view: &DirView<'_>, seen: &Seen) -> Option<Declarations> {
    let ours = seen.text.lines().any(|line| line.starts_with("applications:"));
    let value = match seen.yaml(PLATFORM, FileWeight::Decides) {
        Ok(value) => value,
        Err(refused) => return ours.then_some(refused),
    };
    value.get("applications")?;
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let value = given(&document, value, "");
    if let Some(table) = document.table(&value) {
        table.leave(&["version"]);
        if let Some(inherit) = table.text("inherit") {
            document.say(messages::inherit(&inherit));
        }
        // What stands beside the applications counts for all of them, in old manifests.
        let shared: Vec<&str> = value.entries().iter().map(|entry| entry.key.as_str()).collect();
        let ours = ["version", "applications", "inherit"];
        let shared: Vec<&str> =
            shared.into_iter().filter(|key| !ours.contains(key) && application::KEYS.contains(key)).collect();
        if let (Some(first), false) = (shared.first().and_then(|key| table.entry(key)), shared.is_empty()) {
            document.say(messages::shared(&document.line(first.line), &shared));
        }
        // Anchors are often kept below a key of their own.
        table.leave(&shared);
        for entry in value.entries().iter().filter(|entry| matches!(entry.value.content, Content::Map(_))) {
            table.leave(&[entry.key.as_str()]);
        }
        application::read(view, &table, &mut declared);
    }
    declared.diagnostics.extend(document.into_diagnostics());
    packages(view, &mut declared);
    ignored(view, &mut declared);
    Some(declared)
}

/// The value without scalars that are filled in when the application is pushed, with a word about
/// each. Those of `env` stay, as variables.
fn given(document: &Document, value: Value, place: &str) -> Value {
    let content = match value.content {
        Content::Map(entries) => {
            let kept = entries.into_iter().filter_map(|entry| {
                let place =
                    if place.is_empty() { entry.key.clone() } else { format!("{place}.{}", entry.key) };
                if entry.key == "env" {
                    return Some(entry);
                }
                if let Some(text) = entry.value.text().filter(|text| is_given(text)) {
                    document.say(messages::given(&document.line(entry.line), &place, text));
                    return None;
                }
                let value = given(document, entry.value, &place);
                Some(Entry { key: entry.key, line: entry.line, value })
            });
            Content::Map(kept.collect())
        }
        Content::List(items) => {
            let kept = items.into_iter().filter_map(|item| {
                if let Some(text) = item.text().filter(|text| is_given(text)) {
                    document.say(messages::given(&document.line(item.line), place, text));
                    return None;
                }
                Some(given(document, item, place))
            });
            Content::List(kept.collect())
        }
        other => other,
    };
    Value { line: value.line, content }
}

/// `apt.yml`, which the buildpack for packages reads.
fn packages(view: &DirView<'_>, declared: &mut Declarations) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, "apt.yml") else { return };
    let Ok(value) = seen.yaml(PLATFORM, FileWeight::Decides) else { return };
    declared.files.push(seen.path.clone());
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        for name in table.texts("packages") {
            let named = crate::names::apt(PLATFORM, &name, Scope::Run);
            named.told.into_iter().for_each(|told| document.say(told));
            let packages: Vec<SystemPackage> = named
                .packages
                .into_iter()
                .filter(|package| package.system == PackageSystem::Debian)
                .collect();
            declared.component().packages.extend(packages);
        }
        for key in ["keys", "repos", "truncatesources", "cleancache"].iter().filter(|key| table.has(key)) {
            let line = table.entry(key).map_or(1, |entry| entry.line);
            document.without_effect(line, &format!("`{key}`"), "packages come from Debian's archive alone");
        }
    }
    declared.diagnostics.extend(document.into_diagnostics());
}

/// The patterns of `.cfignore`.
fn ignored(view: &DirView<'_>, declared: &mut Declarations) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, ".cfignore") else { return };
    declared.files.push(seen.path.clone());
    let (patterns, told) = crate::ignored::patterns(PLATFORM, &seen);
    declared.component().ignore.extend(patterns);
    declared.diagnostics.extend(told);
}

/// A word about manifests with other names, which are for other spaces.
fn misnamed(view: &DirView<'_>) -> Option<Declarations> {
    let named = |name: &str| {
        let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
        stem.is_some_and(|stem| {
            stem.starts_with("manifest") || stem.ends_with("-manifest") || stem.ends_with("_manifest")
        })
    };
    let is_ours = |name: &String| {
        let read = view.read(PLATFORM, FileWeight::Decides, name);
        matches!(read, Some(Ok(seen)) if seen.text.lines().any(|line| line.starts_with("applications:")))
    };
    let paths: Vec<RelPath> =
        view.names("", named).into_iter().filter(is_ours).filter_map(|name| view.path(&name)).collect();
    let first = paths.first()?;
    let diagnostic: Diagnostic = messages::misnamed(&paths);
    Some(Declarations {
        diagnostics: vec![diagnostic],
        ..Declarations::new(PLATFORM, first, FileWeight::Decides)
    })
}

#[cfg(test)]
mod tests;
