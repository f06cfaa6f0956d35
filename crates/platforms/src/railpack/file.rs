//! `railpack.json` as a [`Config`]. It may have comments and commas at the end.
//!
//! Commands and layers have short spellings. Those of the documentation are read (`PATH:/x`,
//! `COPY:a b`), although Railpack's own reader of them trips over the quotation marks.

use packwright_documents::{Content, Value};
use packwright_planner::Requested;

use super::config::{Command, Config, Deploy, From, Layer, Step};
use crate::nixpacks::plan::{Item, List};
use crate::table::{Document, Table};

/// The configuration that a document is.
pub(super) fn config(value: &Value, document: &Document) -> Config {
    let Some(top) = document.table(value) else { return Config::default() };
    top.leave(&["$schema"]);
    let mut config = Config {
        provider: top.text("provider"),
        build_apt: list(&top, "buildAptPackages"),
        packages: top.pairs("packages").into_iter().collect(),
        secrets: list(&top, "secrets"),
        exclude: list(&top, "exclude"),
        ..Config::default()
    };
    for (_, cache) in top.named_tables("caches") {
        config.caches.get_or_insert(cache.origin());
        cache.leave(&["directory", "type"]);
    }
    for (name, table) in top.named_tables("steps") {
        config.steps.insert(name, step(&table));
    }
    if let Some(table) = top.table("deploy") {
        config.deploy = Deploy {
            apt: list(&table, "aptPackages"),
            base: table.value("base").and_then(|value| layer(value, document)),
            inputs: layers(&table, "inputs"),
            start: table.text("startCommand"),
            variables: table.pairs("variables").into_iter().collect(),
            paths: list(&table, "paths"),
        };
    }
    config
}

fn step(table: &Table<'_>) -> Step {
    table.leave(&["name"]);
    let document = table.document();
    let commands = table.value("commands").map(|value| {
        let commands = of_list(value, document, "commands");
        commands.iter().filter_map(|value| command(value, document)).collect()
    });
    Step {
        inputs: layers(table, "inputs"),
        commands,
        secrets: list(table, "secrets"),
        assets: table.pairs("assets").into_iter().collect(),
        variables: table.pairs("variables").into_iter().collect(),
        caches: list(table, "caches"),
        deploy_outputs: layers(table, "deployOutputs"),
    }
}

fn list(table: &Table<'_>, key: &str) -> List {
    table.value(key).is_some().then(|| table.texts(key))
}

/// The values of a list; a value alone is a list of one.
fn of_list<'a>(value: &'a Value, document: &Document, what: &str) -> &'a [Value] {
    match &value.content {
        Content::List(items) => items,
        Content::Text(_) | Content::Map(_) => std::slice::from_ref(value),
        _ => {
            document.refuse(
                value.line,
                &format!("`{what}` is {}, not a list", value.kind()),
                "write a list there",
            );
            &[]
        }
    }
}

fn layers(table: &Table<'_>, key: &str) -> Option<Vec<Layer>> {
    let value = table.value(key)?;
    let document = table.document();
    Some(of_list(value, document, key).iter().filter_map(|value| layer(value, document)).collect())
}

/// A layer: a map, or `.`, `...`, `$step`.
fn layer(value: &Value, document: &Document) -> Option<Layer> {
    let origin = document.line(value.line);
    let plain = |from| Some(Layer { origin: origin.clone(), from, include: Vec::new(), exclude: Vec::new() });
    if let Some(text) = value.text() {
        return match (text, text.strip_prefix('$')) {
            (".", _) => plain(From::Local),
            ("...", _) => plain(From::Spread),
            (_, Some(step)) => plain(From::Step(step.to_owned())),
            _ => {
                document.refuse(
                    value.line,
                    &format!("`{text}` is no layer"),
                    "write `.`, `...`, `$step` or a map with `step`, `image` or `local`",
                );
                None
            }
        };
    }
    if !matches!(value.content, Content::Map(_)) {
        document.refuse(
            value.line,
            &format!("a layer is {}, not a map", value.kind()),
            "write `.`, `...`, `$step` or a map with `step`, `image` or `local`",
        );
        return None;
    }
    let table = document.table(value)?;
    let (step, image) = (table.text("step"), table.text("image"));
    let local = table.flag("local").is_some_and(|flag| flag.value);
    let spread = table.flag("spread").is_some_and(|flag| flag.value);
    let from = match (step, image) {
        _ if spread => From::Spread,
        (Some(step), _) => From::Step(step.value),
        (None, Some(image)) => From::Image(image.value),
        _ if local => From::Local,
        // An output of a step has a filter alone; so has a base that keeps what is there.
        _ => From::Spread,
    };
    Some(Layer { origin, from, include: table.texts("include"), exclude: table.texts("exclude") })
}

/// A command: a line, or a map with `cmd`, `path`, `src` or `path` and `name`.
fn command(value: &Value, document: &Document) -> Option<Command> {
    let item =
        |text: &str| -> Item { Requested { value: text.to_owned(), origin: document.line(value.line) } };
    if let Some(text) = value.text() {
        return Some(short(text, item));
    }
    if !matches!(value.content, Content::Map(_)) {
        document.refuse(
            value.line,
            &format!("a command is {}, not a text or a map", value.kind()),
            "write the line, or a map with `cmd`, `path` or `src`",
        );
        return None;
    }
    let table = document.table(value)?;
    table.leave(&["customName"]);
    if let Some(cmd) = table.text("cmd") {
        return Some(if cmd.value == "..." { Command::Spread } else { Command::Words(cmd) });
    }
    if let Some(path) = table.text("path") {
        return Some(match table.text("name") {
            Some(asset) => Command::File { path, asset, mode: table.text("mode") },
            None => Command::Path(path),
        });
    }
    if let Some(from) = table.text("src") {
        let to = table.text("dest").filter(|to| !to.value.is_empty()).unwrap_or_else(|| from.clone());
        return Some(Command::Copy { image: table.text("image"), from, to });
    }
    document.refuse(
        value.line,
        "the command has none of `cmd`, `path` and `src`",
        "write the line that is to be run",
    );
    None
}

/// A command that is one text.
fn short(text: &str, item: impl Fn(&str) -> Item) -> Command {
    if text == "..." {
        return Command::Spread;
    }
    let (kind, rest) = text.split_once(':').unwrap_or(("", text));
    let kind = kind.split('#').next().unwrap_or(kind);
    let two = || {
        let mut words = rest.split_whitespace();
        Some((words.next()?, words.next()?)).filter(|_| words.next().is_none())
    };
    match kind {
        "RUN" => Command::Shell(item(rest.trim())),
        "PATH" => Command::Path(item(rest.trim())),
        "COPY" => match two() {
            Some((from, to)) => Command::Copy { image: None, from: item(from), to: item(to) },
            None => Command::Shell(item(text)),
        },
        "FILE" => match two() {
            Some((path, asset)) => Command::File { path: item(path), asset: item(asset), mode: None },
            None => Command::Shell(item(text)),
        },
        _ => Command::Shell(item(text)),
    }
}
