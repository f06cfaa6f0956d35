//! Writes the settings of one service: start command, health check, scale, release command, disk.

use packwright_documents::{Content, Entry};
use packwright_planner::{
    Command, Component, DeclaredProcess, Moment, Port, Probe, ProcessKind, Requested, Scale,
};

use super::component::Runtime;
use super::{PLANS, number};
use crate::container;
use crate::render::write::blueprint::{Blueprint, entry, text};
use crate::write::Loss;

/// Render's kinds of processes that run all the time.
const LASTING: &[&str] = &["web", "pserv", "worker"];

/// The plan without commands that run once.
/// Source: Render's documentation, "Deploy for free".
const FREE: &str = "free";

impl Blueprint<'_> {
    /// How a service starts.
    pub(super) fn start(&mut self, process: &DeclaredProcess, runtime: Option<&Runtime>) -> Option<Entry> {
        let name = &process.name;
        let native = matches!(runtime, Some(Runtime::Native(_)) | None);
        if matches!(runtime, Some(Runtime::Ours(_))) {
            if process.command.is_some() {
                let what = format!("`{name}` is started as the image has it");
                self.lose(Loss::Image, what, "build the image from this source", &process.origin);
            }
            return Some(entry("dockerCommand", text(&container::program(name))));
        }
        let Some(command) = &process.command else {
            if native {
                let what = format!("Render wants a command for `{name}`, and none is known");
                self.lose(Loss::Image, what, "write `startCommand`", &process.origin);
            }
            return None;
        };
        match (command, native) {
            (Command::Shell(line), true) => Some(entry("startCommand", text(line))),
            (Command::Exec(_), true) => {
                let what = format!("`{name}` is started by a shell");
                self.lose(Loss::ExecForm, what, "check what the shell makes of its words", &process.origin);
                Some(entry("startCommand", text(&command.to_string())))
            }
            (Command::Exec(_), false) => Some(entry("dockerCommand", text(&command.to_string()))),
            (Command::Shell(line), false) => {
                let what = format!("`{name}` is started without a shell, which is why one is called");
                self.lose(Loss::ShellForm, what, "check that the image has /bin/sh", &process.origin);
                let words = ["/bin/sh", "-c", line.as_str()].map(str::to_owned);
                Some(entry("dockerCommand", text(&Command::Exec(words.to_vec()).to_string())))
            }
        }
    }

    pub(super) fn settings(
        &mut self,
        process: &DeclaredProcess,
        of_kind: &str,
        told: Option<u16>,
    ) -> Vec<Entry> {
        let name = &process.name;
        let mut row = Vec::new();
        if let ProcessKind::Cron(schedule) = &process.kind {
            if schedule.split_whitespace().count() != 5 {
                let what = format!("`{schedule}` is no schedule of five fields");
                self.lose(Loss::Cron, what, "write minute, hour, day, month and weekday", &process.origin);
            }
            row.push(entry("schedule", text(schedule)));
        }
        if let Some(size) = &process.size {
            let free = size.value == FREE && of_kind != "web";
            match PLANS.contains(&size.value.as_str()) && !free {
                true => row.push(entry("plan", text(&size.value))),
                false => {
                    let what = format!("`{}` is no plan of Render's for `{name}`", size.value);
                    self.lose(Loss::Scale, what, "choose one from Render's prices", &size.origin);
                }
            }
        }
        if let Some(scale) = &process.scale {
            row.extend(self.scale(process, scale, of_kind));
        }
        if let Some(health) = &process.health {
            let told = &health.value;
            let timed = [told.interval, told.timeout, told.grace, told.retries].iter().any(Option::is_some);
            match &told.probe {
                Probe::Http(path) if of_kind == "web" => {
                    if timed {
                        let what = format!("Render asks `{name}` at times of its own");
                        self.lose(
                            Loss::Health,
                            what,
                            "check that it is well within 15 minutes",
                            &health.origin,
                        );
                    }
                    row.push(entry("healthCheckPath", text(path)));
                }
                _ => {
                    let what = format!("Render asks web services alone, for a path, and not `{name}` so");
                    self.lose(Loss::Health, what, "have it end when it is not well", &health.origin);
                }
            }
        }
        if let Some(stop) = &process.stop {
            let signal = stop.value.signal.as_ref().filter(|signal| *signal != "SIGTERM");
            let grace =
                stop.value.grace.filter(|grace| (1..=300).contains(grace) && LASTING.contains(&of_kind));
            if signal.is_some() || stop.value.grace.is_some() && grace.is_none() {
                let what = format!("Render ends `{name}` with SIGTERM, after at most 300 seconds");
                self.lose(Loss::Stop, what, "have it end so", &stop.origin);
            }
            row.extend(grace.map(|grace| entry("maxShutdownDelaySeconds", number(grace))));
        }
        match process.port.as_ref().map(|port| (&port.value, &port.origin)) {
            Some((Port::Fixed(port), origin)) => {
                let what = match told.filter(|_| name.as_str() == "web") {
                    Some(told) => {
                        format!("`{name}` listens on {told}, which is `PORT`, whatever names {port}")
                    }
                    None => format!("`{name}` listens on {port}, which Render finds out itself"),
                };
                self.lose(Loss::Port, what, "have it listen where PORT says", origin);
            }
            Some((Port::Socket(variable), origin)) => {
                let what =
                    format!("`{name}` listens on the socket that {variable} names, which Render has not");
                self.lose(Loss::Socket, what, "have it listen on 0.0.0.0, where PORT says", origin);
            }
            Some((Port::Variable, _)) | None => {}
        }
        row
    }

    fn scale(&mut self, process: &DeclaredProcess, scale: &Requested<Scale>, of_kind: &str) -> Option<Entry> {
        let (min, max) = (scale.value.min, scale.value.max.unwrap_or(scale.value.min));
        if min == 0 || max < min || !LASTING.contains(&of_kind) {
            let what = format!("Render cannot run {min} to {max} of `{}`", process.name);
            self.lose(Loss::Scale, what, "suspend the service where none is to run", &scale.origin);
            return None;
        }
        if min == max {
            return Some(entry("numInstances", number(min)));
        }
        let what =
            format!("the number of `{}` follows the load of its processors, at 70 percent", process.name);
        self.lose(Loss::Scale, what, "choose the target", &scale.origin);
        Some(entry(
            "scaling",
            Content::Map(vec![
                entry("minInstances", number(min)),
                entry("maxInstances", number(max)),
                entry("targetCPUPercent", number(70)),
            ]),
        ))
    }

    /// Commands that run once for a version.
    pub(super) fn once(&mut self, part: &Component, runtime: Option<&Runtime>) -> Vec<Entry> {
        let mut row: Vec<Entry> = Vec::new();
        for process in &part.processes {
            let ProcessKind::Release(moment) = &process.kind else { continue };
            let key = match moment {
                Moment::BeforeTraffic | Moment::BeforeTrafficAnyway => "preDeployCommand",
                Moment::FirstTime => "initialDeployHook",
                Moment::AfterTraffic => {
                    let what =
                        format!("`{}` is not run: Render has no command after a deployment", process.name);
                    self.lose(Loss::Release, what, "run it by hand", &process.origin);
                    continue;
                }
            };
            if row.iter().any(|known| known.key == key) {
                let what = format!("`{}` is not run: Render has one `{key}`", process.name);
                self.lose(Loss::Release, what, "put both commands into one script", &process.origin);
                continue;
            }
            if *moment == Moment::BeforeTrafficAnyway {
                let what = format!("a failure of `{}` stops the deployment on Render", process.name);
                self.lose(
                    Loss::Release,
                    what,
                    "end the command with `|| true` if it may fail",
                    &process.origin,
                );
            }
            let is_free = |process: &DeclaredProcess| {
                process.kind == ProcessKind::Web
                    && process.size.as_ref().is_some_and(|size| size.value == FREE)
            };
            if part.processes.iter().any(is_free) {
                let what = format!("a service of the plan `{FREE}` has no `{key}` for `{}`", process.name);
                self.lose(Loss::Release, what, "choose a plan that has one", &process.origin);
            }
            let line = match (&process.command, runtime) {
                (_, Some(Runtime::Ours(_))) => {
                    let what = format!("`{}` is started as the image has it", process.name);
                    self.lose(Loss::Image, what, "build the image from this source", &process.origin);
                    container::program(&process.name)
                }
                (Some(command), _) => {
                    if matches!(command, Command::Exec(_)) {
                        let what = format!("`{}` is started by a shell", process.name);
                        let instead = "check what the shell makes of its words";
                        self.lose(Loss::ExecForm, what, instead, &process.origin);
                    }
                    command.to_string()
                }
                (None, _) => {
                    let what = format!("no command is known for `{}`", process.name);
                    self.lose(Loss::Release, what, "write it", &process.origin);
                    continue;
                }
            };
            row.push(entry(key, text(&line)));
        }
        row
    }

    /// The one disk of a service.
    pub(super) fn disk(&mut self, part: &Component, count: usize) -> Option<Entry> {
        let mut disk = None;
        for volume in &part.volumes {
            let (path, origin) = (&volume.path.value, &volume.path.origin);
            if disk.is_some() || !path.starts_with('/') {
                let what = format!(
                    "{path} does not outlive an instance: a service has one disk, at an absolute path"
                );
                self.lose(Loss::Volume, what, "keep the files in an object store", origin);
                continue;
            }
            if count > 1 {
                let what = format!("one service alone has the disk at {path}");
                self.lose(Loss::Volume, what, "keep what others need elsewhere", origin);
            }
            let gigabytes = volume.megabytes.map(|megabytes| megabytes.div_ceil(1024));
            let exact = volume.megabytes == gigabytes.map(|gigabytes| gigabytes * 1024);
            if volume.name.is_none() || !exact {
                let what =
                    format!("the disk at {path} has the name `data` if it had none, and whole gigabytes");
                self.lose(Loss::Volume, what, "choose its name and size", origin);
            }
            let mut row = vec![
                entry("name", text(volume.name.as_deref().unwrap_or("data"))),
                entry("mountPath", text(path)),
            ];
            row.extend(gigabytes.map(|gigabytes| entry("sizeGB", number(gigabytes))));
            disk = Some(entry("disk", Content::Map(row)));
        }
        disk
    }
}
