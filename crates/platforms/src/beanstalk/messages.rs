//! The diagnostics that the reader of Elastic Beanstalk's files reports.

use packwright_planner::{Command, Diagnostic, Origin, RelPath, Requested};

pub(super) fn namespace(at: &Origin, namespace: &str) -> Diagnostic {
    Diagnostic::warning("beanstalk/unknown-key", format!("{at}: `{namespace}` is no namespace that is known"))
        .why("the namespaces of Beanstalk begin with `aws:`")
        .fix("check the spelling; variables are in `aws:elasticbeanstalk:application:environment`")
        .at(at.clone())
}

pub(super) fn usual(at: &Origin, command: &str) -> Diagnostic {
    Diagnostic::info("beanstalk/usual-process", format!("{at}: Beanstalk starts `{command}`"))
        .why("a Procfile, other files and what is detected count before that, unless `--platform beanstalk` is chosen")
        .fix("write the command into a Procfile, behind `web:`")
        .at(at.clone())
}

pub(super) fn password(at: &Origin) -> Diagnostic {
    Diagnostic::warning("beanstalk/secret", format!("{at}: the password of the database is in the file"))
        .why("what is in a repository is known to everybody who can read it; it is not kept")
        .fix("change it, and give it to Beanstalk where the environment is made")
        .at(at.clone())
}

pub(super) fn secret(at: &Origin, name: &str) -> Diagnostic {
    Diagnostic::warning("beanstalk/secret", format!("{at}: {name} has a value that looks like a secret"))
        .why("the release command gets it from its environment instead; the value is not kept")
        .fix("take it out of the file, change it where it is used, and set it where the image runs")
        .at(at.clone())
}

pub(super) fn place(at: &Origin, name: &str, value: &str) -> Diagnostic {
    Diagnostic::warning("beanstalk/host-path", format!("{at}: {name} is left out: `{value}`"))
        .why("it names a place of Amazon's machines, which an image does not have")
        .fix("in an image the application is in `/app`; set the variable for it where it is needed")
        .at(at.clone())
}

pub(super) fn not_run(at: &Origin, command: &str, why: &str) -> Diagnostic {
    Diagnostic::warning("beanstalk/not-run", format!("{at}: `{command}` is not run"))
        .why(why)
        .fix("put what the image needs of it into a Procfile: `release:` for what a new version needs once")
        .at(at.clone())
}

pub(super) fn built(at: &Origin, command: &str) -> Diagnostic {
    Diagnostic::info("beanstalk/done-by-build", format!("{at}: `{command}` is left to the build"))
        .why("packages are installed and static files collected while the image is built")
        .at(at.clone())
}

pub(super) fn every_machine(at: &Origin, command: &str) -> Diagnostic {
    Diagnostic::warning(
        "beanstalk/migrates-everywhere",
        format!("{at}: `{command}` becomes part of the release command"),
    )
    .why("Beanstalk runs it on every machine, also on those that it adds later; once for a version is enough")
    .fix("add `leader_only: true`")
    .at(at.clone())
}

pub(super) fn test(at: &Origin) -> Diagnostic {
    Diagnostic::warning("beanstalk/test", format!("{at}: the command runs whatever its `test` says"))
        .why("the test is for Amazon's machine")
        .fix("put the condition into the command")
        .at(at.clone())
}

pub(super) fn machine(at: &Origin, key: &str, names: &[&str]) -> Diagnostic {
    let message = match names {
        [] => format!("{at}: `{key}` is left out"),
        names => format!("{at}: `{key}` is left out: {}", names.join(", ")),
    };
    Diagnostic::warning("beanstalk/host-only", message)
        .why("it changes Amazon's machine before the application is there; an image has no such machine")
        .fix("put files that the application needs into the repository")
        .at(at.clone())
}

pub(super) fn package(at: &Origin, name: &str) -> Diagnostic {
    Diagnostic::warning(
        "beanstalk/unknown-package",
        format!("{at}: no Debian package is known for `{name}` of Amazon Linux"),
    )
    .why("packages of the system come from Debian; this one will be missing")
    .fix("name the Debian package in an Aptfile")
    .at(at.clone())
}

pub(super) fn other_package(at: &Origin, manager: &str, name: &str) -> Diagnostic {
    Diagnostic::warning(
        "beanstalk/package-manager",
        format!("{at}: `{name}` of `{manager}` is not installed"),
    )
    .fix("add it to the application's own manifest, requirements.txt for example")
    .at(at.clone())
}

pub(super) fn hook(path: &RelPath, moment: &str) -> Diagnostic {
    Diagnostic::warning("beanstalk/hook", format!("{path} is not run"))
        .why(format!("Beanstalk runs it as `{moment}` on Amazon's machines, with their places and programs"))
        .fix("put what the image needs of it into a Procfile: `release:` for what a new version needs once")
        .at(Origin::file(path))
}

pub(super) fn proxy(path: &RelPath) -> Diagnostic {
    Diagnostic::info("beanstalk/proxy", format!("{path} has no effect"))
        .why("it is for the web server on Amazon's machines that stands before the application")
        .at(Origin::file(path))
}

pub(super) fn buildfile(path: &RelPath) -> Diagnostic {
    Diagnostic::info("beanstalk/foreign-file", format!("{path} is not read"))
        .why("Beanstalk's has lines `name: command`; this one looks like another program's")
        .at(Origin::file(path))
}

pub(super) fn clock(url: &Requested<String>, schedule: &str) -> Diagnostic {
    Diagnostic::info("beanstalk/clock", format!("{}: nothing asks for `{}` ({schedule})", url.origin, url.value))
        .why("Beanstalk sends requests to the worker by the clock; it starts no process, so that there is none here")
        .fix("let a scheduler of the platform ask for that address")
        .at(url.origin.clone())
}

pub(super) fn other_container(at: &Origin, name: &str) -> Diagnostic {
    Diagnostic::info(
        "beanstalk/other-container",
        format!("{at}: the container `{name}` is no part of the application"),
    )
    .why("its image is a program of others that runs beside it")
    .at(at.clone())
}

pub(super) fn options(at: &Origin, words: &Command) -> Diagnostic {
    Diagnostic::info("beanstalk/options", format!("{at}: `{words}` is left out"))
        .why("the words go to the entry point of an image, which is not known here")
        .fix("write the whole command")
        .at(at.clone())
}
