//! `Dockerrun.aws.json`: an image that Elastic Beanstalk runs (version 1), several containers as in an ECS
//! task (version 2), or only the location of registry credentials (version 3).
//!
//! It describes images that something else builds: what it says is a hint.

use packwright_documents::json;
use packwright_planner::{
    BackingService, Command, Component, Declarations, DeclaredProcess, FileWeight, Port, ProcessKind,
    Requested, Strategy, Variable, Volume,
};

use super::messages;
use crate::beanstalk::bundle::PLATFORM;
use crate::container::names::process_name;
use crate::container::{self, ContainerStart, Image};
use crate::dir_view::DirView;
use crate::table::{Document, Table};

/// Reads the file.
pub(super) fn read(view: &DirView<'_>) -> Option<Declarations> {
    let seen = match view.read(PLATFORM, FileWeight::Hints, "Dockerrun.aws.json")? {
        Ok(seen) => seen,
        Err(refused) => return Some(refused),
    };
    let value = match seen.parsed(PLATFORM, FileWeight::Hints, json) {
        Ok(value) => value,
        Err(refused) => return Some(refused),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Hints);
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Hints);
    if let Some(table) = document.table(&value) {
        let version = table.text("AWSEBDockerrunVersion");
        table.leave(&["Authentication", "authentication", "Logging", "volumes", "family"]);
        match version.as_ref().map(|version| version.value.as_str()) {
            Some("2") => containers(&table, &mut declared),
            Some("3") => {}
            _ => declared.components.push(single(&table)),
        }
    }
    declared.diagnostics = document.into_diagnostics();
    Some(declared)
}

/// Version 1: one container.
fn single(table: &Table<'_>) -> Component {
    let document = table.document();
    let mut component = Component::default();
    let value = match table.table("Image") {
        Some(image) => {
            image.leave(&["Update"]);
            image
                .text("Name")
                .map(|name| Requested { value: Strategy::Image(name.value), origin: name.origin })
        }
        None => {
            let value = Strategy::Dockerfile {
                path: "Dockerfile".to_owned(),
                target: None,
                args: Default::default(),
            };
            Some(Requested { value, origin: table.origin() })
        }
    };
    component.strategy = value;
    let entry = table.text("Entrypoint").map(|entry| (words(&entry.value), entry.origin));
    let command = table.text("Command").map(|command| (words(&command.value), command.origin));
    let origin = entry.as_ref().or(command.as_ref()).map(|(_, origin)| origin.clone());
    let started = container::start(entry.map(|(words, _)| words), command.map(|(words, _)| words));
    let mut port = None;
    for row in table.tables("Ports") {
        let found = row.number("ContainerPort");
        row.leave(&["HostPort"]);
        port = port.or(found);
    }
    let port = port.and_then(|port| {
        let value = Port::Fixed(u16::try_from(port.value).ok()?);
        Some(Requested { value, origin: port.origin })
    });
    for row in table.tables("Volumes") {
        row.leave(&["HostDirectory"]);
        if let Some(path) = row.text("ContainerDirectory") {
            component.volumes.push(Volume { name: None, path, megabytes: None });
        }
    }
    let Some(origin) = origin.or_else(|| port.as_ref().map(|port| port.origin.clone())) else {
        return component;
    };
    let name = "web".parse().expect("a process name");
    let mut process = DeclaredProcess::bare(name, ProcessKind::Web, origin.clone());
    start(document, started, &mut process);
    process.port = port;
    component.processes.push(process);
    component
}

/// Version 2: containers as a task of ECS has them.
fn containers(table: &Table<'_>, declared: &mut Declarations) {
    let document = table.document();
    for row in table.tables("containerDefinitions") {
        let (name, image) = (row.text("name"), row.text("image"));
        let list = |key: &str| {
            row.value(key).is_some().then(|| row.texts(key).into_iter().map(|word| word.value).collect())
        };
        let started = container::start(list("entryPoint"), list("command"));
        let mut port = None;
        for mapping in row.tables("portMappings") {
            let found = mapping.number("containerPort");
            mapping.leave(&["hostPort", "protocol"]);
            port = port.or(found);
        }
        let mut environment = Vec::new();
        for variable in row.tables("environment") {
            let (name, value) = (variable.text("name"), variable.text("value"));
            if let (Some(name), Some(value)) = (name, value) {
                environment.push(Variable::literal(&name.value, &value.value, value.origin));
            }
        }
        row.leave(&[
            "memory",
            "memoryReservation",
            "cpu",
            "essential",
            "links",
            "mountPoints",
            "volumesFrom",
            "logConfiguration",
            "workingDirectory",
            "hostname",
            "ulimits",
            "extraHosts",
            "dockerLabels",
            "readonlyRootFilesystem",
            "linuxParameters",
            "healthCheck",
            "user",
        ]);
        let Some(name) = name else { continue };
        match image.as_ref().map(|image| container::image(&image.value)) {
            Some(Image::Service(kind, version)) => declared.services.push(BackingService {
                name: name.value,
                kind,
                version,
                plan: None,
                tells: Vec::new(),
                origin: name.origin,
            }),
            Some(Image::Others) => document.say(messages::other_container(&name.origin, &name.value)),
            _ => {
                let component = declared.component();
                let is_first = component.processes.is_empty();
                let kind = if port.is_some() { ProcessKind::Web } else { ProcessKind::Worker };
                let is_web = port.is_some() && is_first;
                let called = if is_web { "web".parse().ok() } else { process_name(&name.value) };
                let Some(called) = called else { continue };
                let mut process = DeclaredProcess::bare(called, kind, name.origin.clone());
                start(document, started, &mut process);
                process.port = port.and_then(|port| {
                    let value = Port::Fixed(u16::try_from(port.value).ok()?);
                    Some(Requested { value, origin: port.origin })
                });
                for variable in environment {
                    if component.variable(&variable.name).is_none() {
                        component.environment.push(variable);
                    }
                }
                if !component.processes.iter().any(|known| known.name == process.name) {
                    component.processes.push(process);
                }
            }
        }
    }
}

fn start(document: &Document, started: ContainerStart, process: &mut DeclaredProcess) {
    match started {
        ContainerStart::Bare => {}
        ContainerStart::Named(name) => process.name = name,
        ContainerStart::By(command) => process.command = Some(command),
        ContainerStart::Options(words) => {
            document.say(messages::options(&process.origin, &Command::Exec(words)))
        }
    }
}

/// The words of a command that Beanstalk gives to Docker.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
