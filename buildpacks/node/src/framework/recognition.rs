//! [`Recognition`]: what is known about an application before it is decided what runs.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{
    Claim, Command, Decision, Diagnostic, Origin, Overridden, Requested, Selection,
};

use super::row::FrameworkRow;
use super::view::Findings;
use crate::application::{AppContext, Application, Modules};
use crate::process::{self, Expansion, StartCommand, StartScripts};

/// The variable that keeps the start script of a site (`0`), or names the directory of one.
pub(super) const STATIC: &str = "PACKWRIGHT_STATIC";

/// Everything that was found out before it is decided what runs.
pub(super) struct Recognition<'a> {
    pub(super) subject: &'a AppContext<'a>,
    pub(super) row: Option<&'static FrameworkRow>,
    pub(super) build: Option<Expansion>,
    /// The script that builds.
    pub(super) script: Option<String>,
    /// The command that builds in place of a script, and its origin.
    pub(super) command: Option<(Command, Origin)>,
    /// Whether a platform file says that nothing is built.
    pub(super) builds_nothing: bool,
    pub(super) starts: StartScripts,
    /// Whether a process of Next runs.
    pub(super) needs_keys: bool,
    pub(super) notes: Findings,
}

impl Recognition<'_> {
    /// Whether the build may make files.
    pub(super) fn built(&self) -> bool {
        let by_rule = !self.builds_nothing && self.row.is_some_and(|row| row.build.is_some());
        self.script.is_some() || self.command.is_some() || by_rule
    }

    /// The framework, with its origin.
    pub(super) fn framework(&self) -> Requested<String> {
        let decided = self.notes.decisions.iter().find(|decision| decision.subject == "node framework");
        match decided {
            Some(decision) => Requested { value: decision.value.clone(), origin: decision.origin.clone() },
            None => {
                let origin = Origin::Default("no framework among the dependencies".to_owned());
                Requested { value: "none".to_owned(), origin }
            }
        }
    }

    /// An application with nothing to run yet.
    pub(super) fn application(&self, claim: Claim) -> Application {
        let framework = self.framework();
        Application {
            claim: claim.by(framework.origin.clone()),
            framework,
            build: None,
            processes: Vec::new(),
            site: None,
            process_missing: None,
            modules: Modules::Production,
            also: Vec::new(),
            unneeded: Vec::new(),
            programs: Vec::new(),
            dirs: Vec::new(),
            added: Vec::new(),
            nested: Vec::new(),
            relieved: BTreeMap::new(),
            source: Selection::all(),
            packages: Vec::new(),
            environment: BTreeMap::new(),
            decisions: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The line of the script that builds.
    pub(super) fn script_origin(&self) -> Origin {
        let script = self.script.as_deref().and_then(|name| self.subject.project.app.script(name));
        script.map_or(Origin::file(&self.subject.project.app.path), |script| script.origin.clone())
    }

    pub(super) fn warn(&mut self, diagnostic: Diagnostic) {
        self.notes.diagnostics.push(diagnostic);
    }
}

/// Whether the caller wants the script of a site to be kept.
pub(super) fn keeps_script(subject: &AppContext<'_>) -> bool {
    subject.project.context.options.environment.get(STATIC).is_some_and(|value| value == "0")
}

/// The decision on what starts.
pub(super) fn started(
    start: &StartCommand,
    chosen: &str,
    origin: &Origin,
    also: Option<&StartCommand>,
) -> Decision {
    let mut overridden = start.overridden.clone();
    overridden
        .extend(also.map(|other| Overridden { value: other.text.clone(), origin: other.origin.clone() }));
    Decision::new("start command", chosen, origin.clone()).over(overridden)
}

pub(super) fn expanded(subject: &AppContext<'_>, name: &str, notes: &mut Findings) -> Option<Expansion> {
    match process::flat(subject).expand(name)? {
        Ok(expansion) => Some(expansion),
        Err(problem) => {
            notes.diagnostics.push(problem);
            None
        }
    }
}
