//! Workloads: how a Deployment, a Job or a CronJob maps to processes of the application.

use std::collections::BTreeMap;

use packwright_planner::{
    BackingService, DeclaredProcess, Diagnostic, Moment, Origin, ProcessKind, Requested, Scale, Stop,
};

use super::cluster::{Cluster, Object, Reach, items};
use super::container::Container;
use super::pod::{self, Pod};
use crate::container::names::process_name;
use crate::container::{self, ContainerPart, ContainerStart, Image, image};
use crate::table::Table;

/// Keys of workloads that change nothing in their images.
const LEFT: &[&str] = &[
    "activeDeadlineSeconds",
    "backoffLimit",
    "backoffLimitPerIndex",
    "completionMode",
    "completions",
    "concurrencyPolicy",
    "failedJobsHistoryLimit",
    "managedBy",
    "manualSelector",
    "maxFailedIndexes",
    "minReadySeconds",
    "ordinals",
    "parallelism",
    "paused",
    "persistentVolumeClaimRetentionPolicy",
    "podFailurePolicy",
    "podManagementPolicy",
    "podReplacementPolicy",
    "progressDeadlineSeconds",
    "revisionHistoryLimit",
    "selector",
    "serviceName",
    "startingDeadlineSeconds",
    "strategy",
    "successPolicy",
    "successfulJobsHistoryLimit",
    "timeZone",
    "ttlSecondsAfterFinished",
    "updateStrategy",
    "volumeClaimTemplates",
];

/// The databases and the like that run in the cluster.
pub(super) fn services(cluster: &Cluster<'_>) -> Vec<BackingService> {
    let mut services: Vec<BackingService> = Vec::new();
    for object in cluster.workloads().filter(|object| !matches!(object.kind, "Job" | "CronJob")) {
        for container in items(object.value, &["spec", "template", "spec", "containers"]) {
            let Some(reference) = container.get("image") else { continue };
            let Image::Service(kind, version) = image(reference.text().unwrap_or_default()) else { continue };
            if services.iter().any(|known| known.name == object.name) {
                continue;
            }
            services.push(BackingService {
                name: object.name.to_owned(),
                kind,
                version,
                plan: None,
                tells: Vec::new(),
                origin: object.origin(reference),
            });
        }
    }
    services
}

/// The names under which services are reached in the cluster, with the services'.
pub(super) fn hosts(cluster: &Cluster<'_>, services: &[BackingService]) -> BTreeMap<String, String> {
    let mut hosts = BTreeMap::new();
    for object in cluster.workloads() {
        if services.iter().any(|service| service.name == object.name) {
            let names = cluster.hosts(pod::labels(object)).into_iter().chain([object.name.to_owned()]);
            hosts.extend(names.map(|host| (host, object.name.to_owned())));
        }
    }
    hosts
}

/// Reads a workload into the part that it runs; `hosts` are those of [`hosts`].
pub(super) fn read(
    cluster: &Cluster<'_>,
    object: Object<'_>,
    hosts: &BTreeMap<String, String>,
    part: &mut ContainerPart,
) {
    let Some(table) = object.document.table(object.value) else { return };
    table.leave(&["apiVersion", "kind", "metadata", "status"]);
    let known = |host: &str| {
        let (first, rest) = host.split_once('.').unwrap_or((host, ""));
        let inside = rest.is_empty() || rest.contains("svc") || !rest.contains('.');
        hosts.get(first).filter(|_| inside).cloned()
    };
    let app = cluster.name().map_or_else(|| object.name.to_owned(), |name| name.value);
    let template: &[&str] = match object.kind {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    let Some(value) = object.value.at(template) else {
        table.leave(&["spec"]);
        return;
    };
    let Some(spec) = table.table("spec") else { return };
    let (replicas, schedule, suspended) = match object.kind {
        "Pod" => {
            let pod = pod::read(cluster, object, value, &spec, &known, &app);
            return add(cluster, object, pod, WorkloadKind::Runs(None), part);
        }
        _ => {
            spec.leave(LEFT);
            (spec.number("replicas"), spec.text("schedule"), spec.flag("suspend"))
        }
    };
    let inner = match object.kind {
        "CronJob" => spec.table("jobTemplate").and_then(|job| {
            job.leave(&["metadata"]);
            job.table("spec")
        }),
        _ => None,
    };
    let above: &Table<'_> = inner.as_ref().unwrap_or(&spec);
    above.leave(LEFT);
    above.leave(&["suspend"]);
    let Some(template) = above.table("template") else { return };
    template.leave(&["metadata"]);
    let Some(pod) = template.table("spec") else { return };
    let pod = pod::read(cluster, object, value, &pod, &known, &app);
    if suspended.is_some_and(|suspended| suspended.value) {
        let at = object.origin(object.value);
        let message = format!("{at}: `{}` is suspended and does not count", object.name);
        object.document.say(Diagnostic::info("kubernetes/not-counted", message).at(at));
        return;
    }
    let kind = match (object.kind, schedule) {
        ("CronJob", Some(schedule)) => WorkloadKind::Cron(schedule.value),
        ("CronJob", None) => return,
        ("Job", _) => WorkloadKind::Once,
        _ => WorkloadKind::Runs(replicas.and_then(|replicas| {
            Some(Requested { value: u32::try_from(replicas.value).ok()?, origin: replicas.origin })
        })),
    };
    add(cluster, object, pod, kind, part);
}

/// When the containers of a workload run.
enum WorkloadKind {
    /// Always, so many of them.
    Runs(Option<Requested<u32>>),
    /// Once.
    Once,
    /// By the clock.
    Cron(String),
}

fn add(
    cluster: &Cluster<'_>,
    object: Object<'_>,
    pod: Pod<'_>,
    kind: WorkloadKind,
    part: &mut ContainerPart,
) {
    let is_own = |container: &&Container| match &container.image {
        Some(reference) => image(&reference.value) == Image::Unknown,
        None => false,
    };
    let own: Vec<&Container> = pod.containers.iter().filter(is_own).collect();
    for other in pod.containers.iter().filter(|container| !is_own(container)) {
        let reference = other.image.as_ref().map(|image| image.value.as_str()).unwrap_or_default();
        if image(reference) == Image::Others {
            let at = object.origin(object.value);
            let message = format!(
                "{at}: `{}` of `{}` runs `{reference}`, no part of this source",
                other.name, object.name
            );
            object.document.say(Diagnostic::info("kubernetes/not-counted", message).at(at));
        }
    }
    let is_only = own.len() == 1;
    for container in own {
        if let Some(process) = process(cluster, object, &pod, container, &kind, is_only, part) {
            part.process(object.document, process);
        }
    }
    for first in pod.first.iter().filter(is_own) {
        before(object, first, part);
    }
}

/// A container that runs before those of an application: it is a release command when it brings a
/// database up to date.
fn before(object: Object<'_>, container: &Container, part: &mut ContainerPart) {
    let at =
        container.image.as_ref().map_or_else(|| object.origin(object.value), |image| image.origin.clone());
    let command = match &container.start {
        ContainerStart::By(command) if container::migrates(command) => command.clone(),
        ContainerStart::By(_)
        | ContainerStart::Bare
        | ContainerStart::Named(_)
        | ContainerStart::Options(_) => {
            let message = format!("{at}: the init container `{}` is not read", container.name);
            let told = Diagnostic::info("kubernetes/init-container", message);
            object
                .document
                .say(told.why("it runs before every instance, and is no process of the application").at(at));
            return;
        }
    };
    let message = format!("{at}: `{}` is run before every instance of `{}`", container.name, object.name);
    object.document.say(
        Diagnostic::info("kubernetes/migrates-in-init", message)
            .why("it is the release command here, which runs once for a version")
            .at(at.clone()),
    );
    if let Ok(name) = "release".parse() {
        let kind = ProcessKind::Release(Moment::BeforeTraffic);
        part.process(
            object.document,
            DeclaredProcess { command: Some(command), ..DeclaredProcess::bare(name, kind, at) },
        );
    }
}

/// Whether a Job is one that is run for every version.
fn is_release(object: Object<'_>, container: &Container) -> bool {
    let annotations = object.value.at(&["metadata", "annotations"]);
    let hook = |key: &str| annotations.and_then(|annotations| annotations.text_of(key)).unwrap_or_default();
    let hooked = hook("helm.sh/hook").contains("pre-") || hook("argocd.argoproj.io/hook").contains("PreSync");
    let words = match &container.start {
        ContainerStart::By(command) => container::migrates(command),
        ContainerStart::Named(name) => name.as_str() == "release",
        ContainerStart::Bare | ContainerStart::Options(_) => false,
    };
    hooked || words || ["migrat", "release"].iter().any(|word| object.name.contains(word))
}

fn process(
    cluster: &Cluster<'_>,
    object: Object<'_>,
    pod: &Pod<'_>,
    container: &Container,
    kind: &WorkloadKind,
    is_only: bool,
    part: &mut ContainerPart,
) -> Option<DeclaredProcess> {
    let at: Origin = container.image.as_ref()?.origin.clone();
    let mut variables = container.variables.clone();
    let reached = cluster.reached(pod.labels, &container.ports, is_only);
    let is_web = matches!(&container.start, ContainerStart::Named(name) if name.as_str() == "web");
    let process_kind = match (kind, &reached) {
        (WorkloadKind::Cron(schedule), _) => ProcessKind::Cron(schedule.clone()),
        (WorkloadKind::Once, _) if is_release(object, container) => {
            ProcessKind::Release(Moment::BeforeTraffic)
        }
        (WorkloadKind::Once, _) => {
            let message = format!("{at}: the job `{}` is not read", object.name);
            let told = Diagnostic::info("kubernetes/not-counted", message);
            object
                .document
                .say(told.why("it is run by hand, as far as its name and its command tell").at(at));
            return None;
        }
        (WorkloadKind::Runs(_), Some((Reach::Outside, _))) => ProcessKind::Web,
        (WorkloadKind::Runs(_), _) if is_web => ProcessKind::Web,
        (WorkloadKind::Runs(_), Some((Reach::Inside, _))) => ProcessKind::Private,
        (WorkloadKind::Runs(_), None) => ProcessKind::Worker,
    };
    let (name, command) = match &container.start {
        ContainerStart::Named(name) => {
            part.named();
            (Some(name.clone()), None)
        }
        start => {
            let command = match start {
                ContainerStart::By(command) => Some(command.clone()),
                _ => None,
            };
            if let ContainerStart::Options(words) = start {
                let message = format!("{at}: `{}` are arguments alone", words.join(" "));
                let told = Diagnostic::info("kubernetes/arguments", message);
                let why = "they are for the entry point of the image, which is not known here";
                object.document.say(told.why(why).at(at.clone()));
            }
            let name = match (&process_kind, is_only) {
                (ProcessKind::Release(_), _) => "release",
                (_, true) => object.name,
                (_, false) => container.name.as_str(),
            };
            (process_name(name), command)
        }
    };
    let Some(name) = name else {
        let line = object.value.line;
        object.document.refuse(line, "a workload has no name", "give it a name in `metadata`");
        return None;
    };
    let port =
        reached.map(|(_, port)| port).or_else(|| container.ports.first().map(|(_, port)| port.clone()));
    let mut process = DeclaredProcess { command, ..DeclaredProcess::bare(name, process_kind, at) };
    process.port = port.map(|port| part.listens(port, &mut variables));
    process.health = container.health.clone();
    process.size = container.size.clone();
    process.stop = stop(pod, container);
    process.scale = scale(cluster, object, kind);
    if process.kind == ProcessKind::Web && part.component().name.is_none() && command_is_foreign(container) {
        let origin = object.origin(object.value.at(&["metadata", "name"]).unwrap_or(object.value));
        part.component().name = Some(Requested { value: object.name.to_owned(), origin });
    }
    part.variables(object.document, variables);
    pod.volumes(container).into_iter().for_each(|volume| part.volume(volume));
    part.image(container.image.clone()?);
    Some(process)
}

/// Whether the container is not one of an image that Packwright made.
fn command_is_foreign(container: &Container) -> bool {
    !matches!(container.start, ContainerStart::Named(_))
}

fn stop(pod: &Pod<'_>, container: &Container) -> Option<Requested<Stop>> {
    let signal = container.signal.clone();
    let grace = pod.grace.clone();
    let origin =
        signal.as_ref().map(|signal| &signal.origin).or(grace.as_ref().map(|grace| &grace.origin))?.clone();
    let value = Stop { signal: signal.map(|signal| signal.value), grace: grace.map(|grace| grace.value) };
    Some(Requested { value, origin })
}

fn scale(cluster: &Cluster<'_>, object: Object<'_>, kind: &WorkloadKind) -> Option<Requested<Scale>> {
    let WorkloadKind::Runs(replicas) = kind else { return None };
    if let Some(scaled) = cluster.scaled(object.kind, object.name) {
        let (min, max) = scaled.value;
        return Some(Requested { value: Scale { min, max: Some(max) }, origin: scaled.origin });
    }
    let replicas = replicas.clone()?;
    Some(Requested { value: Scale { min: replicas.value, max: None }, origin: replicas.origin })
}
