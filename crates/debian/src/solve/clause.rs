//! Clauses of the solve: what must hold about the packages, and where each rule comes from. Solves nothing.

use crate::index::PackageId;

/// "This package is chosen" or "is not".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Literal {
    pub(super) package: PackageId,
    pub(super) chosen: bool,
}

/// At least one literal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) literals: Vec<Literal>,
    pub(super) origin: ClauseOrigin,
}

/// Where a clause comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ClauseOrigin {
    /// A request, in its spelling.
    Request(String),
    /// A dependency of the package.
    Depends(PackageId, String),
    /// The first package conflicts with or breaks the second.
    Conflict(PackageId, PackageId, String),
    /// Two versions of one package.
    SameName(PackageId, PackageId),
    /// Follows from these clauses.
    Learned(Vec<usize>),
}
