//! Writes systemd units that run an image with podman: one Quadlet file for each process, timers for
//! scheduled processes, a one-shot unit for the release command. This module only writes: no platform file of
//! systemd is read.
//!
//! ```text
//! systemd/shop.network             where the processes find each other
//! systemd/shop-web.container       a process that runs; `Requires` the release command
//! systemd/shop-release.container   runs once, before the others
//! systemd/shop-nightly.container   runs when it is started …
//! systemd/shop-nightly.timer       … by the clock
//! systemd/shop-data.volume         a directory that lasts
//! systemd/shop.env                 what has to be given: secrets, addresses of services
//! ```
//!
//! Source: podman-systemd.unit(5) of podman 5; systemd.service(5), systemd.timer(5).

mod calendar;
mod file;

use std::collections::BTreeMap;

use packwright_planner::{
    AppModel, Command, Component, DeclaredProcess, Moment, Probe, ProcessKind, Scoped, Variable,
    VariableValue, Volume,
};

use crate::container::{self, Size, writing};
use crate::write::{Conversion, Converted, Loss};
use file::{File, quoted};

/// Writes the units.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let mut out = Converted::default();
    let model = conversion.model;
    let name = model.name.as_ref().or(model.components.first().and_then(|part| part.name.as_ref()));
    let app = unit_name(name.map_or("app", |name| &name.value));
    let mut needed = BTreeMap::new();
    for (number, part) in model.components.iter().enumerate() {
        let prefix = match (number, &part.name, part.dir()) {
            (0, _, _) => app.clone(),
            (_, Some(name), _) => format!("{app}-{}", unit_name(&name.value)),
            (_, None, Some(dir)) => format!("{app}-{}", unit_name(dir.name())),
            (_, None, None) => format!("{app}-{number}"),
        };
        let image = writing::image(conversion, number, part, &mut out);
        let mut writer = Writer { out: &mut out, app: &app, prefix, number, image };
        writer.part(part, &mut needed);
    }
    out.file(&format!("systemd/{app}.network"), "[Network]\n".to_owned());
    if !needed.is_empty() {
        out.file(&format!("systemd/{app}.env"), given(&needed));
    }
    writing::lose_what_is_in_the_image(model, "systemd", &mut out);
    lost_of_model(&mut out, model, &app);
    out
}

/// The file of variables that have to be given: names, and why, each commented out.
fn given(needed: &BTreeMap<String, String>) -> String {
    let mut text = "# Values that have to be given. Let nobody else read this file.\n".to_owned();
    for (name, why) in needed {
        text += &format!("\n# {why}\n#{name}=\n");
    }
    text
}

fn lost_of_model(out: &mut Converted, model: &AppModel, app: &str) {
    for service in &model.services {
        let what = format!("`{}` ({}) is not made", service.name, service.kind);
        let instead = format!("run it beside the application, and write its address into systemd/{app}.env");
        out.lose(Loss::Services, what, &instead, Some(&service.origin));
    }
    writing::lose_domains(model, "systemd", "let a web server before it send the requests on", out);
}

/// A text as a part of a unit's name.
fn unit_name(text: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let name: String = text.chars().map(|letter| if fits(letter) { letter } else { '-' }).collect();
    match name.trim_matches(['-', '.']) {
        "" => "app".to_owned(),
        name => name.to_owned(),
    }
}

/// What all processes of a part have.
struct PlanContext<'a> {
    environment: &'a [(String, String)],
    volumes: &'a [String],
    /// Whether there is a file of variables.
    file: bool,
}

struct Writer<'a> {
    out: &'a mut Converted,
    app: &'a str,
    prefix: String,
    number: usize,
    image: String,
}

impl Writer<'_> {
    fn part(&mut self, part: &Component, needed: &mut BTreeMap<String, String>) {
        let environment: Vec<(String, String)> =
            part.environment.iter().filter_map(|variable| self.variable(variable, needed)).collect();
        let volumes: Vec<String> =
            part.volumes.iter().enumerate().map(|(number, volume)| self.volume(volume, number)).collect();
        let release = part.processes.iter().find(|process| {
            matches!(process.kind, ProcessKind::Release(Moment::BeforeTraffic | Moment::BeforeTrafficAnyway))
        });
        for process in &part.processes {
            let given =
                PlanContext { environment: &environment, volumes: &volumes, file: !needed.is_empty() };
            self.process(part, process, release, &given);
        }
    }

    /// A variable that the units set; what has to be given is added to `needed`.
    fn variable(
        &mut self,
        variable: &Variable,
        needed: &mut BTreeMap<String, String>,
    ) -> Option<(String, String)> {
        let name = variable.name.clone();
        if variable.scope == Scoped::Build {
            return None;
        }
        let file = format!("write it into systemd/{}.env", self.app);
        let why = match &variable.value {
            // Web processes get the port that they are published at.
            VariableValue::Literal(_) if name == "PORT" => return None,
            VariableValue::Literal(value) => return Some((name, value.clone())),
            VariableValue::Required => "required".to_owned(),
            VariableValue::Optional => "optional".to_owned(),
            VariableValue::Generated => "a long random text".to_owned(),
            VariableValue::Withheld => "a secret, whose value stood in a file".to_owned(),
            VariableValue::Elsewhere(place) => format!("came from {place}"),
            VariableValue::Service(from) => format!("the {} of `{}`", from.property, from.service),
        };
        writing::lose_value(variable, &file, self.out);
        needed.insert(name, why.replace('\n', " "));
        None
    }

    /// Writes the file of a volume; gives the value of `Volume=`.
    fn volume(&mut self, volume: &Volume, number: usize) -> String {
        let name = writing::volume_name(volume);
        let mut name = format!("{}-{name}", self.prefix);
        if self.out.files.contains_key(&format!("systemd/{name}.volume")) {
            name = format!("{name}-{number}");
        }
        self.out.file(&format!("systemd/{name}.volume"), "[Volume]\n".to_owned());
        if volume.megabytes.is_some() {
            let what = format!("`{}` has no limit", volume.path.value);
            self.out.lose(
                Loss::Volume,
                what,
                "put podman's storage on a file system of that size",
                Some(&volume.path.origin),
            );
        }
        let path = writing::mounted(volume);
        // The files belong to the user of the image.
        format!("{name}.volume:{}:U", path.replace('%', "%%"))
    }

    fn process(
        &mut self,
        part: &Component,
        process: &DeclaredProcess,
        release: Option<&DeclaredProcess>,
        given: &PlanContext<'_>,
    ) {
        let name = process.name.as_str();
        let unit = format!("{}-{name}", self.prefix);
        let mut file = File::new();
        file.section("Unit");
        file.line("Description", &format!("{name} of {}", self.prefix));
        let runs = !process.is_release() && !matches!(process.kind, ProcessKind::Cron(_));
        if let (true, Some(release)) = (runs, release) {
            let before = format!("{}-{}.service", self.prefix, release.name);
            let bound = match release.kind {
                ProcessKind::Release(Moment::BeforeTrafficAnyway) => "Wants",
                _ => "Requires",
            };
            file.line(bound, &before);
            file.line("After", &before);
        }
        file.section("Container");
        file.line("Image", &self.image);
        file.line("ContainerName", &unit);
        file.line("Entrypoint", &container::program(&process.name));
        file.line("Network", &format!("{}.network", self.app));
        for (name, value) in given.environment {
            file.line("Environment", &quoted(&format!("{name}={value}")));
        }
        if given.file {
            file.line("EnvironmentFile", &format!("./{}.env", self.app));
        }
        self.port(part, process, &mut file);
        given.volumes.iter().for_each(|volume| file.line("Volume", volume));
        self.health(process, &mut file);
        self.size(process, &mut file);
        self.stop(process, &mut file);
        file.line("DropCapability", "all");
        file.line("NoNewPrivileges", "true");
        file.section("Service");
        match runs {
            true => file.line("Restart", "always"),
            false => {
                file.line("Type", "oneshot");
                // It may take its time.
                file.line("TimeoutStartSec", "infinity");
            }
        }
        if matches!(process.kind, ProcessKind::Release(Moment::BeforeTraffic | Moment::BeforeTrafficAnyway)) {
            file.line("RemainAfterExit", "yes");
        }
        self.moment(process, &unit);
        self.clock(process, &unit);
        if runs && self.starts(process, &unit) {
            file.section("Install");
            file.line("WantedBy", "multi-user.target default.target");
        }
        self.out.file(&format!("systemd/{unit}.container"), file.text());
    }

    /// Says what is different about a release command.
    fn moment(&mut self, process: &DeclaredProcess, unit: &str) {
        let (what, instead) = match process.kind {
            ProcessKind::Release(Moment::BeforeTraffic | Moment::BeforeTrafficAnyway) => (
                format!("`{}` runs before the others start, not for a new version", process.name),
                format!("run `systemctl restart {unit}` when the image is a new one; the others follow"),
            ),
            ProcessKind::Release(Moment::AfterTraffic) => (
                format!("`{}` is not run by itself", process.name),
                format!("run `systemctl start {unit}` behind every new version"),
            ),
            ProcessKind::Release(Moment::FirstTime) => (
                format!("`{}` is not run by itself", process.name),
                format!("run `systemctl start {unit}` once"),
            ),
            _ => return,
        };
        self.out.lose(Loss::Release, what, &instead, Some(&process.origin));
    }

    fn clock(&mut self, process: &DeclaredProcess, unit: &str) {
        let ProcessKind::Cron(schedule) = &process.kind else { return };
        let Some(events) = calendar::events(schedule) else {
            let what = format!(
                "`{}` is not started by the clock: `{schedule}` is no schedule of cron",
                process.name
            );
            let instead = format!("write a timer that starts {unit}.service");
            self.out.lose(Loss::Cron, what, &instead, Some(&process.origin));
            return;
        };
        let mut file = File::new();
        file.section("Unit");
        file.line("Description", &format!("{} of {}, {schedule}", process.name, self.prefix));
        file.section("Timer");
        events.iter().for_each(|event| file.line("OnCalendar", event));
        file.section("Install");
        file.line("WantedBy", "timers.target");
        self.out.file(&format!("systemd/{unit}.timer"), file.text());
    }

    /// Whether the unit starts with the machine; says what of the number of instances is lost.
    fn starts(&mut self, process: &DeclaredProcess, unit: &str) -> bool {
        let Some(scale) = &process.scale else { return true };
        if scale.value.min > 1 || scale.value.max.is_some_and(|max| max > scale.value.min) {
            let what = format!("one instance of `{}` runs", process.name);
            let instead = format!("copy {unit}.container under other names, with ports of their own");
            self.out.lose(Loss::Scale, what, &instead, Some(&scale.origin));
        }
        scale.value.min > 0
    }

    fn port(&mut self, part: &Component, process: &DeclaredProcess, file: &mut File) {
        let Some((port, _)) = writing::port(part, process, self.out) else { return };
        file.line("Environment", &format!("PORT={port}"));
        if process.kind == ProcessKind::Web {
            // Every part of an application has a port of its own on the machine.
            let outer = port.saturating_add(u16::try_from(self.number).unwrap_or(0));
            file.line("PublishPort", &format!("{outer}:{port}"));
        }
    }

    fn health(&mut self, process: &DeclaredProcess, file: &mut File) {
        let Some(health) = &process.health else { return };
        let Probe::Exec(command) = &health.value.probe else {
            let what = format!("nobody asks whether `{}` is well", process.name);
            let instead =
                "podman asks by a command in the container; let the web server before it ask for the address";
            self.out.lose(Loss::Health, what, instead, Some(&health.origin));
            return;
        };
        let line = match command {
            Command::Shell(line) => line.clone(),
            Command::Exec(_) => command.to_string(),
        };
        file.line("HealthCmd", &file::line(&line));
        let told = &health.value;
        let seconds = [
            ("HealthInterval", told.interval),
            ("HealthTimeout", told.timeout),
            ("HealthStartPeriod", told.grace),
        ];
        for (key, value) in seconds {
            if let Some(value) = value {
                file.line(key, &format!("{value}s"));
            }
        }
        if let Some(retries) = told.retries {
            file.line("HealthRetries", &retries.to_string());
        }
    }

    fn size(&mut self, process: &DeclaredProcess, file: &mut File) {
        let Some(size) = &process.size else { return };
        let Some(found) = Size::of(&size.value) else {
            return writing::lose_size(process, "systemd", self.out);
        };
        if let Some(memory) = found.memory {
            file.line("PodmanArgs", &format!("--memory {memory}b"));
        }
        if let Some(cpu) = found.cpu {
            file.line("PodmanArgs", &format!("--cpus {}.{:03}", cpu / 1000, cpu % 1000));
        }
    }

    fn stop(&mut self, process: &DeclaredProcess, file: &mut File) {
        let Some(stop) = &process.stop else { return };
        if let Some(signal) = &stop.value.signal {
            file.line("StopSignal", signal);
        }
        if let Some(grace) = stop.value.grace {
            file.line("StopTimeout", &grace.to_string());
        }
    }
}

#[cfg(test)]
mod tests;
