//! One entry of `applications` in a Cloud Foundry manifest.

use packwright_documents::Content;
use packwright_planner::{
    BackingService, Command, Component, Declarations, DeclaredProcess, Health, Moment, Origin, Port, Probe,
    ProcessKind, ProcessName, RelPath, Requested, Scale, Scoped, ServiceKind, Strategy, Variable,
    VariableValue,
};

use super::messages;
use crate::cloudfoundry::placeholders::is_given;
use crate::container::names::process_name;
use crate::container::{self, ContainerStart};
use crate::dir_view::DirView;
use crate::table::Table;

/// All keys of an application; old manifests have them beside `applications` too.
pub(super) const KEYS: &[&str] = &[
    "app-lifecycle",
    "buildpack",
    "buildpacks",
    "cnb-credentials",
    "command",
    "default-route",
    "disk-quota",
    "disk_quota",
    "docker",
    "domain",
    "domains",
    "env",
    "features",
    "health-check-http-endpoint",
    "health-check-interval",
    "health-check-invocation-timeout",
    "health-check-type",
    "host",
    "hosts",
    "instances",
    "lifecycle",
    "log-rate-limit-per-second",
    "memory",
    "metadata",
    "name",
    "no-hostname",
    "no-route",
    "path",
    "processes",
    "random-route",
    "readiness-health-check-http-endpoint",
    "readiness-health-check-interval",
    "readiness-health-check-invocation-timeout",
    "readiness-health-check-type",
    "routes",
    "services",
    "sidecars",
    "stack",
    "timeout",
];

/// Keys of an application that are the platform's affair alone.
const THEIRS: &[&str] = &[
    "app-lifecycle",
    "cnb-credentials",
    "default-route",
    "disk-quota",
    "disk_quota",
    "domain",
    "domains",
    "features",
    "host",
    "hosts",
    "lifecycle",
    "log-rate-limit-per-second",
    "metadata",
    "no-hostname",
    "random-route",
    "stack",
];

/// Buildpacks that are a language here, by a part of their name.
const LANGUAGES: &[(&str, &str)] = &[
    ("python", "python"),
    ("nodejs", "node"),
    ("ruby", "ruby"),
    ("php", "php"),
    ("java", "java"),
    ("dotnet", "dotnet"),
    ("go-buildpack", "go"),
    ("go_buildpack", "go"),
];

/// Reads all applications of a manifest.
pub(super) fn read(view: &DirView<'_>, table: &Table<'_>, declared: &mut Declarations) {
    let rows = table.tables("applications");
    // Where something is built of a directory, an image beside it is a program of others.
    let built: Vec<&str> = rows.iter().filter(|row| !row.has("docker")).map(directory).collect();
    for row in rows {
        let name = row.text("name");
        if row.has("docker") && built.contains(&directory(&row)) {
            row.document().say(messages::image_of_others(&row.origin(), name.as_ref()));
            row.leave_rest();
            continue;
        }
        if declared.name.is_none() {
            declared.name.clone_from(&name);
        }
        let known: Vec<(Option<RelPath>, ProcessName)> = declared
            .components
            .iter()
            .flat_map(|part| part.processes.iter().map(|process| (part.dir().cloned(), process.name.clone())))
            .collect();
        let mut component = Component { root: root(view, &row), name, ..Component::default() };
        build(&row, &mut component);
        processes(&row, &mut component, &known);
        environment(&row, &mut component);
        for route in routes(&row) {
            if !declared.domains.iter().any(|domain| domain.value == route.value) {
                declared.domains.push(route);
            }
        }
        for service in services(&row) {
            if !declared.services.iter().any(|known| known.name == service.name) {
                declared.services.push(service);
            }
        }
        row.leave(THEIRS);
        declared.components.push(component);
    }
}

/// The directory that is uploaded, as the row names it; empty for that of the manifest.
fn directory<'a>(row: &Table<'a>) -> &'a str {
    let path = row.value("path").and_then(packwright_documents::Value::text).unwrap_or_default();
    let plain = path.trim().trim_start_matches("./").trim_end_matches('/');
    if plain == "." { "" } else { plain }
}

/// The directory that is uploaded.
fn root(view: &DirView<'_>, row: &Table<'_>) -> Option<Requested<RelPath>> {
    let path = row.text("path")?;
    let plain = directory(row);
    if plain.is_empty() {
        return None;
    }
    match plain.parse::<RelPath>() {
        // An archive that a build makes before the push: there is no directory of the source.
        Ok(_) if view.has(plain) || [".jar", ".war", ".zip"].iter().any(|end| plain.ends_with(end)) => {
            row.document().say(messages::archive(&path));
            None
        }
        Ok(value) => Some(Requested { value, origin: path.origin }),
        Err(error) => {
            row.document().refuse(
                line_of(&path.origin),
                &error.to_string(),
                "name a directory below that of the manifest",
            );
            None
        }
    }
}

/// `buildpacks` and `docker`.
fn build(row: &Table<'_>, component: &mut Component) {
    let buildpacks = match row.has("buildpacks") {
        true => row.texts("buildpacks"),
        false => row.texts("buildpack"),
    };
    let mut unknown = Vec::new();
    let count = buildpacks.len();
    for (number, buildpack) in buildpacks.iter().enumerate() {
        let name = buildpack.value.to_ascii_lowercase();
        let language = LANGUAGES.iter().find(|(part, _)| name.contains(part));
        match language {
            // The last one says how the application starts.
            Some((_, language)) if number + 1 == count => {
                component.language =
                    Some(Requested { value: (*language).to_owned(), origin: buildpack.origin.clone() });
            }
            Some(_) => {}
            None if name.contains("staticfile") || name.contains("apt") || name.contains("binary") => {}
            None => unknown.push(buildpack.clone()),
        }
    }
    if let Some(first) = unknown.first() {
        let list = buildpacks.iter().map(|buildpack| buildpack.value.clone()).collect();
        let value = Strategy::Buildpacks { builder: None, list };
        component.strategy = Some(Requested { value, origin: first.origin.clone() });
    }
    if let Some(docker) = row.table("docker") {
        docker.leave(&["username"]);
        component.strategy = docker
            .text("image")
            .map(|image| Requested { value: Strategy::Image(image.value), origin: image.origin })
            .or(component.strategy.take());
    }
}

fn processes(row: &Table<'_>, component: &mut Component, known: &[(Option<RelPath>, ProcessName)]) {
    let document = row.document();
    let dir = component.dir().cloned();
    let app = component.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    let taken = |name: &ProcessName, own: &[DeclaredProcess]| {
        own.iter().any(|process| process.name == *name)
            || known.iter().any(|(there, process)| *there == dir && process == name)
    };
    let add = |kind: &str, line: u32, component: &mut Component| -> Option<usize> {
        // Of several applications in one directory only the first can have the usual names.
        let plain = process_name(kind)?;
        let of_app = if kind == "web" { app.clone() } else { format!("{app}-{kind}") };
        let name = match taken(&plain, &component.processes) {
            false => plain,
            true => process_name(&of_app).filter(|name| !taken(name, &component.processes))?,
        };
        if name.as_str() != kind {
            document.say(messages::renamed(&document.line(line), kind, &name));
        }
        let kind = match kind {
            "web" => ProcessKind::Web,
            "release" => ProcessKind::Release(Moment::BeforeTraffic),
            _ => ProcessKind::Worker,
        };
        component.processes.push(DeclaredProcess::bare(name, kind, document.line(line)));
        Some(component.processes.len() - 1)
    };
    let start = line_of(&row.origin());
    let web = add("web", start, component);
    for process in row.tables("processes") {
        let Some(kind) = process.text("type") else {
            document.refuse(
                line_of(&process.origin()),
                "a process has no `type`",
                "write `type: web` or another name",
            );
            process.leave(KEYS);
            continue;
        };
        let line = line_of(&kind.origin);
        let place = match kind.value.as_str() {
            "web" => web,
            name => add(name, line, component),
        };
        match place {
            Some(place) => settle(&process, &mut component.processes[place]),
            None => {
                let message = format!("`{}` cannot be the name of one more process", kind.value);
                document.refuse(line, &message, "choose another name");
            }
        }
        process.leave(THEIRS);
    }
    if let Some(web) = web {
        let mut own =
            DeclaredProcess::bare(component.processes[web].name.clone(), ProcessKind::Web, row.origin());
        settle(row, &mut own);
        let process = &mut component.processes[web];
        // What the process says itself counts before what its application says.
        if process.command.is_none() && own.command.is_some() {
            (process.command, process.origin) = (own.command, own.origin);
        }
        process.health = process.health.take().or(own.health);
        process.scale = process.scale.take().or(own.scale);
        process.size = process.size.take().or(own.size);
        if row.flag("no-route").is_some_and(|flag| flag.value) {
            process.kind = ProcessKind::Worker;
            // There always is one; without an instance it is none.
            let none =
                process.command.is_none() && process.scale.as_ref().is_some_and(|scale| scale.value.min == 0);
            if none {
                component.processes.remove(web);
            }
        } else {
            let origin = process.origin.clone();
            process.port = Some(Requested { value: Port::Variable, origin });
        }
    }
    for sidecar in row.tables("sidecars") {
        let (name, command) = (sidecar.text("name"), sidecar.text("command"));
        sidecar.leave(&["process_types", "memory"]);
        let (Some(name), Some(command)) = (name, command) else { continue };
        let Some(place) = add(&name.value, line_of(&name.origin), component) else { continue };
        component.processes[place].command = Some(Command::shell(command.value));
        component.processes[place].origin = command.origin;
        document.say(messages::sidecar(&name));
    }
}

/// Puts what an application or a process says about how it runs into `process`.
fn settle(row: &Table<'_>, process: &mut DeclaredProcess) {
    // The platform runs a line in a shell; `null` and `default` are what the buildpack says.
    let command =
        row.text("command").filter(|command| !["default", "null", ""].contains(&command.value.trim()));
    if let Some(command) = command {
        process.origin = command.origin.clone();
        process.command = match container::start(Some(vec![command.value.trim().to_owned()]), None) {
            ContainerStart::Named(name) => {
                if process.kind != ProcessKind::Web {
                    process.name = name;
                }
                None
            }
            _ => Some(Command::shell(command.value)),
        };
    }
    let instances = row.number("instances").and_then(|number| {
        let min = u32::try_from(number.value).ok()?;
        Some(Requested { value: Scale { min, max: None }, origin: number.origin })
    });
    // None of a release command or of what is run by hand: it is started when it is asked for.
    process.scale = instances.filter(|scale| !process.is_release() || scale.value.min > 0);
    process.size = row.text("memory");
    process.health = health(row);
}

fn health(row: &Table<'_>) -> Option<Requested<Health>> {
    let kind = row.text("health-check-type");
    let endpoint = row.text("health-check-http-endpoint");
    let second = row.text("readiness-health-check-type");
    let ready = row.text("readiness-health-check-http-endpoint");
    let seconds = |key: &str| row.number(key).and_then(|number| u32::try_from(number.value).ok());
    let (interval, timeout) = (seconds("health-check-interval"), seconds("health-check-invocation-timeout"));
    let grace = seconds("timeout");
    row.leave(&["readiness-health-check-interval", "readiness-health-check-invocation-timeout"]);
    let kind = kind.or(second)?;
    let probe = match kind.value.as_str() {
        "http" => Probe::Http(endpoint.or(ready).map_or_else(|| "/".to_owned(), |endpoint| endpoint.value)),
        "port" => Probe::Tcp,
        "process" | "none" => return None,
        other => {
            let message = format!("`health-check-type` is `{other}`");
            row.document().refuse(line_of(&kind.origin), &message, "write `http`, `port` or `process`");
            return None;
        }
    };
    Some(Requested { value: Health { probe, interval, timeout, grace, retries: None }, origin: kind.origin })
}

fn environment(row: &Table<'_>, component: &mut Component) {
    let Some(environment) = row.table("env") else { return };
    // An image is built before.
    let is_image =
        matches!(component.strategy.as_ref().map(|strategy| &strategy.value), Some(Strategy::Image(_)));
    for entry in environment.entries() {
        let text = match &entry.value.content {
            // What is no text is given to the application as JSON.
            Content::Map(_) | Content::List(_) => Some(Requested {
                value: packwright_documents::to_json(&entry.value).trim_end().to_owned(),
                origin: row.document().line(entry.line),
            }),
            Content::Null => {
                Some(Requested { value: String::new(), origin: row.document().line(entry.line) })
            }
            _ => environment.text(&entry.key),
        };
        let Some(text) = text else { continue };
        let mut variable = match is_given(&text.value) {
            true => Variable::new(&entry.key, VariableValue::Required, text.origin),
            false => Variable::literal(&entry.key, &text.value, text.origin),
        };
        if is_image {
            variable.scope = Scoped::Run;
        }
        component.environment.push(variable);
    }
}

fn routes(row: &Table<'_>) -> Vec<Requested<String>> {
    let mut found = Vec::new();
    for route in row.tables("routes") {
        found.extend(route.text("route"));
        route.leave(&["protocol", "options"]);
    }
    found
}

fn services(row: &Table<'_>) -> Vec<BackingService> {
    let Some(value) = row.value("services") else { return Vec::new() };
    let named = value.items().iter().filter_map(|item| match &item.content {
        Content::Map(_) => item.text_of("name").map(|name| (name, item.line)),
        _ => item.word().map(|name| (name, item.line)),
    });
    let service = |(name, line): (&str, u32)| BackingService {
        name: name.to_owned(),
        kind: ServiceKind::of(name),
        version: None,
        plan: None,
        tells: vec!["VCAP_SERVICES".to_owned()],
        origin: row.document().line(line),
    };
    named.map(service).collect()
}

fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}
