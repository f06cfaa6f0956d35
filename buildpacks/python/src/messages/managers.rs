//! Messages about package managers and their lock files.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath};

/// What to do when the project itself cannot be built.
pub(crate) const PROJECT_HINT: &str = "this step has no network: name everything that the build needs in `requires` of \
    [build-system] in pyproject.toml, or open the network with `--build-network`";

/// Cargo compiles the project, and the step that does it has no network.
pub(crate) fn crates_need_network(origin: &Origin) -> Diagnostic {
    Diagnostic::info("python/crates-need-network", format!("{origin} has the project compiled by cargo"))
        .why("cargo downloads the crates of Cargo.lock while it builds, and the step that builds has no network")
        .fix("give `--build-network`, or commit what `cargo vendor` writes")
        .at(origin.clone())
}

pub(crate) fn managers_conflict(first: &str, second: &str) -> Diagnostic {
    Diagnostic::error("python/managers-conflict", format!("the project has both {first} and {second}"))
        .why("two package managers would install two different sets of packages")
        .fix(format!("delete the one that is out of use: {first} or {second}"))
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

pub(crate) fn requirements_unused(loser: &Origin, winner: &Origin) -> Diagnostic {
    Diagnostic::warning("python/requirements-unused", format!("{loser} is not used, {winner} is"))
        .why("a lock file is exact, so it comes before other lists of requirements")
        .fix(format!("delete {loser}, or {winner} if it is out of use"))
        .at(loser.clone())
}

pub(crate) fn lock_outdated(hash: &Origin, manifest: &RelPath, remedy: &str) -> Diagnostic {
    Diagnostic::error("python/lock-outdated", format!("{hash} was made for another {manifest}"))
        .why(format!("the hash there is not that of {manifest} as it is now"))
        .fix(remedy.to_owned())
        .at(hash.clone())
}

pub(crate) fn lock_version_unknown(at: &Origin, version: &str, remedy: &str) -> Diagnostic {
    Diagnostic::error("python/lock-version", format!("{at}: version {version} of this lock file is not read"))
        .fix(remedy.to_owned())
        .at(at.clone())
}

pub(crate) fn lock_without_version(at: &Origin, name: &str) -> Diagnostic {
    Diagnostic::error("python/lock-incomplete", format!("{at}: {name} is locked to no version"))
        .why("a lock file that was made on another system may leave out what only this one needs")
        .fix("make the lock file again on Linux and commit it")
        .at(at.clone())
}

pub(crate) fn locked_in_tree(at: &Origin, name: &str) -> Diagnostic {
    Diagnostic::error(
        "python/local-packages",
        format!("{at} takes {name} from files of the source tree, which is not supported yet"),
    )
    .fix("publish the package to an index, or use uv.lock for a workspace")
    .at(at.clone())
}

pub(crate) fn lock_archives(lock: &Origin, names: &[String]) -> Diagnostic {
    Diagnostic::error(
        "python/local-packages",
        format!(
            "{lock} takes {} from archives in the source tree, which is not supported yet",
            names.join(", ")
        ),
    )
    .fix("publish the packages to an index, or depend on their directories")
    .at(lock.clone())
}

pub(crate) fn member_missing(lock: &Origin, members: &[String]) -> Diagnostic {
    Diagnostic::error(
        "python/member-missing",
        format!("{lock} holds several projects, and none is at the root"),
    )
    .why(format!("its members are {}", members.join(", ")))
    .fix(format!("choose one with `--app {}`", members.first().map_or("NAME", String::as_str)))
    .at(lock.clone())
}

pub(crate) fn built_from_source(
    names: &[&str],
    python: &str,
    more: Option<&str>,
    lock: &Origin,
) -> Diagnostic {
    let remark = Diagnostic::info(
        "python/built-from-source",
        format!("{} built from source, for which a compiler is brought", list_is(names)),
    )
    .why(format!("{lock} holds no wheel for Python {python} on Linux"))
    .at(lock.clone());
    match more {
        Some(more) => remark.fix(format!(
            "write {more} into .python-version, for which it holds more of them, or update {lock}"
        )),
        None => remark,
    }
}

pub(crate) fn built_since_old(names: &[&str], python: &str, at: &Origin) -> Diagnostic {
    Diagnostic::info(
        "python/built-from-source",
        format!("{} built from source, for which a compiler is brought", list_is(names)),
    )
    .why(format!("the versions that are asked for have no wheel for Python {python}"))
    .fix("ask for newer versions, or for an older Python")
    .at(at.clone())
}

pub(crate) fn built_as_asked(names: &[&str], at: &Origin) -> Diagnostic {
    Diagnostic::info(
        "python/built-from-source",
        format!("{} built from source, for which a compiler is brought", list_is(names)),
    )
    .why(format!("{at} says `--no-binary`"))
    .at(at.clone())
}

pub(crate) fn list_is(names: &[&str]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

pub(crate) fn version_pretended(variable: &str) -> Diagnostic {
    Diagnostic::info("python/version-pretended", "the project is built as version 0.0.0")
        .why("its version comes from version control, which is no part of the source tree")
        .fix(format!("set {variable} with `--env` to build it as another version"))
}

pub(crate) fn declared_server(server: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::info(
        "python/server-added",
        format!("{server} is installed although the project does not ask for it"),
    )
    .why(format!("{origin} starts it"))
    .fix(format!("add {server} to the requirements, to choose its version yourself"))
    .at(origin.clone())
}

/// What to do when a declared build command fails.
pub(crate) const BUILD_HINT: &str = "the command is in a platform's file; this step has no network and no database: fetch \
    packages by the manifests, run what needs a database as the release command, or open the network with \
    `--build-network`";

pub(crate) fn one_manager(platform: &str, first: &str, second: &str) -> Diagnostic {
    Diagnostic::error("python/one-manager", format!("{platform} refuses {first} beside {second}"))
        .why("each of the two belongs to another package manager, and it would not choose")
        .fix(format!("delete the one that is out of use, or leave `--platform {platform}` out: {second} or {first} would be chosen by rule"))
}

pub(crate) fn declared_manager_without_files(manager: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::error(
        "python/declared-manager",
        format!("{origin} asks for the package manager {manager}, and none of its files is there"),
    )
    .fix("add its lock file, or name the manager whose files are there")
    .at(origin.clone())
}

/// A list that a declared command installs and the steps do not.
pub(crate) fn list_left_out(list: &RelPath, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("python/list-left-out", format!("{origin}: what {list} names is not installed"))
        .why("the packages come from one list or one lock, and another one is taken")
        .fix(format!("include it there with `-r {list}`, or add its packages"))
        .at(origin.clone())
}

/// Groups and extras that a declared command installs and the steps do not.
pub(crate) fn group_left_out(name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("python/group-left-out", format!("{origin}: `{name}` is not installed"))
        .why("the steps install the project without optional groups and extras")
        .fix("make what the application needs a plain dependency of the project")
        .at(origin.clone())
}
