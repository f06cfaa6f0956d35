//! The diagnostics that the reader of Dockerfiles reports.

use packwright_planner::{Command, Diagnostic, Origin, RelPath, Variable};

pub(super) fn value(at: &Origin, problem: &str) -> Diagnostic {
    Diagnostic::warning("dockerfile/value", format!("{at}: {problem}"))
        .why("the line is skipped")
        .fix("correct the line; Docker stops there too")
}

pub(super) fn template(at: &Origin) -> Diagnostic {
    Diagnostic::info("dockerfile/template", format!("{at}: the file is a template")).why(
        "lines with `{{` or `{%` at their start are filled in before Docker reads them; they are skipped",
    )
}

pub(super) fn no_stage(path: &RelPath) -> Diagnostic {
    Diagnostic::warning("dockerfile/no-stage", format!("{path} has no `FROM`"))
        .why("a Dockerfile starts with the image that it builds on")
        .fix("delete the file, or write `FROM <image>`")
}

pub(super) fn not_built(path: &RelPath) -> Diagnostic {
    Diagnostic::info("dockerfile/not-built", format!("{path} is read for hints; its instructions are not run"))
        .why("the image is made from the source itself; what `RUN`, `COPY` and `ADD` do is not done")
        .fix("put what the application needs of them into its manifests, or into the commands of a platform's file")
}

pub(super) fn user(at: &Origin, user: &str) -> Diagnostic {
    Diagnostic::info("dockerfile/without-effect", format!("{at}: `USER {user}` has no effect"))
        .why("the image runs as its own user, by number and never as root")
}

pub(super) fn secret(variable: &Variable) -> Diagnostic {
    let message = format!("{}: {} has a value that looks like a secret", variable.origin, variable.name);
    Diagnostic::warning("dockerfile/secret", message)
        .why("`ENV` and `ARG` stay in an image where everybody can read them; the value is not kept")
        .fix("when it is a dummy for one command, write it before that command: `RUN NAME=dummy command`; otherwise give it where the image runs")
}

pub(super) fn left_out(at: &Origin, names: &[&str]) -> Diagnostic {
    let message = format!("{at}: {} left out", names.join(", "));
    Diagnostic::info("dockerfile/variables-left-out", message)
        .why("these variables are about the tools and places of the image that the file describes")
}

/// The code of [`packages`]: what it says is not true where the file counts.
pub(crate) const PACKAGES: &str = "dockerfile/packages";

pub(super) fn packages(at: &Origin, known: &[String]) -> Diagnostic {
    Diagnostic::info(PACKAGES, format!("{at}: the file installs {}", known.join(", ")))
        .why("packages of a Dockerfile are not installed, unless a platform's file names it or the caller chooses it")
        .fix("name those that the application needs in an Aptfile, or choose `--platform dockerfile`")
}

pub(super) fn foreign_packages(at: &Origin, foreign: &[String]) -> Diagnostic {
    let what = format!("{at}: the file installs {}, which are not installed", foreign.join(", "));
    Diagnostic::info("dockerfile/foreign-packages", what)
        .why("they are names of another system than Debian")
        .fix("name Debian's packages that do the same in an Aptfile")
}

pub(super) fn ports(at: &Origin, first: u16, others: &[String]) -> Diagnostic {
    Diagnostic::info("dockerfile/ports", format!("{at}: {} is not the port of `web`", others.join(", ")))
        .why(format!("of several `EXPOSE` the first counts: {first}"))
        .fix("put the port that answers requests first")
}

pub(super) fn idle(at: &Origin, command: &Command) -> Diagnostic {
    Diagnostic::info("dockerfile/idle", format!("{at}: `{command}` is not taken for the application"))
        .why("it is a shell, or waits for nothing")
        .fix("write the command that starts the application")
}

pub(super) fn ignored(at: &Origin, entry: u32) -> Diagnostic {
    Diagnostic::warning("dockerfile/cmd-ignored", format!("{at}: `CMD` does nothing"))
        .why(format!("the `ENTRYPOINT` of line {entry} is a line for the shell and takes no arguments"))
        .fix("write the `ENTRYPOINT` as a list: [\"program\", \"argument\"]")
}

pub(super) fn no_shell(at: &Origin, word: &str) -> Diagnostic {
    Diagnostic::warning("dockerfile/no-shell", format!("{at}: `{word}` stays as it is written"))
        .why("a command in the form of a list is started without a shell, so that nobody fills in variables")
        .fix("write the command as a line, without brackets")
}

pub(super) fn elsewhere(at: &Origin, path: &str, dir: &str) -> Diagnostic {
    Diagnostic::warning("dockerfile/path", format!("{at}: `{path}` will not be there"))
        .why(format!("the file puts the application into `{dir}`; in an image of Packwright it is in `/app`"))
        .fix("write the path from the working directory")
}
