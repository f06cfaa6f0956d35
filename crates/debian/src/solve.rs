//! The dependency solve: requests and an index in, a set of packages out. Complete (it
//! backtracks over alternatives, providers and versions) and deterministic; the result does not
//! depend on the order of the indexes or of the requests.
//!
//! `Depends` and `Pre-Depends` are satisfied, `Conflicts` and `Breaks` respected, at most one
//! version of a name chosen. `Recommends` are not followed and `Essential` packages come only
//! when something depends on them, explicitly or implicitly ([`crate::essential`]). The solve prefers the
//! newest version, the first alternative, a real package to a provider, and a package that is already
//! chosen to one that is not.

use packwright_oci::Digest;
use serde::{Deserialize, Serialize};

use crate::index::{Index, PackageId};
use crate::substituted::Substituted;

mod clause;
mod error;
mod explain;
mod request;
mod search;

pub use error::SolveError;
pub use request::Request;

use search::Search;

/// The packages to fetch, with what was satisfied without a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solution {
    /// Sorted by name.
    pub packages: Vec<SolvedPackage>,
    /// Names from the [`Substituted`] table that were asked for and not installed; sorted.
    pub substituted: Vec<String>,
}

/// One package to fetch: everything a lock needs to fetch the same again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SolvedPackage {
    /// Package name.
    pub name: String,
    /// Version with epoch and revision.
    pub version: String,
    /// `amd64`, `all`.
    pub architecture: String,
    /// The pocket it is in; decides which base of the mirror `path` is below.
    pub pocket: String,
    /// Path below the mirror.
    pub path: String,
    /// Digest of the file.
    pub digest: Digest,
    /// Size of the file in bytes.
    pub size: u64,
}

/// The packages that satisfy all `requests`, without those of `substituted` that no request
/// names.
///
/// Errors: a contradiction, explained; an unreadable dependency of a visited package.
pub fn solve(
    index: &Index,
    requests: &[Request],
    substituted: &[Substituted],
) -> Result<Solution, SolveError> {
    let mut requests: Vec<&Request> = requests.iter().collect();
    requests.sort();
    requests.dedup();
    let mut search = Search::new(index, substituted, &requests);
    search.run()?;
    let mut packages: Vec<SolvedPackage> = search.chosen().map(|id| describe(index, id)).collect();
    packages.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(Solution { packages, substituted: search.substitutes_used() })
}

fn describe(index: &Index, id: PackageId) -> SolvedPackage {
    let package = index.package(id);
    SolvedPackage {
        name: package.name().to_owned(),
        version: package.version().to_owned(),
        architecture: package.architecture().to_owned(),
        pocket: package.pocket().to_owned(),
        path: package.path().to_owned(),
        digest: package.digest(),
        size: package.size(),
    }
}

#[cfg(test)]
mod tests;
