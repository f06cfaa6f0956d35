//! Messages about manifests: requirements files, `pyproject.toml`, Pipfile, conda's file.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath};

use super::at::error_at;

/// What to do when an installation fails.
pub(crate) const INSTALL_HINT: &str = "uv says above which package it is; one that has no wheel for this Python is \
    built from source and may need what is not there: choose another version of it, or the Python that it was made \
    for (write `3.11` into .python-version, for example)";

/// What to do when `collectstatic` fails.
pub(crate) const STATIC_HINT: &str = "collectstatic loads the settings and every application, without network, \
    database and ignored files: give the settings defaults that need none of these, set variables with `--env`, \
    or turn it off with `--env DISABLE_COLLECTSTATIC=1`";

/// What to do when versions cannot be found.
pub(crate) const RESOLVE_HINT: &str = "correct the requirement that uv names above, in the file it is in";

pub(crate) fn broken_toml(path: &RelPath, line: u32, column: u32, reason: &str) -> Diagnostic {
    let origin = Origin::line(path, line);
    let what = format!("{origin}:{column}: this is not the TOML that is expected here");
    error_at("python/toml-broken", &origin, what)
        .why(reason.trim().replace('\n', "; "))
        .fix(format!("correct line {line} of {path}"))
}

pub(crate) fn requirement_unreadable(origin: &Origin, text: &str, reason: &str) -> Diagnostic {
    let what = format!("{origin}: `{text}` is not a requirement");
    error_at("python/requirement-unreadable", origin, what)
        .why(reason.to_owned())
        .fix("write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= \"3.11\"`")
}

/// Files that a project names and its source lacks; empty ones stand for them.
pub(crate) fn named_absent(pyproject: &RelPath, files: &[String]) -> Diagnostic {
    let what = format!("{pyproject} names {}, which the source does not have", files.join(", "));
    Diagnostic::info("python/named-file-absent", what)
        .why("an ignore file may hide it; an empty file stands for it when the project is checked and built")
        .fix("nothing, if the description of the package is not needed; else let no ignore file name it")
        .at(Origin::file(pyproject))
}

pub(crate) fn inline_source(origin: &Origin, key: &str) -> Diagnostic {
    let what = format!("{origin}: `tool.uv.{key}` in a script is not supported");
    error_at("python/inline-script", origin, what)
        .why("the block says where uv finds packages, and other installers do not read that")
        .fix("move what the script needs into a pyproject.toml, with a uv.lock beside it")
}

/// What a script says that it needs, where another manifest says it too.
pub(crate) fn inline_unused(script: &Origin, manifest: &Origin, names: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        "python/inline-script",
        format!("{script} asks for {}, which {manifest} does not", names.join(", ")),
    )
    .why(format!(
        "{manifest} says what is installed; the block in the script is read where there is no manifest"
    ))
    .fix(format!("add {} to {manifest}", names.join(", ")))
    .at(script.clone())
}

pub(crate) fn requirement_scheme(origin: &Origin, address: &str) -> Diagnostic {
    let what = format!("{origin}: nothing can be fetched from `{address}`");
    error_at("python/requirement-address", origin, what)
        .why("the build has no keys: only https addresses of archives and of git repositories are fetched")
        .fix("write `git+https://…`, with a token in a variable if it is private (`git+https://${TOKEN}@…`), or require a published version")
}

pub(crate) fn requirement_archive(origin: &Origin, archive: &RelPath) -> Diagnostic {
    let what = format!("{origin} installs {archive} itself, which is not supported yet");
    error_at("python/requirement-archive", origin, what)
        .why("an archive in the tree has no place that a lock could name")
        .fix(format!(
            "write `--find-links {}` and require the package by its name",
            archive.parent().map_or(".".to_owned(), |dir| dir.to_string())
        ))
}

pub(crate) fn local_without_project(origin: &Origin, dir: &str) -> Diagnostic {
    let what = format!("{origin} names the directory `{dir}`, which is no package");
    error_at("python/local-package", origin, what)
        .why("there is no pyproject.toml, setup.py or setup.cfg in it")
        .fix("correct the path, or describe the package in a pyproject.toml; an ignored file counts as missing")
}

pub(crate) fn conda_only(origin: &Origin, names: &[&str]) -> Diagnostic {
    let what = format!("{origin}: only conda has, or may have, {}", names.join(", "));
    error_at("python/conda-only", origin, what)
        .why("conda's packages are installed from Python's index, and these are not known to be there")
        .fix("move those that are on Python's index to the `pip:` part, and leave out the others")
}

pub(crate) fn conda_renamed(path: &RelPath, renamed: &[(String, String)]) -> Diagnostic {
    let names: Vec<String> = renamed.iter().map(|(conda, index)| format!("{conda} as {index}")).collect();
    Diagnostic::info(
        "python/conda-names",
        format!("{path}: conda's packages are installed from Python's index: {}", names.join(", ")),
    )
    .at(Origin::file(path))
}

pub(crate) fn broken_json(path: &RelPath, line: usize, column: usize, reason: &str) -> Diagnostic {
    let origin = Origin::line(path, line as u32);
    let what = format!("{origin}:{column}: this is not the JSON that is expected here");
    error_at("python/json-broken", &origin, what)
        .why(reason.to_owned())
        .fix(format!("correct line {line} of {path}"))
}

pub(crate) fn requirement_option_unknown(origin: &Origin, option: &str) -> Diagnostic {
    let what = format!("{origin}: the option `{option}` is not understood");
    error_at("python/requirement-option", origin, what)
        .fix("leave the option out; see the list of options in the buildpack's README")
}

pub(crate) fn requirement_option_empty(origin: &Origin, option: &str) -> Diagnostic {
    let what = format!("{origin}: the option `{option}` has no value");
    error_at("python/requirement-option", origin, what).fix("write the value behind the option")
}

pub(crate) fn include_missing(origin: &Origin, target: &RelPath) -> Diagnostic {
    let what = format!("{origin} includes {target}, which is not there");
    error_at("python/include-missing", origin, what)
        .fix("correct the path; an ignored file counts as missing")
}

pub(crate) fn include_escapes(origin: &Origin, value: &str) -> Diagnostic {
    let what = format!("{origin}: `{value}` is outside of the source tree");
    error_at("python/include-escapes", origin, what)
        .fix("name a file of the source tree, relative to the file that names it")
}

pub(crate) fn include_remote(origin: &Origin, value: &str) -> Diagnostic {
    let what = format!("{origin}: `{value}` is not a file of the source tree");
    error_at("python/include-remote", origin, what)
        .why("the plan would depend on what a server says today")
        .fix("keep a copy of the file in the source tree")
}

pub(crate) fn hash_missing(name: &str, without: &Origin, with: &Origin) -> Diagnostic {
    let what = format!("{without}: {name} has no hash");
    error_at("python/hash-missing", without, what)
        .why(format!("{with} asks for hashes, and then pip wants one for every requirement"))
        .fix("give all requirements hashes (`pip-compile --generate-hashes`), or none")
}
