//! What is said about the choice of Node and of Bun.

use packwright_planner::{Diagnostic, Origin, RelPath, Requested};

use super::at::error_at;
use crate::version::lines::{self, AS_OF, ReleaseLine};
use crate::version::range::Range;
use crate::version::tool::{JsRuntime, Unclear};

fn available() -> String {
    let long: Vec<String> = lines::long_term().map(|line| line.major.to_string()).collect();
    format!(
        "on {AS_OF} the lines with long-term support were {}, the newest was {}",
        long.join(" and "),
        lines::newest().major
    )
}

/// What to write, by the tool.
fn example(tool: JsRuntime) -> String {
    match tool {
        JsRuntime::Node => lines::long_term().next().unwrap_or(lines::newest()).major.to_string(),
        JsRuntime::Bun => "1.2.3".to_owned(),
    }
}

pub(crate) fn version_unclear(tool: JsRuntime, unclear: Unclear, said: &Requested<String>) -> Diagnostic {
    let Requested { value, origin } = said;
    let (title, example) = (tool.title(), example(tool));
    let what = format!("{origin}: `{value}` is not understood as a version of {title}");
    match unclear {
        Unclear::Unknown => error_at("node/version-unreadable", origin, what)
            .why(match tool {
                JsRuntime::Node => {
                    "it is neither a range as npm reads them nor a name such as `lts/*` or `lts/iron`"
                }
                JsRuntime::Bun => "it is no range as npm reads them",
            })
            .fix(format!("write a version or a range, such as `{example}`")),
        Unclear::System => error_at("node/version-unreadable", origin, what)
            .why(format!("`system` is the {title} of the machine, and an image stands on none"))
            .fix(format!("name a version, such as `{example}`")),
        Unclear::IoJs => error_at("node/version-unavailable", origin, format!("{origin} asks for io.js"))
            .why("io.js became Node 4 in 2015")
            .fix(format!("name a version of Node, such as `{example}`")),
        Unclear::Nothing => {
            error_at("node/version-empty", origin, format!("{origin}: no version satisfies `{value}`"))
                .why("its parts exclude each other, or it names what comes before a release")
                .fix(format!("write a range that has versions, such as `{example}`"))
        }
    }
}

pub(crate) fn version_unavailable(said: &Requested<String>, range: &Range) -> Diagnostic {
    let Requested { value, origin } = said;
    let (oldest, newest) = (lines::oldest().major, lines::newest().major);
    let what = format!("{origin} asks for Node {value}, which cannot be had");
    let is_newer = range.span().is_some_and(|(from, _)| from.0 > newest);
    let problem = error_at("node/version-unavailable", origin, what);
    match is_newer {
        true => problem
            .why(format!("the newest line that this program knows is {newest}, as of {AS_OF}"))
            .fix(format!("ask for {newest}, the newest, or use a newer Packwright")),
        false => problem.why(format!("the oldest line that comes as a package is {oldest}")).fix(format!(
            "ask for {} if the application runs with it; {}",
            example(JsRuntime::Node),
            available()
        )),
    }
}

/// `last` excludes `others`: one of them, or all of them together.
pub(crate) fn versions_differ(
    tool: JsRuntime,
    others: &[&Requested<String>],
    last: &Requested<String>,
) -> Diagnostic {
    let places: Vec<String> = others.iter().map(|said| format!("`{}`", said.origin)).collect();
    let wishes: Vec<String> =
        others.iter().chain([&last]).map(|said| format!("{} wants `{}`", said.origin, said.value)).collect();
    let what =
        format!("{} and `{}` ask for different {} versions", places.join(", "), last.origin, tool.title());
    let value = others.first().map_or("", |said| &said.value);
    let value = match value.contains([' ', '|', '<', '>', '*', '~']) {
        true => format!("'{value}'"),
        false => value.to_owned(),
    };
    error_at("node/versions-differ", &last.origin, what)
        .why(format!(
            "{}; no version satisfies {}",
            wishes.join(", "),
            if others.len() > 1 { "all" } else { "both" }
        ))
        .fix(format!("make them agree, or choose with `--env {}={value}`", tool.option()))
}

pub(crate) fn version_ended(line: &ReleaseLine, day: &str, origin: &Origin) -> Diagnostic {
    let what = format!("{origin} asks for Node {}, which has had no security fixes since {day}", line.major);
    Diagnostic::warning("node/version-ended", what)
        .why(available())
        .fix(format!("move to Node {}", example(JsRuntime::Node)))
        .at(origin.clone())
}

pub(crate) fn version_file_empty(path: &RelPath) -> Diagnostic {
    Diagnostic::warning("node/version-file-empty", format!("{path} names no version"))
        .fix(format!("write a version into {path}, or delete it"))
        .at(Origin::file(path))
}

pub(crate) fn version_file_several(first: &str, second: &str, at: &Origin) -> Diagnostic {
    let what = format!("{at}: `{second}` is not used, `{first}` above it is");
    Diagnostic::warning("node/version-file-several", what).fix("leave one version in the file").at(at.clone())
}

pub(crate) fn version_file_link(path: &RelPath, target: &str) -> Diagnostic {
    let what = format!("{path} is a link to {target}, which is not in the tree");
    error_at("node/version-file-link", &Origin::file(path), what)
        .fix(format!("make {path} a file of its own"))
}

pub(crate) fn version_file_broken(path: &RelPath, line: u32, reason: &str) -> Diagnostic {
    let reason = reason.lines().next().unwrap_or_default().to_owned();
    error_at("node/broken-manifest", &Origin::line(path, line), format!("{path}:{line} is not valid TOML"))
        .why(reason)
        .fix(format!("correct line {line} of {path}"))
}

pub(crate) fn version_file_form(path: &RelPath, line: u32, tool: JsRuntime) -> Diagnostic {
    let what = format!("{path}:{line} names no version of {}", tool.title());
    error_at("node/version-unreadable", &Origin::line(path, line), what).fix(format!(
        "write `{} = \"{}\"`, a list of versions, or a table with `version`",
        tool.name(),
        example(tool)
    ))
}

/// What to do when no release of the chosen line is in the registry.
pub(crate) fn version_hint(tool: JsRuntime, asked: &str, origin: &Origin) -> String {
    format!(
        "`{}` is asked for by {}; ask for versions that the registry has, or choose with `--env {}={}`",
        asked,
        origin,
        tool.option(),
        example(tool)
    )
}

pub(crate) fn hint_not_taken(tool: JsRuntime, hint: &Requested<String>) -> Diagnostic {
    let Requested { value, origin } = hint;
    Diagnostic::info("node/version-hint", format!("{origin} speaks of {} {value}, which is not taken", tool.title()))
        .why("the file describes an image that something else builds, and that line gets no fixes any more or is not known")
        .fix(format!("write `\"engines\": {{ \"{}\": \"{value}\" }}` into package.json to have it", tool.name()))
        .at(origin.clone())
}
