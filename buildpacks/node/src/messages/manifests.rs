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

pub(crate) fn other_form(path: &RelPath) -> Diagnostic {
    error_at("node/manifest-form", &Origin::file(path), format!("{path} is a manifest that pnpm alone reads"))
        .why("Node, npm and the tools of the build look for package.json")
        .fix(format!("write it as JSON into package.json, which pnpm reads too, and remove {path}"))
}
