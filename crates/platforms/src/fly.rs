//! Fly.io: `fly.toml`, or the same as `fly.json` or `fly.yaml`.
//!
//! Commands of processes are split into words and started without a shell, behind the entry point
//! of the image. Fly sets no `PORT`: a process listens on the port that the file names.
//!
//! Source: superfly/flyctl, internal/appconfig (the fields of `Config`, `patches.go` for what older
//! files have, `processgroups.go` for which process a service belongs to).

mod build;
mod groups;
mod lists;
mod machine;
mod service;
mod time;
mod write;

use packwright_documents::{Broken, Content, Value};
use packwright_planner::{
    Declarations, Diagnostic, FileWeight, Moment, Origin, ProcessKind, Scoped, Variable,
};

use crate::container::names::process_name;
use crate::dir_view::{DirView, Seen};
use crate::table::{Document, Table};
use groups::{Groups, words};

pub(crate) use write::write;

/// The name of this reader.
const PLATFORM: &str = "fly";

/// The names of the file, the one that counts first, and how each is read.
const FILES: &[&str] = &["fly.toml", "fly.json", "fly.yaml"];

/// Keys that a file of Fly has at least one of.
const TELLING: &[&str] = &[
    "app",
    "build",
    "deploy",
    "env",
    "http_service",
    "primary_region",
    "processes",
    "services",
    "statics",
    "vm",
];

/// Keys that are the platform's affair alone.
const LEFT: &[&str] =
    &["primary_region", "console_command", "swap_size_mb", "host_dedication_id", "metrics", "restart"];

/// Reads the file of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let there: Vec<&str> = FILES.iter().copied().filter(|name| view.has(name)).collect();
    let Some((name, others)) = there.split_first() else { return Vec::new() };
    let (seen, value) = match read(view, name) {
        Some(Ok(read)) => read,
        Some(Err(refused)) => return vec![refused],
        None => return Vec::new(),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    let known = value.entries().iter().any(|entry| TELLING.contains(&entry.key.as_str()));
    if !known && !value.entries().is_empty() && *name != "fly.toml" {
        declared.diagnostics.push(
            Diagnostic::info("fly/foreign-file", format!("{} is no file of Fly.io", seen.path))
                .why("it has none of the keys that such a file has")
                .at(Origin::file(&seen.path)),
        );
        return vec![declared];
    }
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        application(&mut declared, view, &document, &table);
    }
    declared.diagnostics.extend(document.into_diagnostics());
    for other in others.iter().filter_map(|name| view.path(name)) {
        declared.diagnostics.push(
            Diagnostic::warning("fly/second-file", format!("{other} is not read"))
                .why(format!("{} counts before it", seen.path))
                .fix("delete one of the two")
                .at(Origin::file(&other)),
        );
    }
    vec![declared]
}

fn read(view: &DirView<'_>, name: &str) -> Option<Result<(Seen, Value), Declarations>> {
    let parse: fn(&str) -> Result<Value, Broken> = match name {
        "fly.toml" => packwright_documents::toml,
        "fly.json" => packwright_documents::json,
        _ => |text| {
            let empty = Value { line: 1, content: Content::Null };
            Ok(packwright_documents::yaml(text)?.into_iter().next().unwrap_or(empty))
        },
    };
    let seen = match view.read(PLATFORM, FileWeight::Decides, name)? {
        Ok(seen) => seen,
        Err(refused) => return Some(Err(refused)),
    };
    Some(match seen.parsed(PLATFORM, FileWeight::Decides, parse) {
        Ok(value) => Ok((seen, value)),
        Err(refused) => Err(refused),
    })
}

fn application(declared: &mut Declarations, view: &DirView<'_>, document: &Document, table: &Table<'_>) {
    declared.name = table.text("app").filter(|name| !name.value.is_empty());
    table.leave(LEFT);
    for key in ["machine_config", "container"] {
        if let Some(entry) = table.entry(key) {
            let why = "containers that run beside the application's are described there";
            document.without_effect(entry.line, &format!("`{key}`"), why);
        }
    }
    let component = declared.component();
    build::build(component, view, document, table);
    environment(component, document, table);
    machine::statics(component, document, table);
    machine::mounts(component, document, table);
    machine::files(document, table);
    let mut groups = Groups::read(document, table);
    service::services(&mut groups, document, table);
    service::checks(&mut groups, document, table);
    machine::sizes(&mut groups, table);
    machine::stop(&mut groups, document, table);
    component.processes = groups.into_processes(document);
    deploy(component, document, table);
}

/// Reads `deploy`: the commands that run once for a version.
fn deploy(component: &mut packwright_planner::Component, document: &Document, table: &Table<'_>) {
    let Some(deploy) = table.table("deploy") else { return };
    deploy.leave(&[
        "strategy",
        "max_unavailable",
        "wait_timeout",
        "release_command_timeout",
        "release_command_vm",
    ]);
    let commands =
        [("release_command", "release", Moment::BeforeTraffic), ("seed_command", "seed", Moment::FirstTime)];
    for (key, name, moment) in commands {
        let Some(text) = deploy.text(key).filter(|text| !text.value.trim().is_empty()) else { continue };
        let Some(start) = words(document, &text) else { continue };
        let kind = ProcessKind::Release(moment);
        let name = match &start {
            // An image of Packwright's own starts it by this name.
            crate::container::ContainerStart::Named(name) => Some(name.clone()),
            _ => process_name(name),
        };
        let Some(name) = name else { continue };
        if component.processes.iter().any(|process| process.name == name) {
            continue;
        }
        component.processes.push(groups::started(name, kind, start, text.origin));
    }
}

/// Reads `env`; older files have a list of maps there.
fn environment(component: &mut packwright_planner::Component, document: &Document, table: &Table<'_>) {
    let tables = match table.value("env").map(|value| &value.content) {
        Some(Content::List(_)) => table.tables("env"),
        _ => table.table("env").into_iter().collect(),
    };
    for (name, value) in tables.iter().flat_map(Table::all_pairs) {
        if name.starts_with("FLY_") {
            let Origin::File { line: Some(line), .. } = value.origin else { continue };
            document.refuse(
                line,
                &format!("{name} cannot be set"),
                "choose a name that does not begin with `FLY_`",
            );
            continue;
        }
        component.environment.retain(|known| known.name != name);
        let variable = Variable::literal(&name, &value.value, value.origin);
        component.environment.push(Variable { scope: Scoped::Run, ..variable });
    }
}

#[cfg(test)]
mod tests;
