//! [`Location`]: where the application is, as the search for it answers.

use super::languages::Candidate;
use crate::{Component, Decision, Diagnostic, PlanOptions, PublicVariable, RelPath};

/// Where the application is.
pub(super) struct Location<'a> {
    /// Its directory, unless it is the whole tree.
    pub(super) root: Option<RelPath>,
    /// The caller's options for what is there.
    pub(super) options: PlanOptions,
    /// What was decided about it.
    pub(super) decision: Option<Decision>,
    /// What the languages said, where they were asked about just this place.
    pub(super) answers: Option<Vec<Candidate<'a>>>,
    /// What the top declares for this directory, where its commands go to it.
    pub(super) declared: Option<Component>,
    /// What is wrong at the top, where the application is below.
    pub(super) remarks: Vec<Diagnostic>,
}

impl<'a> Location<'a> {
    /// The top of the tree.
    pub(super) fn top(options: PlanOptions, answers: Option<Vec<Candidate<'a>>>) -> Location<'a> {
        Location { root: None, options, decision: None, answers, declared: None, remarks: Vec::new() }
    }

    /// The directory `root`, and in it the target `app`.
    pub(super) fn below(
        root: RelPath,
        options: &PlanOptions,
        app: Option<String>,
        decision: Option<Decision>,
    ) -> Location<'a> {
        let below = |variable: &PublicVariable| {
            Some(PublicVariable { file: variable.file.below(&root)?, ..variable.clone() })
        };
        let public = options.public.iter().filter_map(below).collect();
        let options = PlanOptions { root: None, app, public, ..options.clone() };
        Location { root: Some(root), options, decision, answers: None, declared: None, remarks: Vec::new() }
    }
}
