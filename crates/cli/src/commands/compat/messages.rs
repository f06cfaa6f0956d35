//! The wording of messages about command lines of other builders.

use packwright::Source;
use packwright::planner::{Diagnostic, SourceTree};

use crate::host::EngineError;
use crate::report::{Failure, Report};

/// A flag that changes nothing.
pub(super) fn without_effect(flag: &str, why: &str) -> Diagnostic {
    Diagnostic::info("compat/without-effect", format!("`{flag}` has no effect")).why(why)
}

/// A flag that is not followed.
pub(super) fn not_done(flag: &str, why: &str, fix: &str) -> Diagnostic {
    Diagnostic::warning("compat/not-done", format!("what `{flag}` asks for is not done")).why(why).fix(fix)
}

/// A variable that no image can have.
pub(super) fn no_variable(text: &str, why: &str) -> Diagnostic {
    Diagnostic::warning("compat/variable", format!("`--env {text}` is left out"))
        .why(why)
        .fix("write NAME=VALUE")
}

/// An image without a start command.
pub(super) fn no_start() -> Diagnostic {
    Diagnostic::warning("compat/no-start", "the image has no start command")
        .why("none is declared or detected, and the command line asks for an image all the same")
        .fix("give a command when the image is started")
}

/// A plan in the form of Railpack.
pub(super) fn no_railpack_plan(flag: &str) -> Report {
    Report::new(format!("`{flag}` asks for a plan in the form of Railpack, which does not exist"))
        .why("BuildKit would build by it, on Railpack's base images, and make another image than the one that is planned here")
        .fix("call `railpack build DIRECTORY --name NAME` in place of `prepare` and `docker buildx build`; `packwright plan DIRECTORY` shows the plan")
}

/// What `railpack` has and Packwright has not.
pub(super) fn not_there(what: &str, why: &str, fix: &str) -> Failure {
    Report::new(format!("{what} does not exist")).why(why).fix(fix).into()
}

/// A flag that cannot be followed.
pub(super) fn not_followed(flag: &str, why: &str, fix: &str) -> Failure {
    Report::new(format!("what `{flag}` asks for cannot be done")).why(why).fix(fix).into()
}

/// A command line of pack.
pub(super) fn no_pack() -> Failure {
    Report::new("command lines of pack are not answered")
        .why("Cloud Native Buildpacks and their builders are not run; project.toml, the Procfile and `BP_*` variables are read")
        .fix("call `packwright build DIR --platform cnb -o docker-archive:FILE:NAME` and `docker load -i FILE`; for a builder of Heroku `--platform heroku`")
        .into()
}

/// A file of the command line that cannot be read.
pub(super) fn unreadable(name: &str, error: &std::io::Error) -> Failure {
    Report::new(format!("the configuration `{name}` cannot be read"))
        .because(error)
        .fix("check the path")
        .into()
}

/// A file of the command line of another kind.
pub(super) fn unknown_kind(name: &str) -> Failure {
    Report::new(format!("the configuration `{name}` is neither TOML nor JSON"))
        .why("its name says which of the two it is")
        .fix("name a file that ends in `.toml` or `.json`")
        .into()
}

/// A Dockerfile on standard output.
pub(super) fn no_dockerfile() -> Failure {
    Report::new("there is no Dockerfile to print before the image is built")
        .why("the image is made without Docker; a Dockerfile only puts its finished layers together")
        .fix("build with `-o DIR`, which writes DIR/.nixpacks/Dockerfile")
        .into()
}

/// A file that cannot be written.
pub(super) fn unwritable(path: &std::path::Path, error: &std::io::Error) -> Failure {
    Report::new(format!("cannot write `{}`", path.display())).because(error).into()
}

/// Where the image is, and how it gets into a container engine.
pub(super) fn saved(dir: &str, name: Option<&str>, others: &[String], left_out: &[String]) -> String {
    let image = name.unwrap_or("IMAGE");
    let mut text = format!(
        "\nSaved output to:\n  {dir}\n\nThe image is built. It is in\n  {dir}/.nixpacks/image       as OCI layout\n  \
         {dir}/.nixpacks/image.tar   for `docker load -i` and `podman load -i`\n\n\
         Where a Docker build has to follow, it puts the finished layers together:\n  \
         docker build -f {dir}/.nixpacks/Dockerfile -t {image} {dir}\n"
    );
    for other in others {
        text.push_str(&format!("  docker tag {image} {other}\n"));
    }
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        text.push_str(&format!(
            "A Dockerfile cannot set what has several lines: set {names} where the image runs.\n"
        ));
    }
    text
}

/// An image that an engine has.
pub(super) fn loaded(digest: &str, address: &str, names: &[String]) -> String {
    let names = match names.is_empty() {
        true => "without a name".to_owned(),
        false => format!("as {}", names.join(", ")),
    };
    format!("\nThe image {digest} is in the Docker engine at {address}, {names}.\n")
}

/// An engine that does not have the image.
pub(super) fn not_loaded(error: &EngineError) -> Failure {
    Report::of(error, Some(error.fix().to_owned())).into()
}

/// A label without a name.
pub(super) fn no_label(text: &str) -> Failure {
    Report::new(format!("`--label {text}` names no label")).fix("write NAME=VALUE").into()
}

/// An engine that wants TLS.
pub(super) fn no_tls(flag: &str) -> Failure {
    Report::new(format!("`{flag}` asks for TLS, which is not spoken with a Docker engine"))
        .fix("name the engine's socket with `--docker-host unix:///PATH`, or give `-o DIR` to get the image into files")
        .into()
}

/// The failure when no application is recognised, with the files that are there.
pub(super) fn nothing(source: &Source, start: &str) -> Failure {
    let names: Vec<&str> = source.files().iter().take(10).map(|file| file.path.as_str()).collect();
    let found = if names.is_empty() {
        "there are no files".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    Report::new("no application was recognised")
        .why(found)
        .fix(format!("name the directory of an application, or say with `{start}` how it is started"))
        .into()
}
