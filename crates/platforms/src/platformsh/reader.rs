//! [`ApplicationReader`]: an application while its keys are read.

use std::collections::BTreeSet;

use packwright_planner::{
    Component, DeclaredProcess, Diagnostic, Origin, ProcessKind, ProcessName, Requested,
};

use crate::container::names::process_name;
use crate::dir_view::DirView;
use crate::platformsh::dialect::Dialect;
use crate::table::Document;

/// An application while it is read.
pub(super) struct ApplicationReader<'a> {
    pub(super) dialect: Dialect,
    pub(super) view: &'a DirView<'a>,
    pub(super) document: &'a Document,
    pub(super) component: Component,
}

impl ApplicationReader<'_> {
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
}

/// A path that the platform counts from the application's directory.
pub(super) fn from_app(path: &str) -> String {
    let path = path.trim_start_matches('/').trim_start_matches("./").trim_end_matches('/');
    if path.is_empty() { ".".to_owned() } else { path.to_owned() }
}

/// `wanted`, or with the first number behind it that makes it free.
pub(super) fn free(wanted: &str, taken: impl Fn(&ProcessName) -> bool) -> ProcessName {
    let base: String = wanted.chars().take(52).collect();
    let numbered = (2u64..).map(|number| format!("{base}-{number}"));
    let mut names = std::iter::once(base.clone()).chain(numbered).filter_map(|name| process_name(&name));
    names.find(|name| !taken(name)).expect("one of endlessly many numbers is free")
}

pub(super) fn renamed(dialect: Dialect, old: &str, new: &ProcessName, origin: &Origin) -> Diagnostic {
    Diagnostic::info(&dialect.code("process-renamed"), format!("{origin}: the process `{old}` is called `{new}` here"))
        .why("a name is letters, digits, `-` and `_`, and each process of a directory has one of its own; `web` answers requests, `release` runs once for a version")
        .at(origin.clone())
}

pub(super) fn is_something(script: &Requested<String>) -> bool {
    !script.value.trim().is_empty()
}
