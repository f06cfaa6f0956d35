//! `processes` of `fly.toml`, with the services and checks of processes that listen.

use packwright_planner::{DeclaredProcess, Health, Port, Probe, ProcessKind};

use super::{App, PORT};
use crate::container::program;
use crate::entries::Entries;
use crate::write::{Loss, told_port};

impl<'a> App<'a> {
    /// The processes that keep running.
    pub(super) fn running(&self) -> Vec<&'a DeclaredProcess> {
        let keeps = |process: &&DeclaredProcess| {
            matches!(process.kind, ProcessKind::Web | ProcessKind::Private | ProcessKind::Worker)
        };
        self.part.processes.iter().filter(keeps).collect()
    }

    /// Whether a process listens where `PORT` says.
    pub(super) fn follows_port(&self) -> bool {
        let follows = |process: &&DeclaredProcess| {
            !matches!(process.port.as_ref().map(|port| &port.value), Some(Port::Fixed(_)))
        };
        let answers = |process: &&DeclaredProcess| process.kind != ProcessKind::Worker;
        self.running().iter().copied().filter(|process| answers(process)).any(|process| follows(&process))
    }

    pub(super) fn processes(&mut self, entries: &mut Entries) {
        for process in
            self.part.processes.iter().filter(|process| matches!(process.kind, ProcessKind::Cron(_)))
        {
            let what = format!("`{}`, which is started by the clock, is not written", process.name);
            let instead = format!("`fly machine run IMAGE {} --schedule daily`", program(&process.name));
            self.converted.lose(Loss::Cron, what, &instead, Some(&process.origin));
        }
        let running = self.running();
        let mut processes = Entries::default();
        for process in &running {
            processes.text(process.name.as_str(), program(&process.name));
        }
        entries.map("processes", processes);
        let web = running.iter().find(|process| process.kind == ProcessKind::Web).copied();
        let mut checks = Entries::default();
        let mut services = Vec::new();
        for process in running {
            match &process.kind {
                ProcessKind::Web if web.is_some_and(|web| web.name == process.name) => {
                    if process.name.as_str() != "web" {
                        let what = format!("`{}` is read as `web`", process.name);
                        self.converted.lose(Loss::Components, what, "nothing", Some(&process.origin));
                    }
                    let service = self.service(process, "checks", &mut checks);
                    entries.map("http_service", service);
                }
                ProcessKind::Web => {
                    let what = format!(
                        "`{}` is not reached from outside: the file has one service for all names",
                        process.name
                    );
                    self.converted.lose(
                        Loss::Components,
                        what,
                        "make it an application of its own",
                        Some(&process.origin),
                    );
                    self.unasked(process);
                }
                ProcessKind::Private => {
                    let mut service = self.service(process, "http_checks", &mut checks);
                    service.text("protocol", "tcp");
                    services.push(service);
                }
                _ => self.unasked(process),
            }
        }
        entries.maps("services", services);
        entries.map("checks", checks);
    }

    /// A process without a service: nothing can be asked of it, and the file has no number of it.
    fn unasked(&mut self, process: &DeclaredProcess) {
        if let Some(health) = &process.health {
            let what = format!("`{}` is not asked whether it is well: no service leads to it", process.name);
            self.converted.lose(Loss::Health, what, "watch it from outside", Some(&health.origin));
        }
        if let Some(port) = &process.port {
            let what = format!("the port of `{}` is not written: no service leads to it", process.name);
            self.converted.lose(
                Loss::Port,
                what,
                "nothing, if only the platform's network asks there",
                Some(&port.origin),
            );
        }
        self.uncounted(process);
    }

    fn service(&mut self, process: &DeclaredProcess, key: &str, checks: &mut Entries) -> Entries {
        let mut service = Entries::default();
        let port = self.port(process);
        service.number("internal_port", u64::from(port));
        match process.scale.as_ref().map(|scale| (scale.value.min, scale.value.max)) {
            Some((min, max)) if min > 0 && max.is_none_or(|max| max == min) => {
                service.number("min_machines_running", u64::from(min));
            }
            _ => self.uncounted(process),
        }
        service.texts("processes", [process.name.as_str()]);
        let Some(health) = &process.health else { return service };
        if health.value.retries.is_some() {
            let what = format!("how many bad answers of `{}` count is not written", process.name);
            self.converted.lose(Loss::Health, what, "nothing: the platform decides", Some(&health.origin));
        }
        match &health.value.probe {
            Probe::Http(path) => {
                let mut check = Entries::default();
                check.text("method", "GET").text("path", path);
                times(&mut check, &health.value);
                service.maps(key, vec![check]);
            }
            Probe::Tcp => {
                let mut check = Entries::default();
                check.text("type", "tcp").number("port", u64::from(port));
                times(&mut check, &health.value);
                check.texts("processes", [process.name.as_str()]);
                checks.map(process.name.as_str(), check);
            }
            Probe::Exec(command) => {
                let what = format!("`{}` is not asked by `{command}`", process.name);
                self.converted.lose(Loss::Health, what, "answer at a path or a port", Some(&health.origin));
            }
        }
        service
    }

    fn uncounted(&mut self, process: &DeclaredProcess) {
        if let Some(scale) = &process.scale {
            let what = format!("how many of `{}` run is not written", process.name);
            let instead = format!("`fly scale count {}={}`", process.name, scale.value.min);
            self.converted.lose(Loss::Scale, what, &instead, Some(&scale.origin));
        }
    }

    /// The port at which a process is asked.
    fn port(&mut self, process: &DeclaredProcess) -> u16 {
        let said = told_port(self.part);
        let Some(port) = &process.port else { return said.unwrap_or(PORT) };
        match &port.value {
            // As in the image, what a file sets for all counts before what one names.
            Port::Fixed(number) => match said.filter(|_| process.name.as_str() == "web") {
                Some(said) if said != *number => {
                    let what = format!("`web` listens on {said}, which is `PORT`, and not on {number}");
                    self.converted.lose(Loss::Port, what, "make the two agree", Some(&port.origin));
                    said
                }
                _ => *number,
            },
            Port::Variable => {
                let number = said.unwrap_or(PORT);
                let what = format!("`{}` is asked at the port {number}", process.name);
                self.converted.lose(Loss::Port, what, "nothing: PORT is set to it", Some(&port.origin));
                number
            }
            Port::Socket(variable) => {
                let what =
                    format!("`{}` listens on the socket in {variable}, and is asked at a port", process.name);
                self.converted.lose(Loss::Socket, what, "let it listen on 0.0.0.0:$PORT", Some(&port.origin));
                said.unwrap_or(PORT)
            }
        }
    }
}

fn times(check: &mut Entries, health: &Health) {
    let times = [("interval", health.interval), ("timeout", health.timeout), ("grace_period", health.grace)];
    for (key, seconds) in times {
        check.maybe(key, seconds.map(|seconds| format!("{seconds}s")).as_deref());
    }
}
