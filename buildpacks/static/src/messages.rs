//! Every word that the buildpack says to people. Nothing here decides anything.

use packwright_planner::{Diagnostic, Origin, RelPath, SourceError};

fn error_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}

pub(crate) fn unreadable(path: &RelPath, error: &SourceError) -> Diagnostic {
    error_at("static/unreadable", &Origin::file(path), error.to_string()).fix(error.fix())
}

pub(crate) fn staticfile_line(line: &str, origin: &Origin) -> Diagnostic {
    error_at("static/staticfile", origin, format!("{origin}: `{line}` is no line of a Staticfile"))
        .why("its lines are `key: value`")
        .fix("write `root: <directory>`, or delete the line")
}

pub(crate) fn staticfile_root(value: &str, origin: &Origin) -> Diagnostic {
    error_at("static/staticfile", origin, format!("{origin}: `{value}` is no directory of the tree"))
        .fix("write the path of a directory in the repository, such as `root: public`")
}

pub(crate) fn staticfile_switch(key: &str, value: &str, origin: &Origin) -> Diagnostic {
    error_at("static/staticfile", origin, format!("{origin}: `{key}` is `{value}`, neither true nor false"))
        .fix(format!("write `{key}: true` or `{key}: false`"))
}

pub(crate) fn staticfile_unused(key: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("static/staticfile-key", format!("{origin}: `{key}` is not used"))
        .why("the keys that are used: root, index_fallback, pushstate")
        .fix("delete the line, or say the same in a file `nginx.conf`")
        .at(origin.clone())
}

pub(crate) fn option_root(value: &str, origin: &Origin) -> Diagnostic {
    error_at("static/root", origin, format!("{origin}: `{value}` is no directory of the tree"))
        .fix("give the path of a directory in the repository, such as `public`")
}

pub(crate) fn no_page(dir: &str, origin: &Origin) -> Diagnostic {
    error_at(
        "static/no-page",
        origin,
        format!("{origin} names {dir} as a site, and there is no index.html in it"),
    )
    .why("what a build makes is not there before the build; a site that is built has a build script")
    .fix("name the directory that holds the page, or add an index.html")
}

pub(crate) fn unservable(dir: &RelPath, origin: &Origin) -> Diagnostic {
    let shown = dir.as_str().escape_debug();
    let message = format!("the directory `{shown}` has a `$` or a control character in its name");
    error_at("static/directory-name", origin, message)
        .why("nginx, which serves it, takes `$` for a variable, and a new line for a new setting")
        .fix("give the directory another name, or serve it with a file `nginx.conf` of your own")
}

pub(crate) fn own_configuration(path: &RelPath) -> Diagnostic {
    Diagnostic::info("static/own-configuration", format!("{path} configures the server, and nothing of ours does"))
        .why("it must listen on ${PORT} and write below its own directory only, as the README of the buildpack says")
        .fix(format!("rename {path} if it is for another server"))
        .at(Origin::file(path))
}

pub(crate) fn configuration_for_another(path: &RelPath) -> Diagnostic {
    Diagnostic::warning(
        "static/configuration-unused",
        format!("{path} does not listen on ${{PORT}}, so it is left aside"),
    )
    .why("it is taken for the configuration of another image's server; Packwright's own serves the files")
    .fix(format!(
        "for a configuration that is used, let {path} `listen ${{PORT}}`, as the README of the buildpack says"
    ))
    .at(Origin::file(path))
}
