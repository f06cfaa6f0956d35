//! [`Blueprint`]: the file while it is written, and the entries that it is made of.

use std::collections::BTreeSet;

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{AppModel, Component, DeclaredProcess, Origin, ProcessKind};

use crate::write::{Converted, Loss};

/// What is written so far.
pub(super) struct Blueprint<'a> {
    pub(super) model: &'a AppModel,
    pub(super) image: Option<&'a str>,
    pub(super) services: Vec<Value>,
    pub(super) groups: Vec<Value>,
    /// Names of services that are taken.
    pub(super) names: BTreeSet<String>,
    pub(super) out: Converted,
}

impl Blueprint<'_> {
    /// A name for a service that no other has.
    pub(super) fn name(&mut self, wanted: &str) -> String {
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        let name = names.find(|name| !self.names.contains(name)).unwrap_or_else(|| wanted.to_owned());
        self.names.insert(name.clone());
        name
    }

    pub(super) fn lose(&mut self, loss: Loss, what: impl Into<String>, instead: &str, origin: &Origin) {
        self.out.lose(loss, what, instead, Some(origin));
    }
}

pub(super) fn entry(key: &str, content: Content) -> Entry {
    Entry::new(key, content)
}

/// The kind of a process as Render has it; release commands are no services.
pub(super) fn kind(process: &DeclaredProcess) -> Option<&'static str> {
    match process.kind {
        ProcessKind::Web => Some("web"),
        ProcessKind::Private => Some("pserv"),
        ProcessKind::Worker => Some("worker"),
        ProcessKind::Cron(_) => Some("cron"),
        ProcessKind::Release(_) => None,
    }
}

/// The origin of a whole part.
pub(super) fn origin(part: &Component) -> Option<&Origin> {
    part.root.as_ref().map(|root| &root.origin).or(part.name.as_ref().map(|name| &name.origin))
}

pub(super) fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}
