//! Writes `manifest.yml` for images: one application for each component, with its processes as programs of
//! the image.

use packwright_documents::{Content, Entry, Value, to_yaml};
use packwright_planner::{
    AppModel, BackingService, Component, DeclaredProcess, Port, Probe, ProcessKind, ServiceKind, Variable,
    VariableValue,
};

use crate::cloudfoundry::placeholders::is_given;
use crate::container::{self, Size, writing};
use crate::write::{Conversion, Converted, Loss};

/// Variables that the platform sets itself, and refuses to take.
const RESERVED: &[&str] = &["PORT", "VCAP_APPLICATION", "VCAP_SERVICES"];

/// Writes the manifest.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let mut out = Converted::default();
    let model = conversion.model;
    let empty = [Component::default()];
    let parts = if model.components.is_empty() { &empty[..] } else { &model.components[..] };
    let mut applications = Vec::new();
    let mut domains = Some(model);
    for (number, part) in parts.iter().enumerate() {
        let name = name(model, part, number, parts.len());
        let image = writing::image(conversion, number, part, &mut out);
        let mut writer = Writer { out: &mut out, name: &name };
        let mut entries =
            vec![text("name", &name), entry("docker", map(vec![text("image", &image)]).content)];
        entries.extend(writer.processes(part));
        let answers = part.processes.iter().any(|process| process.kind == ProcessKind::Web);
        if !answers {
            entries.push(entry("no-route", Content::Bool(true)));
        } else if let Some(model) = domains.take() {
            let route =
                |domain: &packwright_planner::Requested<String>| map(vec![text("route", &domain.value)]);
            let routes: Vec<Value> = model.domains.iter().map(route).collect();
            if !routes.is_empty() {
                entries.push(entry("routes", Content::List(routes)));
            }
        }
        entries.extend(writer.environment(part));
        let services: Vec<Value> =
            model.services.iter().map(|service| Content::Text(bound(service)).into()).collect();
        if !services.is_empty() {
            entries.push(entry("services", Content::List(services)));
        }
        writer.rest(part);
        applications.push(map(entries));
    }
    writing::lose_what_is_in_the_image(model, "Cloud Foundry", &mut out);
    lost_of_model(&mut out, model, domains.is_some());
    let manifest = map(vec![
        entry("version", Content::Number("1".to_owned())),
        entry("applications", Content::List(applications)),
    ]);
    out.file("manifest.yml", to_yaml(&manifest));
    out
}

/// What an application is called.
fn name(model: &AppModel, part: &Component, number: usize, parts: usize) -> String {
    let of_model = model.name.as_ref().map(|name| name.value.clone());
    let of_part = part.name.as_ref().map(|name| name.value.clone());
    let last = part.dir().map(|dir| dir.name().to_owned());
    match number {
        0 if parts == 1 => of_model.or(of_part).unwrap_or_else(|| "app".to_owned()),
        0 => of_part.or(of_model).unwrap_or_else(|| "app".to_owned()),
        _ => of_part.or(last).unwrap_or_else(|| format!("app-{number}")),
    }
}

/// The name by which a service is bound: one that says what it is.
fn bound(service: &BackingService) -> String {
    match ServiceKind::of(&service.name) == service.kind {
        true => service.name.clone(),
        false => format!("{}-{}", service.name, service.kind),
    }
}

/// Says what of the model as a whole has no place in a manifest.
fn lost_of_model(out: &mut Converted, model: &AppModel, no_web: bool) {
    for service in &model.services {
        let name = bound(service);
        let what = format!("the service `{name}` ({}) is bound and not made", service.kind);
        let instead = format!("make it before the push: `cf create-service <offering> <plan> {name}`");
        out.lose(Loss::Services, what, &instead, Some(&service.origin));
    }
    for domain in model.domains.iter().filter(|_| no_web) {
        let what = format!("`{}` is not written: no process answers requests", domain.value);
        out.lose(Loss::Domains, what, "add a process `web`", Some(&domain.origin));
    }
}

struct Writer<'a> {
    out: &'a mut Converted,
    name: &'a str,
}

impl Writer<'_> {
    fn processes(&mut self, part: &Component) -> Option<Entry> {
        let mut rows: Vec<Value> = Vec::new();
        if !part.processes.iter().any(|process| process.name.as_str() == "web") {
            // Every application has a process `web`; none of it runs.
            rows.push(map(vec![text("type", "web"), number("instances", 0)]));
        }
        for process in &part.processes {
            rows.extend(self.process(process).map(map));
        }
        Some(entry("processes", Content::List(rows)))
    }

    fn process(&mut self, process: &DeclaredProcess) -> Option<Vec<Entry>> {
        let name = process.name.as_str();
        let mut row = vec![text("type", name)];
        let at = Some(&process.origin);
        if name != "web" {
            row.push(text("command", &container::program(&process.name)));
        }
        match &process.kind {
            ProcessKind::Cron(schedule) => {
                let what = format!("`{name}` is not started by the clock ({schedule})");
                let instead = format!(
                    "let a scheduler run `cf run-task {} --command {}`",
                    self.name,
                    container::program(&process.name)
                );
                self.out.lose(Loss::Cron, what, &instead, at);
                return None;
            }
            ProcessKind::Release(_) => {
                let what = format!("`{name}` is not run for a new version by itself");
                let instead = format!("run `cf run-task {} --process {name}` behind every push", self.name);
                self.out.lose(Loss::Release, what, &instead, at);
                // A process of another name would be taken for a worker.
                return (name == "release").then(|| [row, vec![number("instances", 0)]].concat());
            }
            ProcessKind::Private => {
                let what = format!("`{name}` has no address of its own");
                self.out.lose(
                    Loss::Components,
                    what,
                    "map an internal route to it: `cf map-route … apps.internal`",
                    at,
                );
            }
            ProcessKind::Web if name != "web" => {
                let what = format!("`{name}` gets no requests: only `web` does");
                self.out.lose(Loss::Components, what, "make an application of its own of it", at);
            }
            ProcessKind::Web | ProcessKind::Worker => {}
        }
        self.port(process);
        if let Some(scale) = &process.scale {
            row.push(number("instances", scale.value.min.into()));
            if scale.value.max.is_some_and(|max| max != scale.value.min) {
                let what = format!("`{name}` always has {} instances", scale.value.min);
                self.out.lose(
                    Loss::Scale,
                    what,
                    "let App Autoscaler change their number",
                    Some(&scale.origin),
                );
            }
        }
        if let Some(size) = &process.size {
            match memory(&size.value) {
                Some(memory) => row.push(text("memory", &memory)),
                None => {
                    let what = format!("the size `{}` of `{name}` is not written", size.value);
                    self.out.lose(Loss::Scale, what, "write `memory: 512M`", Some(&size.origin));
                }
            }
            if memory(&size.value).is_some_and(|memory| memory != size.value) {
                let what = format!("of the size `{}` of `{name}` the memory is written", size.value);
                self.out.lose(
                    Loss::Scale,
                    what,
                    "the share of the processor follows from the memory",
                    Some(&size.origin),
                );
            }
        }
        row.extend(self.health(process));
        if let Some(stop) = &process.stop {
            let what = format!("how `{name}` is ended is not written");
            self.out.lose(Loss::Stop, what, "it gets SIGTERM, and ten seconds", Some(&stop.origin));
        }
        Some(row)
    }

    fn port(&mut self, process: &DeclaredProcess) {
        let Some(port) = &process.port else { return };
        let told = match &port.value {
            Port::Variable => return,
            Port::Fixed(port) => format!("listens on {port}"),
            Port::Socket(variable) => format!("listens on the socket that {variable} names"),
        };
        let what = format!("`{}` {told}; the platform asks at the port in PORT", process.name);
        self.out.lose(Loss::Socket, what, "let it listen where PORT says", Some(&port.origin));
    }

    fn health(&mut self, process: &DeclaredProcess) -> Vec<Entry> {
        let Some(health) = &process.health else { return Vec::new() };
        let mut row = match &health.value.probe {
            Probe::Http(path) => {
                vec![text("health-check-type", "http"), text("health-check-http-endpoint", path)]
            }
            Probe::Tcp => vec![text("health-check-type", "port")],
            Probe::Exec(_) => {
                let what = format!("the health check of `{}` is a command", process.name);
                self.out.lose(
                    Loss::Health,
                    what,
                    "let it answer at an address that says whether it is well",
                    Some(&health.origin),
                );
                return Vec::new();
            }
        };
        let seconds = [
            ("health-check-interval", health.value.interval),
            ("health-check-invocation-timeout", health.value.timeout),
            ("timeout", health.value.grace),
        ];
        row.extend(seconds.into_iter().filter_map(|(key, value)| Some(number(key, value?.into()))));
        if health.value.retries.is_some() {
            let what = format!("`{}` is not well after the first bad answer", process.name);
            self.out.lose(Loss::Health, what, "let it answer in time", Some(&health.origin));
        }
        row
    }

    fn environment(&mut self, part: &Component) -> Option<Entry> {
        let rows: Vec<Entry> =
            part.environment.iter().filter_map(|variable| self.variable(variable)).collect();
        (!rows.is_empty()).then(|| entry("env", Content::Map(rows)))
    }

    fn variable(&mut self, variable: &Variable) -> Option<Entry> {
        let name = variable.name.as_str();
        let at = Some(&variable.origin);
        if variable.scope == packwright_planner::Scoped::Build {
            return None;
        }
        if RESERVED.contains(&name) {
            self.out.lose(Loss::Scope, format!("{name} is not written"), "the platform sets it itself", at);
            return None;
        }
        let asked = format!("(({name}))");
        let mut ask = |loss: Loss, what: String| {
            self.out.lose(loss, what, "give it with `cf push --var` or `--vars-file`", at);
            Some(text(name, &asked))
        };
        match &variable.value {
            VariableValue::Literal(value) if is_given(value) => ask(
                Loss::Secret,
                format!("the value of {name} has `((` in it, which means something in a manifest"),
            ),
            VariableValue::Literal(value) => Some(text(name, value)),
            VariableValue::Required => Some(text(name, &asked)),
            VariableValue::Withheld => {
                ask(Loss::Secret, format!("{name} looks like a secret; its value is not written"))
            }
            VariableValue::Generated => ask(Loss::Secret, format!("{name} is not made up by the platform")),
            VariableValue::Elsewhere(place) => ask(Loss::Secret, format!("{name} is not taken from {place}")),
            VariableValue::Service(from) => ask(
                Loss::ServiceBinding,
                format!("{name} is not told by `{}`: services are in VCAP_SERVICES", from.service),
            ),
            VariableValue::Optional => {
                let instead = format!("set it with `cf set-env {}` where it is wanted", self.name);
                self.out.lose(Loss::Scope, format!("{name} is optional and not written"), &instead, at);
                None
            }
        }
    }

    /// Says what else of a part has no place in a manifest.
    fn rest(&mut self, part: &Component) {
        if let Some(root) = &part.root {
            let what = format!("`{}` is an application of its own", root.value);
            self.out.lose(
                Loss::Components,
                what,
                "build an image of that directory for it",
                Some(&root.origin),
            );
        }
        for volume in &part.volumes {
            let what = format!("`{}` does not outlive an instance", volume.path.value);
            let instead = "bind a service for volumes, or keep files in an object store";
            self.out.lose(Loss::Volume, what, instead, Some(&volume.path.origin));
        }
    }
}

/// A size in the words of the platform: `512M`, `1G`.
fn memory(size: &str) -> Option<String> {
    let digits = size.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = &size[digits.len()..];
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && ["M", "MB", "G", "GB"].contains(&unit) {
        return Some(size.to_owned());
    }
    let memory = Size::of(size)?.memory?;
    Some(format!("{}M", memory.div_ceil(container::MIB)))
}

fn entry(key: &str, content: Content) -> Entry {
    Entry::new(key, content)
}

fn text(key: &str, value: &str) -> Entry {
    Entry::new(key, Content::Text(value.to_owned()))
}

fn number(key: &str, value: u64) -> Entry {
    Entry::new(key, Content::Number(value.to_string()))
}

fn map(entries: Vec<Entry>) -> Value {
    Content::Map(entries).into()
}
