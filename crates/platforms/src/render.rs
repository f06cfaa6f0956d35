//! Render's `render.yaml`, a Blueprint: services, databases and groups of variables.
//!
//! Every service that runs or is built is a component of its own; the model makes one of all that
//! are in one directory. What two services of one directory say differently is reported, since
//! one image holds both.
//!
//! Source: render.com/docs/blueprint-spec; facts about platform formats, 2.2.

mod application;
mod differences;
mod environment;
mod resources;
mod service;
mod write;

use packwright_planner::{BackingService, Declarations, FileWeight, Overlay, Requested, ServiceKind};

use crate::dir_view::DirView;
use crate::render::resources::{Resources, line_of};
use crate::table::{Document, Table};
use environment::Groups;

pub(crate) use write::write;

/// The name of this reader.
const PLATFORM: &str = "render";

/// The file's names. Source: the documentation has the first; both are found.
const FILES: &[&str] = &["render.yaml", "render.yml"];

/// The environment of a project whose services are the application.
const PRODUCTION: &[&str] = &["production", "prod", "main", "live"];

/// Reads `render.yaml`.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let found = FILES.iter().find_map(|file| view.read(PLATFORM, FileWeight::Decides, file));
    match found {
        None => Vec::new(),
        Some(Err(refused)) => vec![refused],
        Some(Ok(seen)) => {
            let value = match seen.yaml(PLATFORM, FileWeight::Decides) {
                Ok(value) => value,
                Err(refused) => return vec![refused],
            };
            let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
            let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
            if let Some(table) = document.table(&value) {
                blueprint(view, &table, &mut declared);
            }
            declared.diagnostics.extend(document.into_diagnostics());
            // Several services may have the same script.
            declared.diagnostics.dedup();
            vec![declared]
        }
    }
}

fn blueprint(view: &DirView<'_>, root: &Table<'_>, declared: &mut Declarations) {
    let document = root.document();
    // Previews and who may do what are Render's affair alone.
    root.leave(&["version", "previews", "previewsEnabled", "previewsExpireAfterDays", "buildSources"]);
    let mut groups = Groups::default();
    groups.read(root);
    let ungrouped = root.table("ungrouped");
    groups.read_all(ungrouped.iter());
    let mut whole = resources(view, root, &groups);
    if let Some(ungrouped) = &ungrouped {
        whole.add(resources(view, ungrouped, &groups));
    }
    let projects = root.tables("projects");
    for project in &projects {
        let name = project.text("name");
        if projects.len() == 1 && declared.name.is_none() {
            declared.name = name;
        }
        let environments = project.tables("environments");
        let names: Vec<Option<Requested<String>>> = environments.iter().map(|row| row.text("name")).collect();
        let production = |name: &Option<Requested<String>>| {
            name.as_ref().is_some_and(|name| PRODUCTION.contains(&name.value.to_ascii_lowercase().as_str()))
        };
        let main = names.iter().position(production).unwrap_or(0);
        for (number, row) in environments.iter().enumerate() {
            row.leave(&[
                "networking",
                "permissions",
                "networkIsolationEnabled",
                "protectedStatus",
                "ipAllowList",
            ]);
            let mut groups = groups.clone();
            groups.read(row);
            let found = resources(view, row, &groups);
            if number == main {
                whole.add(found);
                continue;
            }
            let usual = || Requested { value: format!("environment-{}", number + 1), origin: row.origin() };
            declared.overlays.push(found.into_overlay(names[number].clone().unwrap_or_else(usual)));
        }
    }
    drop(projects);
    if !whole.previews.is_empty() {
        let name = Requested { value: "preview".to_owned(), origin: whole.previews[0].origin.clone() };
        let environment = std::mem::take(&mut whole.previews);
        declared.overlays.push(Overlay { name, environment, services: Vec::new(), processes: Vec::new() });
    }
    differences::settle(document, &mut whole.components);
    declared.components = whole.components;
    declared.services = whole.services;
    declared.domains = whole.domains;
}

/// The services and databases of one level.
fn resources(view: &DirView<'_>, table: &Table<'_>, groups: &Groups) -> Resources {
    let mut found = Resources::default();
    for row in table.tables("databases") {
        found.services.extend(database(&row));
    }
    service::read(view, table, groups, &mut found);
    found
}

/// A PostgreSQL database.
fn database(row: &Table<'_>) -> Option<BackingService> {
    row.leave(&[
        "databaseName",
        "user",
        "region",
        "diskSizeGB",
        "previewDiskSizeGB",
        "storageAutoscalingEnabled",
        "readReplicas",
        "highAvailability",
        "ipAllowList",
        "previewPlan",
        "previewsPlan",
        "parameterOverrides",
    ]);
    let Some(name) = row.text("name") else {
        row.leave(&["plan", "postgresMajorVersion"]);
        row.document().refuse(line_of(&row.origin()), "a database has no `name`", "give it one");
        return None;
    };
    Some(BackingService {
        name: name.value,
        kind: ServiceKind::Postgres,
        version: row.text("postgresMajorVersion").map(|version| version.value),
        plan: row.text("plan").map(|plan| plan.value),
        tells: Vec::new(),
        origin: name.origin,
    })
}

#[cfg(test)]
mod tests;
