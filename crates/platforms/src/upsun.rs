//! Upsun: `.upsun/config.yaml` and the other YAML files in `.upsun/`, which are merged into one document. The
//! module [`platformsh`](crate::platformsh) reads applications, services and routes.
//!
//! Source: Upsun's documentation, "YAML structure"; platformify, validator/schema/upsun.json.

mod write;

use packwright_documents::Value;
use packwright_planner::{Declarations, FileWeight, RelPath};

use crate::dir_view::DirView;
use crate::platformsh::dialect::Dialect;
use crate::platformsh::{Project, Routes, services};
use crate::table::Document;

pub(crate) use write::write;

/// The name of this reader.
const PLATFORM: &str = "upsun";

/// The folder of the files.
const FOLDER: &str = ".upsun";

/// The file that most projects have.
const FILE: &str = "config.yaml";

/// Reads Upsun's files.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let mut names = view.names(FOLDER, |name| name.ends_with(".yaml") || name.ends_with(".yml"));
    names.sort_by_key(|name| name != FILE);
    let mut read: Vec<(RelPath, Value)> = Vec::new();
    let (mut paths, mut diagnostics) = (Vec::new(), Vec::new());
    for name in names {
        let seen = match view.read(PLATFORM, FileWeight::Decides, &format!("{FOLDER}/{name}")) {
            Some(Ok(seen)) => seen,
            Some(Err(refused)) => {
                paths.extend(refused.files);
                diagnostics.extend(refused.diagnostics);
                continue;
            }
            None => continue,
        };
        paths.push(seen.path.clone());
        match seen.yaml(PLATFORM, FileWeight::Decides) {
            Ok(value) => read.push((seen.path, value)),
            Err(refused) => diagnostics.extend(refused.diagnostics),
        }
    }
    let Some(first) = paths.first() else { return Vec::new() };
    let mut declared = Declarations::new(PLATFORM, first, FileWeight::Decides);
    let mut project = Project::new(Dialect::Upsun, view);
    for (path, value) in &read {
        let document = Document::new(PLATFORM, path, FileWeight::Decides);
        if let Some(table) = document.table(value) {
            if let Some(routes) = table.table("routes") {
                project.routes.extend(Routes::read(Dialect::Upsun, &routes));
            }
            if let Some(found) = table.table("services") {
                declared.services.extend(services(Dialect::Upsun, &found));
            }
            for (name, app) in table.named_tables("applications") {
                project.application(&app, Some(name));
            }
            // Anchors are kept below keys of their own.
            for entry in value.entries().iter().filter(|entry| entry.key.starts_with(['.', 'x', '_'])) {
                table.leave(&[entry.key.as_str()]);
            }
        }
        diagnostics.extend(document.into_diagnostics());
    }
    declared.domains = project.routes.domains.clone();
    declared.components = project.components(&mut diagnostics);
    declared.diagnostics = diagnostics;
    declared.files = paths;
    vec![declared]
}

#[cfg(test)]
mod tests;
