//! Heroku's `Procfile`: one process per line, `name: command`.
//!
//! The grammar is that of the Cloud Native Buildpacks' Procfile, with names kept as they are
//! written. It is not YAML: everything behind the first colon is the command, colons, quotes and
//! `#` included. `Procfile.dev` and its like are for other machines and are never read.
//!
//! Source: heroku/buildpacks-procfile, SPEC.md; heroku-buildpack-python and the classic router's
//! regular expression for what older repositories rely on.

use packwright_planner::{
    AppModel, Command, DeclaredProcess, Diagnostic, Origin, ProcessName, RelPath, SourceTree, find, text,
};

/// The file's name, at the root.
const FILE: &str = "Procfile";

/// Reads the `Procfile` at the root of `tree`; an empty model when there is none.
pub fn read(tree: &dyn SourceTree) -> AppModel {
    let path: RelPath = FILE.parse().expect("a relative path");
    match text(tree, FILE) {
        Ok(Some(content)) => parse(&path, &content),
        Ok(None) => AppModel { diagnostics: near_misses(tree, &path), ..AppModel::default() },
        Err(error) => AppModel {
            diagnostics: vec![
                Diagnostic::error("procfile/unreadable", error.to_string())
                    .fix("save the file as UTF-8 text")
                    .at(Origin::file(&path)),
            ],
            ..AppModel::default()
        },
    }
}

/// Reads the text of a Procfile; `path` is for the origins.
///
/// A line that is no process is skipped with a warning, as older readers do silently; a process
/// without command, or with a name or command that cannot be used, is an error. Of two lines with
/// the same name the last counts, in the place of the first, with a warning.
pub fn parse(path: &RelPath, content: &str) -> AppModel {
    let mut model = AppModel::default();
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let unix = content.replace("\r\n", "\n").replace('\r', "\n");
    for (index, line) in unix.split('\n').enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let origin = Origin::line(path, index as u32 + 1);
        match process(line, &origin) {
            Ok(found) => add(&mut model, found),
            Err(problem) => model.diagnostics.push(*problem),
        }
    }
    if model.processes.is_empty() && model.diagnostics.is_empty() {
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
    Ok(DeclaredProcess { name, command: Command::shell(command), origin: origin.clone() })
}

fn add(model: &mut AppModel, found: DeclaredProcess) {
    match model.processes.iter_mut().find(|known| known.name == found.name) {
        Some(known) => {
            model.diagnostics.push(
                Diagnostic::warning(
                    "procfile/duplicate",
                    format!("{} declares `{}` again", found.origin, found.name),
                )
                .why(format!("the last one counts, {} does not", known.origin))
                .fix("delete one of the two lines")
                .at(found.origin.clone()),
            );
            *known = found;
        }
        None => model.processes.push(found),
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
fn near_misses(tree: &dyn SourceTree, path: &RelPath) -> Vec<Diagnostic> {
    if find(tree, FILE).is_some() {
        return vec![
            Diagnostic::warning("procfile/link", format!("{path} is a symbolic link and is not read"))
                .fix("put the file itself in its place")
                .at(Origin::file(path)),
        ];
    }
    let misnamed = |name: &str| {
        let name = name.to_ascii_lowercase();
        matches!(name.as_str(), "procfile" | "procfile.txt" | ".procfile")
    };
    tree.files()
        .iter()
        .filter(|file| file.path.depth() == 1 && misnamed(file.path.name()))
        .map(|file| {
            Diagnostic::warning("procfile/misnamed", format!("{} is not read as a Procfile", file.path))
                .fix("call it `Procfile`, without ending, if it is one")
                .at(Origin::file(&file.path))
        })
        .collect()
}

#[cfg(test)]
mod tests;
