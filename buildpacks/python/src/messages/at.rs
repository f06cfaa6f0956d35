//! An error with a place.

use packwright_buildpack::planner::{Diagnostic, Origin};

/// The error `code` with `message`, at `origin`.
pub(super) fn error_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}
