//! One application of Platform.sh or Upsun as a [`Component`], and several applications as components of one
//! project.

use std::collections::BTreeSet;

use packwright_planner::{Component, Diagnostic, ProcessKind, ProcessName, RelPath, Requested};

use super::{Routes, build, process, runtime, variables, web};
use crate::dir_view::DirView;
use crate::platformsh::dialect::Dialect;
use crate::platformsh::reader::{ApplicationReader, free, renamed};
use crate::table::Table;

/// Keys that are the platform's affair alone.
const LEFT: &[&str] = &[
    "access",
    "additional_hosts",
    "firewall",
    "operations",
    "preflight",
    "resources",
    "runtime",
    "instance_count",
    "container_profile",
    "maintenance",
];

/// What is read of a project.
pub(crate) struct Project<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) view: &'a DirView<'a>,
    pub(crate) routes: Routes,
    applications: Vec<Component>,
}

impl<'a> Project<'a> {
    /// A project without applications and routes yet.
    pub(crate) fn new(dialect: Dialect, view: &'a DirView<'a>) -> Project<'a> {
        Project { dialect, view, routes: Routes::default(), applications: Vec::new() }
    }

    /// Reads an application; `name` is its key where applications are a map.
    pub(crate) fn application(&mut self, table: &Table<'_>, name: Option<String>) {
        let name = match name {
            Some(name) => {
                table.leave(&["name"]);
                Some(Requested { value: name, origin: table.origin() })
            }
            None => table.text("name"),
        };
        let component = Component { name, ..Component::default() };
        let mut app = ApplicationReader {
            dialect: self.dialect,
            view: self.view,
            document: table.document(),
            component,
        };
        app.read(table);
        self.applications.push(app.component);
    }

    /// The applications as components: of two in one directory the second has its processes under
    /// names of its own, and one without a route answers the others alone.
    pub(crate) fn components(self, diagnostics: &mut Vec<Diagnostic>) -> Vec<Component> {
        let mut known: BTreeSet<(Option<RelPath>, ProcessName)> = BTreeSet::new();
        let mut components = self.applications;
        let several = components.len() > 1;
        for component in &mut components {
            let dir = component.dir().cloned();
            let app = component.name.as_ref().map_or("app", |name| &name.value).to_owned();
            let routed = self.routes.lead_to(&app);
            for process in &mut component.processes {
                if process.kind == ProcessKind::Web && several && !routed {
                    process.kind = ProcessKind::Private;
                }
                let taken = |name: &ProcessName| known.contains(&(dir.clone(), name.clone()));
                if taken(&process.name) {
                    let wanted = match process.name.as_str() {
                        "web" => app.clone(),
                        name => format!("{app}-{name}"),
                    };
                    let name = free(&wanted, taken);
                    diagnostics.push(renamed(self.dialect, process.name.as_str(), &name, &process.origin));
                    process.name = name;
                }
                known.insert((dir.clone(), process.name.clone()));
            }
        }
        components
    }
}

impl ApplicationReader<'_> {
    fn read(&mut self, table: &Table<'_>) {
        self.root(table);
        runtime::runtime(self, table);
        runtime::dependencies(self, table);
        build::hooks(self, table);
        variables::variables(self, table, None);
        variables::relationships(self, table);
        self.volumes(table);
        web::web(self, table);
        process::workers(self, table);
        process::crons(self, table);
        variables::used(self);
        table.leave(LEFT);
        if let Some(entry) = table.entry("timezone") {
            let why = "it is the clock of the platform's cron; images run in UTC";
            self.document.without_effect(entry.line, "`timezone`", why);
        }
        if let (Some(size), Some(web)) = (table.text("size"), self.web_process()) {
            web.size.get_or_insert(size);
        }
    }

    fn root(&mut self, table: &Table<'_>) {
        let Some(source) = table.table("source") else { return };
        source.leave(&["operations"]);
        let Some(root) = source.text("root") else { return };
        match inside(&root.value, self.view.dir) {
            Ok(value) => {
                self.component.root = value.map(|value| Requested { value, origin: root.origin });
            }
            Err(()) => {
                let line = source.value("root").map_or(1, |value| value.line);
                let message =
                    format!("`source.root` is `{}`, which is no directory below this file's", root.value);
                self.document.refuse(
                    line,
                    &message,
                    "write a path from the top of the repository, such as `/api`",
                );
            }
        }
    }
}

/// A path from the top of the repository, seen from `dir`; nothing for `dir` itself.
fn inside(path: &str, dir: Option<&RelPath>) -> Result<Option<RelPath>, ()> {
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    if parts.is_empty() && dir.is_none() {
        return Ok(None);
    }
    let path: RelPath = parts.join("/").parse().map_err(|_| ())?;
    match dir {
        None => Ok(Some(path)),
        Some(dir) if path == *dir => Ok(None),
        Some(dir) => path.below(dir).map(Some).ok_or(()),
    }
}
