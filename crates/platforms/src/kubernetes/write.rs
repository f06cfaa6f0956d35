//! Writes `kubernetes.yaml`: a Deployment and a Service for each process, a Job for the release command, a
//! CronJob for each scheduled process, and the ConfigMap, volume claims and Ingress that they use. Secrets
//! are referenced and never written: the operator creates one Secret named after the application, with the
//! variables' names as keys.

mod manifest_part;
mod pod;

use std::collections::BTreeSet;

use packwright_documents::{Value, to_yaml};
use packwright_planner::{
    Component, DeclaredProcess, Moment, ProcessKind, Scale, Variable, VariableValue, Volume,
};

use crate::container::writing::{self, flag, list, map, number, pairs, text};
use crate::kubernetes::write::manifest_part::{ManifestPart, SERVICE_PORT, is_key};
use crate::write::{Conversion, Converted, Loss};

/// The name of the file.
const FILE: &str = "kubernetes.yaml";

/// Writes the manifests.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let model = conversion.model;
    let mut out = Converted::default();
    writing::lose_what_is_in_the_image(model, "Kubernetes", &mut out);
    for service in &model.services {
        let what = format!("`{}` ({}) is not written", service.name, service.kind);
        let instead = "let an operator make it, or rent it, and put its address into a secret of that name";
        out.lose(Loss::Services, what, instead, Some(&service.origin));
    }
    let app = writing::app_name(model, &mut out);
    let mut objects = Vec::new();
    let mut web = None;
    let mut names = BTreeSet::new();
    for (place, (start, component)) in writing::parts(model, &mut out).into_iter().enumerate() {
        let image = writing::image(conversion, place, component, &mut out);
        let name = format!("{app}-{start}env").trim_start_matches('-').to_owned();
        let values = literals(component);
        let mut part = ManifestPart { component, image, app: &app, start, variables: None };
        if let Some(data) = pairs(values) {
            objects.push(object("v1", "ConfigMap", part.metadata(&name, None), [("data", Some(data))]));
            part.variables = Some(name);
        }
        objects.extend(component.volumes.iter().map(|volume| claim(&part, volume, &mut out)));
        for process in &component.processes {
            let mut name = part.name(process);
            while !names.insert(name.clone()) {
                name = format!("{name:.48}-{}", names.len() + 1);
            }
            let port = writing::port(component, process, &mut out);
            objects.push(workload(&part, process, &name, port, &mut out));
            if let Some((number_of_port, _)) = port {
                objects.push(service(&part, process, &name, number_of_port));
                if process.kind == ProcessKind::Web {
                    web = web.or(Some((name.clone(), part.metadata(&name, Some(process)))));
                }
            }
            objects.extend(scaler(&part, process, &name));
        }
    }
    match web {
        Some((name, metadata)) => objects.extend(ingress(conversion, &name, metadata, &mut out)),
        None => writing::lose_domains(
            model,
            "An application without a process `web`",
            "declare the process",
            &mut out,
        ),
    }
    out.file(FILE, objects.iter().map(to_yaml).collect::<Vec<_>>().join("---\n"));
    out
}

fn object<const N: usize>(
    version: &str,
    kind: &str,
    metadata: Value,
    rest: [(&str, Option<Value>); N],
) -> Value {
    let mut object =
        map([("apiVersion", Some(text(version))), ("kind", Some(text(kind))), ("metadata", Some(metadata))]);
    if let packwright_documents::Content::Map(entries) = &mut object.content {
        entries.extend(map(rest).entries().iter().cloned());
    }
    object
}

/// The variables whose values are written.
fn literals(component: &Component) -> Vec<(String, Value)> {
    let value = |variable: &Variable| match &variable.value {
        VariableValue::Literal(value) if is_key(&variable.name) => Some((variable.name.clone(), text(value))),
        _ => None,
    };
    writing::run_variables(component, true).filter_map(value).collect()
}

/// The claim for a volume.
fn claim(part: &ManifestPart<'_>, volume: &Volume, out: &mut Converted) -> Value {
    let name = writing::volume_name(volume);
    if volume.megabytes.is_none() || volume.name.as_deref() != Some(&name) {
        let size = volume.megabytes.map_or_else(|| "1 GB".to_owned(), |megabytes| format!("{megabytes} MB"));
        let what =
            format!("the volume for `{}` is written as the claim `{name}` of {size}", volume.path.value);
        out.lose(Loss::Volume, what, "choose another name or size in the file", Some(&volume.path.origin));
    }
    let many = |process: &DeclaredProcess| process.scale.as_ref().is_some_and(|scale| scale.value.min > 1);
    if part.component.processes.len() > 1 || part.component.processes.iter().any(many) {
        let what = format!("several pods mount `{}`, which they can on one node only", volume.path.value);
        let instead = "choose `ReadWriteMany` where the cluster has such storage, or an object store";
        out.lose(Loss::Volume, what, instead, Some(&volume.path.origin));
    }
    let size = format!("{}Mi", volume.megabytes.unwrap_or(1024));
    let requests = map([("requests", Some(map([("storage", Some(text(size)))])))]);
    let modes = list(vec![text("ReadWriteOnce")]);
    let spec = map([("accessModes", modes), ("resources", Some(requests))]);
    object("v1", "PersistentVolumeClaim", part.metadata(&name, None), [("spec", Some(spec))])
}

fn workload(
    part: &ManifestPart<'_>,
    process: &DeclaredProcess,
    name: &str,
    port: Option<(u16, bool)>,
    out: &mut Converted,
) -> Value {
    let once = matches!(process.kind, ProcessKind::Release(_) | ProcessKind::Cron(_));
    let metadata = part.metadata(name, Some(process));
    let template = map([
        ("metadata", Some(map([("labels", Some(part.labels(Some(process))))]))),
        ("spec", Some(pod::pod(part, process, port, once, out))),
    ]);
    match &process.kind {
        ProcessKind::Cron(schedule) => {
            let fits = is_schedule(schedule);
            if !fits {
                let what = format!("`{schedule}` is no schedule of cron: `{}` is suspended", process.name);
                out.lose(Loss::Cron, what, "write five fields of cron, and resume it", Some(&process.origin));
            }
            let job = map([(
                "spec",
                Some(map([("backoffLimit", Some(number(0u64))), ("template", Some(template))])),
            )]);
            let spec = map([
                ("schedule", Some(text(if fits { schedule } else { "0 0 * * *" }))),
                ("concurrencyPolicy", Some(text("Forbid"))),
                ("suspend", (!fits).then(|| flag(true))),
                ("jobTemplate", Some(job)),
            ]);
            object("batch/v1", "CronJob", metadata, [("spec", Some(spec))])
        }
        ProcessKind::Release(moment) => {
            let instead = "for each version delete the old job, apply the new one alone first, and wait with `kubectl wait --for=condition=complete`";
            let what = match moment {
                Moment::FirstTime => "is a job like any other: it is run whenever it is applied",
                _ => "is a job that runs beside the others, which do not wait for it",
            };
            writing::lose_release(process, what, instead, out);
            let spec = map([("backoffLimit", Some(number(0u64))), ("template", Some(template))]);
            object("batch/v1", "Job", metadata, [("spec", Some(spec))])
        }
        ProcessKind::Web | ProcessKind::Private | ProcessKind::Worker => {
            let replicas = process.scale.as_ref().filter(|scale| !is_by_load(&scale.value));
            if let Some(scale) =
                replicas.filter(|scale| scale.value.max.is_some_and(|max| max != scale.value.min))
            {
                let what = format!("`{}` is not scaled by load down to none", process.name);
                out.lose(Loss::Scale, what, "let it have one instance at least", Some(&scale.origin));
            }
            // A volume that one node has cannot be mounted by the old and the new pod at once.
            let recreate =
                (!part.component.volumes.is_empty()).then(|| map([("type", Some(text("Recreate")))]));
            let spec = map([
                ("replicas", replicas.map(|scale| number(scale.value.min))),
                ("selector", Some(map([("matchLabels", Some(part.labels(Some(process))))]))),
                ("strategy", recreate),
                ("template", Some(template)),
            ]);
            object("apps/v1", "Deployment", metadata, [("spec", Some(spec))])
        }
    }
}

/// Whether a schedule is one that Kubernetes takes.
fn is_schedule(schedule: &str) -> bool {
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let is_field =
        |field: &&str| field.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"*/,-?".contains(&byte));
    let macros = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    macros.contains(&schedule) || fields.len() == 5 && fields.iter().all(is_field)
}

/// Whether the number of instances follows the load.
fn is_by_load(scale: &Scale) -> bool {
    scale.min > 0 && scale.max.is_some_and(|max| max > scale.min)
}

fn scaler(part: &ManifestPart<'_>, process: &DeclaredProcess, name: &str) -> Option<Value> {
    let runs = matches!(process.kind, ProcessKind::Web | ProcessKind::Private | ProcessKind::Worker);
    let scale = process.scale.as_ref().filter(|scale| runs && is_by_load(&scale.value))?;
    let target = map([
        ("apiVersion", Some(text("apps/v1"))),
        ("kind", Some(text("Deployment"))),
        ("name", Some(text(name))),
    ]);
    let load = map([("type", Some(text("Utilization"))), ("averageUtilization", Some(number(80u64)))]);
    let metric = map([
        ("type", Some(text("Resource"))),
        ("resource", Some(map([("name", Some(text("cpu"))), ("target", Some(load))]))),
    ]);
    let spec = map([
        ("scaleTargetRef", Some(target)),
        ("minReplicas", Some(number(scale.value.min))),
        ("maxReplicas", scale.value.max.map(number)),
        ("metrics", list(vec![metric])),
    ]);
    let metadata = part.metadata(name, Some(process));
    Some(object("autoscaling/v2", "HorizontalPodAutoscaler", metadata, [("spec", Some(spec))]))
}

fn service(part: &ManifestPart<'_>, process: &DeclaredProcess, name: &str, port: u16) -> Value {
    let port = map([
        ("name", Some(text("http"))),
        ("port", Some(number(SERVICE_PORT))),
        ("targetPort", Some(number(port))),
    ]);
    let spec = map([("selector", Some(part.labels(Some(process)))), ("ports", list(vec![port]))]);
    object("v1", "Service", part.metadata(name, Some(process)), [("spec", Some(spec))])
}

fn ingress(conversion: &Conversion<'_>, name: &str, metadata: Value, out: &mut Converted) -> Option<Value> {
    let mut rules = Vec::new();
    for domain in &conversion.model.domains {
        let host = domain.value.strip_prefix("*.").unwrap_or(&domain.value);
        let is_part = |part: &str| {
            let letters =
                part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            letters && (1..=63).contains(&part.len()) && !part.starts_with('-') && !part.ends_with('-')
        };
        if !host.split('.').all(is_part) || host.len() > 253 {
            let what = format!("`{}` is no name that an Ingress takes", domain.value);
            out.lose(Loss::Domains, what, "write it in small letters", Some(&domain.origin));
            continue;
        }
        let port = map([("name", Some(text("http")))]);
        let backend = map([("service", Some(map([("name", Some(text(name))), ("port", Some(port))])))]);
        let path =
            map([("path", Some(text("/"))), ("pathType", Some(text("Prefix"))), ("backend", Some(backend))]);
        let http = map([("paths", list(vec![path]))]);
        rules.push(map([("host", Some(text(&domain.value))), ("http", Some(http))]));
    }
    let spec = map([("rules", Some(list(rules)?))]);
    Some(object("networking.k8s.io/v1", "Ingress", metadata, [("spec", Some(spec))]))
}
