//! Divio: a Dockerfile, a Compose file with Divio's service names for local development, and the file in
//! which its command-line tool stores the project.
//!
//! ```text
//! .divio/config.json   the project (`.aldryn` in older ones); what makes a directory Divio's
//! Dockerfile           the build; it listens on port 80                 (another reader's)
//! docker-compose.yml   services named `database_default` and the like   (another reader's)
//! ```
//!
//! What Divio sets where the application runs is declared: the port, the variables of its services.
//! Its release commands are in its control panel and in no file.
//!
//! Source: divio/divio-cloud-docs, "Environment variables", "Dockerfile", "Docker Compose"; facts
//! about platform formats, 2.9.

use packwright_documents::json;
use packwright_planner::{
    BackingService, Declarations, DeclaredProcess, Diagnostic, FileWeight, Origin, Port, ProcessKind,
    RelPath, Requested, ServiceKind, Strategy, Variable, VariableValue,
};

use crate::container::{self, Image};
use crate::dir_view::DirView;
use crate::table::Document;

/// The name of this reader.
const PLATFORM: &str = "divio";

/// The files that make a directory Divio's, the newer one first.
const FILES: &[&str] = &[".divio/config.json", ".aldryn"];

/// Names of the Compose file, in the order in which it is looked for.
const COMPOSE: &[&str] = &["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"];

/// The port on which the image has to listen.
const PORT: u16 = 80;

/// Reads what a project of Divio has.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let Some(name) = FILES.iter().find(|name| view.has(name)) else { return Vec::new() };
    let seen = match view.read(PLATFORM, FileWeight::Hints, name) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return vec![refused],
        None => return Vec::new(),
    };
    let value = match seen.parsed(PLATFORM, FileWeight::Hints, json) {
        Ok(value) => value,
        Err(refused) => return vec![refused],
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Hints);
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Hints);
    if let Some(table) = document.table(&value) {
        declared.name = table.text("slug").filter(|slug| !slug.value.is_empty());
        table.leave_rest();
    }
    declared.diagnostics = document.into_diagnostics();
    contract(view, &seen.path, &mut declared);
    services(view, &mut declared);
    vec![declared]
}

/// What every application on Divio has: a Dockerfile, the port 80, variables.
fn contract(view: &DirView<'_>, file: &RelPath, declared: &mut Declarations) {
    let origin = Origin::file(file);
    let dockerfile = view.path("Dockerfile").filter(|_| view.has("Dockerfile"));
    match &dockerfile {
        Some(_) => {
            let value = Strategy::Dockerfile {
                path: "Dockerfile".to_owned(),
                target: None,
                args: Default::default(),
            };
            declared.component().strategy = Some(Requested { value, origin: origin.clone() });
        }
        None => declared.diagnostics.push(
            Diagnostic::warning("divio/no-dockerfile", format!("{file}: there is no Dockerfile"))
                .why("Divio builds the image from one, and would refuse this project")
                .fix("delete the file if the project is not on Divio any more")
                .at(origin.clone()),
        ),
    }
    let exposed = crate::dockerfile::read(view, "Dockerfile")
        .and_then(|file| file.components.into_iter().next())
        .and_then(|part| part.processes.into_iter().next())
        .and_then(|web| web.port);
    if let Some(Requested { value: Port::Fixed(other), origin }) =
        exposed.filter(|port| port.value != Port::Fixed(PORT))
    {
        declared.diagnostics.push(
            Diagnostic::warning(
                "divio/port",
                format!("{origin}: the port is {other}; Divio asks for {PORT}"),
            )
            .fix(format!("write `EXPOSE {PORT}`, and let the application listen there"))
            .at(origin),
        );
    }
    let name = "web".parse().expect("a process name");
    let mut web = DeclaredProcess::bare(name, ProcessKind::Web, origin.clone());
    web.port = Some(Requested { value: Port::Fixed(PORT), origin: origin.clone() });
    let component = declared.component();
    component.processes.push(web);
    let mut add = |name: &str, value: VariableValue| {
        component.environment.push(Variable::new(name, value, origin.clone()));
    };
    add("SECRET_KEY", VariableValue::Generated);
    for name in ["DOMAIN", "DOMAIN_ALIASES", "STAGE"] {
        add(name, VariableValue::Elsewhere("Divio".to_owned()));
    }
}

/// The services of the developer's machine whose names are those of Divio's services:
/// `database_default`, `cache_default`, `storage_default`.
fn services(view: &DirView<'_>, declared: &mut Declarations) {
    let found = COMPOSE.iter().find_map(|name| view.read(PLATFORM, FileWeight::Hints, name));
    let Some(Ok(seen)) = found else { return };
    // What is wrong with it is said by the reader of Compose files.
    let Ok(value) = seen.yaml(PLATFORM, FileWeight::Hints) else { return };
    let Some(services) = value.get("services") else { return };
    for entry in services.entries() {
        let Some((kind, prefix)) = entry.key.split_once('_') else { continue };
        let image = entry.value.text_of("image").map(container::image);
        let (kind, version) = match (kind, image) {
            ("database" | "cache" | "queue", Some(Image::Service(kind, version))) => (kind, version),
            ("database", _) => (ServiceKind::Postgres, None),
            ("storage" | "media", _) => (ServiceKind::S3, None),
            _ => continue,
        };
        let upper = prefix.to_ascii_uppercase();
        let tells = match &kind {
            ServiceKind::S3 => vec![format!("{upper}_STORAGE_DSN")],
            ServiceKind::Redis | ServiceKind::Memcached => vec![format!("{upper}_CACHE_URL")],
            _ if prefix == "default" => vec!["DATABASE_URL".to_owned(), format!("{upper}_DATABASE_DSN")],
            _ => vec![format!("{upper}_DATABASE_DSN")],
        };
        declared.services.push(BackingService {
            name: entry.key.clone(),
            kind,
            version,
            plan: None,
            tells,
            origin: Origin::line(&seen.path, entry.line),
        });
    }
    if !declared.services.is_empty() {
        declared.files.push(seen.path);
    }
}

#[cfg(test)]
mod tests;
