//! The pod of a process: its container, its variables, its health check.

use packwright_documents::Value;
use packwright_planner::{
    Command, DeclaredProcess, Probe, ProcessKind, ServiceReference, Variable, VariableValue,
};

use crate::container::writing::{self, flag, list, map, number, text};
use crate::container::{Size, program};
use crate::kubernetes::write::manifest_part::{ManifestPart, SERVICE_PORT, is_key};
use crate::write::{Converted, Loss};

/// The user and the group that an image of Packwright's runs as.
const USER: u64 = 1000;

/// The pod of a process.
pub(super) fn pod(
    part: &ManifestPart<'_>,
    process: &DeclaredProcess,
    port: Option<(u16, bool)>,
    once: bool,
    out: &mut Converted,
) -> Value {
    let volumes = &part.component.volumes;
    let sources = volumes.iter().map(|volume| {
        let name = writing::volume_name(volume);
        let claim = map([("claimName", Some(text(&name)))]);
        map([("name", Some(text(name))), ("persistentVolumeClaim", Some(claim))])
    });
    let mut signal = None;
    let mut grace = None;
    if let Some(stop) = &process.stop {
        signal = stop.value.signal.as_ref().map(|signal| (signal, &stop.origin));
        grace = stop.value.grace;
    }
    if let Some((signal, origin)) = signal {
        let what = format!("`{}` is ended by the signal of the image, not by {signal}", process.name);
        out.lose(Loss::Stop, what, "let the process end on SIGTERM", Some(origin));
    }
    let security = map([
        ("runAsNonRoot", Some(flag(true))),
        ("runAsUser", Some(number(USER))),
        ("runAsGroup", Some(number(0u64))),
        ("fsGroup", (!volumes.is_empty()).then(|| number(USER))),
        ("seccompProfile", Some(map([("type", Some(text("RuntimeDefault")))]))),
    ]);
    map([
        ("restartPolicy", once.then(|| text("Never"))),
        ("terminationGracePeriodSeconds", grace.map(number)),
        // So that the process is not the first one, which hears no signal that it has no answer for.
        ("shareProcessNamespace", Some(flag(true))),
        ("securityContext", Some(security)),
        ("containers", list(vec![container(part, process, port, out)])),
        ("volumes", list(sources.collect())),
    ])
}

fn container(
    part: &ManifestPart<'_>,
    process: &DeclaredProcess,
    port: Option<(u16, bool)>,
    out: &mut Converted,
) -> Value {
    let ports =
        port.map(|(port, _)| map([("name", Some(text("http"))), ("containerPort", Some(number(port)))]));
    let from =
        part.variables.as_ref().map(|name| map([("configMapRef", Some(map([("name", Some(text(name)))])))]));
    let mounts = part.component.volumes.iter().map(|volume| {
        let name = Some(text(writing::volume_name(volume)));
        map([("name", name), ("mountPath", Some(text(writing::mounted(volume))))])
    });
    let capabilities = map([("drop", list(vec![text("ALL")]))]);
    let security = map([
        ("allowPrivilegeEscalation", Some(flag(false))),
        ("readOnlyRootFilesystem", Some(flag(false))),
        ("capabilities", Some(capabilities)),
    ]);
    let health = health(process, port, out);
    // Without requests to hold back, a process that is not well can only be started anew.
    let probe = if port.is_some() { "readinessProbe" } else { "livenessProbe" };
    map([
        ("name", Some(text(writing::label(process.name.as_str())))),
        ("image", Some(text(&part.image))),
        ("command", list(vec![text(program(&process.name))])),
        ("ports", list(ports.into_iter().collect())),
        ("envFrom", list(from.into_iter().collect())),
        ("env", list(variables(part, port, out))),
        (probe, health),
        ("resources", resources(process, out)),
        ("volumeMounts", list(mounts.collect())),
        ("securityContext", Some(security)),
    ])
}

/// The variables that are not in the map of variables.
fn variables(part: &ManifestPart<'_>, port: Option<(u16, bool)>, out: &mut Converted) -> Vec<Value> {
    let told = port.filter(|(_, is_told)| *is_told).map(|(port, _)| port);
    let named = |name: &str| ("name", Some(text(name)));
    let mut variables: Vec<Value> =
        told.iter().map(|port| map([named("PORT"), ("value", Some(text(port.to_string())))])).collect();
    for variable in writing::run_variables(part.component, told.is_some()) {
        let name = &variable.name;
        let reference = match &variable.value {
            // `PORT` is of one process alone, and other names can be no keys of maps.
            VariableValue::Literal(value) if name == "PORT" || !is_key(name) => {
                let value = value.replace("$(", "$$(");
                variables.push(map([named(name), ("value", Some(text(value)))]));
                continue;
            }
            VariableValue::Literal(_) => continue,
            _ if !is_key(name) => {
                let what = format!("`{name}` can be no key of a secret and is not written");
                lose(out, Loss::Secret, what, variable);
                continue;
            }
            VariableValue::Optional => secret(part.app, name, true),
            VariableValue::Required => secret(part.app, name, false),
            VariableValue::Service(from) if let Some(address) = told_of_process(part, from) => {
                let what = format!("`{name}` is written as the {} of `{}`", from.property, from.service);
                if !out.losses.iter().any(|known| known.at.as_ref() == Some(&variable.origin)) {
                    out.lose(Loss::ServiceBinding, what, "check the value", Some(&variable.origin));
                }
                variables.push(map([named(name), ("value", Some(text(address)))]));
                continue;
            }
            VariableValue::Service(from) if is_key(&from.property) && is_key(&from.service) => {
                let what =
                    format!("`{name}` is the key `{}` of the secret `{}`", from.property, from.service);
                lose(out, Loss::ServiceBinding, what, variable);
                secret(&writing::label(&from.service), &from.property, false)
            }
            VariableValue::Elsewhere(place) => match elsewhere(place, name) {
                Some(reference) => reference,
                None => given(part, variable, out),
            },
            VariableValue::Withheld | VariableValue::Generated | VariableValue::Service(_) => {
                given(part, variable, out)
            }
        };
        variables.push(map([named(name), ("valueFrom", Some(reference))]));
    }
    variables
}

/// What a variable tells about another process, which is reached by the name of its service.
fn told_of_process(part: &ManifestPart<'_>, from: &ServiceReference) -> Option<String> {
    writing::told_of_process(part.component, from, |process| (part.name(process), SERVICE_PORT))
}

/// A reference to the application's own secret, for a value that has to be given there.
fn given(part: &ManifestPart<'_>, variable: &Variable, out: &mut Converted) -> Value {
    if !out.losses.iter().any(|loss| loss.at.as_ref() == Some(&variable.origin)) {
        writing::lose_value(variable, &format!("put a value into the secret `{}`", part.app), out);
    }
    secret(part.app, &variable.name, false)
}

/// Says what is lost, unless it was said for another process of the part.
fn lose(out: &mut Converted, loss: Loss, what: String, variable: &Variable) {
    if !out.losses.iter().any(|known| known.at.as_ref() == Some(&variable.origin)) {
        out.lose(loss, what, "make the secret with that key", Some(&variable.origin));
    }
}

fn secret(name: &str, key: &str, optional: bool) -> Value {
    let reference = map([
        ("name", Some(text(name))),
        ("key", Some(text(key))),
        ("optional", optional.then(|| flag(true))),
    ]);
    map([("secretKeyRef", Some(reference))])
}

/// The reference for a place that the reader of manifests named.
fn elsewhere(place: &str, name: &str) -> Option<Value> {
    let (kind, object) = match place.strip_prefix("secret ") {
        Some(object) => ("secretKeyRef", object),
        None => ("configMapKeyRef", place.strip_prefix("config map ")?),
    };
    let (object, key) = object.split_once(", key ").unwrap_or((object, name));
    let is_name = !object.is_empty()
        && object.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    let reference = map([("name", Some(text(object))), ("key", Some(text(key)))]);
    (is_name && is_key(key)).then(|| map([(kind, Some(reference))]))
}

fn health(process: &DeclaredProcess, port: Option<(u16, bool)>, out: &mut Converted) -> Option<Value> {
    if matches!(process.kind, ProcessKind::Release(_) | ProcessKind::Cron(_)) {
        return None;
    }
    let health = process.health.as_ref()?;
    let at_port = |port: Option<(u16, bool)>| port.map(|(port, _)| number(port));
    let (http, tcp, exec) = match (&health.value.probe, port) {
        (Probe::Http(_) | Probe::Tcp, None) => {
            let what = format!("`{}` has no port, so that nobody can ask for its health", process.name);
            out.lose(Loss::Health, what, "say at which port it listens", Some(&health.origin));
            return None;
        }
        (Probe::Http(path), _) => {
            (Some(map([("path", Some(text(path))), ("port", at_port(port))])), None, None)
        }
        (Probe::Tcp, _) => (None, Some(map([("port", at_port(port))])), None),
        (Probe::Exec(command), _) => {
            let words = match command {
                Command::Exec(words) => words.clone(),
                Command::Shell(line) => {
                    let what = format!("the health check of `{}` is started with `sh -c`", process.name);
                    out.lose(Loss::Health, what, "it does the same", Some(&health.origin));
                    vec!["sh".to_owned(), "-c".to_owned(), line.clone()]
                }
            };
            let words = list(words.iter().map(text).collect());
            (None, None, Some(map([("command", words)])))
        }
    };
    let times = [health.value.interval, health.value.timeout, health.value.retries];
    if times.contains(&Some(0)) {
        let what = format!("times of 0 for the health of `{}` are not written", process.name);
        out.lose(Loss::Health, what, "write 1 at least", Some(&health.origin));
    }
    let count = |count: Option<u32>| count.filter(|count| *count > 0).map(number);
    Some(map([
        ("httpGet", http),
        ("tcpSocket", tcp),
        ("exec", exec),
        ("initialDelaySeconds", health.value.grace.map(number)),
        ("periodSeconds", count(health.value.interval)),
        ("timeoutSeconds", count(health.value.timeout)),
        ("failureThreshold", count(health.value.retries)),
    ]))
}

fn resources(process: &DeclaredProcess, out: &mut Converted) -> Option<Value> {
    let Some(size) = process.size.as_ref().and_then(|size| Size::of(&size.value)) else {
        writing::lose_size(process, "Kubernetes", out);
        return None;
    };
    let cpu = size.cpu.map(|cpu| text(Size::cpu_quantity(cpu)));
    let memory = size.memory.map(|memory| text(Size::memory_quantity(memory)));
    let limits = memory.clone().map(|memory| map([("memory", Some(memory))]));
    Some(map([("requests", Some(map([("cpu", cpu), ("memory", memory)]))), ("limits", limits)]))
}
