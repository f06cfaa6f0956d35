//! Writes `hooks`, `web`, `workers` and `crons`: processes and static files.

use packwright_planner::{DeclaredProcess, Moment, Port, ProcessKind, StaticMount};

use super::application::ApplicationWriter;
use crate::entries::Entries;
use crate::platformsh::dialect::Dialect;
use crate::platformsh::reader::from_app;
use crate::write::Loss;

/// The sizes of Platform.sh's containers.
const SIZES: &[&str] = &["S", "M", "L", "XL", "2XL", "4XL", "AUTO"];

impl<'a> ApplicationWriter<'a> {
    pub(super) fn hooks(&mut self, entries: &mut Entries, language: Option<&'static str>) {
        let mut hooks = Entries::default();
        if let Some(script) = self.build(language) {
            if language == Some("node") {
                // The default flavor installs before the hook, which is the whole build here.
                let mut build = Entries::default();
                build.text("flavor", "none");
                entries.map("build", build);
            }
            hooks.text("build", script);
        }
        let deploy = self.once("deploy", "release", |moment| {
            matches!(moment, Moment::BeforeTraffic | Moment::BeforeTrafficAnyway)
        });
        let after = if deploy.is_some() { "post-deploy" } else { "release" };
        hooks.maybe("deploy", deploy.as_deref());
        let post = self.once("post_deploy", after, |moment| moment == Moment::AfterTraffic);
        hooks.maybe("post_deploy", post.as_deref());
        for process in self.of(|kind| *kind == ProcessKind::Release(Moment::FirstTime)) {
            let what = format!("`{}`, which runs once after the first version, is not written", process.name);
            self.lose(Loss::Release, what, "run it by hand after the first deployment", &process.origin);
        }
        entries.map("hooks", hooks);
    }

    /// The hook for release commands of certain moments; `name` is what it is called when it is read.
    fn once(&mut self, hook: &str, name: &str, when: impl Fn(Moment) -> bool) -> Option<String> {
        let found = self.of(|kind| matches!(kind, ProcessKind::Release(moment) if when(*moment)));
        let mut written = None;
        for process in found {
            let line = process.command.as_ref().map(|command| self.line(command, &process.origin));
            let Some(line) = line.filter(|line| written.is_none() && !line.trim().is_empty()) else {
                let what = format!(
                    "`{}` is not written: `hooks.{hook}` has another command, or it has none",
                    process.name
                );
                self.lose(Loss::Release, what, "add it to the hook", &process.origin);
                continue;
            };
            if process.kind == ProcessKind::Release(Moment::BeforeTraffic) {
                let what = format!("a failure of `{}` no longer keeps the old version", process.name);
                self.lose(
                    Loss::Release,
                    what,
                    "let the application refuse to start without it",
                    &process.origin,
                );
            } else if process.name.as_str() != name || line.trim_end() != line {
                self.lose(
                    Loss::Release,
                    format!("`{}` is `hooks.{hook}`", process.name),
                    "nothing",
                    &process.origin,
                );
            }
            written = Some(line);
        }
        written
    }

    pub(super) fn web(&mut self, entries: &mut Entries) {
        let part = self.part;
        let process = main_process(part);
        let mut web = Entries::default();
        if let Some(process) = process {
            if process.kind != ProcessKind::Web {
                let what = format!("`{}` is reached from outside", process.name);
                self.lose(Loss::Components, what, "take its route out of the routes", &process.origin);
            } else if process.name.as_str() != "web" {
                self.lose(
                    Loss::Components,
                    format!("`{}` is called `web`", process.name),
                    "nothing",
                    &process.origin,
                );
            }
            self.start(&mut web, process);
            self.port(&mut web, process);
            self.instance(&mut web, process);
        }
        if let (Some(publish), true) = (&part.publish, process.is_some()) {
            let what = format!("the site in `{}` is served by the application", publish.value);
            self.lose(Loss::StaticFiles, what, "add a location for it", &publish.origin);
        }
        let locations = self.locations(process.is_some());
        web.map("locations", locations);
        entries.map("web", web);
        let more = |other: &&DeclaredProcess| process.is_none_or(|web| web.name != other.name);
        for other in
            self.of(|kind| matches!(kind, ProcessKind::Web | ProcessKind::Private)).into_iter().filter(more)
        {
            let what = format!(
                "`{}` is not written: an application has one process that answers requests",
                other.name
            );
            self.lose(Loss::Components, what, "make it an application of its own", &other.origin);
        }
    }

    fn start(&mut self, web: &mut Entries, process: &DeclaredProcess) {
        let line = process.command.as_ref().map(|command| self.line(command, &process.origin));
        match line {
            Some(line) if line.trim_end() == line && !line.is_empty() => {
                let mut commands = Entries::default();
                commands.text("start", line);
                web.map("commands", commands);
            }
            Some(_) => {
                self.lose(Loss::Components, "the start command is blank", "write it", &process.origin);
            }
            None => {
                let instead = "write the command that `packwright plan` shows into `web.commands.start`";
                self.lose(Loss::Build, "how `web` starts is not declared", instead, &process.origin);
            }
        }
    }

    fn port(&mut self, web: &mut Entries, process: &DeclaredProcess) {
        let Some(port) = &process.port else { return };
        match &port.value {
            Port::Variable => {}
            Port::Fixed(number) => {
                let what = format!("the platform asks at the port in PORT, not at {number}");
                self.lose(Loss::Port, what, "let the start command listen on $PORT", &port.origin);
            }
            Port::Socket(variable) => {
                if variable != "SOCKET" {
                    let what = format!("the platform names the socket in SOCKET, not in {variable}");
                    self.lose(Loss::Socket, what, "let the start command listen on $SOCKET", &port.origin);
                }
                let mut upstream = Entries::default();
                upstream.text("socket_family", "unix");
                web.map("upstream", upstream);
            }
        }
    }

    /// What one process is given: its size; the rest the platform knows by other ways.
    fn instance(&mut self, entries: &mut Entries, process: &DeclaredProcess) {
        if let Some(size) = &process.size {
            match self.dialect == Dialect::Platformsh && SIZES.contains(&size.value.as_str()) {
                true => {
                    entries.text("size", &size.value);
                }
                false => {
                    let what = format!("the size `{}` of `{}` is not written", size.value, process.name);
                    self.lose(Loss::Scale, what, "choose one in the platform's console", &size.origin);
                }
            }
        }
        if let Some(scale) = &process.scale {
            let what = format!("how many of `{}` run is not written", process.name);
            self.lose(Loss::Scale, what, "set the number of instances in the console", &scale.origin);
        }
        if let Some(health) = &process.health {
            let what = format!("the platform does not ask `{}` whether it is well", process.name);
            self.lose(
                Loss::Health,
                what,
                "watch it from outside; a process that ends is started again",
                &health.origin,
            );
        }
        if let Some(stop) = &process.stop {
            let what = format!("how `{}` is ended is the platform's affair", process.name);
            self.lose(Loss::Stop, what, "let it end on SIGTERM within seconds", &stop.origin);
        }
    }

    fn locations(&mut self, answers: bool) -> Entries {
        let part = self.part;
        let mut locations = Entries::default();
        let site = part.publish.as_ref().filter(|_| !answers);
        let mut top = Entries::default();
        if let Some(site) = site {
            let dir = from_app(&site.value);
            if dir != site.value {
                self.lose(Loss::StaticFiles, format!("the site is in `{dir}`"), "nothing", &site.origin);
            }
            top.text("root", dir).texts("index", ["index.html"]).flag("allow", true);
        }
        for mount in &part.statics {
            let StaticMount { url, dir, expires, fallback } = mount;
            let here = from_app(dir);
            let fits = url.value.starts_with('/') && !dir.contains('*') && !dir.starts_with('/');
            if !fits
                || url.value == "/"
                    && site.is_some()
                    && here != from_app(&site.map_or_else(String::new, |site| site.value.clone()))
            {
                let what = format!("the files `{dir}` at `{}` are not written", url.value);
                self.lose(
                    Loss::StaticFiles,
                    what,
                    "add a location with one directory, or let the application serve them",
                    &url.origin,
                );
                continue;
            }
            let mut location = match url.value == "/" {
                true => std::mem::take(&mut top),
                false => Entries::default(),
            };
            let unsaid = here != *dir
                || expires.as_deref() == Some("-1")
                || matches!(fallback.as_deref(), Some("true" | "false"));
            if unsaid {
                self.lose(
                    Loss::StaticFiles,
                    format!("the files at `{}` are in `{here}`", url.value),
                    "nothing",
                    &url.origin,
                );
            }
            if location.is_empty() {
                location.text("root", here);
            }
            location.maybe("expires", expires.as_deref());
            match fallback {
                Some(fallback) => {
                    location.text("passthru", fallback);
                }
                None if url.value == "/" && answers => {
                    location.flag("passthru", true);
                }
                None => {}
            }
            locations.map(&url.value, location);
            if url.value == "/" {
                top = Entries::default();
            }
        }
        let has_top = part.statics.iter().any(|mount| mount.url.value == "/");
        if answers && !has_top {
            top.flag("passthru", true);
        }
        locations.map("/", top);
        locations
    }

    pub(super) fn workers(&mut self, entries: &mut Entries) {
        let mut workers = Entries::default();
        let main = main_process(self.part).map(|process| process.name.clone());
        for process in self.of(|kind| *kind == ProcessKind::Worker) {
            if Some(&process.name) == main.as_ref() {
                continue;
            }
            let line = process.command.as_ref().map(|command| self.line(command, &process.origin));
            let Some(line) = line.filter(|line| !line.is_empty() && line.trim_end() == line) else {
                let what = format!("how `{}` starts is not declared, and it is not written", process.name);
                self.lose(Loss::Components, what, "add it to `workers` with its command", &process.origin);
                continue;
            };
            let mut worker = Entries::default();
            let mut commands = Entries::default();
            commands.text("start", line);
            self.instance(&mut worker, process);
            worker.map("commands", commands);
            workers.map(process.name.as_str(), worker);
        }
        entries.map("workers", workers);
    }

    pub(super) fn crons(&mut self, entries: &mut Entries) {
        let mut crons = Entries::default();
        for process in self.of(|kind| matches!(kind, ProcessKind::Cron(_))) {
            let ProcessKind::Cron(spec) = &process.kind else { continue };
            let line = process.command.as_ref().map(|command| self.line(command, &process.origin));
            let line = line.filter(|line| !line.is_empty() && line.trim_end() == line);
            let (Some(line), 5) = (line, spec.split_whitespace().count()) else {
                let what = format!(
                    "`{}` is not written: its times `{spec}` are no five fields, or it has no command",
                    process.name
                );
                self.lose(Loss::Cron, what, "add it to `crons`", &process.origin);
                continue;
            };
            let mut cron = Entries::default();
            let mut commands = Entries::default();
            commands.text("start", line);
            cron.text("spec", spec).map("commands", commands);
            crons.map(process.name.as_str(), cron);
        }
        entries.map("crons", crons);
    }

    fn of(&self, wanted: impl Fn(&ProcessKind) -> bool) -> Vec<&'a DeclaredProcess> {
        self.part.processes.iter().filter(|process| wanted(&process.kind)).collect()
    }
}

/// The process that the platform's router asks.
pub(super) fn main_process(part: &packwright_planner::Component) -> Option<&DeclaredProcess> {
    let named = part
        .processes
        .iter()
        .find(|process| process.name.as_str() == "web" && process.kind == ProcessKind::Web);
    named.or_else(|| part.processes.iter().find(|process| process.kind == ProcessKind::Web))
}
