//! Messages about the choice of Python.

use packwright_buildpack::planner::{Diagnostic, Origin, Requested};
use packwright_buildpack::releases;

use crate::against::{Against, Fact};
use crate::releases::DOWNLOADS;
use crate::wheel_coverage::MissingModule;

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

/// A hint asks for a Python that is older than all of Debian's.
pub(crate) fn version_nearest(hint: &Requested<String>, taken: &str) -> Diagnostic {
    let Requested { value, origin } = hint;
    Diagnostic::info(
        "python/version-nearest",
        format!("{origin} speaks of Python {value}, and {taken} is taken, the nearest that Debian has"),
    )
    .why("nothing else asks for a version, and what describes another image is no reason to download one")
    .fix(format!("write {value} into .python-version to have it"))
    .at(origin.clone())
}

/// What to do when the index cannot be asked for a Python.
pub(crate) const INTERPRETER_HINT: &str = "the package index is asked for which Python the requirements are made: name \
    a mirror that can be reached in UV_DEFAULT_INDEX or PIP_INDEX_URL, or write a version into .python-version, and \
    nobody is asked";

/// The answer of the index, from a lock perhaps, is none.
pub(crate) fn answer_unreadable(text: &str) -> Diagnostic {
    let first = text.lines().next().unwrap_or_default();
    Diagnostic::error(
        "python/answer-unreadable",
        format!("`{first}` is no answer to the question which Python the requirements are made for"),
    )
    .why("it is not among the versions of Python that can be taken")
    .fix("make the lock anew with `packwright lock`")
}

/// A file imports a module that the chosen Python has no more, as the package itself says.
pub(crate) fn module_imported(fact: &Fact) -> Option<Diagnostic> {
    let Against::Module { package, module, .. } = &fact.why else { return None };
    Some(
        Diagnostic::warning("python/module-removed", fact.to_string())
            .why("importing it fails when the application starts")
            .fix(format!(
                "add the package that brings {module} back, move to a newer {package}, or ask for an older Python"
            )),
    )
}

/// A package imports a module that the chosen Python has no more.
pub(crate) fn module_missing(missing: &MissingModule, python: &str) -> Diagnostic {
    let MissingModule { package, module, backport, origin } = missing;
    Diagnostic::warning(
        "python/module-removed",
        format!("{package} imports {module}, which Python {python} has no more"),
    )
    .why("importing it fails when the application starts")
    .fix(format!("add {backport} to the requirements, move to a newer {package}, or ask for Python 3.11"))
    .at(origin.clone())
}
