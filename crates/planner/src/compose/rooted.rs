//! Rewrites paths in evidence so that they start at the top of the source. A buildpack sees the application's
//! directory alone and names files from there; origins of platform files start at the top already. Commands
//! and step inputs stay relative to the directory.

use std::collections::BTreeSet;

use crate::{Component, Decision, Diagnostic, Origin, PlanError, Proposal, RelPath, SourceTree, Task, has};

/// The application's directory, for what is said about files in it.
pub(super) struct Rooted<'a> {
    tree: &'a dyn SourceTree,
    root: &'a RelPath,
    /// Files that the component names, from the top.
    declared: BTreeSet<RelPath>,
}

impl<'a> Rooted<'a> {
    /// For the application in `root`, whose files are `tree`, and what `component` declares for it.
    pub(super) fn new(tree: &'a dyn SourceTree, root: &'a RelPath, component: &Component) -> Rooted<'a> {
        let mut declared = BTreeSet::new();
        collect(component, &mut declared);
        Rooted { tree, root, declared }
    }

    pub(super) fn proposal(&self, proposal: &mut Proposal) {
        proposal.suite.iter_mut().for_each(|suite| self.origin(&mut suite.origin));
        proposal.versions.iter_mut().for_each(|version| self.origin(&mut version.origin));
        proposal.packages.iter_mut().for_each(|package| self.text(&mut package.why));
        proposal.environment.values_mut().for_each(|setting| self.origin(&mut setting.origin));
        proposal.processes.iter_mut().for_each(|process| self.origin(&mut process.origin));
        proposal.process_missing.iter_mut().for_each(|problem| self.diagnostic(problem));
        proposal.decisions.iter_mut().for_each(|decision| self.decision(decision));
        proposal.diagnostics.iter_mut().for_each(|remark| self.diagnostic(remark));
    }

    pub(super) fn error(&self, mut error: PlanError) -> PlanError {
        if let PlanError::Problems { problems } = &mut error {
            problems.iter_mut().for_each(|problem| self.diagnostic(problem));
        }
        error
    }

    pub(super) fn decision(&self, decision: &mut Decision) {
        self.origin(&mut decision.origin);
        decision.overridden.iter_mut().for_each(|loser| self.origin(&mut loser.origin));
    }

    pub(super) fn diagnostic(&self, diagnostic: &mut Diagnostic) {
        diagnostic.at.iter_mut().for_each(|origin| self.origin(origin));
        let Diagnostic { message, why, fix, .. } = diagnostic;
        [Some(message), why.as_mut(), fix.as_mut()].into_iter().flatten().for_each(|text| self.text(text));
    }

    pub(super) fn origin(&self, origin: &mut Origin) {
        match origin {
            Origin::File { path, .. } => {
                if let Some(whole) = self.whole(path.as_str()) {
                    *path = whole;
                }
            }
            Origin::Detected(text) | Origin::Default(text) => self.text(text),
            Origin::Option(_) => {}
        }
    }

    /// The path from the top of a file of the application.
    fn whole(&self, path: &str) -> Option<RelPath> {
        let path: RelPath = path.parse().ok()?;
        let is_ours = !self.declared.contains(&path) && has(self.tree, path.as_str());
        is_ours.then(|| self.root.join(path.as_str()).ok()).flatten()
    }

    /// Writes the files that a text names from the top. In quotes only a file alone is one: what else
    /// stands there are commands.
    fn text(&self, text: &mut String) {
        let mut rewritten = String::with_capacity(text.len());
        for (number, span) in text.split('`').enumerate() {
            if number > 0 {
                rewritten.push('`');
            }
            let is_quoted = number % 2 == 1;
            if is_quoted && span.contains(char::is_whitespace) {
                rewritten.push_str(span);
            } else {
                self.span(span, &mut rewritten);
            }
        }
        *text = rewritten;
    }

    fn span(&self, span: &str, rewritten: &mut String) {
        let is_part = |c: char| c.is_alphanumeric() || "_-./@+~[]$".contains(c);
        let mut rest = span;
        while let Some(start) = rest.find(is_part) {
            let (before, word) = rest.split_at(start);
            rewritten.push_str(before);
            let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
            let bare = word[..end].trim_end_matches('.');
            // A word of a sentence may be a file's name too.
            let is_name = bare.contains(['.', '/']) || bare.starts_with(char::is_uppercase);
            match self.whole(bare).filter(|_| is_name) {
                Some(whole) => rewritten.push_str(whole.as_str()),
                None => rewritten.push_str(bare),
            }
            rest = &word[bare.len()..];
            if bare.is_empty() {
                rewritten.push_str(&word[..end]);
                rest = &word[end..];
            }
        }
        rewritten.push_str(rest);
    }
}

/// Adds the files of all origins of a component.
fn collect(component: &Component, files: &mut BTreeSet<RelPath>) {
    let mut origins: Vec<&Origin> = Vec::new();
    let texts = [&component.name, &component.language, &component.manager, &component.publish];
    origins.extend(texts.into_iter().flatten().map(|value| &value.origin));
    origins.extend(component.root.iter().map(|root| &root.origin));
    origins.extend(component.strategy.iter().map(|strategy| &strategy.origin));
    origins.extend(component.versions.iter().map(|request| &request.version.origin));
    origins.extend(component.packages.iter().map(|package| &package.name.origin));
    origins.extend(component.environment.iter().map(|variable| &variable.origin));
    origins.extend(component.statics.iter().map(|files| &files.url.origin));
    origins.extend(component.volumes.iter().map(|volume| &volume.path.origin));
    origins.extend(component.ignore.iter().map(|pattern| &pattern.origin));
    for process in &component.processes {
        origins.push(&process.origin);
        origins.extend(process.port.iter().map(|port| &port.origin));
        origins.extend(process.health.iter().map(|health| &health.origin));
    }
    origins.extend(component.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
        Task::Run(command) => Some(&command.origin),
        Task::Detected => None,
    }));
    files.extend(origins.into_iter().filter_map(|origin| match origin {
        Origin::File { path, .. } => Some(path.clone()),
        _ => None,
    }));
    component.hints.iter().for_each(|hints| collect(hints, files));
}
