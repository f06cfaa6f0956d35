//! One task definition and its containers.

use std::collections::BTreeSet;

use packwright_documents::Value;
use packwright_planner::{
    BackingService, Command, Declarations, DeclaredProcess, Diagnostic, Health, Moment, ProcessKind,
    Requested, Scoped, Stop, Variable, VariableValue, Volume, is_secret_value,
};

use crate::container::names::process_name;
use crate::container::{self, ContainerPart, ContainerStart, Image, MIB, Size, image};
use crate::ecs::messages::elsewhere;
use crate::table::{Document, Table};

/// Keys of a task that change nothing in its images.
const LEFT: &[&str] = &[
    "$schema",
    "taskRoleArn",
    "executionRoleArn",
    "networkMode",
    "requiresCompatibilities",
    "placementConstraints",
    "ephemeralStorage",
    "proxyConfiguration",
    "pidMode",
    "ipcMode",
    "tags",
    "inferenceAccelerators",
    "enableFaultInjection",
    "volumes",
    // What the service adds to the definitions that it prints.
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
];

/// Keys of a container that change nothing in its image.
const CONTAINER: &[&str] = &[
    "credentialSpecs",
    "dependsOn",
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerLabels",
    "dockerSecurityOptions",
    "essential",
    "extraHosts",
    "firelensConfiguration",
    "hostname",
    "interactive",
    "linuxParameters",
    "links",
    "logConfiguration",
    "privileged",
    "pseudoTerminal",
    "readonlyRootFilesystem",
    "repositoryCredentials",
    "resourceRequirements",
    "restartPolicy",
    "startTimeout",
    "systemControls",
    "ulimits",
    "versionConsistency",
    "volumesFrom",
];

/// What a container has of its task.
struct Task<'a> {
    value: &'a Value,
    /// Containers that have to have come to a good end before others start.
    once: BTreeSet<&'a str>,
    size: Size,
    family: Option<Requested<String>>,
}

/// Reads a task definition, and gives its family without the name of the process in it.
pub(super) fn read(
    document: &Document,
    table: &Table<'_>,
    value: &Value,
    part: &mut ContainerPart,
    declared: &mut Declarations,
) -> Option<Requested<String>> {
    table.leave(LEFT);
    let family = table.text("family");
    let containers = value.get("containerDefinitions").map(Value::items).unwrap_or_default();
    let dependencies = containers.iter().flat_map(|container| items(container, "dependsOn"));
    let finished = dependencies.filter(|on| on.text_of("condition") == Some("SUCCESS"));
    let amount =
        |key: &str, read: fn(&str) -> Option<u64>| table.text(key).and_then(|text| read(&text.value));
    let task = Task {
        value,
        once: finished.filter_map(|on| on.text_of("containerName")).collect(),
        size: Size { cpu: amount("cpu", cpu), memory: amount("memory", memory) },
        family,
    };
    if let Some(platform) = table.table("runtimePlatform") {
        platform.leave(&["operatingSystemFamily"]);
        if let Some(architecture) = platform.text("cpuArchitecture").filter(|text| text.value != "X86_64") {
            let line = container::line(&platform, "cpuArchitecture");
            let what = format!("`cpuArchitecture` {}", architecture.value);
            document.without_effect(
                line,
                &what,
                "images are made for the kind of processor that builds them",
            );
        }
    }
    let tables = table.tables("containerDefinitions");
    let maps = containers
        .iter()
        .filter(|container| matches!(container.content, packwright_documents::Content::Map(_)));
    let mut named = None;
    let mut own = Vec::new();
    for (table, value) in tables.into_iter().zip(maps) {
        table.leave(CONTAINER);
        let reference = value.text_of("image").unwrap_or_default();
        match image(reference) {
            Image::Unknown => own.push((table, value)),
            Image::Service(kind, version) => {
                table.entries();
                declared.services.push(BackingService {
                    name: value.text_of("name").unwrap_or_default().to_owned(),
                    kind,
                    version,
                    plan: None,
                    tells: Vec::new(),
                    origin: table.origin(),
                });
            }
            Image::Others => {
                table.entries();
                let at = table.origin();
                let message = format!("{at}: a container runs `{reference}`, no part of this source");
                document.say(Diagnostic::info("ecs/not-counted", message).at(at));
            }
        }
    }
    let is_only = own.len() == 1;
    for (table, value) in own {
        if let Some(process) = container(document, &task, &table, value, is_only, part) {
            named = named.or(Some(process.name.clone()));
            part.process(document, process);
        }
    }
    let end = named.map(|name| format!("-{name}"));
    task.family.map(|family| match end.and_then(|end| family.value.strip_suffix(&end).map(str::to_owned)) {
        Some(value) if !value.is_empty() => Requested { value, ..family },
        _ => family,
    })
}

/// The list at `key`.
fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).map(Value::items).unwrap_or_default()
}

/// Thousandths of a processor from the units of the service, 1024 to a processor, or from `.5 vCPU`.
fn cpu(text: &str) -> Option<u64> {
    match text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ') {
        number if number.len() < text.len() => Size::cpu_of(number),
        number => Some(
            number
                .parse::<u32>()
                .ok()
                .filter(|units| *units > 0)
                .map(u64::from)?
                .checked_mul(1000)?
                .div_ceil(1024),
        ),
    }
}

/// Bytes from mebibytes, or from `2 GB`.
fn memory(text: &str) -> Option<u64> {
    match text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ') {
        number if number.len() < text.len() => Size::compose_bytes(&text.replace(' ', "")),
        number => number.parse::<u64>().ok().filter(|megabytes| *megabytes > 0)?.checked_mul(MIB),
    }
}

fn container(
    document: &Document,
    task: &Task<'_>,
    table: &Table<'_>,
    value: &Value,
    is_only: bool,
    part: &mut ContainerPart,
) -> Option<DeclaredProcess> {
    let name = table.text("name");
    let reference = table.text("image");
    let words = |key: &str| {
        let words = table.texts(key);
        (!words.is_empty()).then(|| words.into_iter().map(|word| word.value).collect::<Vec<_>>())
    };
    let start = container::start(words("entryPoint"), words("command"));
    for (key, why) in [
        ("user", "an image runs as its own user"),
        ("workingDirectory", "an image has its source in one place, and runs there"),
    ] {
        if let Some(entry) = table.entry(key) {
            document.without_effect(entry.line, &format!("`{key}`"), why);
        }
    }
    let mut variables = variables(document, task, table);
    let ports = ports(table);
    let own_name = name.as_ref().map(|name| name.value.as_str()).unwrap_or_default();
    let (process_name, command) = match &start {
        ContainerStart::Named(name) => {
            part.named();
            (Some(name.clone()), None)
        }
        ContainerStart::By(command) => (process_name(own_name), Some(command.clone())),
        ContainerStart::Options(words) => {
            let at = table.origin();
            let message = format!("{at}: `{}` are arguments alone", words.join(" "));
            let told = Diagnostic::info("ecs/arguments", message);
            document
                .say(told.why("they are for the entry point of the image, which is not known here").at(at));
            (process_name(own_name), None)
        }
        ContainerStart::Bare => (process_name(own_name), None),
    };
    let is_named = matches!(start, ContainerStart::Named(_));
    let called = process_name.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default();
    let migrates = command.as_ref().is_some_and(container::migrates);
    let kind = match called.as_str() {
        "release" if is_named => ProcessKind::Release(Moment::BeforeTraffic),
        _ if task.once.contains(own_name) => ProcessKind::Release(Moment::BeforeTraffic),
        _ if migrates && ports.is_empty() => ProcessKind::Release(Moment::BeforeTraffic),
        "web" => ProcessKind::Web,
        _ if ports.is_empty() => ProcessKind::Worker,
        _ if is_named => ProcessKind::Private,
        _ => ProcessKind::Web,
    };
    let process_name = match &kind {
        ProcessKind::Release(_) if !is_named => "release".parse().ok(),
        _ => process_name,
    };
    let Some(process_name) = process_name else {
        let line = value.line;
        document.refuse(line, "a container has no name", "give it a `name`");
        return None;
    };
    if kind == ProcessKind::Web && !is_named && part.component().name.is_none() {
        part.component().name = task.family.clone().or_else(|| name.clone());
    }
    let mut process =
        DeclaredProcess { command, ..DeclaredProcess::bare(process_name, kind, table.origin()) };
    process.port = ports.into_iter().next().map(|port| part.listens(port, &mut variables));
    process.health = health(table);
    process.size = size(task, table, is_only);
    process.stop = table.number("stopTimeout").map(|grace| Requested {
        value: Stop { signal: None, grace: u32::try_from(grace.value).ok() },
        origin: grace.origin,
    });
    volumes(document, task, table, part);
    part.variables(document, variables);
    if let Some(reference) = reference {
        part.image(reference);
    }
    Some(process)
}

fn variables(document: &Document, task: &Task<'_>, table: &Table<'_>) -> Vec<Variable> {
    let mut variables = Vec::new();
    for variable in table.tables("environment") {
        let value = variable.text("value").map(|value| value.value).unwrap_or_default();
        if let Some(name) = variable.text("name") {
            variables.push(Variable::literal(&name.value, &value, name.origin));
        }
    }
    for secret in table.tables("secrets") {
        let from = secret.text("valueFrom").map(|from| from.value).unwrap_or_default();
        let Some(name) = secret.text("name") else { continue };
        // A parameter that is called after the application and the variable is nothing but a place
        // for the value that has to be given.
        let family = task.family.as_ref().map(|family| family.value.as_str()).unwrap_or_default();
        let is_own = from
            .strip_suffix(&format!("/{}", name.value))
            .and_then(|start| start.strip_prefix('/'))
            .is_some_and(|app| !app.is_empty() && family.starts_with(app));
        let value = match is_own {
            true => VariableValue::Required,
            // Some write the value itself where its place belongs.
            false if is_secret_value(&from) => VariableValue::Withheld,
            false => VariableValue::Elsewhere(from),
        };
        variables.push(Variable::new(&name.value, value, name.origin));
    }
    for file in table.tables("environmentFiles") {
        file.leave(&["type"]);
        let from = file.text("value").map(|from| from.value).filter(|from| from.starts_with("arn:"));
        let from = from.unwrap_or_else(|| "a file".to_owned());
        elsewhere(document, file.origin(), &format!("the variables in `{from}` are not read"));
    }
    for variable in &mut variables {
        variable.scope = Scoped::Run;
    }
    variables
}

fn ports(table: &Table<'_>) -> Vec<Requested<u16>> {
    let mut ports = Vec::new();
    for mapping in table.tables("portMappings") {
        mapping.leave(&["appProtocol", "containerPortRange", "hostPort", "name"]);
        let is_udp = mapping.text("protocol").is_some_and(|protocol| protocol.value == "udp");
        let Some(number) = mapping.number("containerPort").filter(|_| !is_udp) else { continue };
        match u16::try_from(number.value) {
            Ok(value) if value > 0 => ports.push(Requested { value, origin: number.origin }),
            _ => {
                let line = container::line(&mapping, "containerPort");
                mapping.document().refuse(
                    line,
                    &format!("{} is no port", number.value),
                    "choose one from 1 to 65535",
                );
            }
        }
    }
    ports
}

fn health(table: &Table<'_>) -> Option<Requested<Health>> {
    let check = table.table("healthCheck")?;
    let seconds = |key: &str| check.number(key).and_then(|number| u32::try_from(number.value).ok());
    let (interval, timeout) = (seconds("interval"), seconds("timeout"));
    let (grace, retries) = (seconds("startPeriod"), seconds("retries"));
    let words: Vec<String> = check.texts("command").into_iter().map(|word| word.value).collect();
    let command = match words.split_first() {
        Some((kind, words)) if kind == "CMD" && !words.is_empty() => Command::Exec(words.to_vec()),
        Some((kind, words)) if kind == "CMD-SHELL" && !words.is_empty() => Command::Shell(words.join(" ")),
        Some((kind, _)) if kind == "NONE" => return None,
        _ => {
            let line = container::line(&check, "command");
            let what = "`healthCheck.command` begins with neither CMD, CMD-SHELL nor NONE";
            check.document().refuse(line, what, "write [\"CMD-SHELL\", \"command\"]");
            return None;
        }
    };
    let value = Health { probe: container::probe(command), interval, timeout, grace, retries };
    Some(Requested { value, origin: check.origin() })
}

/// The size of a container; that of the task when it has none and is alone.
fn size(task: &Task<'_>, table: &Table<'_>, is_only: bool) -> Option<Requested<String>> {
    let amount =
        |key: &str, read: fn(&str) -> Option<u64>| table.text(key).and_then(|text| read(&text.value));
    let mut size = Size { cpu: amount("cpu", cpu), memory: amount("memory", memory) };
    size.memory = size.memory.or(amount("memoryReservation", memory));
    if is_only {
        size = Size { cpu: size.cpu.or(task.size.cpu), memory: size.memory.or(task.size.memory) };
    }
    Some(Requested { value: size.told()?, origin: table.origin() })
}

fn volumes(document: &Document, task: &Task<'_>, table: &Table<'_>, part: &mut ContainerPart) {
    for mount in table.tables("mountPoints") {
        mount.leave(&["readOnly"]);
        let (Some(name), Some(path)) = (mount.text("sourceVolume"), mount.text("containerPath")) else {
            continue;
        };
        let volume =
            items(task.value, "volumes").iter().find(|volume| volume.text_of("name") == Some(&name.value));
        let lasts = volume.is_some_and(|volume| {
            ["efsVolumeConfiguration", "dockerVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration"]
                .iter()
                .any(|key| volume.get(key).is_some())
                || volume.at(&["host", "sourcePath"]).is_some()
        });
        match lasts {
            true => part.volume(Volume { name: Some(name.value), path, megabytes: None }),
            false => {
                let line = container::line(&mount, "sourceVolume");
                document.without_effect(
                    line,
                    &format!("the volume `{}`", name.value),
                    "it lasts as long as its task",
                );
            }
        }
    }
}
