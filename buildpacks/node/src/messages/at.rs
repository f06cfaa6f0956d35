//! Messages that stand at a line of a file. Knows no message.

use packwright_planner::{Diagnostic, Origin};

pub(super) fn error_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}

pub(super) fn warning_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::warning(code, message).at(origin.clone())
}

pub(super) fn info_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::info(code, message).at(origin.clone())
}
