//! Messages about the choice of Python.

use packwright_planner::{Diagnostic, Origin, RelPath};

use super::at::error_at;
use crate::releases::{DELIVERIES, DOWNLOADS, Delivery};

fn available() -> String {
    let all: Vec<String> =
        DELIVERIES.iter().map(|one| format!("Debian {} has {}", one.suite, one.name)).collect();
    let range = [DOWNLOADS.first(), DOWNLOADS.last()].map(|end| end.map_or("", |one| one.name));
    format!("{}, and uv downloads {} to {}", all.join(", "), range[0], range[1])
}

/// What to do when a Python cannot be downloaded.
pub(crate) const DOWNLOAD_HINT: &str = "this Python is no part of Debian and is downloaded by uv: name a mirror that \
    can be reached in UV_PYTHON_INSTALL_MIRROR (or a list of downloads in UV_PYTHON_DOWNLOADS_JSON_URL), or ask for a \
    version that Debian has";

pub(crate) fn version_unavailable(text: &str, origin: &Origin, nearest: &str) -> Diagnostic {
    let what = format!("{origin} asks for Python {text}, which cannot be had");
    error_at("python/version-unavailable", origin, what)
        .why(available())
        .fix(format!("ask for {nearest}, the nearest"))
}

pub(crate) fn version_unreadable(text: &str, origin: &Origin) -> Diagnostic {
    let what = format!("{origin}: `{text}` is not understood as a Python version");
    error_at("python/version-unreadable", origin, what)
        .why(available())
        .fix("write a version of CPython such as `3.13` or `3.13.5`")
}

pub(crate) fn version_with_wheels(best: &str, newest: &str, names: &[String], at: &Origin) -> Diagnostic {
    Diagnostic::info("python/version-with-wheels", format!("Python is {best} and not {newest}"))
        .why(format!(
            "in the versions that are asked for, these are not made for Python {newest}: {}",
            names.join(", ")
        ))
        .fix(format!("update them, or write {newest} into .python-version to have it all the same"))
        .at(at.clone())
}

pub(crate) fn version_file_empty(path: &RelPath) -> Diagnostic {
    Diagnostic::warning("python/version-file-empty", format!("{path} names no version"))
        .fix(format!("write a version such as `3.13` into {path}, or delete it"))
        .at(Origin::file(path))
}

pub(crate) fn version_file_several(first: &str, second: &str, at: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/version-file-several",
        format!("{at}: `{second}` is not used, `{first}` above it is"),
    )
    .why("an image has one Python")
    .fix("leave one version in the file")
    .at(at.clone())
}

pub(crate) fn runtime_without_prefix(line: &str, at: &Origin) -> Diagnostic {
    Diagnostic::warning("python/runtime-form", format!("{at}: `{line}` is read as `python-{line}`"))
        .why("the form of runtime.txt is `python-X.Y.Z`")
        .fix("write `python-` before the version, or move it to .python-version")
        .at(at.clone())
}

pub(crate) fn runtime_wildcard(line: &str, minor: &str, at: &Origin) -> Diagnostic {
    Diagnostic::warning("python/runtime-form", format!("{at}: `{line}` is read as `python-{minor}`"))
        .why("runtime.txt knows no wildcard; a version of two numbers takes the newest patch")
        .fix(format!("write `python-{minor}`"))
        .at(at.clone())
}

pub(crate) fn versions_differ(chosen: &Delivery, by: &Origin, text: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/versions-differ",
        format!("{by} and {origin} ask for different Python versions"),
    )
    .why(format!("{by} gives {}, {origin} wants `{text}`", chosen.name))
    .fix("make the two agree")
    .at(origin.clone())
}

pub(crate) fn hint_not_taken(text: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::info("python/version-hint", format!("{origin} speaks of Python {text}, which Debian does not have"))
        .why("the file describes an image that something else builds; its word alone is no reason to download a Python")
        .fix(format!("write {text} into .python-version to have it"))
        .at(origin.clone())
}
