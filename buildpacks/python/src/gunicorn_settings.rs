//! A declared start of gunicorn whose settings, and not the line, say where it listens. Gunicorn obeys `PORT` only
//! where nothing else names an address, so a fixed one makes it deaf to `PORT`.
//!
//! Source: gunicorn documentation, "Configuration Overview" and "Settings", `bind`.

use packwright_buildpack::listening::{Address, Listening};
use packwright_buildpack::planner::{Diagnostic, Origin, PlanContext, RelPath, Requested, SourceTree, find};
use packwright_buildpack::shell_syntax::{Dialect, parse};

use crate::manifest::text;
use crate::syntax::{Module, assignments, string};

/// The file that gunicorn reads where no option names another.
const USUAL: &str = "gunicorn.conf.py";

/// The warning for the process that answers requests.
pub(crate) fn remark(context: &PlanContext<'_>) -> Vec<Diagnostic> {
    let mut commands = context.model.commands();
    let Some((_, command, _)) = commands.find(|(name, ..)| name.as_str() == "web") else {
        return Vec::new();
    };
    let script = parse(&command.script(), Dialect::Bash);
    let lines = script
        .commands()
        .into_iter()
        .map(|simple| simple.words.iter().map(|word| word.unquoted()).collect::<Vec<String>>());
    let Some(line) = lines.into_iter().find(|line| line.iter().any(|word| is_gunicorn(word))) else {
        return Vec::new();
    };
    let file = settings_of(&line);
    file.and_then(|name| address(context.tree, &name)).map_or(Vec::new(), |listening| {
        listening.diagnostics("python", |port| {
            format!("bind = \"0.0.0.0:\" + os.environ.get(\"PORT\", \"{port}\")")
        })
    })
}

fn is_gunicorn(word: &str) -> bool {
    word == "gunicorn" || word.ends_with("/gunicorn")
}

/// The file whose settings decide: none where the line itself names an address, or settings that are no file.
fn settings_of(line: &[String]) -> Option<String> {
    let binds = |word: &String| word.starts_with("-b") || word == "--bind" || word.starts_with("--bind=");
    if line.iter().any(binds) {
        return None;
    }
    let mut words = line.iter();
    while let Some(word) = words.next() {
        let value = match word.as_str() {
            "-c" | "--config" => words.next().map(String::as_str),
            word => word.strip_prefix("--config=").or_else(|| word.strip_prefix("-c")),
        };
        if let Some(value) = value {
            return Some(value.strip_prefix("file:").unwrap_or(value).to_owned());
        }
    }
    Some(USUAL.to_owned())
}

/// Where the last `bind` of the file listens; `None` unless it is written down as one text.
fn address(tree: &dyn SourceTree, name: &str) -> Option<Listening> {
    let path: RelPath = name.trim_start_matches("./").parse().ok()?;
    let file = find(tree, path.as_str())?;
    let source = text(tree, &file.path).ok().flatten()?;
    let module = Module::parse(&source, "", false);
    let binds = module.body().iter().flat_map(|statement| {
        let bound = assignments(statement).into_iter().filter(|(name, _)| *name == "bind");
        bound.map(|(_, value)| (module.line(statement), value)).collect::<Vec<_>>()
    });
    let (line, value) = binds.last()?;
    let address = Address::of(string(value)?);
    let at = Origin::line(&file.path, line);
    Some(Listening {
        evidence: Some(at.clone()),
        port: address.port.map(|value| Requested { value, origin: at.clone() }),
        local: address.is_local().then_some(at),
        ..Listening::default()
    })
}
