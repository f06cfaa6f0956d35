//! What is said about package managers, their lock files and what they print when they fail.

use packwright_buildpack::documents::Broken;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested};

use crate::lock::contents::LockContents;
use crate::manager::kind::PackageManager;
use packwright_buildpack::problem::error_at;

/// What people can do when an install step fails.
pub(crate) const INSTALL_HINT: &str = "401, 403 or 404: the package is private and credentials are missing, or its registry is another \
    one; name the registry in .npmrc with `${NPM_TOKEN}` for the token and give it with `--secret NPM_TOKEN`. \
    ERESOLVE, EUSAGE or a frozen lock file: the lock file does not fit package.json; install once where you \
    develop and commit the lock file. EBADENGINE or an unsupported engine: ask for another version in \
    `engines.node` of package.json";

/// What people can do when install scripts fail.
pub(crate) const SCRIPTS_HINT: &str = "install scripts run without network, so that no package can fetch what \
    no lock file names; `--build-network` allows it. A script of your own that needs files of the source finds \
    those that package.json names in its line; a missing compiler's library is asked for with \
    `PACKWRIGHT_PACKAGES`";

/// What people can do when the build fails.
pub(crate) const BUILD_HINT: &str = "builds run without network, so that the same source makes the same image; \
    ENOTFOUND, EAI_AGAIN or `fetch failed` say that it wanted one, for fonts or data: keep those in the source, \
    or allow it with `--build-network`. A variable that it misses is given with `--env NAME=VALUE`, or with \
    `--secret NAME` when it is to stay out of the image";

/// What people can do when the version of the package manager is not found.
pub(crate) const MANAGER_HINT: &str =
    "name a published version in `packageManager` of package.json, `pnpm@10.1.0` for example";

pub(crate) fn unknown_manager(text: &Requested<String>, name: &str) -> Diagnostic {
    error_at(
        "node/unknown-manager",
        &text.origin,
        format!("`{name}` in {} is no package manager that is known", text.origin),
    )
    .why("supported are npm, pnpm, yarn and bun")
    .fix("name one of them with its version, `pnpm@10.1.0` for example")
}

pub(crate) fn bad_manager_version(text: &Requested<String>, version: &str) -> Diagnostic {
    error_at(
        "node/manager-version",
        &text.origin,
        format!("`{version}` in {} is no version of a package manager", text.origin),
    )
    .why("an exact version is expected, with a hash behind a `+` where one is wanted; a range is understood too")
    .fix("write it as in `pnpm@10.1.0`")
}

pub(crate) fn other_yarn(engine: &Requested<String>, line: &Requested<String>) -> Diagnostic {
    error_at(
        "node/managers-conflict",
        &engine.origin,
        format!(
            "{} asks for yarn {}, but {} is of yarn {}",
            engine.origin, engine.value, line.origin, line.value
        ),
    )
    .why("yarn 1 and the later ones are two package managers, and neither reads the other's lock file")
    .fix(format!(
        "name the version in `packageManager` or `yarnPath`, or change {} to `{}`",
        engine.origin, line.value
    ))
}

pub(crate) fn manager_contradicts_lock(
    text: &Requested<String>,
    manager: PackageManager,
    path: &RelPath,
    other: PackageManager,
) -> Diagnostic {
    error_at(
        "node/managers-conflict",
        &text.origin,
        format!(
            "{} asks for {}, but the only lock file is {path}, {}'s",
            text.origin,
            text.value,
            other.name()
        ),
    )
    .why("another package manager would choose versions of its own")
    .fix(format!(
        "run `{}` and commit its lock file in place of {path}, or change {} to {}",
        manager.relock(),
        text.origin,
        other.name()
    ))
}

pub(crate) fn two_locks(
    first: &RelPath,
    manager: PackageManager,
    second: &RelPath,
    other: PackageManager,
) -> Diagnostic {
    let origin = Origin::file(first);
    error_at(
        "node/managers-conflict",
        &origin,
        format!("the project has both {first} and {second}, and nothing says which counts"),
    )
    .why("two package managers would install two different sets of packages")
    .fix(format!(
        "delete the one that is out of use, or name {} or {} in `packageManager` of package.json",
        manager.name(),
        other.name()
    ))
}

pub(crate) fn lock_unused(path: &RelPath, winner: &Origin, manager: &str) -> Diagnostic {
    Diagnostic::warning("node/lock-unused", format!("{path} is not used, {winner} chooses {manager}"))
        .fix(format!("delete {path}"))
        .at(Origin::file(path))
}

pub(crate) fn lock_of_other_yarn(locked: &LockContents, manager: PackageManager, by: &Origin) -> Diagnostic {
    let (made, wanted) = match manager {
        PackageManager::Berry => ("yarn 1", "yarn 2 or later"),
        _ => ("yarn 2 or later", "yarn 1"),
    };
    let origin = Origin::file(&locked.path);
    error_at("node/lock-stale", &origin, format!("{origin} was made by {made}, {by} asks for {wanted}"))
        .why("the two have one name and two formats")
        .fix(format!("run `yarn install` with {wanted} and commit {origin}, or change {by}"))
}

pub(crate) fn unknown_lock_format(
    path: Option<&RelPath>,
    manager: PackageManager,
    format: &str,
) -> Diagnostic {
    let file = path.map_or_else(|| "the lock file".to_owned(), RelPath::to_string);
    let problem = Diagnostic::error(
        "node/lock-format",
        format!(
            "{file} has the format {format}, which is not known: no version of {} is sure to read it",
            manager.name()
        ),
    )
    .fix(format!("name the version in `packageManager` of package.json, `{}@…`", manager.name()));
    match path {
        Some(path) => problem.at(Origin::file(path)),
        None => problem,
    }
}

pub(crate) fn broken_lock(path: &RelPath, broken: &Broken, manager: PackageManager) -> Diagnostic {
    let origin = Origin::line(path, broken.line);
    let place = format!("{path}:{}:{}", broken.line, broken.column);
    error_at("node/broken-lock", &origin, format!("{place} cannot be read"))
        .why(broken.reason.clone())
        .fix(format!("restore {path} from version control, or delete it and run `{}`", manager.relock()))
}

pub(crate) fn lock_conflict(path: &RelPath, line: u32, manager: PackageManager) -> Diagnostic {
    let origin = Origin::line(path, line);
    error_at("node/broken-lock", &origin, format!("{path}:{line} is an unresolved merge conflict"))
        .fix(format!("resolve it with `{}` and commit {path}", manager.relock()))
}

/// The manifest asks for what the lock does not have; `has` says what it has instead.
pub(crate) fn lock_stale(
    locked: &LockContents,
    name: &str,
    range: &Requested<String>,
    has: &str,
) -> Diagnostic {
    error_at(
        "node/lock-stale",
        &range.origin,
        format!("{} asks for `{name}` `{}`, {has}", range.origin, range.value),
    )
    .why("only what the lock file names is installed, so that every build installs the same")
    .fix(format!("run `{}` and commit {}", locked.manager.relock(), locked.path))
}

/// The lock was made for a dependency that is no longer there.
pub(crate) fn lock_has_more(locked: &LockContents, name: &str, manifest: &RelPath) -> Diagnostic {
    error_at(
        "node/lock-stale",
        &Origin::file(&locked.path),
        format!("{} was made for `{name}` too, which {} no longer asks for", locked.path, manifest),
    )
    .fix(format!("run `{}` and commit {}", locked.manager.relock(), locked.path))
}

/// Packages that pnpm will not build.
pub(crate) fn scripts_not_approved(names: &[&str], version: &Origin) -> Diagnostic {
    let names = names.join(", ");
    Diagnostic::warning("node/scripts-not-approved", format!("the install scripts of {names} do not run"))
        .why(format!("{version} chooses a pnpm that runs only approved scripts, and nobody approved any"))
        .fix("run `pnpm approve-builds` and commit what it writes")
        .at(version.clone())
}

pub(crate) fn no_lock(manager: PackageManager, manifest: &RelPath) -> Diagnostic {
    let name = match manager {
        PackageManager::Npm => "package-lock.json",
        PackageManager::Pnpm => "pnpm-lock.yaml",
        PackageManager::Yarn | PackageManager::Berry => "yarn.lock",
        PackageManager::Bun => "bun.lock",
    };
    Diagnostic::warning("node/no-lock", format!("there is no {name} beside {}", manifest))
        .why("the newest versions that package.json allows are installed; packwright.lock keeps them from then on")
        .fix(format!("run `{}` and commit {name}; an ignored file counts as missing", manager.relock()))
        .at(Origin::file(manifest))
}

pub(crate) fn unknown_linker(origin: &Origin) -> Diagnostic {
    error_at("node/unknown-linker", origin, format!("the `nodeLinker` of {origin} is not known"))
        .fix("write `pnp`, `node-modules` or `pnpm`")
}

pub(crate) fn yarn_path_missing(origin: &Origin, text: &str) -> Diagnostic {
    error_at("node/yarn-path", origin, format!("{origin} names `{text}`, which is not among the files"))
        .why("an ignored file counts as missing")
        .fix("commit the file (`!.yarn/releases` in .gitignore), or take `yarnPath` out and name the version in `packageManager`")
}

pub(crate) fn outside(origin: &Origin, name: &str, range: &str) -> Diagnostic {
    error_at("node/outside", origin, format!("{origin} takes `{name}` from `{range}`, outside of the source"))
        .why("a build sees the source tree and nothing else")
        .fix("move it into the tree, publish it, or build from a directory that holds both with `--app`")
}

pub(crate) fn network_for_scripts(package: &str, why: &str) -> String {
    format!("{package}: {why}")
}
