//! [`ComponentBuilder`]: a component while a build tool's configuration is read, with the diagnostics about it.

use std::collections::BTreeSet;

use packwright_planner::{
    Command, Component, DeclaredProcess, Diagnostic, Requested, Variable, VersionRequest,
};

use crate::names::translation::{Named, Present};

/// A component that is being put together.
pub(crate) struct ComponentBuilder {
    pub(crate) component: Component,
    pub(crate) told: Vec<Diagnostic>,
    pub(crate) present: Present,
    /// Names of packages that are there already.
    added: BTreeSet<String>,
}

impl ComponentBuilder {
    /// Nothing yet, in a directory with these languages.
    pub(crate) fn new(present: Present) -> ComponentBuilder {
        ComponentBuilder {
            component: Component::default(),
            told: Vec::new(),
            present,
            added: BTreeSet::new(),
        }
    }

    /// Takes in packages and version_requests, each once.
    pub(crate) fn take(&mut self, named: Named) {
        for package in named.packages {
            if self.added.insert(package.name.value.clone()) {
                self.component.packages.push(package);
            }
        }
        for wish in named.version_requests {
            self.wish(&wish.tool, &wish.version);
        }
        self.told.extend(named.told);
    }

    /// Forgets that a package is there, so that it can be taken in with another scope.
    pub(crate) fn forget(&mut self, name: &str) {
        self.component.packages.retain(|package| package.name.value != name);
        self.added.remove(name);
    }

    /// Takes in a wish for a version; the first one counts most.
    pub(crate) fn wish(&mut self, tool: &str, version: &Requested<String>) {
        let wish = VersionRequest { tool: tool.to_owned(), version: version.clone() };
        if !self.component.versions.contains(&wish) {
            self.component.versions.push(wish);
        }
    }

    /// The directory whose files are the site; the first one counts.
    pub(crate) fn site(&mut self, dir: &Requested<String>) {
        let path = dir.value.trim_start_matches("./").trim_start_matches("/app/").trim_matches('/');
        if !path.is_empty() && self.component.publish.is_none() {
            self.component.publish = Some(Requested { value: path.to_owned(), origin: dir.origin.clone() });
        }
    }

    /// A variable with its value.
    pub(crate) fn variable(&mut self, variable: Variable) {
        if self.component.variable(&variable.name).is_none() {
            self.component.environment.push(variable);
        }
    }

    /// The process that answers requests.
    pub(crate) fn web(&mut self, command: Command, from: &Requested<String>) {
        let name = "web".parse().expect("a process name");
        self.component.processes.push(DeclaredProcess::new(name, command, from.origin.clone()));
    }

    /// Says something.
    pub(crate) fn say(&mut self, diagnostic: Diagnostic) {
        self.told.push(diagnostic);
    }
}
