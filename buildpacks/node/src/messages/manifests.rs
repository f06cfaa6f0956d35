//! What is said about files that cannot be read, or do not say what is expected.

use packwright_documents::Broken;
use packwright_planner::{Diagnostic, Origin, RelPath, SourceError};

use super::at::error_at;

pub(crate) fn broken_json(path: &RelPath, broken: &Broken) -> Diagnostic {
    let origin = Origin::line(path, broken.line);
    let found = format!("{path}:{}:{} is not valid JSON", broken.line, broken.column);
    error_at("node/broken-manifest", &origin, found)
        .why(broken.reason.clone())
        .fix(format!("correct line {} of {path}", broken.line))
}

pub(crate) fn broken_yaml(path: &RelPath, broken: &Broken) -> Diagnostic {
    let origin = Origin::line(path, broken.line);
    let found = format!("{path}:{}:{} is not valid YAML", broken.line, broken.column);
    error_at("node/broken-manifest", &origin, found)
        .why(broken.reason.clone())
        .fix(format!("correct line {} of {path}", broken.line))
}

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

pub(crate) fn unreadable(path: &RelPath, error: &SourceError) -> Diagnostic {
    error_at("node/unreadable", &Origin::file(path), error.to_string())
        .fix(format!("save {path} as UTF-8 text that can be read"))
}

pub(crate) fn manifest_is_link(path: &RelPath, target: &str) -> Diagnostic {
    error_at("node/manifest-is-link", &Origin::file(path), format!("{path} is a symbolic link to {target}"))
        .why("a step that installs packages sees only the manifests and not what they point to")
        .fix(format!("make {path} a file of its own"))
}
