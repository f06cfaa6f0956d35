//! Writes task definitions: `ecs/<process>.json` for each process, because ECS scales, stops and replaces a
//! task as a whole. Values that the operator must supply come from parameters named after the application
//! and the variable.

use packwright_documents::{Value, to_json};
use packwright_planner::{
    Component, DeclaredProcess, Diagnostic, Moment, ProcessKind, Variable, VariableValue,
};

use crate::container::writing::{self, flag, list, map, number, text};
use crate::container::{MIB, Size, program};
use crate::write::{Conversion, Converted, Loss};

/// Sizes of tasks: units of processor, megabytes from and to, and in steps of.
///
/// Source: Amazon ECS developer guide, "Task definition parameters", "Task size".
const SIZES: &[(u64, u64, u64, u64)] = &[
    (256, 512, 512, 512),
    (256, 1024, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// The longest time to end that Fargate gives, in seconds.
const LONGEST_STOP: u32 = 120;

/// Writes the task definitions.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let model = conversion.model;
    let mut out = Converted::default();
    writing::lose_what_is_in_the_image(model, "ECS", &mut out);
    writing::lose_domains(model, "A task definition", "give them to the load balancer", &mut out);
    for service in &model.services {
        let what = format!("`{}` ({}) is not written", service.name, service.kind);
        out.lose(
            Loss::Services,
            what,
            "rent it, and put its address into a parameter",
            Some(&service.origin),
        );
    }
    let app = writing::app_name(model, &mut out);
    for (place, (start, component)) in writing::parts(model, &mut out).into_iter().enumerate() {
        let image = writing::image(conversion, place, component, &mut out);
        for volume in &component.volumes {
            let what = format!(
                "nothing lasts at `{}`: which file system is mounted is not known",
                volume.path.value
            );
            out.lose(Loss::Volume, what, "add a volume of EFS with its id", Some(&volume.path.origin));
        }
        for process in &component.processes {
            let task = Task { component, image: &image, app: &app, start: &start };
            let written = task.definition(process, &mut out);
            out.file(&format!("ecs/{start}{}.json", process.name), to_json(&written));
        }
    }
    if !out.files.is_empty() {
        out.losses.push(
            Diagnostic::info(
                "convert/execution-role",
                "the task definitions have no role, no log and no kind of processor",
            )
            .why("the role and the log belong to an account; without a word the processor is an X86_64")
            .fix("add `executionRoleArn` and `logConfiguration` before registering them, and `runtimePlatform` for an image of ARM64"),
        );
    }
    out
}

/// What the task definitions of a part share.
struct Task<'a> {
    component: &'a Component,
    image: &'a str,
    app: &'a str,
    start: &'a str,
}

impl Task<'_> {
    fn definition(&self, process: &DeclaredProcess, out: &mut Converted) -> Value {
        self.what_is_elsewhere(process, out);
        let (cpu, memory) = size(process, out);
        map([
            ("family", Some(text(format!("{}-{}{}", self.app, self.start, process.name)))),
            ("networkMode", Some(text("awsvpc"))),
            ("requiresCompatibilities", list(vec![text("FARGATE")])),
            ("cpu", Some(text(cpu.to_string()))),
            ("memory", Some(text(memory.to_string()))),
            ("containerDefinitions", list(vec![self.container(process, out)])),
        ])
    }

    /// Says what of a process is said elsewhere than in a task definition.
    fn what_is_elsewhere(&self, process: &DeclaredProcess, out: &mut Converted) {
        match &process.kind {
            ProcessKind::Cron(schedule) => {
                let what = format!(
                    "a task definition has no clock: `{}` is not started at `{schedule}`",
                    process.name
                );
                let instead = "make a schedule of EventBridge Scheduler that runs the task";
                out.lose(Loss::Cron, what, instead, Some(&process.origin));
            }
            ProcessKind::Release(moment) => {
                let what = match moment {
                    Moment::FirstTime => "is not run by itself after the first start",
                    _ => "is not run by itself for a new version",
                };
                writing::lose_release(
                    process,
                    what,
                    "run it with `aws ecs run-task` and wait for its end",
                    out,
                );
            }
            ProcessKind::Web | ProcessKind::Private | ProcessKind::Worker => {}
        }
        if let Some(scale) = &process.scale {
            let what = format!("how many tasks of `{}` run is said by its service", process.name);
            out.lose(
                Loss::Scale,
                what,
                "set `desiredCount` and the scaling of the service",
                Some(&scale.origin),
            );
        }
    }

    fn container(&self, process: &DeclaredProcess, out: &mut Converted) -> Value {
        let port = writing::port(self.component, process, out);
        // A name makes the port one that other services can be led to.
        let is_private = process.kind == ProcessKind::Private;
        let mapping = port.map(|(port, _)| {
            map([
                ("name", is_private.then(|| text(writing::label(process.name.as_str())))),
                ("containerPort", Some(number(port))),
                ("protocol", Some(text("tcp"))),
            ])
        });
        let (environment, secrets) = self.variables(port, out);
        let stop = process.stop.as_ref().and_then(|stop| {
            let late = stop.value.grace.is_some_and(|grace| grace > LONGEST_STOP);
            if stop.value.signal.is_some() || late {
                let what = match (&stop.value.signal, late) {
                    (Some(signal), _) => {
                        format!("`{}` is ended by the signal of the image, not by {signal}", process.name)
                    }
                    (None, _) => format!(
                        "`{}` has {LONGEST_STOP} seconds to end, which is the most there is",
                        process.name
                    ),
                };
                out.lose(Loss::Stop, what, "let the process end on SIGTERM in that time", Some(&stop.origin));
            }
            stop.value.grace.map(|grace| number(grace.min(LONGEST_STOP)))
        });
        map([
            ("name", Some(text(process.name.as_str()))),
            ("image", Some(text(self.image))),
            ("essential", Some(flag(true))),
            ("entryPoint", list(vec![text(program(&process.name))])),
            ("portMappings", list(mapping.into_iter().collect())),
            ("environment", list(environment)),
            ("secrets", list(secrets)),
            ("healthCheck", health(process, out)),
            ("stopTimeout", stop),
            // Signals and orphans are for a first process that knows them, as the image's own does.
            ("linuxParameters", Some(map([("initProcessEnabled", Some(flag(true)))]))),
        ])
    }

    fn variables(&self, port: Option<(u16, bool)>, out: &mut Converted) -> (Vec<Value>, Vec<Value>) {
        let told = port.filter(|(_, is_told)| *is_told).map(|(port, _)| port);
        let pair =
            |name: &str, key, value: String| map([("name", Some(text(name))), (key, Some(text(value)))]);
        let mut environment: Vec<Value> =
            told.iter().map(|port| pair("PORT", "value", port.to_string())).collect();
        let mut secrets = Vec::new();
        for variable in writing::run_variables(self.component, told.is_some()) {
            let name = &variable.name;
            match &variable.value {
                VariableValue::Literal(value) => environment.push(pair(name, "value", value.clone())),
                VariableValue::Optional => {
                    let what = format!("`{name}` may be given, which a task definition cannot say");
                    lose(out, what, "add it to `secrets` when there is a value", variable);
                }
                VariableValue::Elsewhere(place) if place.starts_with("arn:") => {
                    secrets.push(pair(name, "valueFrom", place.clone()));
                }
                _ => {
                    let parameter = format!("/{}/{name}", self.app);
                    if !out.losses.iter().any(|loss| loss.at.as_ref() == Some(&variable.origin)) {
                        let instead = format!("put its value into the parameter `{parameter}`");
                        writing::lose_value(variable, &instead, out);
                    }
                    secrets.push(pair(name, "valueFrom", parameter));
                }
            }
        }
        (environment, secrets)
    }
}

/// Says that a variable is not there, unless it was said for another process of the part.
fn lose(out: &mut Converted, what: String, instead: &str, variable: &Variable) {
    if !out.losses.iter().any(|known| known.at.as_ref() == Some(&variable.origin)) {
        out.lose(Loss::Variables, what, instead, Some(&variable.origin));
    }
}

/// The size of a task: the smallest that is large enough, and nothing smaller than there is.
fn size(process: &DeclaredProcess, out: &mut Converted) -> (u64, u64) {
    let said = process.size.as_ref().and_then(|size| Size::of(&size.value));
    let wanted_cpu = said.and_then(|size| size.cpu).map_or(0, |cpu| cpu.saturating_mul(1024).div_ceil(1000));
    let wanted_memory = said.and_then(|size| size.memory).map_or(0, |memory| memory.div_ceil(MIB));
    let fitting = SIZES.iter().filter(|(cpu, _, to, _)| *cpu >= wanted_cpu && *to >= wanted_memory);
    let found = fitting.map(|&(cpu, from, to, step)| {
        let memory = wanted_memory.max(from);
        (cpu, (from + (memory - from).div_ceil(step) * step).min(to))
    });
    let (cpu, memory) = found.min().unwrap_or((16384, 122_880));
    let written = Size { cpu: Some(cpu * 1000 / 1024), memory: Some(memory * MIB) };
    if said != Some(written) {
        let what = format!("the task of `{}` has the size {cpu} with {memory} MB", process.name);
        let origin = process.size.as_ref().map_or(&process.origin, |size| &size.origin);
        out.lose(Loss::Scale, what, "choose one of the sizes that there are", Some(origin));
    }
    (cpu, memory)
}

fn health(process: &DeclaredProcess, out: &mut Converted) -> Option<Value> {
    let (words, health) = writing::test(process, out)?;
    // What the service takes: seconds from 5, 2 and 0, tries from 1.
    let ranges =
        [(health.interval, 5, 300), (health.timeout, 2, 60), (health.grace, 0, 300), (health.retries, 1, 10)];
    let [interval, timeout, grace, retries] = ranges.map(|(said, from, to)| {
        let written = said.map(|said| said.clamp(from, to));
        (written, written != said)
    });
    if interval.1 || timeout.1 || grace.1 || retries.1 {
        let what = format!("the health of `{}` is asked at the times that ECS takes", process.name);
        let origin = process.health.as_ref().map(|health| &health.origin);
        out.lose(Loss::Health, what, "compare the numbers in the file", origin);
    }
    Some(map([
        ("command", list(words.iter().map(text).collect())),
        ("interval", interval.0.map(number)),
        ("timeout", timeout.0.map(number)),
        ("startPeriod", grace.0.map(number)),
        ("retries", retries.0.map(number)),
    ]))
}
