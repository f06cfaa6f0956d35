//! Services of a Blueprint that are no part of the application although they would be built or run in its directory:
//! images of others, and helpers with a Dockerfile of their own.

use packwright_planner::{Component, Diagnostic, RelPath, Requested, Strategy};

use crate::container::built::{BuiltImages, is_same};
use crate::container::{self, ContainerStart};
use crate::dir_view::DirView;
use crate::table::Table;

/// A service, as far as its row says what image it runs.
pub(super) struct Candidate<'a> {
    pub(super) row: &'a Table<'a>,
    /// `web`, `pserv`, `worker`, `cron`.
    pub(super) kind: &'a str,
    pub(super) name: &'a Requested<String>,
    /// Its directory and how its image is made.
    pub(super) component: Component,
}

impl Candidate<'_> {
    fn dockerfile(&self) -> Option<&str> {
        match &self.component.strategy.as_ref()?.value {
            Strategy::Dockerfile { path, .. } => Some(path),
            _ => None,
        }
    }

    fn image(&self) -> Option<&str> {
        match &self.component.strategy.as_ref()?.value {
            Strategy::Image(reference) => Some(reference),
            _ => None,
        }
    }

    /// How its container starts.
    fn start(&self) -> ContainerStart {
        let command = self.row.text("dockerCommand");
        let words = command.and_then(|command| packwright_shell_syntax::split(&command.value));
        container::start(None, words)
    }

    /// Says that it does not count.
    fn aside(&self, what: String, why: &str) {
        let at = self.name.origin.clone();
        let message = format!("{at}: `{}` {what}", self.name.value);
        let told = Diagnostic::info("render/not-counted", message).why(why.to_owned());
        self.row.document().say(told.at(at));
    }
}

/// For each of `candidates`, all of one level, whether it counts; of those that do not it is said.
pub(super) fn counting(view: &DirView<'_>, candidates: &[Candidate<'_>]) -> Vec<bool> {
    candidates.iter().map(|candidate| counts(view, candidate, candidates)).collect()
}

fn counts(view: &DirView<'_>, candidate: &Candidate<'_>, candidates: &[Candidate<'_>]) -> bool {
    let dir = candidate.component.dir();
    let beside = || candidates.iter().filter(|other| other.component.dir() == dir);
    if let Some(reference) = candidate.image() {
        let is_ours = matches!(candidate.start(), ContainerStart::Named(_));
        let counts = is_ours || beside().all(|other| other.image().is_some());
        if !counts {
            let what = format!("runs the image `{reference}`, which is no part of this source");
            candidate.aside(what, "other services of the same directory are built here");
        }
        return counts;
    }
    let Some(dockerfile) = candidate.dockerfile() else { return true };
    let context = context(view, dir);
    let context = DirView { dir: context.as_ref(), ..*view };
    let mut images = BuiltImages::default();
    for other in beside() {
        if let Some(dockerfile) = other.dockerfile() {
            images.add(&context, dockerfile, other.kind == "web", false);
        }
    }
    let is_process = candidate.kind != "web"
        && candidate.kind != "pserv"
        && matches!(candidate.start(), ContainerStart::By(_) | ContainerStart::Named(_));
    let of_source = images.is_of_source(dockerfile);
    // A service without a Dockerfile is built from the source itself.
    let natively = beside().any(|other| other.dockerfile().is_none() && other.image().is_none());
    let is_application = images.application().is_none_or(|own| is_same(own, dockerfile));
    let counts = is_application && (of_source || !natively) || of_source && is_process;
    if !counts {
        let what = format!("is built from `{dockerfile}`, another image than the application's");
        candidate.aside(what, "of several images of one directory, one counts");
    }
    counts
}

/// The directory from the top of the tree.
fn context(view: &DirView<'_>, dir: Option<&RelPath>) -> Option<RelPath> {
    match (view.dir, dir) {
        (None, dir) => dir.cloned(),
        (Some(above), None) => Some(above.clone()),
        (Some(above), Some(dir)) => above.join(dir.as_str()).ok(),
    }
}
