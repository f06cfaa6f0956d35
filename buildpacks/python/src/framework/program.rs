//! [`Program`]: a way to start that needs no framework.

use packwright_buildpack::planner::{Origin, RelPath};

/// A way to start.
pub(super) struct Program {
    /// What the decision calls it.
    pub(super) label: String,
    /// How it starts.
    pub(super) line: String,
    /// Who says so.
    pub(super) origin: Origin,
    /// The file that runs first.
    pub(super) file: Option<RelPath>,
    /// The directory that must be on Python's path.
    pub(super) root: Option<RelPath>,
}
