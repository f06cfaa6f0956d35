//! [`Lacking`]: a library that a file of an image needs and nothing brings, with the package that would. Adds nothing.

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::RelPath;
use packwright_planner::Diagnostic;
use packwright_verify::{Finding, Missing, Use};
use serde::{Deserialize, Serialize};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;
use crate::growth::Cost;
use crate::library_archive::LibraryArchive;

/// A library that is missing and that a package brings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Lacking {
    /// What it may cost: what is only loaded by a path may be a plugin that nobody uses.
    pub(crate) cost: Cost,
    pub(crate) package: String,
    pub(crate) library: String,
    /// The file that needs it.
    pub(crate) path: RelPath,
}

/// Whether a build adds what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adding {
    /// It does; then it must know what there is.
    Libraries,
    /// It is one from a lock, which says what there is, or none.
    Nothing,
}

/// The packages that bring what `found` says is missing; `None` where the archive cannot be asked, which is told.
///
/// Errors: the archive cannot be asked now, and may be later, while its answer would be added.
pub(crate) fn packages(
    context: &BuildContext<'_>,
    archive: &dyn LibraryArchive,
    found: &[Finding],
    adding: Adding,
) -> Result<Option<BTreeMap<Missing, String>>, BuildError> {
    let missing: BTreeSet<Missing> = found.iter().filter_map(|finding| finding.missing.clone()).collect();
    if missing.is_empty() {
        return Ok(Some(BTreeMap::new()));
    }
    let adds = adding == Adding::Libraries && missing.iter().any(|one| matches!(one, Missing::Library(_)));
    match archive.packages_for(context, &missing) {
        Ok(packages) => Ok(Some(packages)),
        Err(BuildError::Cancelled) => Err(BuildError::Cancelled),
        Err(error) if adds && error.is_transient() => Err(error),
        Err(error) => {
            let message =
                "Debian's index of files could not be asked which packages bring what the image lacks";
            context.tell(Event::Noticed(Diagnostic::info("verify/index", message).why(in_full(&error))));
            Ok(None)
        }
    }
}

/// The libraries among `found` that one of `packages` brings, sorted.
pub(crate) fn of(found: &[Finding], packages: &BTreeMap<Missing, String>) -> Vec<Lacking> {
    let lacking = |finding: &Finding| {
        let (Some(missing @ Missing::Library(library)), Some(needing)) = (&finding.missing, &finding.needing)
        else {
            return None;
        };
        Some(Lacking {
            cost: match needing.used {
                Use::Start | Use::Name => Cost::Any,
                Use::Path => Cost::Bounded,
            },
            package: packages.get(missing)?.clone(),
            library: library.clone(),
            path: needing.path.clone(),
        })
    };
    let found: BTreeSet<Lacking> = found.iter().filter_map(lacking).collect();
    found.into_iter().collect()
}

/// `error` with its causes.
fn in_full(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
