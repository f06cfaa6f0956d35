//! The diagnostics that the reader of Cloud Foundry's files reports.

use packwright_planner::{Diagnostic, Origin, ProcessName, RelPath, Requested};

pub(super) fn inherit(file: &Requested<String>) -> Diagnostic {
    let message = format!("{}: `{}` is not read", file.origin, file.value);
    Diagnostic::warning("cloudfoundry/inherit", message)
        .why("`inherit` is gone since version 7 of the command line")
        .fix("put what the other file says into this one, with YAML anchors where it is said twice")
        .at(file.origin.clone())
}

pub(super) fn shared(at: &Origin, keys: &[&str]) -> Diagnostic {
    Diagnostic::warning(
        "cloudfoundry/shared-keys",
        format!("{at}: {} beside `applications` have no effect", keys.join(", ")),
    )
    .why("keys for all applications are gone since version 7 of the command line")
    .fix("put them into each application, with a YAML anchor")
    .at(at.clone())
}

pub(super) fn given(at: &Origin, place: &str, text: &str) -> Diagnostic {
    Diagnostic::info("cloudfoundry/given-later", format!("{at}: `{place}` is not known: `{text}`"))
        .why("it is filled in when the application is pushed")
        .at(at.clone())
}

pub(super) fn misnamed(paths: &[RelPath]) -> Diagnostic {
    let names: Vec<&str> = paths.iter().map(RelPath::as_str).collect();
    let told = Diagnostic::info("cloudfoundry/misnamed", format!("{} not read", names.join(", ")))
        .why("of Cloud Foundry's manifests only `manifest.yml` is read; others are chosen when an application is pushed")
        .fix("call the one that is to count `manifest.yml`");
    match paths.first() {
        Some(first) => told.at(Origin::file(first)),
        None => told,
    }
}

pub(super) fn archive(path: &Requested<String>) -> Diagnostic {
    Diagnostic::info(
        "cloudfoundry/archive",
        format!("{}: `{}` is no directory of the source", path.origin, path.value),
    )
    .why("something builds it before the push; the image is made from the source")
    .at(path.origin.clone())
}

pub(super) fn renamed(at: &Origin, kind: &str, name: &ProcessName) -> Diagnostic {
    Diagnostic::info("cloudfoundry/renamed", format!("{at}: the process `{kind}` is called `{name}`"))
        .why("processes of one directory have names of their own, of letters, digits, `-` and `_`")
        .at(at.clone())
}

pub(super) fn sidecar(name: &Requested<String>) -> Diagnostic {
    Diagnostic::info(
        "cloudfoundry/sidecar",
        format!("{}: the sidecar `{}` becomes a process", name.origin, name.value),
    )
    .why("on Cloud Foundry it runs in the container of another one; here each process has its own")
    .at(name.origin.clone())
}

pub(super) fn image_of_others(at: &Origin, name: Option<&Requested<String>>) -> Diagnostic {
    let name = name.map_or("", |name| &name.value);
    let message = format!("{at}: `{name}` runs an image, and is no part of this source");
    Diagnostic::info("cloudfoundry/not-counted", message)
        .why("other applications of the manifest are built here")
        .at(at.clone())
}
