//! Every word that the buildpack says to people. Decides nothing.

use packwright_buildpack::planner::{Diagnostic, Origin, Requested};
use packwright_buildpack::problem::{error_at, warning_at};

use crate::source::PortFlag;

/// What to do when a toolchain cannot be fetched.
pub(crate) const TOOLCHAIN_HINT: &str = "this Go is no part of Debian and is fetched as a module: name a module proxy \
    that can be reached in GOPROXY, or ask for the version that Debian has";

/// What to do when modules cannot be downloaded.
pub(crate) const MODULES_HINT: &str = "if a module is private, say so in GOPRIVATE and give its server's password as the \
    secret `netrc`; if go.sum lacks a line, run `go mod tidy` and commit the file";

/// What to do when the programs cannot be compiled.
pub(crate) const BUILD_HINT: &str = "the step has no network: modules come from go.sum's list or from `vendor`; files that \
    `//go:embed` names must be in the source, or be made by the front end beside go.mod or above them";

pub(crate) fn no_member(dir: &str, at: &Origin) -> Diagnostic {
    error_at("go/no-member", at, format!("{at}: `{dir}` has no go.mod"))
        .why("go.work names the directories of modules that are built together")
        .fix(format!("add the module, or take the line out with `go work edit -dropuse {dir}`"))
}

pub(crate) fn replaced_outside(name: &str, dir: &Requested<String>) -> Diagnostic {
    let at = &dir.origin;
    let what = format!("{at} replaces {name} by `{}`, which is outside of the tree", dir.value);
    error_at("go/replace-outside", at, what)
        .why("a build sees the application's source and nothing beside it")
        .fix("build from the directory above with `--app`, or require a released version")
}

pub(crate) fn no_sum(required: &Requested<String>) -> Diagnostic {
    let at = &required.origin;
    error_at("go/no-sum", at, format!("{at} requires {}, and there is no go.sum", required.value))
        .why("go.sum says which bytes each module has; without it the go command refuses to build")
        .fix("run `go mod tidy` and commit go.sum")
}

pub(crate) fn nothing_to_embed(pattern: &str, at: &Origin) -> Diagnostic {
    error_at("go/nothing-to-embed", at, format!("{at} embeds `{pattern}`, and no file of the source matches"))
        .why(
            "files that git ignores are no part of the source, `go generate` is not run, and no directory above \
             holds a package.json whose scripts build a front end",
        )
        .fix(
            "commit the files, or declare the commands that make them in a platform's file; with \
             `--env GOFLAGS=-tags=NAME` the program is built without them, if it has a tag for that",
        )
}

pub(crate) fn port_flag(program: &str, flag: &PortFlag, at: &Origin) -> Diagnostic {
    let PortFlag { name, is_port, default, .. } = flag;
    let value = if *is_port { "$PORT" } else { ":$PORT" };
    let what = match default {
        Some(port) => {
            format!("{at} takes the port from the flag `--{name}`, {port} without it, whatever PORT says")
        }
        None => format!("{at} takes the port from the flag `--{name}`, whatever PORT says"),
    };
    warning_at("go/port-flag", at, what)
        .why("the platform that runs the image says in PORT where requests will arrive")
        .fix(format!("start it with `--start '{program} --{name} {value}'`, or with that line in a Procfile"))
}

pub(crate) fn unknown_library(name: &str, at: &Origin) -> Diagnostic {
    warning_at("go/unknown-library", at, format!("{at} links `{name}`, whose Debian packages are not known"))
        .why("the build fails unless packages bring its headers, and the image needs the library itself")
        .fix("name them: `--env PACKWRIGHT_BUILD_PACKAGES=lib…-dev --env PACKWRIGHT_PACKAGES=lib…`")
}

pub(crate) fn declared_build(at: &Origin) -> Diagnostic {
    Diagnostic::error("go/no-process", "the application has no process to run")
        .why(format!("{at} declares the build, so where the program is can only be declared, too"))
        .fix("add a Procfile with a line such as `web: ./app`, by the name that the build gives the program")
}
