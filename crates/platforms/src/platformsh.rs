//! Platform.sh: `.platform.app.yaml`, `.platform/applications.yaml`, `.platform/services.yaml` and
//! `.platform/routes.yaml`. Upsun shares the modules for applications, services and routes; the module
//! [`upsun`](crate::upsun) reads Upsun's own file.
//!
//! A build hook is one script of the platform's shell, and so are the other hooks: their text is
//! kept whole. Values that the platform makes when it deploys (relationships, `PORT`, `SOCKET`) are
//! declared and never made up here.
//!
//! Source: platformsh-docs, "App reference"; platformify, validator/schema/platformsh.*.json.

mod application;
mod build;
pub(crate) mod dialect;
mod mounts;
mod process;
mod reader;
mod routes;
mod runtime;
mod services;
mod variables;
mod web;
pub(crate) mod write;

use packwright_documents::{Content, Value};
use packwright_planner::{Declarations, Diagnostic, FileWeight, Origin, RelPath};

use crate::dir_view::{DirView, Seen};
use crate::platformsh::dialect::Dialect;
use crate::table::{Document, Table};

pub(crate) use application::Project;
pub(crate) use routes::Routes;
pub(crate) use services::services;

/// The name of this reader.
const PLATFORM: &str = "platformsh";

/// The file of one application.
const APP: &str = ".platform.app.yaml";

/// The file of several applications, with the source of each below the top.
const APPS: &str = ".platform/applications.yaml";

const SERVICES: &str = ".platform/services.yaml";
const ROUTES: &str = ".platform/routes.yaml";

/// What Elastic Beanstalk keeps in a folder of the same name.
const BEANSTALK: &[&str] = &["hooks", "confighooks", "nginx", "httpd", "files"];

/// Reads Platform.sh's files of a directory; services and routes are at the top alone.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let mut files = Files::default();
    let app = files.read(view, APP);
    let (apps, services_file, routes_file) = match view.dir {
        None => (files.read(view, APPS), files.read(view, SERVICES), files.read(view, ROUTES)),
        Some(_) => (None, None, None),
    };
    let Some(first) = files.paths.first() else { return Vec::new() };
    let mut declared = Declarations::new(PLATFORM, first, FileWeight::Decides);
    let mut project = Project::new(Dialect::Platformsh, view);
    let mut of_services = Vec::new();
    if let Some((seen, value)) = &services_file {
        let found = read_map(seen, value, &mut of_services, |table| services(Dialect::Platformsh, table));
        declared.services = found.unwrap_or_default();
    }
    match &routes_file {
        Some((seen, value)) => {
            let found =
                read_map(seen, value, &mut of_services, |table| Routes::read(Dialect::Platformsh, table));
            project.routes = found.unwrap_or_default();
            declared.domains = project.routes.domains.clone();
        }
        None => project.routes = routes_of_the_top(view),
    }
    let mut of_apps = Vec::new();
    if let Some((seen, value)) = &app {
        read_map(seen, value, &mut of_apps, |table| project.application(table, None));
    }
    if let Some((seen, value)) = &apps {
        applications(&mut project, &mut files, seen, value, &mut of_apps);
    }
    declared.components = project.components(&mut of_apps);
    declared.diagnostics = [files.refused, of_apps, of_services].concat();
    declared.diagnostics.extend(foreign(view));
    declared.files = files.paths;
    vec![declared]
}

/// Reads the map that a file is; what there is to say about it is added.
fn read_map<T>(
    seen: &Seen,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
    read: impl FnOnce(&Table<'_>) -> T,
) -> Option<T> {
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let found = document.table(value).map(|table| read(&table));
    diagnostics.extend(document.into_diagnostics());
    found
}

/// The applications of `.platform/applications.yaml`: a list, or a map by name. One of the list may
/// be the path of a file that has it (`!include api.app.yaml`).
fn applications(
    project: &mut Project<'_>,
    files: &mut Files,
    seen: &Seen,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    match &value.content {
        Content::List(items) => {
            for item in items {
                let path =
                    item.text().or_else(|| item.text_of("path").filter(|_| item.get("name").is_none()));
                match path {
                    Some(path) => included(project, files, &document, path, item.line, diagnostics),
                    None => {
                        if let Some(table) = document.table(item) {
                            project.application(&table, None);
                        }
                    }
                }
            }
        }
        _ => {
            if let Some(table) = document.table(value) {
                for (name, app) in table.all_tables() {
                    project.application(&app, Some(name));
                }
            }
        }
    }
    diagnostics.extend(document.into_diagnostics());
}

/// Reads an application of a file of its own; its path starts beside the list or at the top.
fn included(
    project: &mut Project<'_>,
    files: &mut Files,
    document: &Document,
    path: &str,
    line: u32,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let view = project.view;
    let beside = format!(".platform/{path}");
    let name = if view.has(&beside) { beside.as_str() } else { path };
    if !view.has(name) {
        document.refuse(
            line,
            &format!("there is no file `{path}`"),
            "write a path from `.platform/` or the top",
        );
        return;
    }
    let Some((seen, value)) = files.read(view, name) else { return };
    read_map(&seen, &value, diagnostics, |table| project.application(table, None));
}

/// The routes at the top, for an application in a directory.
fn routes_of_the_top(view: &DirView<'_>) -> Routes {
    if view.dir.is_none() {
        return Routes::default();
    }
    let top = DirView { dir: None, ..*view };
    let Some((seen, value)) = Files::default().read(&top, ROUTES) else { return Routes::default() };
    // What there is to say about that file is said where it is read for itself.
    read_map(&seen, &value, &mut Vec::new(), |table| Routes::read(Dialect::Platformsh, table))
        .unwrap_or_default()
}

/// The files that are there.
#[derive(Default)]
struct Files {
    paths: Vec<RelPath>,
    refused: Vec<Diagnostic>,
}

impl Files {
    fn read(&mut self, view: &DirView<'_>, name: &str) -> Option<(Seen, Value)> {
        let seen = match view.read(PLATFORM, FileWeight::Decides, name)? {
            Ok(seen) => seen,
            Err(refused) => {
                self.paths.extend(refused.files);
                self.refused.extend(refused.diagnostics);
                return None;
            }
        };
        self.paths.push(seen.path.clone());
        match seen.yaml(PLATFORM, FileWeight::Decides) {
            Ok(value) => Some((seen, value)),
            Err(refused) => {
                self.refused.extend(refused.diagnostics);
                None
            }
        }
    }
}

/// A word about a file that Elastic Beanstalk keeps in `.platform/`. It is for repositories that
/// have files of both; where there are none of Platform.sh, Beanstalk's reader speaks for itself.
fn foreign(view: &DirView<'_>) -> Option<Diagnostic> {
    let theirs = |path: &RelPath| {
        let mut parts = path.parts();
        parts.next() == Some(".platform")
            && parts.next().is_some_and(|part| BEANSTALK.contains(&part))
            && parts.next().is_some()
    };
    if view.dir.is_some() {
        return None;
    }
    let path = view.tree.files().iter().map(|file| &file.path).find(|path| theirs(path))?;
    let message = format!("{path} is Elastic Beanstalk's and no file of Platform.sh");
    Some(
        Diagnostic::info("platformsh/foreign-file", message)
            .why("both keep files in `.platform/`; Platform.sh's are services.yaml, routes.yaml and applications.yaml")
            .at(Origin::file(path)),
    )
}

#[cfg(test)]
pub(crate) mod tests;
