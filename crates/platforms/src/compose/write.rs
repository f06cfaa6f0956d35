//! Writes `compose.yaml`: one service for each process, all with the same image, and one for each backing
//! service. Every string is escaped so that Compose interpolates nothing by accident.

mod backing;

use packwright_documents::{Value, to_yaml};
use packwright_planner::{
    AppModel, Component, DeclaredProcess, Moment, ProcessKind, Variable, VariableValue,
};

use crate::container::writing::{self, flag, list, map, number, pairs, text};
use crate::container::{MIB, Size, program};
use crate::write::{Conversion, Converted, Loss};

/// The name of the file.
const FILE: &str = "compose.yaml";

/// Writes the file of Compose.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let model = conversion.model;
    let mut out = Converted::default();
    writing::lose_what_is_in_the_image(model, "Compose", &mut out);
    writing::lose_domains(model, "Compose", "tell them to the proxy in front", &mut out);
    let name = writing::app_name(model, &mut out);
    let (backing, mut volumes) = backing::services(model, &mut out);
    let mut services = Vec::new();
    for (place, (start, component)) in writing::parts(model, &mut out).into_iter().enumerate() {
        let image = writing::image(conversion, place, component, &mut out);
        let release = component.processes.iter().find(|process| is_before(process));
        let part = ImagePart { model, component, image, start, release };
        for process in &component.processes {
            let key = part.key(process, &backing);
            services.push((key, part.service(process, &backing, &mut out)));
        }
        volumes.extend(component.volumes.iter().map(|volume| (writing::volume_name(volume), map([]))));
    }
    services.extend(backing);
    volumes.dedup_by(|a, b| a.0 == b.0);
    let file = map([("name", Some(text(name))), ("services", pairs(services)), ("volumes", pairs(volumes))]);
    out.file(FILE, to_yaml(&file));
    out
}

/// Whether a process has to have come to a good end before the others start.
fn is_before(process: &DeclaredProcess) -> bool {
    matches!(process.kind, ProcessKind::Release(moment) if moment != Moment::FirstTime)
}

/// A text in which Compose fills in nothing.
fn plain(words: &str) -> Value {
    text(words.replace('$', "$$"))
}

/// A part of the application that is written.
struct ImagePart<'a> {
    model: &'a AppModel,
    component: &'a Component,
    image: String,
    /// What the names of its services begin with.
    start: String,
    release: Option<&'a DeclaredProcess>,
}

impl ImagePart<'_> {
    /// The name of the service for a process.
    fn key(&self, process: &DeclaredProcess, backing: &[(String, Value)]) -> String {
        let key = format!("{}{}", self.start, process.name);
        match backing.iter().any(|(known, _)| *known == key) {
            true => format!("{key}-process"),
            false => key,
        }
    }

    fn service(&self, process: &DeclaredProcess, backing: &[(String, Value)], out: &mut Converted) -> Value {
        let port = writing::port(self.component, process, out);
        let once = matches!(process.kind, ProcessKind::Release(_) | ProcessKind::Cron(_));
        let profile = match &process.kind {
            ProcessKind::Cron(schedule) => {
                let what = format!("Compose has no clock: `{}` is not started at `{schedule}`", process.name);
                let instead = "let the machine's own clock start it with `docker compose run --rm`";
                out.lose(Loss::Cron, what, instead, Some(&process.origin));
                Some("cron")
            }
            ProcessKind::Release(Moment::FirstTime) => {
                let what = "is not run by itself after the first start";
                writing::lose_release(process, what, "start it with `docker compose run --rm`", out);
                Some("first")
            }
            ProcessKind::Release(Moment::BeforeTraffic) => None,
            ProcessKind::Release(_) => {
                let what = "runs before the others, and they start only when it succeeds";
                writing::lose_release(process, what, "check that this is what is wanted", out);
                None
            }
            ProcessKind::Web | ProcessKind::Private | ProcessKind::Worker => None,
        };
        let is_web = process.kind == ProcessKind::Web;
        let many = process.scale.as_ref().is_some_and(|scale| scale.value.min > 1);
        // One port of the machine cannot be that of several containers.
        let published = port.filter(|_| is_web).map(|(port, _)| match many {
            true => text(port.to_string()),
            false => text(format!("{port}:{port}")),
        });
        let exposed = port.filter(|_| !is_web).map(|(port, _)| text(port.to_string()));
        let (signal, grace) = match &process.stop {
            Some(stop) => (stop.value.signal.clone(), stop.value.grace),
            None => (None, None),
        };
        map([
            ("image", Some(plain(&self.image))),
            ("entrypoint", list(vec![text(program(&process.name))])),
            // Signals and orphans are for a first process that knows them, as the image's own does.
            ("init", Some(flag(true))),
            ("profiles", profile.and_then(|profile| list(vec![text(profile)]))),
            ("environment", self.environment(port, backing, out)),
            ("ports", list(published.into_iter().collect())),
            ("expose", list(exposed.into_iter().collect())),
            ("volumes", self.volumes(out)),
            ("depends_on", self.depends_on(process, backing)),
            ("healthcheck", health(process, out)),
            ("deploy", deploy(process, out)),
            ("stop_signal", signal.as_deref().map(plain)),
            ("stop_grace_period", grace.map(|grace| text(format!("{grace}s")))),
            ("restart", Some(text(if once { "no" } else { "unless-stopped" }))),
        ])
    }

    fn environment(
        &self,
        port: Option<(u16, bool)>,
        backing: &[(String, Value)],
        out: &mut Converted,
    ) -> Option<Value> {
        let own_port = port.filter(|(_, is_told)| *is_told).map(|(port, _)| port);
        let mut entries: Vec<(String, Value)> = Vec::new();
        entries.extend(own_port.map(|port| ("PORT".to_owned(), text(port.to_string()))));
        for variable in writing::run_variables(self.component, own_port.is_some()) {
            entries.push((variable.name.clone(), self.value(variable, backing, out)));
        }
        for service in &self.model.services {
            for name in &service.tells {
                let known = entries.iter().any(|(known, _)| known == name);
                if let Some(address) = backing::address(service).filter(|_| !known) {
                    entries.push((name.clone(), text(address)));
                    let what = format!("`{}` tells nothing by itself: `{name}` is written", service.name);
                    once(out, Loss::ServiceBinding, what, "check the address", &service.origin);
                }
            }
        }
        pairs(entries)
    }

    fn value(&self, variable: &Variable, backing: &[(String, Value)], out: &mut Converted) -> Value {
        let name = &variable.name;
        let can_be_asked = {
            let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
            first && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match &variable.value {
            VariableValue::Literal(value) => return plain(value),
            VariableValue::Optional if can_be_asked => return text(format!("${{{name}:-}}")),
            VariableValue::Service(from) => {
                let service = self.model.services.iter().find(|service| service.name == from.service);
                let is_there = backing.iter().any(|(key, _)| *key == from.service);
                if let Some((value, is_read)) = service
                    .filter(|_| is_there)
                    .and_then(|service| backing::property(service, &from.property))
                {
                    if !is_read {
                        let what =
                            format!("`{name}` is written as the {} of `{}`", from.property, from.service);
                        once(out, Loss::ServiceBinding, what, "check the value", &variable.origin);
                    }
                    return text(value);
                }
                let reached = |process: &DeclaredProcess| {
                    let port = writing::port(self.component, process, &mut Converted::default());
                    (self.key(process, backing), port.map_or(writing::PORT, |(port, _)| port))
                };
                if let Some(address) = writing::told_of_process(self.component, from, reached) {
                    let what = format!("`{name}` is written as the {} of `{}`", from.property, from.service);
                    once(out, Loss::ServiceBinding, what, "check the value", &variable.origin);
                    return plain(&address);
                }
            }
            _ => {}
        }
        if !out.losses.iter().any(|loss| loss.at.as_ref() == Some(&variable.origin)) {
            writing::lose_value(
                variable,
                "give the variable to `docker compose`, or write it into `.env`",
                out,
            );
        }
        match can_be_asked {
            true => text(format!("${{{name}:?give it a value}}")),
            // It comes from the caller under its own name.
            false => Value::from(packwright_documents::Content::Null),
        }
    }

    fn volumes(&self, out: &mut Converted) -> Option<Value> {
        let mounts = self.component.volumes.iter().map(|volume| {
            let name = writing::volume_name(volume);
            if volume.name.as_deref() != Some(&name) || volume.megabytes.is_some() {
                let what = format!("the volume for `{}` is `{name}`, without a size", volume.path.value);
                once(out, Loss::Volume, what, "Docker's volumes take what the disk has", &volume.path.origin);
            }
            text(format!("{name}:{}", writing::mounted(volume).replace('$', "$$")))
        });
        list(mounts.collect())
    }

    fn depends_on(&self, process: &DeclaredProcess, backing: &[(String, Value)]) -> Option<Value> {
        let condition = |condition: &str| map([("condition", Some(text(condition)))]);
        let services = backing.iter().map(|(key, service)| {
            let asked = service.get("healthcheck").is_some();
            (key.clone(), condition(if asked { "service_healthy" } else { "service_started" }))
        });
        let mut on: Vec<(String, Value)> = services.collect();
        if let Some(release) =
            self.release.filter(|release| release.name != process.name && !process.is_release())
        {
            on.push((self.key(release, backing), condition("service_completed_successfully")));
        }
        pairs(on)
    }
}

/// Says what is lost, unless it was said about the same place.
fn once(out: &mut Converted, loss: Loss, what: String, instead: &str, at: &packwright_planner::Origin) {
    if !out.losses.iter().any(|known| known.at.as_ref() == Some(at) && known.message == what) {
        out.lose(loss, what, instead, Some(at));
    }
}

fn health(process: &DeclaredProcess, out: &mut Converted) -> Option<Value> {
    let (words, health) = writing::test(process, out)?;
    let seconds = |seconds: Option<u32>| seconds.map(|seconds| text(format!("{seconds}s")));
    Some(map([
        ("test", list(words.iter().map(|word| plain(word)).collect())),
        ("interval", seconds(health.interval)),
        ("timeout", seconds(health.timeout)),
        ("start_period", seconds(health.grace)),
        ("retries", health.retries.map(number)),
    ]))
}

fn deploy(process: &DeclaredProcess, out: &mut Converted) -> Option<Value> {
    let scale = process.scale.as_ref();
    if let Some(scale) = scale.filter(|scale| scale.value.max.is_some_and(|max| max != scale.value.min)) {
        let what =
            format!("Compose does not scale by load: `{}` has {} containers", process.name, scale.value.min);
        out.lose(Loss::Scale, what, "choose the number with `--scale`", Some(&scale.origin));
    }
    let size = process.size.as_ref().and_then(|size| Size::of(&size.value));
    if size.is_none() {
        writing::lose_size(process, "Compose", out);
    }
    let limits = size.map(|size| {
        let cpus = size.cpu.map(|cpu| {
            let decimal = format!("{}.{:03}", cpu / 1000, cpu % 1000);
            text(decimal.trim_end_matches('0').trim_end_matches('.'))
        });
        let memory = size.memory.map(|memory| match memory % MIB {
            0 => text(format!("{}M", memory / MIB)),
            _ => text(format!("{memory}b")),
        });
        map([("cpus", cpus), ("memory", memory)])
    });
    let resources = limits.map(|limits| map([("limits", Some(limits))]));
    let deploy = map([("replicas", scale.map(|scale| number(scale.value.min))), ("resources", resources)]);
    (!deploy.entries().is_empty()).then_some(deploy)
}
