//! Front ends in directories of their own: helpers that make what the owner needs and the source does
//! not have. A helper is asked about the directory as if it were the whole tree; its steps carry the
//! directory, so that it is `/app` to them.

use packwright_oci::RelPath;

use super::languages::{Participant, PlanInputs};
use super::rooted::Rooted;
use crate::{Component, Decision, Diagnostic, NeededFiles, PlanError, PlanOptions, Role, Subtree};

/// What became of the files that an owner needs.
pub(super) struct FrontEnds {
    /// The helper that makes them.
    pub(super) part: Option<Participant>,
    /// About files that no helper makes.
    pub(super) missing: Vec<Diagnostic>,
}

impl PlanInputs<'_, '_> {
    /// The helper that makes what the owner `needs`, from the nearest directory above those files in
    /// which a language builds something. `parts` take part already. A helper for the whole tree is
    /// taken to make whatever the owner embeds.
    ///
    /// Errors: what keeps a front end from being built.
    pub(super) fn front_ends(
        &self,
        parts: &[Participant],
        needs: Vec<NeededFiles>,
        suite: Option<&str>,
    ) -> Result<FrontEnds, PlanError> {
        let mut found = FrontEnds { part: None, missing: Vec::new() };
        if parts.iter().any(|part| part.helps) {
            return Ok(found);
        }
        // Steps are called by their language, so one front end is all that a plan can have.
        let mut built: Option<RelPath> = None;
        for needed in needs {
            if built.as_ref().is_some_and(|dir| needed.path.is_within(dir)) {
                continue;
            }
            let helper = match built {
                None => self.front_end(parts, &needed, suite)?,
                Some(_) => None,
            };
            match helper {
                Some((dir, part)) => (built, found.part) = (Some(dir), Some(part)),
                None => found.missing.extend(needed.missing),
            }
        }
        Ok(found)
    }

    /// The helper for the nearest directory above `needed` that one of the languages builds.
    fn front_end(
        &self,
        parts: &[Participant],
        needed: &NeededFiles,
        suite: Option<&str>,
    ) -> Result<Option<(RelPath, Participant)>, PlanError> {
        // What the platform files say of the build is said for the directory of the owner.
        let model = Component {
            build: None,
            phases: Vec::new(),
            processes: Vec::new(),
            publish: None,
            manager: None,
            ..self.model.clone()
        };
        let options = PlanOptions { app: None, buildpacks: Vec::new(), ..self.options.clone() };
        let mut above = needed.path.parent();
        while let Some(dir) = above {
            let tree = Subtree::new(self.tree, dir.clone());
            let inner =
                PlanInputs { tree: &tree, buildpacks: self.buildpacks, model: &model, options: &options };
            let rooted = Rooted::new(&tree, &dir, &model);
            for candidate in inner.candidates() {
                let name = candidate.buildpack.language().name;
                if parts.iter().any(|part| part.buildpack == name) {
                    continue;
                }
                let proposal = inner.ask(candidate.buildpack, Role::Helper { suite }, &[]);
                let Some(mut proposal) = proposal.map_err(|error| rooted.error(error))? else { continue };
                rooted.proposal(&mut proposal);
                proposal.steps.iter_mut().for_each(|step| step.dir = Some(dir.clone()));
                let origin = needed.origin.clone();
                proposal.decisions.insert(0, Decision::new("front end", format!("{name} in {dir}"), origin));
                let part = Participant { buildpack: name.to_owned(), proposal, helps: true };
                return Ok(Some((dir, part)));
            }
            above = dir.parent();
        }
        Ok(None)
    }
}
