//! Amazon ECS: task definitions. They describe how an image runs, so they only give hints.
//!
//! A task definition is known by its `containerDefinitions`, whatever its file at the top or in a directory there is
//! called; one that
//! was printed by the command line client lies below `taskDefinition`. How many tasks run, which load
//! balancer leads to them and which rules start them is said elsewhere.
//!
//! Source: Amazon ECS developer guide, "Task definition parameters"; API reference,
//! `RegisterTaskDefinition`.

mod messages;
mod task;
mod write;

use packwright_planner::{Declarations, FileKind, FileWeight, Requested, SourceFile};

use crate::container::{ContainerPart, files_below};
use crate::dir_view::DirView;
use crate::table::Document;

pub(crate) use write::write;

/// The name of this platform.
const PLATFORM: &str = "ecs";

/// The names that most task definitions have.
pub(crate) const FILES: &[&str] =
    &["task-definition.json", "taskdef.json", "task-def.json", "taskDefinition.json"];

/// Directories whose JSON files are looked at, whatever they are called.
const FOLDERS: &[&str] =
    &["ecs", ".ecs", ".aws", "task-definitions", "task-definition", "taskdefs", "task_definitions"];

/// Directories in which files are looked at that are called after task definitions.
const WITH_NAMES: &[&str] =
    &["aws", "deploy", "deployment", "infra", "infrastructure", "ops", ".github", "ci"];

/// The largest file that is looked at, in bytes; the service takes 64 KiB.
const LARGEST: u64 = 1 << 18;

/// Most files that are looked at although nothing in their name or place says what they are.
const MOST_BY_CONTENT: usize = 100;

/// Reads the task definitions of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    if view
        .dir
        .is_some_and(|dir| dir.parts().any(|part| FOLDERS.contains(&part) || WITH_NAMES.contains(&part)))
    {
        return Vec::new();
    }
    let mut declared: Option<Declarations> = None;
    let mut part = ContainerPart::default();
    let mut documents = Vec::new();
    let mut families: Vec<Requested<String>> = Vec::new();
    let mut broken = Vec::new();
    for name in names(view) {
        let seen = match view.read(PLATFORM, FileWeight::Hints, &name) {
            Some(Ok(seen)) => seen,
            Some(Err(_)) | None => continue,
        };
        if !seen.text.contains("containerDefinitions") {
            continue;
        }
        let value = match seen.parsed(PLATFORM, FileWeight::Hints, packwright_documents::json) {
            Ok(value) => value,
            Err(refused) => {
                broken.push(refused);
                continue;
            }
        };
        let value = value.get("taskDefinition").unwrap_or(&value);
        if value.get("containerDefinitions").is_none() {
            continue;
        }
        let document = Document::new(PLATFORM, &seen.path, FileWeight::Hints);
        match &mut declared {
            Some(declared) => declared.files.push(seen.path.clone()),
            None => declared = Some(Declarations::new(PLATFORM, &seen.path, FileWeight::Hints)),
        }
        if let (Some(table), Some(declared)) = (document.table(value), &mut declared) {
            families.extend(task::read(&document, &table, value, &mut part, declared));
        }
        documents.push(document);
    }
    let Some(mut declared) = declared else { return broken };
    if let Some(document) = documents.first() {
        part.finish_images(document);
    }
    let component = part.finish();
    declared.name = name(&families);
    if !component.is_empty() {
        declared.components.push(component);
    }
    declared.diagnostics.extend(documents.into_iter().flat_map(Document::into_diagnostics));
    declared.diagnostics.extend(broken.into_iter().flat_map(|refused| refused.diagnostics));
    vec![declared]
}

/// The application's name: the family's, or what all families begin with.
fn name(families: &[Requested<String>]) -> Option<Requested<String>> {
    let first = families.first()?;
    let names = |start: &str| {
        families.iter().all(|family| {
            family
                .value
                .strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
        })
    };
    let ends = first.value.char_indices().filter(|(_, letter)| matches!(letter, '-' | '_')).map(|(at, _)| at);
    let mut starts: Vec<&str> = ends.map(|at| &first.value[..at]).collect();
    starts.push(&first.value);
    let start = starts.into_iter().rev().find(|start| !start.is_empty() && names(start))?;
    Some(Requested { value: start.to_owned(), origin: first.origin.clone() })
}

/// The files that may be task definitions, by their path from the directory.
fn names(view: &DirView<'_>) -> Vec<String> {
    let wanted = |(file, path): &(&SourceFile, &str)| {
        let is_small = matches!(file.kind, FileKind::Regular { size, .. } if size <= LARGEST);
        is_small && path.ends_with(".json") && is_in_place(path)
    };
    let mut names: Vec<String> = files_below(view).filter(wanted).map(|(_, path)| path.to_owned()).collect();
    // At the top and in the directories there, what is in a file says what it is.
    let may_be = |(file, path): &(&SourceFile, &str)| {
        let is_small = matches!(file.kind, FileKind::Regular { size, .. } if size <= LARGEST);
        is_small && path.ends_with(".json") && !is_in_place(path) && may_hold_one(view, path)
    };
    let others = files_below(view).filter(|_| view.dir.is_none()).filter(may_be).take(MOST_BY_CONTENT);
    names.extend(others.map(|(_, path)| path.to_owned()));
    names.sort();
    names
}

/// Whether a file near the top may be a task definition: it is no language's own, and no file of a platform that
/// looks into its directory by itself.
fn may_hold_one(view: &DirView<'_>, path: &str) -> bool {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_language_s = view.languages.iter().any(|language| {
        language.manifests.contains(&name) || dir.split('/').any(|part| language.fills(part))
    });
    let is_config = ["package", "tsconfig", "app.json", "vercel"].iter().any(|start| name.starts_with(start));
    let is_hidden = dir.starts_with('.');
    let is_called_so = name.to_ascii_lowercase().contains("taskdef");
    !dir.contains('/') && !is_hidden && !is_language_s && !is_config && !is_called_so
}

/// Whether a file is where task definitions are kept, and called like one.
fn is_in_place(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let (name, dirs) = parts.split_last().expect("a text has at least one part");
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let is_called_so = plain.to_ascii_lowercase().contains("taskdef");
    match dirs {
        [] => is_called_so,
        [first, rest @ ..] if rest.len() < 3 => {
            let below = rest.iter().any(|part| FOLDERS.contains(part));
            FOLDERS.contains(first) || (below || is_called_so) && WITH_NAMES.contains(first)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
