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
use crate::relation::{self, RelationError};
use crate::substituted::Substituted;

mod explain;
mod search;

use search::Search;

/// One thing that must be in the root: a package, perhaps of a certain version, or any one of
/// several: `python3.13-minimal`, `libpq5 (= 17.6-0+deb13u1)`, `libssl3t64 | libssl3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Request(String);

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

/// Why no set of packages can be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SolveError {
    /// A request is malformed.
    #[error("the request `{text}` cannot be read")]
    Request {
        /// The request.
        text: String,
        /// What is wrong with it.
        source: RelationError,
    },
    /// A dependency field of a package that was to be chosen is malformed.
    #[error("the dependencies of `{package}` {version} cannot be read")]
    Dependencies {
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// What is wrong with them.
        source: RelationError,
    },
    /// The requests contradict each other or the archive.
    #[error("no set of packages satisfies the requests: {}", reasons.join("; "))]
    Unsolvable {
        /// A chain from requests to the contradiction, each link a sentence.
        reasons: Vec<String>,
    },
}

impl SolveError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            SolveError::Request { .. } => "write a package name, or `name (= version)`".to_owned(),
            SolveError::Dependencies { .. } => "use another mirror".to_owned(),
            SolveError::Unsolvable { .. } => {
                "ask for other packages or versions, or choose the suite that has them".to_owned()
            }
        }
    }
}

impl Request {
    /// Reads `name`, `name (= version)` or alternatives joined by `|`.
    pub fn parse(text: &str) -> Result<Request, SolveError> {
        let fail = |source| SolveError::Request { text: text.to_owned(), source };
        let relations = relation::parse(text, "any").map_err(fail)?;
        match relations.as_slice() {
            [relation] => Ok(Request(relation.to_string())),
            _ => Err(fail(RelationError { part: text.to_owned(), reason: "it must be exactly one" })),
        }
    }

    /// The request in its normal spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Request {
    type Error = SolveError;

    fn try_from(text: String) -> Result<Request, SolveError> {
        Request::parse(&text)
    }
}

impl From<Request> for String {
    fn from(request: Request) -> String {
        request.0
    }
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
