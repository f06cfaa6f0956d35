//! The forms that values of a Compose file may have: a string or a list, a list or a map, a duration, a port,
//! a mount.

use std::collections::BTreeMap;

use packwright_documents::Content;
use packwright_planner::{
    Command, Diagnostic, Health, Origin, Requested, Scoped, Strategy, Variable, VariableValue,
};

use super::interpolation::{Interpolated, filled};
use crate::container::{self, ContainerStart, Size};
use crate::table::Table;

/// How the image of a service is built.
#[derive(Debug, Clone)]
pub(super) struct Build {
    /// The directory, as the file has it.
    pub(super) context: Requested<String>,
    /// What is done there.
    pub(super) strategy: Option<Requested<Strategy>>,
}

/// A mount of a service.
pub(super) struct Mount {
    /// What is mounted: a path of the machine, a name, or nothing.
    pub(super) source: String,
    /// Where.
    pub(super) target: Requested<String>,
    /// Whether it is a part of the machine's files.
    pub(super) is_bind: bool,
}

/// A variable, and the text that the file has for it, with references filled in.
pub(super) struct Told {
    /// The variable.
    pub(super) variable: Variable,
    /// The text; empty when the caller has it.
    pub(super) text: String,
}

/// A text with its references filled in.
pub(super) fn filled_text(text: Requested<String>) -> Requested<String> {
    Requested { value: filled(&text.value).text, origin: text.origin }
}

/// How the image is built, when it is.
pub(super) fn build(table: &Table<'_>) -> Option<Build> {
    let here = |origin| Requested { value: ".".to_owned(), origin };
    let dockerfile = |path: String, target: Option<String>, args| Strategy::Dockerfile { path, target, args };
    if let Some(Content::Text(_)) = table.value("build").map(|value| &value.content) {
        let context = filled_text(table.text("build")?);
        let strategy = dockerfile("Dockerfile".to_owned(), None, Default::default());
        let origin = context.origin.clone();
        return Some(Build { context, strategy: Some(Requested { value: strategy, origin }) });
    }
    let build = table.table("build")?;
    build.leave(&[
        "entitlements",
        "ssh",
        "labels",
        "cache_from",
        "cache_to",
        "no_cache",
        "no_cache_filter",
        "network",
        "provenance",
        "sbom",
        "pull",
        "shm_size",
        "extra_hosts",
        "isolation",
        "privileged",
        "tags",
        "ulimits",
        "platforms",
    ]);
    let document = build.document();
    for key in ["additional_contexts", "secrets"] {
        if let Some(entry) = build.entry(key) {
            document.without_effect(entry.line, &format!("`build.{key}`"), "only the Dockerfile uses it");
        }
    }
    let context = build.text("context").map(filled_text).unwrap_or_else(|| here(build.origin()));
    let path = build.text("dockerfile").map(filled_text);
    let target = build.text("target").map(filled_text);
    let inline = build.entry("dockerfile_inline");
    if let Some(inline) = inline {
        document.without_effect(inline.line, "`dockerfile_inline`", "no Dockerfile is run here");
    }
    let mut args = BTreeMap::new();
    for argument in variables(&build, "args") {
        if let VariableValue::Literal(value) = argument.variable.value {
            args.insert(argument.variable.name, value);
        }
    }
    let origin = path.as_ref().map_or_else(|| context.origin.clone(), |path| path.origin.clone());
    let path = path.map_or_else(|| "Dockerfile".to_owned(), |path| path.value);
    let value = dockerfile(path, target.map(|target| target.value), args);
    Some(Build { context, strategy: inline.is_none().then_some(Requested { value, origin }) })
}

/// How the container starts.
pub(super) fn start(table: &Table<'_>) -> ContainerStart {
    let entry = words(table, "entrypoint");
    let command = words(table, "command");
    // An entry point that is there and empty takes away the image's own.
    match (entry, command) {
        (Some(entry), Some(command)) if entry.is_empty() && !command.is_empty() => {
            container::start(Some(command), None)
        }
        (entry, command) => container::start(entry, command),
    }
}

/// The words of a command: a text is split as a shell would, and run without one.
fn words(table: &Table<'_>, key: &str) -> Option<Vec<String>> {
    let value = table.value(key)?;
    let fill = |text: &Requested<String>| {
        let filled = filled(&text.value);
        if let Some(name) = filled.asks.first() {
            let origin = text.origin.clone();
            table.document().say(
                Diagnostic::info(
                    "compose/interpolated",
                    format!("{origin}: `{key}` has `${{{name}}}`, which Compose fills in when it is called"),
                )
                .fix(format!(
                    "write `${{{name}:-value}}` for a value, or `$${name}` for the container's variable"
                ))
                .at(origin),
            );
        }
        filled.text
    };
    if matches!(value.content, Content::List(_)) {
        return Some(table.texts(key).iter().map(fill).collect());
    }
    let text = table.text(key)?;
    let line = fill(&text);
    let words = packwright_shell_syntax::split(&line);
    if words.is_none() {
        table.document().refuse(
            value.line,
            &format!("the quotes of `{key}` do not match"),
            "close the quote",
        );
    }
    words
}

/// Variables in either shape, those that have no value from the caller among them.
pub(super) fn variables(table: &Table<'_>, key: &str) -> Vec<Told> {
    let Some(value) = table.value(key) else { return Vec::new() };
    let document = table.document();
    let mut found: Vec<Told> = Vec::new();
    if let Content::List(_) = value.content {
        for item in table.texts(key) {
            let (name, value) = match item.value.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (item.value.as_str(), None),
            };
            found.push(variable(name, value, item.origin));
        }
    } else if let Some(pairs) = table.table(key) {
        for entry in pairs.entries() {
            let origin = document.line(entry.line);
            let value = match &entry.value.content {
                Content::Null => None,
                Content::Bool(true) => Some("true"),
                Content::Bool(false) => Some("false"),
                Content::Text(text) | Content::Number(text) => Some(text.as_str()),
                Content::List(_) | Content::Map(_) => {
                    let what = format!("`{}` is {}, not a text", entry.key, entry.value.kind());
                    document.refuse(entry.line, &what, "write the value as a text");
                    continue;
                }
            };
            found.push(variable(&entry.key, value, origin));
        }
    }
    // Of two with one name the last counts, as in Compose.
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for (place, told) in found.iter().enumerate() {
        last.insert(told.variable.name.clone(), place);
    }
    let counts = |(place, told): &(usize, Told)| last.get(&told.variable.name) == Some(place);
    found.into_iter().enumerate().filter(counts).map(|(_, told)| told).collect()
}

/// What a variable is, whose value is in the file, or comes from the caller in part or as a whole.
fn variable(name: &str, value: Option<&str>, origin: Origin) -> Told {
    let Interpolated { text, asks, may } = value.map(filled).unwrap_or_default();
    let mut variable = match (value, asks.is_empty(), may && text.is_empty()) {
        (None, ..) | (_, false, _) => Variable::new(name, VariableValue::Required, origin),
        (_, true, true) => Variable::new(name, VariableValue::Optional, origin),
        (_, true, false) => Variable::literal(name, &text, origin),
    };
    variable.scope = Scoped::Run;
    Told { variable, text }
}

/// What is mounted into the container.
pub(super) fn mounts(table: &Table<'_>) -> Vec<Mount> {
    let Some(value) = table.value("volumes") else { return Vec::new() };
    let document = table.document();
    let mut mounts = Vec::new();
    for item in value.items() {
        let origin = document.line(item.line);
        if let Some(target) = item.text_of("target") {
            let kind = item.text_of("type").unwrap_or("volume");
            let source = item.text_of("source").map(|source| filled(source).text).unwrap_or_default();
            if matches!(kind, "volume" | "bind") {
                let target = Requested { value: filled(target).text, origin };
                mounts.push(Mount { source, target, is_bind: kind == "bind" });
            }
            continue;
        }
        let Some(text) = item.text() else {
            document.refuse(
                item.line,
                "a volume is neither a text nor a map with `target`",
                "write it as name:/path",
            );
            continue;
        };
        let text = filled(text).text;
        let (source, rest) = text.split_once(':').unwrap_or(("", &text));
        let target = rest.split(':').next().unwrap_or(rest);
        let is_bind = source.starts_with(['.', '/', '~', '$']);
        let target = Requested { value: target.to_owned(), origin };
        mounts.push(Mount { source: source.to_owned(), target, is_bind });
    }
    mounts
}

/// How the health of the container is asked.
pub(super) fn health(table: &Table<'_>) -> Option<Requested<Health>> {
    let check = table.table("healthcheck")?;
    check.leave(&["start_interval"]);
    let seconds = |key: &str| {
        let text = check.text(key)?;
        let said = filled(&text.value);
        let found = duration(&said.text);
        if found.is_none() && said.asks.is_empty() {
            let line = container::line(&check, key);
            check.document().refuse(
                line,
                &format!("`{}` is no duration", text.value),
                "write it as 30s or 1m30s",
            );
        }
        found
    };
    let (interval, timeout, grace) = (seconds("interval"), seconds("timeout"), seconds("start_period"));
    let retries = check.text("retries").and_then(|text| {
        amount(
            &check,
            &filled_text(text),
            "number of tries",
            |text| text.parse::<u32>().ok(),
            "write a number",
        )
    });
    let disabled = check.text("disable").is_some_and(|disable| disable.value == "true");
    let test = check.value("test")?;
    let command = match &test.content {
        Content::List(_) => {
            let words: Vec<String> =
                check.texts("test").iter().map(|word| filled(&word.value).text).collect();
            match words.split_first() {
                Some((kind, words)) if kind == "CMD" && !words.is_empty() => Command::Exec(words.to_vec()),
                Some((kind, words)) if kind == "CMD-SHELL" && !words.is_empty() => {
                    Command::Shell(words.join(" "))
                }
                Some((kind, _)) if kind == "NONE" => return None,
                _ => {
                    let what = "`healthcheck.test` begins with neither CMD, CMD-SHELL nor NONE";
                    check.document().refuse(test.line, what, "write [\"CMD\", \"program\", \"argument\"]");
                    return None;
                }
            }
        }
        _ => Command::Shell(filled(&check.text("test")?.value).text),
    };
    let health = Health { probe: container::probe(command), interval, timeout, grace, retries };
    (!disabled).then(|| Requested { value: health, origin: check.document().line(test.line) })
}

/// Seconds of a duration such as `1m30s` or `500ms`, rounded up.
pub(super) fn duration(text: &str) -> Option<u32> {
    let mut rest = text.trim();
    let mut microseconds: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let factor = match &rest[..letters] {
            "us" => 1.0,
            "ms" => 1e3,
            "s" => 1e6,
            "m" => 60e6,
            "h" => 3600e6,
            // A number alone is not a duration for Compose, but there is one thing it can mean.
            "" if rest.is_empty() => 1e6,
            _ => return None,
        };
        rest = &rest[letters..];
        // A float beyond the range becomes its end.
        microseconds = microseconds.checked_add((number * factor) as u64)?;
    }
    u32::try_from(microseconds.div_ceil(1_000_000)).ok()
}

/// How large the container is, and how many there are of it.
pub(super) fn deployed(table: &Table<'_>) -> (Option<Requested<String>>, Option<Requested<u32>>) {
    let deploy = table.table("deploy");
    let resources = deploy.as_ref().and_then(|deploy| {
        deploy.leave(&[
            "mode",
            "endpoint_mode",
            "labels",
            "rollback_config",
            "update_config",
            "restart_policy",
        ]);
        deploy.leave(&["placement"]);
        deploy.table("resources")
    });
    let limits = resources.as_ref().and_then(|resources| {
        resources.leave(&["reservations"]);
        resources.table("limits")
    });
    let limit = |key: &str| {
        limits.as_ref().and_then(|limits| {
            limits.leave(&["pids"]);
            limits.text(key)
        })
    };
    let cpu = limit("cpus").or_else(|| table.text("cpus")).map(filled_text);
    let memory = limit("memory").or_else(|| table.text("mem_limit")).map(filled_text);
    let origin = cpu.as_ref().or(memory.as_ref()).map(|text| text.origin.clone());
    let fix = "write cpus as 0.5 and memory as 512M";
    let size = Size {
        cpu: cpu.and_then(|text| amount(table, &text, "quantity of processors", Size::cpu_of, fix)),
        memory: memory.and_then(|text| amount(table, &text, "quantity of memory", Size::compose_bytes, fix)),
    };
    let size = size.told().zip(origin).map(|(value, origin)| Requested { value, origin });
    let replicas = deploy.and_then(|deploy| deploy.text("replicas")).or_else(|| table.text("scale"));
    let replicas = replicas.map(filled_text).and_then(|text| {
        let number =
            amount(table, &text, "number of containers", |text| text.parse::<u32>().ok(), "write a number")?;
        Some(Requested { value: number, origin: text.origin })
    });
    (size, replicas)
}

/// What a text says that may come from the caller; refused when it says nothing of that kind.
fn amount<T>(
    table: &Table<'_>,
    text: &Requested<String>,
    what: &str,
    read: fn(&str) -> Option<T>,
    fix: &str,
) -> Option<T> {
    let amount = read(&text.value);
    if amount.is_none() && !text.value.contains('$') {
        let line = match text.origin {
            Origin::File { line: Some(line), .. } => line,
            _ => 0,
        };
        table.document().refuse(line, &format!("`{}` is no {what}", text.value), fix);
    }
    amount
}
