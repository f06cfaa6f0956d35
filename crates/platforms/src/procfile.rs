//! Heroku's `Procfile`: one process per line, `name: command`.
//!
//! The grammar is that of the Cloud Native Buildpacks' Procfile, with names kept as they are
//! written. It is not YAML: everything behind the first colon is the command, colons, quotes and
//! `#` included. `Procfile.dev` and its like are for other machines and are never read.
//!
//! Source: heroku/buildpacks-procfile, SPEC.md; heroku-buildpack-python and the classic router's
//! regular expression for what older repositories rely on.

use std::collections::BTreeMap;

use packwright_planner::{
    Command, Declarations, DeclaredProcess, Diagnostic, FileWeight, Origin, ProcessName, RelPath, find,
};

use crate::dir_view::DirView;

/// The name of this reader.
const PLATFORM: &str = "procfile";

/// The file's name.
const FILE: &str = "Procfile";

/// Reads the `Procfile` of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    match view.read(PLATFORM, FileWeight::Decides, FILE) {
        Some(Ok(seen)) => vec![parse(&seen.path, &seen.text)],
        Some(Err(refused)) => vec![refused],
        None => near_misses(view).into_iter().collect(),
    }
}

/// Reads the text of a Procfile; `path` is for the origins.
///
/// A line that is no process is skipped with a warning, as older readers do silently; a process
/// without command, or with a name or command that cannot be used, is an error. Of two lines with
/// the same name the last counts, in the place of the first, with a warning.
pub fn parse(path: &RelPath, content: &str) -> Declarations {
    let mut model = Declarations::new(PLATFORM, path, FileWeight::Decides);
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let unix = content.replace("\r\n", "\n").replace('\r', "\n");
    let mut places = BTreeMap::new();
    for (index, line) in unix.split('\n').enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let origin = Origin::line(path, index as u32 + 1);
        match process(line, &origin) {
            Ok(found) => {
                model.diagnostics.extend(doubts(&found));
                add(&mut model, &mut places, found);
            }
            Err(problem) => model.diagnostics.push(*problem),
        }
    }
    if model.components.is_empty() && model.diagnostics.is_empty() {
        model.diagnostics.push(empty(path));
    }
    model
}

/// The process that one line declares.
fn process(line: &str, origin: &Origin) -> Result<DeclaredProcess, Box<Diagnostic>> {
    let Some((name, command)) = line.split_once(':') else {
        return Err(Box::new(skipped(line, origin)));
    };
    let (name, command) = (name.trim_end(), command.trim());
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || !name.bytes().all(word) {
        return Err(Box::new(skipped(line, origin)));
    }
    let name: ProcessName = name.parse().map_err(|error: packwright_planner::NameError| {
        Diagnostic::error("procfile/name", format!("{origin}: {error}"))
            .fix("choose a name such as `web`, `worker` or `release`")
            .at(origin.clone())
    })?;
    if command.is_empty() {
        return Err(Box::new(
            Diagnostic::error("procfile/no-command", format!("{origin}: `{name}` has no command"))
                .fix(format!("write the command behind `{name}:`, or delete the line"))
                .at(origin.clone()),
        ));
    }
    if is_block_scalar(command) {
        return Err(Box::new(
            Diagnostic::error(
                "procfile/yaml",
                format!("{origin}: `{command}` is no command: a Procfile is not YAML"),
            )
            .why(format!("a process is one line; the lines below are no part of `{name}`"))
            .fix(format!("write the whole command on one line behind `{name}:`, or put it into a script"))
            .at(origin.clone()),
        ));
    }
    if let Some(symbol) = command.chars().find(|&symbol| symbol.is_control() && symbol != '\t') {
        return Err(Box::new(
            Diagnostic::error(
                "procfile/control-character",
                format!("{origin}: the command of `{name}` has the control character {symbol:?}"),
            )
            .fix("delete the character, which most editors do not show")
            .at(origin.clone()),
        ));
    }
    Ok(DeclaredProcess::new(name, Command::shell(command), origin.clone()))
}

/// Whether a command is nothing but the mark by which YAML begins a text of several lines: `>`, `|-`, `>2+`. No
/// shell starts anything with such a line.
///
/// Source: YAML 1.2, "Block Scalar Headers".
fn is_block_scalar(command: &str) -> bool {
    let mark = command.split_whitespace().next().unwrap_or_default();
    let comment = command[mark.len()..].trim_start();
    let rest = mark.strip_prefix(['>', '|']);
    rest.is_some_and(|rest| rest.len() <= 2 && rest.chars().all(|sign| "+-123456789".contains(sign)))
        && (comment.is_empty() || comment.starts_with('#'))
}

/// Words about a command that is written as YAML has it, or as a file of another kind.
fn doubts(process: &DeclaredProcess) -> Option<Diagnostic> {
    let command = process.command.as_ref()?.to_string();
    let origin = &process.origin;
    let inner = ['"', '\''].into_iter().find_map(|quote| {
        let inner = command.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(quote) && inner.contains(char::is_whitespace)).then_some(inner)
    });
    if let Some(inner) = inner {
        return Some(
            Diagnostic::warning("procfile/quoted", format!("{origin}: the whole command is in quotes"))
                .why("a Procfile is not YAML: the shell takes what is in the quotes for the name of one program")
                .fix(format!("write `{}: {inner}`", process.name))
                .at(origin.clone()),
        );
    }
    command.ends_with('\\').then(|| {
        Diagnostic::warning("procfile/continued", format!("{origin}: the command ends with a backslash"))
            .why("a process is one line; the line below is no part of it")
            .fix("write the whole command on one line, or put it into a script")
            .at(origin.clone())
    })
}

/// Adds a process; `places` are those of the ones before it.
fn add(model: &mut Declarations, places: &mut BTreeMap<ProcessName, usize>, found: DeclaredProcess) {
    let processes = &mut model.component().processes;
    let place = *places.entry(found.name.clone()).or_insert(processes.len());
    match processes.get_mut(place) {
        Some(known) => {
            let diagnostic = Diagnostic::warning(
                "procfile/duplicate",
                format!("{} declares `{}` again", found.origin, found.name),
            )
            .why(format!("the last one counts, {} does not", known.origin))
            .fix("delete one of the two lines")
            .at(found.origin.clone());
            *known = found;
            model.diagnostics.push(diagnostic);
        }
        None => processes.push(found),
    }
}

fn skipped(line: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("procfile/line-skipped", format!("{origin}: `{line}` is no process and is skipped"))
        .why("a line is `name: command`, a comment or empty; a name has letters, digits, `-` and `_`")
        .fix("put a colon behind the name, or `#` before a comment")
        .at(origin.clone())
}

fn empty(path: &RelPath) -> Diagnostic {
    Diagnostic::warning("procfile/empty", format!("{path} declares no process"))
        .fix("write a line such as `web: <command>`, or delete the file")
        .at(Origin::file(path))
}

/// Warnings about files that look like a Procfile and are none.
fn near_misses(view: &DirView<'_>) -> Option<Declarations> {
    let path = view.path(FILE)?;
    let diagnostics: Vec<Diagnostic> = if find(view.tree, path.as_str()).is_some() {
        vec![
            Diagnostic::warning("procfile/link", format!("{path} is a symbolic link and is not read"))
                .fix("put the file itself in its place")
                .at(Origin::file(&path)),
        ]
    } else {
        let misnamed = |name: &str| {
            matches!(name.to_ascii_lowercase().as_str(), "procfile" | "procfile.txt" | ".procfile")
        };
        let paths = view.names("", misnamed).into_iter().filter_map(|name| view.path(&name));
        let warning = |path: RelPath| {
            Diagnostic::warning("procfile/misnamed", format!("{path} is not read as a Procfile"))
                .fix("call it `Procfile`, without ending, if it is one")
                .at(Origin::file(&path))
        };
        paths.map(warning).collect()
    };
    let declared = Declarations::new(PLATFORM, &path, FileWeight::Decides);
    (!diagnostics.is_empty()).then_some(Declarations { diagnostics, ..declared })
}

#[cfg(test)]
mod tests;
