//! Services that belong to the application, as components: one component for each directory that is built.

use std::collections::BTreeSet;

use packwright_documents::{Content, Value};
use packwright_planner::{
    Declarations, DeclaredProcess, Diagnostic, Moment, Probe, ProcessKind, RelPath, Requested, Scale, Scoped,
    Stop, Strategy, Variable, VariableValue, Volume,
};

use super::ports::ports;
use super::{application, values};
use crate::compose::service::Service;
use crate::container::names::process_name;
use crate::container::{self, ContainerPart, ContainerStart};
use crate::dir_view::DirView;
use crate::table::{Document, Table};

/// Reads `own`, the services that are parts of the application. `leads` has each published service with the names of those
/// that it waits for or links to.
pub(super) fn read(
    document: &Document,
    view: &DirView<'_>,
    own: Vec<Service<'_>>,
    leads: &[(String, Vec<String>)],
    declared: &mut Declarations,
) {
    let once: BTreeSet<String> = own.iter().flat_map(|service| finished_first(&service.table)).collect();
    let backing: Vec<String> = declared.services.iter().map(|service| service.name.clone()).collect();
    let mut places: Vec<Place<'_>> = Vec::new();
    for service in own {
        let Some(root) = root(document, &service) else {
            crate::compose::service::ignore(&service.table);
            continue;
        };
        let dir = |root: &Option<Requested<RelPath>>| root.as_ref().map(|root| root.value.clone());
        match places.iter_mut().find(|place| dir(&place.root) == dir(&root)) {
            Some(place) => place.services.push(service),
            None => places.push(Place { root, services: vec![service] }),
        }
    }
    for Place { root, services } in places {
        let dir = match (view.dir, &root) {
            (None, root) => root.as_ref().map(|root| root.value.clone()),
            (Some(dir), None) => Some(dir.clone()),
            (Some(dir), Some(root)) => dir.join(root.value.as_str()).ok(),
        };
        let context = DirView { dir: dir.as_ref(), ..*view };
        let services = application::of_application(document, &context, services);
        let is_own = |name: &str| services.iter().any(|service| service.name == name);
        let others = leads.iter().filter(|(name, _)| !is_own(name));
        let proxied: BTreeSet<String> = others.flat_map(|(_, names)| names.clone()).collect();
        let known = Known { once: &once, backing: &backing, front: application::front(&services, &proxied) };
        let mut part = ContainerPart::default();
        part.component().root = root;
        services.iter().for_each(|service| add(document, &mut part, service, &known));
        declared.components.push(part.finish());
    }
}

/// The services that are built in one directory, which is the file's own where there is no root.
struct Place<'a> {
    root: Option<Requested<RelPath>>,
    services: Vec<Service<'a>>,
}

/// What the other services say about one.
struct Known<'a> {
    /// The services that come to an end before others start.
    once: &'a BTreeSet<String>,
    /// The names of databases and the like.
    backing: &'a [String],
    /// The service that people reach, where that is not the first one that answers.
    front: Option<&'a str>,
}

/// The directory of a service; nothing when it is not in the tree. The file's own directory is
/// `Some(None)`.
fn root(document: &Document, service: &Service<'_>) -> Option<Option<Requested<RelPath>>> {
    let Some(build) = &service.build else { return Some(None) };
    let Requested { value: text, origin } = &build.context;
    let line = match origin {
        packwright_planner::Origin::File { line: Some(line), .. } => *line,
        _ => 0,
    };
    if text.contains("://") || text.starts_with("git@") || text.contains("${") {
        let what = format!("{origin}: the context `{text}` is not in this tree");
        let told = Diagnostic::info("compose/outside", what).at(origin.clone());
        document.say(told.fix("build it where its source is"));
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." if parts.pop().is_none() => {
                let what = format!("{origin}: the context `{text}` is above the directory of the file");
                let told = Diagnostic::info("compose/outside", what).at(origin.clone());
                document.say(told.fix("put the file at the top of the source to let it count there"));
                return None;
            }
            ".." => {}
            part => parts.push(part),
        }
    }
    if text.starts_with('/') {
        document.refuse(
            line,
            &format!("the context `{text}` is a path of the machine"),
            "write a path of the source",
        );
        return None;
    }
    match parts.join("/").parse() {
        Ok(value) => Some(Some(Requested { value, origin: origin.clone() })),
        Err(_) => Some(None),
    }
}

/// The services that have to have come to a good end before this one starts.
fn finished_first(table: &Table<'_>) -> Vec<String> {
    let Some(Value { content: Content::Map(entries), .. }) = table.value("depends_on") else {
        return Vec::new();
    };
    let finished = entries
        .iter()
        .filter(|entry| entry.value.text_of("condition") == Some("service_completed_successfully"));
    finished.map(|entry| entry.key.clone()).collect()
}

/// Adds a service to the part that it runs.
fn add(document: &Document, part: &mut ContainerPart, service: &Service<'_>, known: &Known<'_>) {
    let Service { name, table, image, build, start, .. } = service;
    remarks(document, name, table);
    let (published, exposed) = (ports(table, "ports"), ports(table, "expose"));
    let (size, replicas) = values::deployed(table);
    let health = values::health(table);
    let stop = stop(document, table);
    let mut variables = variables(table, known.backing);
    volumes(document, part, name, table);
    match (build, image) {
        (Some(build), _) => {
            if let Some(strategy) = build.strategy.clone() {
                part.strategy(document, strategy);
            }
        }
        (None, Some(image)) => {
            let value = Strategy::Image(image.value.clone());
            part.strategy(document, Requested { value, origin: image.origin.clone() });
        }
        (None, None) => {}
    }
    let command = match start {
        ContainerStart::By(command) => Some(command.clone()),
        ContainerStart::Options(_) => {
            let at = document.line(container::line(table, "command"));
            let message = format!("{at}: the command of `{name}` is arguments alone");
            let told = Diagnostic::info("compose/arguments", message);
            document
                .say(told.why("they are for the entry point of the image, which is not known here").at(at));
            None
        }
        ContainerStart::Bare | ContainerStart::Named(_) => None,
    };
    let answers = health.as_ref().is_some_and(|health| matches!(health.value.probe, Probe::Http(_)));
    let is_named = matches!(start, ContainerStart::Named(_));
    let kind = match (&command, start) {
        _ if known.once.contains(name) => ProcessKind::Release(Moment::BeforeTraffic),
        _ if published.are_there || known.front == Some(name) => ProcessKind::Web,
        _ if exposed.are_there || answers && !is_named => ProcessKind::Private,
        (_, ContainerStart::Named(name)) if name.as_str() == "web" => ProcessKind::Web,
        (_, ContainerStart::Named(name)) if name.as_str() == "release" => {
            ProcessKind::Release(Moment::BeforeTraffic)
        }
        (Some(command), _) if container::migrates(command) && container::is_one_pipeline(command) => {
            ProcessKind::Release(Moment::BeforeTraffic)
        }
        _ => ProcessKind::Worker,
    };
    let named = match (start, &kind) {
        (ContainerStart::Named(name), _) => {
            part.named();
            Some(name.clone())
        }
        (_, ProcessKind::Release(_)) => "release".parse().ok(),
        (_, ProcessKind::Web) if known.front == Some(name) => "web".parse().ok(),
        _ => process_name(name),
    };
    let Some(process_name) = named else {
        let what = format!("`{name}` cannot be the name of a process");
        document.refuse(container::line(table, "container_name"), &what, "use letters, digits and `-`");
        return;
    };
    if kind == ProcessKind::Web
        && !matches!(start, ContainerStart::Named(_))
        && part.component().name.is_none()
        && known.front.is_none_or(|front| front == name)
    {
        part.component().name = Some(Requested { value: name.clone(), origin: service.origin.clone() });
    }
    let mut process =
        DeclaredProcess { command, ..DeclaredProcess::bare(process_name, kind, service.origin.clone()) };
    let port = published.fixed.into_iter().chain(exposed.fixed).next();
    process.port = port.map(|port| part.listens(port, &mut variables));
    process.health = health;
    process.size = size;
    process.stop = stop;
    process.scale = replicas.map(|replicas| Requested {
        value: Scale { min: replicas.value, max: None },
        origin: replicas.origin,
    });
    part.variables(document, variables);
    part.process(document, process);
}

fn variables(table: &Table<'_>, backing: &[String]) -> Vec<Variable> {
    let told = values::variables(table, "environment");
    let known = |host: &str| backing.iter().find(|service| service.as_str() == host).cloned();
    told.into_iter()
        .map(|told| {
            let mut variable = told.variable;
            if let Some(reference) = container::told(&variable.name, &told.text, known) {
                variable.value = VariableValue::Service(reference);
            }
            variable.scope = Scoped::Run;
            variable
        })
        .collect()
}

fn volumes(document: &Document, part: &mut ContainerPart, name: &str, table: &Table<'_>) {
    let mounts = values::mounts(table);
    let develops = mounts.iter().any(|mount| mount.is_bind && mount.source.starts_with('.'));
    for mount in mounts {
        let at = mount.target.origin.clone();
        if mount.is_bind && mount.source.starts_with('.') {
            let message = format!(
                "{at}: `{name}` has `{}` of the source in place of `{}`",
                mount.source, mount.target.value
            );
            let told = Diagnostic::info("compose/development", message);
            document.say(told.why("that is for development; the image has the source in it").at(at));
        } else if mount.is_bind {
            let message = format!("{at}: `{name}` has `{}` of the machine mounted", mount.source);
            document
                .say(Diagnostic::info("compose/machine", message).why("no image can bring it along").at(at));
        } else if !mount.source.is_empty() || !develops {
            // Without a name beside mounts of the source, it keeps something of the image visible.
            let name = (!mount.source.is_empty()).then_some(mount.source);
            part.volume(Volume { name, path: mount.target, megabytes: None });
        }
    }
}

fn stop(document: &Document, table: &Table<'_>) -> Option<Requested<Stop>> {
    let signal = table.text("stop_signal").map(values::filled_text);
    let grace = table.text("stop_grace_period").map(values::filled_text);
    let origin = signal.as_ref().or(grace.as_ref())?.origin.clone();
    let seconds = grace.and_then(|grace| {
        let seconds = values::duration(&grace.value);
        if seconds.is_none() {
            let what = format!("`{}` is no duration", grace.value);
            document.refuse(container::line(table, "stop_grace_period"), &what, "write it as 30s or 1m30s");
        }
        seconds
    });
    let stop = Stop { signal: signal.map(|signal| signal.value), grace: seconds };
    (stop.signal.is_some() || stop.grace.is_some()).then_some(Requested { value: stop, origin })
}

/// Says what is known and does nothing for an image.
fn remarks(document: &Document, name: &str, table: &Table<'_>) {
    table.leave(&["secrets", "configs", "profiles", "volumes_from", "provider"]);
    if let Some(entry) = table.entry("env_file") {
        let files: Vec<&str> = match &entry.value.content {
            Content::List(items) => {
                items.iter().filter_map(|item| item.text().or_else(|| item.text_of("path"))).collect()
            }
            _ => entry.value.text().into_iter().collect(),
        };
        let at = document.line(entry.line);
        let message = format!("{at}: the variables of `{name}` in {} are not read", files.join(", "));
        document.say(
            Diagnostic::info("compose/env-file", message)
                .why("files with variables are where secrets are kept")
                .fix("give those that the build needs with `--env`, the others when the image runs")
                .at(at),
        );
    }
    if let Some(entry) = table.entry("extends") {
        let at = document.line(entry.line);
        let message = format!("{at}: what `{name}` extends is not read");
        let told = Diagnostic::info("compose/extends", message);
        document.say(told.fix("write the whole file with `docker compose config` and read that").at(at));
    }
    let without = [
        ("user", "an image runs as its own user"),
        ("working_dir", "an image has its source in one place, and runs there"),
        ("post_start", "Compose runs it"),
        ("pre_stop", "Compose runs it"),
    ];
    for (key, why) in without {
        if let Some(entry) = table.entry(key) {
            document.without_effect(entry.line, &format!("`{key}` of `{name}`"), why);
        }
    }
}
