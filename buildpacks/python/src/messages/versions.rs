//! Messages about the choice of Python.

use packwright_buildpack::planner::{Diagnostic, Origin};
use packwright_buildpack::releases;

use crate::releases::DOWNLOADS;

/// Which Pythons can be had.
pub(crate) fn available() -> String {
    let range = [DOWNLOADS.first(), DOWNLOADS.last()].map(|end| end.map_or("", |one| one.name));
    format!("{}, and uv downloads {} to {}", releases::told("python"), range[0], range[1])
}

/// What to do when a Python cannot be downloaded.
pub(crate) const DOWNLOAD_HINT: &str = "this Python is no part of Debian and is downloaded by uv: name a mirror that \
    can be reached in UV_PYTHON_INSTALL_MIRROR (or a list of downloads in UV_PYTHON_DOWNLOADS_JSON_URL), or ask for a \
    version that Debian has";

pub(crate) fn version_with_wheels(best: &str, newest: &str, names: &[String], at: &Origin) -> Diagnostic {
    Diagnostic::info("python/version-with-wheels", format!("Python is {best} and not {newest}"))
        .why(format!(
            "in the versions that are asked for, these are not made for Python {newest}: {}",
            names.join(", ")
        ))
        .fix(format!("update them, or write {newest} into .python-version to have it all the same"))
        .at(at.clone())
}
