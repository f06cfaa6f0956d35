//! One application of Platform.sh or Upsun as a [`Component`], and several of them as parts of one
//! project.

use std::collections::BTreeSet;

use packwright_planner::{
    Component, DeclaredProcess, Diagnostic, Origin, ProcessKind, ProcessName, RelPath, Requested, Volume,
};

use super::{Dialect, Routes, build, process, runtime, variables, web};
use crate::container::process_name;
use crate::sight::Sight;
use crate::table::{Document, Table};

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
    pub(crate) sight: &'a Sight<'a>,
    pub(crate) routes: Routes,
    applications: Vec<Component>,
}

/// An application while it is read.
pub(super) struct Application<'a> {
    pub(super) dialect: Dialect,
    pub(super) sight: &'a Sight<'a>,
    pub(super) document: &'a Document,
    pub(super) component: Component,
}

impl<'a> Project<'a> {
    /// A project without applications and routes yet.
    pub(crate) fn new(dialect: Dialect, sight: &'a Sight<'a>) -> Project<'a> {
        Project { dialect, sight, routes: Routes::default(), applications: Vec::new() }
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
        let mut app =
            Application { dialect: self.dialect, sight: self.sight, document: table.document(), component };
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

impl Application<'_> {
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

    pub(super) fn code(&self, name: &str) -> String {
        self.dialect.code(name)
    }

    pub(super) fn web_process(&mut self) -> Option<&mut DeclaredProcess> {
        self.component.processes.iter_mut().find(|process| process.name.as_str() == "web")
    }

    /// Adds a process, under another name where its own is taken or is none.
    pub(super) fn add(&mut self, wanted: &str, kind: ProcessKind, origin: Origin) -> &mut DeclaredProcess {
        let known: BTreeSet<ProcessName> =
            self.component.processes.iter().map(|process| process.name.clone()).collect();
        // These two have a meaning of their own.
        let reserved = |name: &ProcessName| match name.as_str() {
            "web" => kind != ProcessKind::Web,
            "release" => !matches!(kind, ProcessKind::Release(_)),
            _ => false,
        };
        let taken = |name: &ProcessName| known.contains(name) || reserved(name);
        let fitting = process_name(wanted);
        let name = match &fitting {
            Some(name) if !taken(name) => name.clone(),
            fitting => {
                let base = fitting.as_ref().map_or("process", ProcessName::as_str);
                let end = match &kind {
                    ProcessKind::Cron(_) => "cron",
                    _ => "worker",
                };
                free(&format!("{base}-{end}"), taken)
            }
        };
        if name.as_str() != wanted {
            self.document.say(renamed(self.dialect, wanted, &name, &origin));
        }
        self.component.processes.push(DeclaredProcess::bare(name, kind, origin));
        self.component.processes.last_mut().expect("it was pushed")
    }

    fn root(&mut self, table: &Table<'_>) {
        let Some(source) = table.table("source") else { return };
        source.leave(&["operations"]);
        let Some(root) = source.text("root") else { return };
        match inside(&root.value, self.sight.dir) {
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

    pub(super) fn volumes(&mut self, table: &Table<'_>) {
        let disk = table.number("disk");
        let mut sized = Vec::new();
        for (path, mount) in table.named_tables("mounts") {
            let source = mount.text("source");
            let name = mount.text("source_path");
            let service = mount.text("service");
            let kind = source.as_ref().map_or("", |source| source.value.as_str());
            let path = Requested { value: from_app(&path), origin: mount.origin() };
            match kind {
                "tmp" | "temporary" => {
                    let line = line_of(&path.origin);
                    let why = "it does not outlive an instance; the application may write to its own directory in the image";
                    self.document.without_effect(line, &format!("the mount `{}`", path.value), why);
                }
                "local" | "instance" | "storage" | "service" => {
                    if kind != "service" {
                        sized.push(self.component.volumes.len());
                    }
                    let name = name.or(service).map(|name| name.value).filter(|name| !name.is_empty());
                    self.component.volumes.push(Volume { name, path, megabytes: None });
                }
                other => {
                    let line = line_of(&path.origin);
                    let message = format!("the mount `{}` has the source `{other}`", path.value);
                    self.document.refuse(
                        line,
                        &message,
                        "write `local`, `instance`, `storage`, `service` or `tmp`",
                    );
                }
            }
        }
        // Several mounts share what `disk` says.
        if let (Some(disk), [only]) = (disk, sized.as_slice()) {
            self.component.volumes[*only].megabytes = Some(disk.value);
        }
    }
}

/// A path that the platform counts from the application's directory.
pub(super) fn from_app(path: &str) -> String {
    let path = path.trim_start_matches('/').trim_start_matches("./").trim_end_matches('/');
    if path.is_empty() { ".".to_owned() } else { path.to_owned() }
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

fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}

/// `wanted`, or with the first number behind it that makes it free.
fn free(wanted: &str, taken: impl Fn(&ProcessName) -> bool) -> ProcessName {
    let base: String = wanted.chars().take(52).collect();
    let numbered = (2u64..).map(|number| format!("{base}-{number}"));
    let mut names = std::iter::once(base.clone()).chain(numbered).filter_map(|name| process_name(&name));
    names.find(|name| !taken(name)).expect("one of endlessly many numbers is free")
}

fn renamed(dialect: Dialect, old: &str, new: &ProcessName, origin: &Origin) -> Diagnostic {
    Diagnostic::info(&dialect.code("process-renamed"), format!("{origin}: the process `{old}` is called `{new}` here"))
        .why("a name is letters, digits, `-` and `_`, and each process of a directory has one of its own; `web` answers requests, `release` runs once for a version")
        .at(origin.clone())
}
