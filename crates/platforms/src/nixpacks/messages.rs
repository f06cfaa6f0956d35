//! The diagnostics that the readers of Nixpacks and Railpack report; `platform` is the prefix of their codes.

use packwright_planner::{Diagnostic, Origin};

use super::plan::Item;

/// Why another base image is not taken.
pub(crate) const OTHER_IMAGE: &str =
    "the image is made of Debian packages that the plan chooses, not on top of another image";
/// Why files of the plan's own are not in the image.
pub(crate) const ASSETS: &str =
    "files that only the plan has are not put below /assets; put the file into the repository";
/// Why no user is made.
pub(crate) const USER: &str =
    "the application always runs as an ordinary user without a name, and so it does here";
/// Why a choice of files changes nothing.
pub(crate) const INPUTS: &str = "every step sees the files that it needs; installs see manifests only";
/// Why nothing of Nix matters.
pub(crate) const NO_NIX: &str = "packages come from Debian, nothing from Nix";
/// Why directories to cache change nothing.
pub(crate) const CACHES: &str = "the caches of package managers are kept between builds by themselves";

/// Something is understood and has no effect on the image.
pub(crate) fn nothing(platform: &str, what: &str, origin: &Origin, why: &str) -> Diagnostic {
    Diagnostic::info(&format!("{platform}/without-effect"), format!("{origin}: `{what}` has no effect"))
        .why(why)
        .at(origin.clone())
}

/// Something is understood and not done.
pub(crate) fn refused(platform: &str, what: &str, origin: &Origin, why: &str) -> Diagnostic {
    Diagnostic::warning(
        &format!("{platform}/not-done"),
        format!("{origin}: what `{what}` asks for is not done"),
    )
    .why(why)
    .fix("delete it when the application does without")
    .at(origin.clone())
}

/// A variable that chooses the application of a workspace.
pub(crate) fn application(platform: &str, name: &str, item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::warning(
        &format!("{platform}/application"),
        format!("{origin}: `{name}` does not choose the application"),
    )
    .why("which application of a workspace is built is the caller's choice, not a file's")
    .fix(format!("choose it with `--app {value}`"))
    .at(origin.clone())
}

/// A variable with a prefix that speaks to the build, and that nobody knows.
pub(crate) fn unknown_variable(platform: &str, name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        &format!("{platform}/unknown-variable"),
        format!("{origin}: `{name}` is no variable that {platform} knows"),
    )
    .why("it is no part of the image either: variables with this prefix speak to the build")
    .fix("check the spelling")
    .at(origin.clone())
}

/// A variable that is read from the caller alone.
pub(crate) fn only_by_caller(platform: &str, name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        &format!("{platform}/not-done"),
        format!("{origin}: `{name}` has no effect in a file"),
    )
    .why("it is read from the caller's variables alone")
    .fix("use the key of the file that does the same, or give it with `--env`")
    .at(origin.clone())
}

/// A provider that Nixpacks does not have.
pub(super) fn unknown_provider(item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::error("nixpacks/value", format!("{origin}: `{value}` is no provider of Nixpacks"))
        .fix("name one that it has, such as `node`, `python` or `staticfile`, or `...` for what is detected")
        .at(origin.clone())
}

/// A package manager that Nixpacks does not know.
pub(super) fn unknown_manager(item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::error("nixpacks/value", format!("{origin}: `{value}` is no package manager of Python"))
        .fix("write `auto`, `requirements`, `setuptools`, `poetry`, `pdm`, `uv`, `pipenv` or `skip`")
        .at(origin.clone())
}

/// Phases that wait for each other.
pub(crate) fn circle(platform: &str, names: &[String], origin: Option<Origin>) -> Diagnostic {
    let place = origin.as_ref().map(|origin| format!("{origin}: ")).unwrap_or_default();
    let message = format!("{place}the phases {} wait for each other", names.join(", "));
    let told = Diagnostic::error(&format!("{platform}/circle"), message)
        .fix("take one of them out of `dependsOn` of another");
    match origin {
        Some(origin) => told.at(origin),
        None => told,
    }
}

/// A start command without words.
pub(crate) fn empty_start(platform: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(&format!("{platform}/empty-start"), format!("{origin}: the start command is empty"))
        .why("what is detected starts the application")
        .fix("write the command, or delete the key")
        .at(origin.clone())
}

/// A file that was named and is not there.
pub(crate) fn no_file(platform: &str, name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::error(&format!("{platform}/no-file"), format!("{origin}: there is no file `{name}`"))
        .fix("name a file of the source")
        .at(origin.clone())
}

/// A second file, which Nixpacks does not read.
pub(super) fn second_file(origin: &Origin, first: &str) -> Diagnostic {
    Diagnostic::warning("nixpacks/second-file", format!("{origin} is not read: {first} comes before it"))
        .fix("keep one of the two")
        .at(origin.clone())
}

/// A release process, which Nixpacks runs in the build.
pub(super) fn release_in_build(origin: &Origin) -> Diagnostic {
    Diagnostic::info(
        "nixpacks/release-in-build",
        format!("{origin}: `release` is run before a version starts, not in the build"),
    )
    .why("Nixpacks runs it as the last phase of the build, where no database is")
    .at(origin.clone())
}
