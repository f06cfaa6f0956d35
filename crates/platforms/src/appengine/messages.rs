//! The diagnostics that the reader of App Engine's files reports.

use packwright_documents::Value;
use packwright_planner::{Diagnostic, Origin, RelPath, Requested};

/// A word about a file of the same name that belongs to somebody else; none when nobody is known.
pub(super) fn foreign(path: &RelPath, value: &Value) -> Option<Diagnostic> {
    let is_list = |key: &str| value.get(key).is_some_and(|value| !value.items().is_empty());
    let whose = if value.get("apiVersion").is_some() && value.get("kind").is_some() {
        "a manifest of Kubernetes"
    } else if is_list("services")
        || is_list("static_sites")
        || is_list("workers")
        || value.get("databases").is_some()
    {
        "an app spec of DigitalOcean"
    } else {
        return None;
    };
    Some(
        Diagnostic::info(
            "appengine/foreign-file",
            format!("{path} looks like {whose}, not like App Engine's"),
        )
        .why("a file of App Engine has a `runtime`")
        .at(Origin::file(path)),
    )
}

pub(super) fn misnamed(path: &RelPath) -> Diagnostic {
    Diagnostic::info("appengine/misnamed", format!("{path} is not read"))
        .why("it looks like App Engine's, which reads `app.yaml` unless it is told another name")
        .fix("call it `app.yaml` if it is to count")
        .at(Origin::file(path))
}

pub(super) fn runtime(runtime: &Requested<String>) -> Diagnostic {
    let message = format!("{}: `{}` is no runtime that is known", runtime.origin, runtime.value);
    Diagnostic::warning("appengine/runtime", message)
        .why("the language and its version are detected instead")
        .fix("write a runtime such as `python312` or `nodejs22`")
        .at(runtime.origin.clone())
}

pub(super) fn no_main(at: &Origin) -> Diagnostic {
    Diagnostic::warning("appengine/no-main", format!("{at}: there is no `entrypoint` and no `main.py`"))
        .why("App Engine starts `gunicorn -b :$PORT main:app` then, which would fail; what is detected is started instead")
        .fix("write an `entrypoint`")
        .at(at.clone())
}

pub(super) fn obsolete(at: &Origin, key: &str) -> Diagnostic {
    Diagnostic::info("appengine/obsolete", format!("{at}: `{key}` has no effect"))
        .why("it belongs to the first generation of runtimes, as Python 2.7, or is an option of the command line now")
        .fix("delete the key")
        .at(at.clone())
}

pub(super) fn include(at: &Origin) -> Diagnostic {
    Diagnostic::warning("appengine/include", format!("{at}: files of `includes` are not read"))
        .why("they are often written while the application is deployed, and hold secrets")
        .fix("put handlers into this file, and give variables where the image runs")
        .at(at.clone())
}

pub(super) fn script(script: &Requested<String>) -> Diagnostic {
    let message = format!("{}: `script: {}` has no effect", script.origin, script.value);
    Diagnostic::info("appengine/obsolete", message)
        .why("the runtimes of today have one program for all addresses: `auto`")
        .fix("write an `entrypoint` that starts a web server for this module")
        .at(script.origin.clone())
}

pub(super) fn no_effect(name: &str, at: &Origin) -> Diagnostic {
    Diagnostic::info("appengine/without-effect", format!("{at}: {name} has no effect"))
        .why("it speaks to Google's buildpacks about something that is done in another way here")
        .at(at.clone())
}

pub(super) fn ignore_file(at: &Origin, name: &str) -> Diagnostic {
    Diagnostic::warning("appengine/ignore-file", format!("{at}: the patterns of `{name}` are not read"))
        .fix("write the patterns into `.gcloudignore` or `.gitignore`")
        .at(at.clone())
}

pub(super) fn clock(url: &Requested<String>, schedule: &str) -> Diagnostic {
    let message = format!("{}: nothing asks for `{}` ({schedule})", url.origin, url.value);
    Diagnostic::info("appengine/clock", message)
        .why("App Engine's clock sends requests to the application; it starts no process, so that there is none here")
        .fix("let a scheduler of the platform ask for that address")
        .at(url.origin.clone())
}
