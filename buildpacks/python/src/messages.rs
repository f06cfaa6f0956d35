//! Every word that the buildpack says to people. Nothing here decides anything.
//!
//! A message is lower case without a full stop and names file and line; `why` gives the facts,
//! `fix` says what to do.

use packwright_planner::{Diagnostic, Origin, RelPath, SourceError};
use pep508_rs::PackageName;

use crate::data::{DELIVERIES, Delivery};
use crate::manifest::locked::Locked;

fn error_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}

// Files
/// What to do when an installation fails.
pub(crate) const INSTALL_HINT: &str = "uv says above which package it is; one that has no wheel for this Python is \
    built from source and may need what is not there: choose another version of it, or of Python";

/// What to do when versions cannot be found.
pub(crate) const RESOLVE_HINT: &str = "correct the requirement that uv names above, in the file it is in";

pub(crate) fn unreadable(path: &RelPath, error: &SourceError) -> Diagnostic {
    Diagnostic::error("python/file-unreadable", error.to_string())
        .fix("save the file as UTF-8 text")
        .at(Origin::file(path))
}

pub(crate) fn manifest_is_link(path: &RelPath, target: &str) -> Diagnostic {
    Diagnostic::error("python/file-is-link", format!("{path} is a symbolic link to {target}"))
        .why("a step sees the files that it names, and not what they point to")
        .fix(format!("put the file itself at {path}"))
        .at(Origin::file(path))
}

pub(crate) fn broken_toml(path: &RelPath, line: u32, column: u32, reason: &str) -> Diagnostic {
    let origin = Origin::line(path, line);
    let what = format!("{origin}:{column}: this is not the TOML that is expected here");
    error_at("python/toml-broken", &origin, what)
        .why(reason.trim().replace('\n', "; "))
        .fix(format!("correct line {line} of {path}"))
}

// Version

fn available() -> String {
    let all: Vec<String> =
        DELIVERIES.iter().map(|one| format!("Debian {} has {}", one.suite, one.name)).collect();
    all.join(", ")
}

pub(crate) fn version_unavailable(text: &str, origin: &Origin, nearest: &Delivery) -> Diagnostic {
    let what = format!("{origin} asks for Python {text}, which cannot be had");
    error_at("python/version-unavailable", origin, what)
        .why(available())
        .fix(format!("ask for {}, the nearest", nearest.name))
}

pub(crate) fn version_unreadable(text: &str, origin: &Origin) -> Diagnostic {
    let what = format!("{origin}: `{text}` is not understood as a Python version");
    error_at("python/version-unreadable", origin, what)
        .why(available())
        .fix("write a version of CPython such as `3.13` or `3.13.5`")
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

pub(crate) fn version_patch_doubtful(text: &str, origin: &Origin, delivery: &Delivery) -> Diagnostic {
    Diagnostic::warning(
        "python/version-patch",
        format!("{origin} asks for Python {text}, which Debian {} may not have", delivery.suite),
    )
    .why(format!(
        "it had {}.{} when this program was made; what it has now is seen when the plan is pinned",
        delivery.name, delivery.patch
    ))
    .fix(format!("allow {}.{} if the application runs with it", delivery.name, delivery.patch))
    .at(origin.clone())
}

// Requirements

pub(crate) fn requirement_unreadable(origin: &Origin, text: &str, reason: &str) -> Diagnostic {
    let what = format!("{origin}: `{text}` is not a requirement");
    error_at("python/requirement-unreadable", origin, what)
        .why(reason.to_owned())
        .fix("write it as `name`, `name==1.2` or `name[extra]>=1; python_version >= \"3.11\"`")
}

pub(crate) fn requirement_local(origin: &Origin, text: &str) -> Diagnostic {
    let what = format!("{origin}: `{text}` names files of the source tree, which is not supported yet");
    error_at("python/requirement-local", origin, what)
        .fix("leave the line out if the application is started from the source tree; otherwise describe the project in pyproject.toml with a uv.lock")
}

pub(crate) fn requirement_unnamed(origin: &Origin, text: &str) -> Diagnostic {
    let what = format!("{origin}: `{text}` is an address without the name of its package");
    error_at("python/requirement-unnamed", origin, what).fix(format!("write `name @ {text}`"))
}

pub(crate) fn requirement_address(origin: &Origin, name: &PackageName, address: &str) -> Diagnostic {
    let what = format!("{origin}: {name} comes from `{address}`, which is not supported yet");
    error_at("python/requirement-address", origin, what)
        .why("only package indexes and https addresses of archives are fetched")
        .fix("require a published version of it, or the https address of an archive")
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

// Application

pub(crate) fn server_added(server: &str) -> Diagnostic {
    Diagnostic::info(
        "python/server-added",
        format!("{server} is installed although the project does not ask for it"),
    )
    .why("the application needs a server that listens on PORT")
    .fix(format!("add {server} to the requirements, to choose its version yourself"))
}

pub(crate) fn framework_not_required(name: &str, id: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/framework-not-required",
        format!("{origin} uses {name}, which the project does not ask for"),
    )
    .fix(format!("add {id} to the requirements"))
    .at(origin.clone())
}

pub(crate) fn several_objects(
    framework: &str,
    chosen: &str,
    at: &Origin,
    other: &str,
    other_at: &Origin,
) -> Diagnostic {
    Diagnostic::warning(
        "python/several-applications",
        format!("there is more than one application; {framework}'s `{chosen}` is started"),
    )
    .why(format!("`{chosen}` stands in {at}, `{other}` in {other_at}"))
    .fix("name the one to start in a Procfile: `web: <command>`")
    .at(at.clone())
}

pub(crate) fn object_missing(framework: &str, class: &str, path: &RelPath) -> Diagnostic {
    let call = class.rsplit('.').next().unwrap_or(class);
    Diagnostic::error(
        "python/application-missing",
        format!("no file makes a {framework} application"),
    )
    .why(format!(
        "{path} uses {framework}; looked in the project's modules for a top-level `<name> = {call}(…)` or a function without arguments that returns one"
    ))
    .fix("say how the application starts in a Procfile: `web: <command>`")
    .at(Origin::file(path))
}

pub(crate) fn main_missing(looked_for: &[&str]) -> Diagnostic {
    Diagnostic::error("python/main-missing", "nothing says how the application starts")
        .why(format!("looked for {} and for web applications", looked_for.join(", ")))
        .fix("say how it starts in a Procfile: `web: <command>`, or `worker: <command>`")
}

// Django

pub(crate) fn django_gateway_missing(manage: &RelPath) -> Diagnostic {
    Diagnostic::error(
        "python/application-missing",
        "the Django project has no application for a server",
    )
    .why("neither the settings name a WSGI_APPLICATION or ASGI_APPLICATION, nor is there a wsgi.py or asgi.py in a package of the project")
    .fix("add the wsgi.py that `django-admin startproject` makes, or say how the application starts in a Procfile: `web: <command>`")
    .at(Origin::file(manage))
}

pub(crate) fn settings_not_found(module: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/settings-not-found",
        format!("{origin} names the settings `{module}`, which are no file of the source tree"),
    )
    .why("without them nobody knows whether static files must be collected")
    .fix("correct the name; an ignored file counts as missing")
    .at(origin.clone())
}

pub(crate) fn static_root_unset(module: &str) -> Diagnostic {
    Diagnostic::info(
        "python/static-root-unset",
        format!("static files are not collected: `{module}` sets no STATIC_ROOT"),
    )
    .fix("set STATIC_ROOT if the image shall serve static files")
}

pub(crate) fn collectstatic_off(variable: &str) -> Diagnostic {
    Diagnostic::info("python/collectstatic-off", format!("static files are not collected: {variable} is set"))
}

pub(crate) fn settings_need(name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/settings-need-variable",
        format!("{origin} needs the variable {name}, and collectstatic runs without it"),
    )
    .why("the build knows no configuration; only secret keys get a dummy")
    .fix(format!("give {name} a default in the settings, or set DISABLE_COLLECTSTATIC=1"))
    .at(origin.clone())
}

// Package managers

pub(crate) fn managers_conflict(first: &str, second: &str) -> Diagnostic {
    Diagnostic::error("python/managers-conflict", format!("the project has both {first} and {second}"))
        .why("two package managers would install two different sets of packages")
        .fix(format!("delete the one that is out of use: {first} or {second}"))
}

pub(crate) fn manager_unsupported(path: &RelPath, manager: &str, remedy: &str) -> Diagnostic {
    Diagnostic::error(
        "python/manager-unsupported",
        format!("{path} belongs to {manager}, which is not supported yet"),
    )
    .why("supported are requirements.txt, pyproject.toml, uv.lock and poetry.lock")
    .fix(format!("make a requirements.txt: `{remedy}`"))
    .at(Origin::file(path))
}

pub(crate) fn poetry_without_lock(path: &RelPath) -> Diagnostic {
    Diagnostic::error(
        "python/lock-missing",
        format!("{path} describes a poetry project, but there is no poetry.lock"),
    )
    .fix("run `poetry lock` and commit poetry.lock; an ignored file counts as missing")
    .at(Origin::file(path))
}

pub(crate) fn lock_without_project(lock: &Origin) -> Diagnostic {
    Diagnostic::error(
        "python/project-missing",
        format!("there is {lock}, but no pyproject.toml that it belongs to"),
    )
    .fix(format!("commit pyproject.toml, or delete {lock}"))
    .at(lock.clone())
}

pub(crate) fn dynamic_dependencies(path: &RelPath) -> Diagnostic {
    Diagnostic::error(
        "python/dynamic-dependencies",
        format!("{path} leaves the dependencies to the build backend"),
    )
    .why("`project.dynamic` lists `dependencies`, so only running the backend would tell them")
    .fix("write them into `project.dependencies`, or add a requirements.txt or a uv.lock")
    .at(Origin::file(path))
}

pub(crate) fn requirements_unused(loser: &Origin, winner: &Origin) -> Diagnostic {
    Diagnostic::warning("python/requirements-unused", format!("{loser} is not used, {winner} is"))
        .why("a lock file is exact, so it comes before other lists of requirements")
        .fix(format!("delete {loser}, or {winner} if it is out of use"))
        .at(loser.clone())
}

/// What a lock file takes from places that are not supported yet.
pub(crate) fn lock_places(locked: &Locked) -> Vec<Diagnostic> {
    let origin = Origin::file(&locked.path);
    let mut problems = Vec::new();
    if !locked.local.is_empty() {
        problems.push(
            Diagnostic::error(
                "python/local-packages",
                format!(
                    "{origin} takes {} from the source tree, which is not supported yet",
                    locked.local.join(", ")
                ),
            )
            .why("workspaces and path dependencies need more than the manifests to install")
            .fix("publish the packages to an index, or make them part of the project")
            .at(origin.clone()),
        );
    }
    if !locked.version_control.is_empty() {
        problems.push(
            Diagnostic::error(
                "python/version-control",
                format!(
                    "{origin} takes {} from version control, which is not supported yet",
                    locked.version_control.join(", ")
                ),
            )
            .fix("require published versions")
            .at(origin),
        );
    }
    problems
}
