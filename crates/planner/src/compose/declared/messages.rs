//! The diagnostics about a declared build.

use super::release::DeclaredRelease;
use crate::{Command, Diagnostic, Origin, ProcessName, Requested};

const NEEDS: &str = "it needs the application's database, and an image is built where there is none";

/// Nothing brings the program of a command.
pub(super) fn no_program(
    command: &Requested<Command>,
    words: &[String],
    language: &str,
    at: &Origin,
) -> Diagnostic {
    let Requested { value, .. } = command;
    Diagnostic::warning("plan/build-elsewhere", format!("{at}: nothing brings `{}` into the build", words[0]))
        .why(format!("`{value}` is for {language}, and the directory of the application has no file of it"))
        .fix("build that directory by itself with `--root DIR`, or move its manifest to the top of the application; a Debian package with the program comes with `--env PACKWRIGHT_BUILD_PACKAGES=NAME`")
        .at(at.clone())
}

/// A command installs what no step installs.
pub(super) fn installs_elsewhere(words: &[String], language: &str, at: &Origin) -> Diagnostic {
    let line = words.join(" ");
    Diagnostic::warning("plan/build-elsewhere", format!("{at}: `{line}` installs in a directory of its own"))
        .why(format!("the steps of {language} install what the top of the application names, and the build has no network"))
        .fix("make it a part of a workspace at the top, or allow the network with `--build-network`")
        .at(at.clone())
}

/// A command is what steps do.
pub(super) fn left_to_steps(buildpack: &str, command: &Requested<Command>) -> Diagnostic {
    let Requested { value, origin } = command;
    Diagnostic::info("plan/install-known", format!("{origin}: `{value}` is left to the steps of {buildpack}"))
        .why("they install the same packages from their manifests alone, so that an edit of the source does not run them again")
        .at(origin.clone())
}

/// A command installs nothing, as the language has it.
pub(super) fn nothing_to_install(language: &str, command: &Requested<Command>) -> Diagnostic {
    let Requested { value, origin } = command;
    Diagnostic::info("plan/install-known", format!("{origin}: `{value}` is left out of the build"))
        .why(format!("{language} has no packages to install for this application"))
        .at(origin.clone())
}

/// A command installs what no step of the plan installs.
pub(super) fn not_installed(language: &str, command: &Requested<Command>) -> Diagnostic {
    let Requested { value, origin } = command;
    Diagnostic::warning("plan/not-installed", format!("{origin}: `{value}` is left out of the build"))
        .why(format!("it is for {language}, and the application is not built as one of {language}: no step installs its packages"))
        .fix(format!("choose the language with `--buildpack {language}`, or delete the command if nothing needs those packages"))
        .at(origin.clone())
}

/// The language of a command builds nothing for the application.
pub(super) fn no_language(words: &[String], language: &str, owner: Option<&str>, at: &Origin) -> Diagnostic {
    let built = owner.map_or("the application is built as no language".to_owned(), |owner| {
        format!("the application is built as one of {owner}")
    });
    Diagnostic::warning("plan/build-elsewhere", format!("{at}: nothing brings `{}` into the build", words[0]))
        .why(format!("`{}` is for {language}, and {built}", words.join(" ")))
        .fix(format!("choose the language with `--buildpack {language}`; a Debian package with the program comes with `--env PACKWRIGHT_BUILD_PACKAGES=NAME`"))
        .at(at.clone())
}

/// A command that needs a database is no part of the build.
pub(super) fn moved_to_release(command: &Requested<Command>, release: DeclaredRelease) -> Diagnostic {
    let Requested { value, origin } = command;
    let (what, fix) = match release {
        DeclaredRelease::None => {
            ("becomes the release command", "declare it as the platform's release or pre-deploy command")
        }
        DeclaredRelease::Others => {
            ("is left out of the build", "add it to the release command, which does not run it")
        }
        DeclaredRelease::Migrates => {
            ("is left out of the build", "delete it there: the release command is the place for it")
        }
    };
    Diagnostic::warning("plan/migrates-in-build", format!("{origin}: `{value}` {what}"))
        .why(NEEDS)
        .fix(fix)
        .at(origin.clone())
}

/// A command that needs a database is in a block, or in a script that is not understood, and stays there.
pub(super) fn stays_in_build(words: &[String], at: &Origin) -> Diagnostic {
    let line = words.join(" ");
    Diagnostic::warning("plan/migrates-in-build", format!("{at}: `{line}` stays in the build"))
        .why(format!("{NEEDS}; when its block or script runs it, only the shell knows"))
        .fix("take it out of the build, and declare it as the platform's release or pre-deploy command")
        .at(at.clone())
}

pub(super) fn starts_as(
    name: &ProcessName,
    origin: &Origin,
    written: &Command,
    started: &Command,
) -> Diagnostic {
    Diagnostic::info(
        "plan/process-started",
        format!("{origin}: the process {name} starts as `{started}`, not `{written}`"),
    )
    .why("the image has the packages on its path, and not the tool that would look for them")
    .at(origin.clone())
}
