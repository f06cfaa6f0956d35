//! [`LibraryArchive`]: what an archive of packages says about libraries that an image lacks; [`DebianArchive`] is the one
//! that a plan's base names.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{AskedBy, Base, LockedPackage, Plan};
use packwright_verify::Missing;

use crate::contents_index;
use crate::context::BuildContext;
use crate::error::BuildError;
use crate::growth::{self, Candidate, Growth};

/// An archive of packages.
pub(crate) trait LibraryArchive {
    /// The package to take for each of `missing`; those that no package brings are left out.
    fn packages_for(
        &self,
        context: &BuildContext<'_>,
        missing: &BTreeSet<Missing>,
    ) -> Result<BTreeMap<Missing, String>, BuildError>;

    /// `known` with those of the `candidates` that can come to them; see [`growth::grow`].
    fn grow(
        &self,
        context: &BuildContext<'_>,
        known: &[LockedPackage],
        candidates: &BTreeSet<Candidate>,
        asked_by: AskedBy,
    ) -> Result<Growth, BuildError>;
}

/// The Debian archive of a suite.
pub(crate) struct DebianArchive<'a> {
    suite: &'a str,
}

impl<'a> DebianArchive<'a> {
    /// The archive of `plan`'s base.
    pub(crate) fn of(plan: &'a Plan) -> DebianArchive<'a> {
        let Base::Debian { suite, .. } = &plan.base;
        DebianArchive { suite }
    }
}

impl LibraryArchive for DebianArchive<'_> {
    fn packages_for(
        &self,
        context: &BuildContext<'_>,
        missing: &BTreeSet<Missing>,
    ) -> Result<BTreeMap<Missing, String>, BuildError> {
        contents_index::packages_for(context, self.suite, missing)
    }

    fn grow(
        &self,
        context: &BuildContext<'_>,
        known: &[LockedPackage],
        candidates: &BTreeSet<Candidate>,
        asked_by: AskedBy,
    ) -> Result<Growth, BuildError> {
        growth::grow(context, self.suite, known, candidates, asked_by)
    }
}
