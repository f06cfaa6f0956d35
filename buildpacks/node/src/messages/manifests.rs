//! What is said about files that cannot be read, or do not say what is expected.

use packwright_buildpack::files::FileError;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath};

use packwright_buildpack::problem::error_at;

pub(crate) fn wrong_type(path: &RelPath, line: u32, what: &str, wanted: &str, found: &str) -> Diagnostic {
    let origin = Origin::line(path, line);
    error_at("node/broken-manifest", &origin, format!("{what} in {path}:{line} is {found} and not {wanted}"))
        .fix(format!("make it {wanted}, or take it out"))
}

pub(crate) fn no_manifest(path: &RelPath, line: u32, found: &str) -> Diagnostic {
    let origin = Origin::line(path, line);
    error_at("node/broken-manifest", &origin, format!("{path}:{line} holds {found} and not a map"))
        .fix(format!("write {path} as `npm init` would, or take it out of the application"))
}

/// A file of the source that cannot be read.
#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
pub(crate) fn unreadable(error: FileError) -> Diagnostic {
    error.diagnostic("node")
}
