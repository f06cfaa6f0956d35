//! What is said about versions, in the same words for every tool. Decides nothing.

use packwright_planner::{Diagnostic, Origin, RelPath, Requested};

use super::request::Request;
use super::tool::Tool;
use super::word::Unclear;

fn code(tool: &Tool, name: &str) -> String {
    format!("{}/{name}", tool.language)
}

fn error(tool: &Tool, name: &str, at: &Origin, what: String) -> Diagnostic {
    Diagnostic::error(&code(tool, name), what).at(at.clone())
}

fn warning(tool: &Tool, name: &str, at: &Origin, what: String) -> Diagnostic {
    Diagnostic::warning(&code(tool, name), what).at(at.clone())
}

/// A request that means no version; `readable` says what it would have to be, or what can be had.
pub fn unreadable(tool: &Tool, unclear: Unclear, said: &Requested<String>, readable: &str) -> Diagnostic {
    let Requested { value, origin } = said;
    let (title, example) = (tool.title, tool.example);
    let what = format!("{origin}: `{value}` is not understood as a version of {title}");
    match unclear {
        Unclear::Unknown => error(tool, "version-unreadable", origin, what)
            .why(readable.to_owned())
            .fix(format!("write a version such as `{example}`")),
        Unclear::System => error(tool, "version-unreadable", origin, what)
            .why(format!("it is the {title} of a machine, and an image stands on none"))
            .fix(format!("name a version, such as `{example}`")),
        Unclear::Revision => error(tool, "version-unreadable", origin, what)
            .why(format!("it is a state of {title}'s source, and only releases are used"))
            .fix(format!("name a release, such as `{example}`")),
        Unclear::Relative => error(tool, "version-unreadable", origin, what)
            .why("versions are not subtracted from each other here")
            .fix(format!("name the version itself, such as `{example}`")),
        Unclear::Nothing => {
            error(tool, "version-empty", origin, format!("{origin}: no version satisfies `{value}`"))
                .why("its parts exclude each other, or it names what comes before a release")
                .fix(format!("write a range that has versions, such as `{example}`"))
        }
        Unclear::Other(problem) => *problem,
    }
}

/// A request for a release that cannot be had; `nearest` can.
pub fn unavailable(tool: &Tool, said: &Requested<String>, available: &str, nearest: &str) -> Diagnostic {
    let Requested { value, origin } = said;
    let what = format!("{origin} asks for {} {value}, which cannot be had", tool.title);
    error(tool, "version-unavailable", origin, what)
        .why(available.to_owned())
        .fix(format!("ask for {nearest}, the nearest"))
}

/// Requests that no release satisfies together: `last` excludes `others`.
pub(super) fn disagree(tool: &Tool, others: &[&Request], last: &Request) -> Diagnostic {
    let places: Vec<String> = others.iter().map(|one| format!("`{}`", one.said.origin)).collect();
    let wants = |one: &&Request| format!("{} wants `{}`", one.said.origin, one.said.value);
    let wants: Vec<String> = others.iter().chain([&last]).map(wants).collect();
    let at = &last.said.origin;
    let what = format!("{} and `{at}` ask for different {} versions", places.join(", "), tool.title);
    let value = others.first().map_or("", |one| &one.said.value);
    let value = match value.contains([' ', '|', '<', '>', '*', '~']) {
        true => format!("'{value}'"),
        false => value.to_owned(),
    };
    let all = if others.len() > 1 { "all" } else { "both" };
    error(tool, "versions-differ", at, what)
        .why(format!("{}; no version satisfies {all}", wants.join(", ")))
        .fix(format!("make them agree, or choose with `--env {}={value}`", tool.option))
}

/// A request that the chosen release `chosen` does not satisfy, where the first decides.
pub(super) fn overruled(tool: &Tool, chosen: &str, by: &Origin, other: &Requested<String>) -> Diagnostic {
    let Requested { value, origin } = other;
    let what = format!("{by} and {origin} ask for different {} versions", tool.title);
    warning(tool, "versions-differ", origin, what)
        .why(format!("{by} gives {chosen}, {origin} wants `{value}`"))
        .fix("make the two agree")
}

pub(super) fn hint_not_taken(tool: &Tool, hint: &Requested<String>) -> Diagnostic {
    let Requested { value, origin } = hint;
    let what = format!("{origin} speaks of {} {value}, which is not taken", tool.title);
    let place = tool.files.first().map_or(tool.option, |file| file.name);
    let is_local = matches!(origin, Origin::File { path, .. } if path.name().contains(".local."));
    let file = if is_local {
        "the file is for one machine"
    } else {
        "the file describes an image that something else builds"
    };
    let no_reason = "alone it is no reason to download a release, or to use one that gets no fixes";
    Diagnostic::info(&code(tool, "version-hint"), what)
        .why(format!("{file}; {no_reason}"))
        .fix(format!("write {value} into {place} to have it"))
        .at(origin.clone())
}

/// What a chosen platform does not read.
pub(super) fn file_unread(tool: &Tool, platform: &str, read: Option<&str>, request: &Request) -> Diagnostic {
    let (value, origin) = (&request.version, &request.said.origin);
    let what = format!("{origin} asks for {} {value}, which is not taken", tool.title);
    Diagnostic::info(&code(tool, "version-file-unread"), what)
        .why(format!("{platform} does not read it"))
        .fix(match read {
            Some(file) => format!("write the version into {file}, which {platform} reads"),
            None => format!("choose with `--env {}={value}`, or leave `--platform` out", tool.option),
        })
        .at(origin.clone())
}

/// What a file of one machine says, where others ask for a version.
pub(super) fn local_unread(tool: &Tool, said: &Requested<String>) -> Diagnostic {
    let Requested { value, origin } = said;
    let what = format!("{origin} asks for {} {value}, which is not taken", tool.title);
    Diagnostic::info(&code(tool, "version-file-unread"), what)
        .why("it is mise's file for one machine, and other files ask for a version")
        .fix(format!("write {value} where the others ask, or choose with `--env {}={value}`", tool.option))
        .at(origin.clone())
}

pub(super) fn file_empty(tool: &Tool, path: &RelPath) -> Diagnostic {
    warning(tool, "version-file-empty", &Origin::file(path), format!("{path} names no version"))
        .fix(format!("write a version such as `{}` into {path}, or delete it", tool.example))
}

pub(super) fn file_several(tool: &Tool, first: &str, second: &str, at: &Origin) -> Diagnostic {
    let what = format!("{at}: `{second}` is not used, `{first}` before it is");
    warning(tool, "version-file-several", at, what)
        .why(format!("an image has one {}", tool.title))
        .fix("leave one version in the file")
}

pub(super) fn file_form(tool: &Tool, path: &RelPath, at: &Origin) -> Diagnostic {
    let (name, example) = (tool.names.first().unwrap_or(&tool.name), tool.example);
    let form = match path.name().ends_with(".toml") {
        true => format!("write `{name} = \"{example}\"`, a list of versions, or a table with `version`"),
        false => format!("write `{name} {example}`"),
    };
    error(tool, "version-unreadable", at, format!("{at} names no version of {}", tool.title)).fix(form)
}

pub(super) fn runtime_form(
    tool: &Tool,
    prefix: &str,
    line: &str,
    version: &str,
    path: &RelPath,
    at: &Origin,
) -> Diagnostic {
    let place = tool.files.first().map_or(tool.option, |file| file.name);
    warning(tool, "runtime-form", at, format!("{at}: `{line}` is read as `{prefix}{version}`"))
        .why(format!("the form of {} is `{prefix}X.Y.Z`", path.name()))
        .fix(format!("write `{prefix}` before the version, or move it to {place}"))
}

pub(super) fn runtime_wildcard(tool: &Tool, prefix: &str, line: &str, stem: &str, at: &Origin) -> Diagnostic {
    // It means the same, so that nothing is wrong with it.
    let what = format!("{at}: `{line}` is read as `{prefix}{stem}`");
    Diagnostic::info(&code(tool, "runtime-form"), what)
        .why("some platforms take a wildcard there and others refuse it; both mean the newest release")
        .at(at.clone())
}
