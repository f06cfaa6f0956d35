//! `services` of a Blueprint: programs that are built and run, and key-value stores.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{
    BackingService, BuildWork, Command, Component, DeclaredProcess, Diagnostic, Health, Moment, Origin,
    Phase, Probe, ProcessKind, ProcessName, RelPath, Requested, Scale, ServiceKind, StaticMount, Stop,
    Strategy, Volume,
};

use super::application::{self, Candidate};
use super::environment::{Environment, Groups};
use crate::dir_view::DirView;
use crate::render::resources::{Resources, line_of};
use crate::table::{Document, Table};
use crate::{container, tool_names};

/// Keys of a service that are Render's affair alone.
const LEFT: &[&str] = &[
    "repo",
    "branch",
    "region",
    "autoDeploy",
    "autoDeployTrigger",
    "buildFilter",
    "registryCredential",
    "ipAllowList",
    "previews",
    "pullRequestPreviewsEnabled",
    "previewPlan",
    "maintenanceMode",
    "notifications",
    "maxmemoryPolicy",
    "renderSubdomainPolicy",
    "cache",
    "sshKeys",
    "persistenceMode",
];

/// Words by which a command of the build brings a database up to date.
const NAMES_OF_ONCE: &[&str] = &["web", "release", "postdeploy"];

/// Names of processes that are taken, by directory.
type Taken = BTreeMap<Option<RelPath>, BTreeSet<String>>;

/// Reads the services of one level.
pub(super) fn read(view: &DirView<'_>, table: &Table<'_>, groups: &Groups, found: &mut Resources) {
    let mut taken = Taken::new();
    let rows = table.tables("services");
    let others = others(view, &rows);
    for (number, row) in rows.into_iter().enumerate() {
        row.leave(LEFT);
        let kind = row.text("type");
        let Some(name) = row.text("name") else {
            row.document().refuse(line_of(&row.origin()), "a service has no `name`", "give it one");
            continue;
        };
        match kind.as_ref().map(|kind| kind.value.as_str()) {
            Some("keyvalue" | "redis") => {
                row.leave(&["runtime", "env", "envVars", "numInstances"]);
                found.services.push(BackingService {
                    name: name.value,
                    kind: ServiceKind::Redis,
                    version: None,
                    plan: row.text("plan").map(|plan| plan.value),
                    tells: Vec::new(),
                    origin: name.origin,
                });
            }
            Some(_) if others.contains(&number) => row.leave_rest(),
            Some("web" | "pserv" | "worker" | "cron" | "static") => {
                let service =
                    Service { row: &row, kind: kind.map_or(String::new(), |kind| kind.value), name };
                let component = service.component(groups, &mut taken, found);
                found.components.push(component);
            }
            Some(other) => {
                // Render has more kinds from time to time; the others are still understood.
                let message = format!("{}: `{other}` is no type of service that is known", name.origin);
                row.document().say(
                    Diagnostic::warning("render/unknown-type", message)
                        .why("nothing of the service is used")
                        .fix("use `web`, `pserv`, `worker`, `cron` or `keyvalue`")
                        .at(name.origin.clone()),
                );
                row.leave_rest();
            }
            None => {
                let message = format!("the service `{}` has no `type`", name.value);
                row.document().refuse(line_of(&name.origin), &message, "write `type: web`, or what it is");
                row.leave_rest();
            }
        }
    }
}

/// The places of the services that are no part of the application.
fn others(view: &DirView<'_>, rows: &[Table<'_>]) -> BTreeSet<usize> {
    let mut services: Vec<(usize, Service<'_>)> = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let kind = row.text("type").map(|kind| kind.value).unwrap_or_default();
        if let Some(name) = row.text("name")
            && ["web", "pserv", "worker", "cron"].contains(&kind.as_str())
        {
            services.push((number, Service { row, kind, name }));
        }
    }
    let candidates: Vec<Candidate<'_>> = services
        .iter()
        .filter(|(_, service)| service.row.text("runtime").is_none_or(|runtime| runtime.value != "static"))
        .map(|(_, service)| service.candidate())
        .collect();
    let counting = application::counting(view, &candidates);
    let names = candidates.iter().zip(counting).filter(|(_, counts)| !counts).map(|(other, _)| other.name);
    let is_other: Vec<&Requested<String>> = names.collect();
    let places = services.iter().filter(|(_, service)| is_other.contains(&&service.name));
    places.map(|(number, _)| *number).collect()
}

/// A service that is built and run.
struct Service<'a> {
    row: &'a Table<'a>,
    kind: String,
    name: Requested<String>,
}

impl Service<'_> {
    fn document(&self) -> &Document {
        self.row.document()
    }

    fn runtime(&self) -> Option<Requested<String>> {
        self.row.text("runtime").or_else(|| self.row.text("env"))
    }

    /// The service as far as the row says what image it runs.
    fn candidate(&self) -> Candidate<'_> {
        Candidate { row: self.row, kind: &self.kind, name: &self.name, component: self.made() }
    }

    /// Its directory, and how its image is made.
    fn made(&self) -> Component {
        let runtime = self.runtime();
        let word = runtime.as_ref().map(|runtime| runtime.value.as_str()).unwrap_or_default();
        let mut component = Component { root: self.directory("rootDir"), ..Component::default() };
        if word == "docker" {
            self.dockerfile(&mut component, runtime.as_ref());
        } else if let Some(image) = self.row.table("image") {
            image.leave(&["creds"]);
            component.strategy = image
                .text("url")
                .map(|url| Requested { value: Strategy::Image(url.value), origin: url.origin });
        }
        component
    }

    fn component(&self, groups: &Groups, taken: &mut Taken, found: &mut Resources) -> Component {
        let row = self.row;
        let runtime = self.runtime();
        let word = runtime.as_ref().map(|runtime| runtime.value.as_str()).unwrap_or_default();
        let mut component = Component { name: Some(self.name.clone()), ..self.made() };
        row.leave(&["dockerfilePath", "dockerContext"]);
        let tool = runtime.as_ref().and_then(|runtime| {
            let tool = tool_names::tool(&runtime.value)?;
            Some(Requested { value: tool.to_owned(), origin: runtime.origin.clone() })
        });
        let site = word == "static" || self.kind == "static";
        if tool.is_none() && !site && !["", "docker", "image"].contains(&word) {
            let origin = runtime.as_ref().map_or(&self.name.origin, |runtime| &runtime.origin);
            self.document().say(
                Diagnostic::warning(
                    "render/unknown-runtime",
                    format!("{origin}: `{word}` is no runtime that is known"),
                )
                .why("the language is detected instead")
                .fix("name the language: `python`, `node`")
                .at(origin.clone()),
            );
        }
        component.language = tool;
        self.build(&mut component);
        let environment = Environment::of(row, groups);
        found.previews.extend(environment.previews.iter().cloned());
        environment.give(&mut component);
        if let Some(disk) = row.table("disk") {
            let gigabytes = disk.number("sizeGB").map(|size| size.value);
            let name = disk.text("name").map(|name| name.value);
            self.not_on_free_plan("disk", &disk.origin());
            if let Some(path) = disk.text("mountPath") {
                let megabytes = gigabytes.and_then(|size| size.checked_mul(1024));
                component.volumes.push(Volume { name, path, megabytes });
            }
        }
        found.domains.extend(row.texts("domains"));
        found.domains.extend(row.texts("domain"));
        if site {
            self.site(&mut component);
        } else {
            row.leave(&["staticPublishPath", "headers", "routes"]);
            let names = taken.entry(component.dir().cloned()).or_default();
            self.processes(&mut component, names);
        }
        component
    }

    /// A directory of the repository; the top is none.
    fn directory(&self, key: &str) -> Option<Requested<RelPath>> {
        let text = self.row.text(key)?;
        let plain = plain(&text.value);
        if plain.is_empty() {
            return None;
        }
        match plain.parse() {
            Ok(value) => Some(Requested { value, origin: text.origin }),
            Err(error) => {
                let error: packwright_planner::PathError = error;
                let fix = "name a directory of the repository";
                self.document().refuse(line_of(&text.origin), &error.to_string(), fix);
                None
            }
        }
    }

    /// How Docker builds it. Paths are from the top of the repository, or from `rootDir`.
    fn dockerfile(&self, component: &mut Component, runtime: Option<&Requested<String>>) {
        let context = self.directory("dockerContext");
        let file = self.row.text("dockerfilePath");
        let origin = file.as_ref().map(|file| &file.origin).or(runtime.map(|runtime| &runtime.origin));
        let origin = origin.unwrap_or(&self.name.origin).clone();
        let file = file.map_or_else(|| "Dockerfile".to_owned(), |file| plain(&file.value).to_owned());
        let path = match (&component.root, context) {
            (Some(root), _) => below(&file, &root.value).unwrap_or(file),
            (None, Some(context)) => {
                let path = below(&file, &context.value);
                let up = || format!("{}{file}", "../".repeat(context.value.depth()));
                let path = path.unwrap_or_else(up);
                component.root = Some(context);
                path
            }
            (None, None) => file,
        };
        let strategy = Strategy::Dockerfile { path, target: None, args: BTreeMap::new() };
        component.strategy = Some(Requested { value: strategy, origin });
    }

    /// The command that builds it, which Render runs in place of what it would detect.
    fn build(&self, component: &mut Component) {
        let Some(command) = self.row.text("buildCommand") else { return };
        let line = command.value.trim();
        if line.is_empty() {
            return;
        }
        let command = Requested { value: Command::shell(line), origin: command.origin };
        component.phases.push(Phase::of("build", BuildWork::All, vec![command]));
    }

    /// A site without a program.
    fn site(&self, component: &mut Component) {
        let row = self.row;
        row.leave(&[
            "plan",
            "startCommand",
            "healthCheckPath",
            "numInstances",
            "scaling",
            "preDeployCommand",
            "schedule",
        ]);
        row.leave(&["maxShutdownDelaySeconds", "initialDeployHook", "dockerCommand"]);
        let path = row.text("staticPublishPath").or_else(|| row.text("publishPath"));
        let Some(path) = path else {
            let message = format!("the site `{}` has no `staticPublishPath`", self.name.value);
            self.document().refuse(line_of(&self.name.origin), &message, "name the directory with its files");
            return;
        };
        let dir = plain(&path.value);
        let dir = match component.dir().and_then(|root| below(dir, root)) {
            Some(inner) => inner,
            None if dir.is_empty() => ".".to_owned(),
            None => dir.to_owned(),
        };
        component.publish = Some(Requested { value: dir.clone(), origin: path.origin });
        for route in row.tables("routes") {
            let (source, to) = (route.text("source"), route.text("destination"));
            let rewrite = route.text("type").is_some_and(|kind| kind.value == "rewrite");
            let (Some(source), Some(to)) = (source, to) else { continue };
            if rewrite && source.value == "/*" && to.value.ends_with(".html") {
                component.statics.push(StaticMount {
                    url: Requested { value: "/".to_owned(), origin: source.origin },
                    dir: dir.clone(),
                    expires: None,
                    fallback: Some(to.value.trim_start_matches('/').to_owned()),
                });
            } else {
                let what = format!("the route from `{}` to `{}`", source.value, to.value);
                let why = "the web server of the image serves files and knows one fallback for all paths";
                self.document().without_effect(line_of(&source.origin), &what, why);
            }
        }
        for header in row.tables("headers") {
            let name = header.text("name");
            header.leave(&["path", "value"]);
            if let Some(name) = name {
                let why = "the web server of the image sets no headers of a site's own";
                self.document().without_effect(
                    line_of(&name.origin),
                    &format!("the header `{}`", name.value),
                    why,
                );
            }
        }
    }

    /// Its process, and the commands that run once for a version.
    fn processes(&self, component: &mut Component, taken: &mut BTreeSet<String>) {
        let row = self.row;
        let schedule = row.text("schedule").map(|schedule| schedule.value.trim().to_owned());
        let kind = match self.kind.as_str() {
            "web" => ProcessKind::Web,
            "pserv" => ProcessKind::Private,
            "cron" => {
                if schedule.is_none() {
                    let message = format!("the cron job `{}` has no `schedule`", self.name.value);
                    self.document().refuse(
                        line_of(&self.name.origin),
                        &message,
                        "write five fields: `0 3 * * *`",
                    );
                }
                ProcessKind::Cron(schedule.unwrap_or_default())
            }
            _ => ProcessKind::Worker,
        };
        let start = row.text("startCommand").filter(|start| !start.value.trim().is_empty());
        let docker = row.text("dockerCommand").filter(|start| !start.value.trim().is_empty());
        let mut named = None;
        let (command, origin) = match (start, docker) {
            (Some(start), _) => (Some(Command::shell(start.value.trim())), start.origin),
            // Render starts it without a shell and says so: `/bin/bash -c "…"` is the user's.
            (None, Some(docker)) => match packwright_shell_syntax::split(&docker.value)
                .map(|words| container::start(None, Some(words)))
            {
                Some(container::ContainerStart::By(command)) => (Some(command), docker.origin),
                Some(container::ContainerStart::Options(words)) => {
                    (Some(Command::Exec(words)), docker.origin)
                }
                Some(container::ContainerStart::Named(name)) => {
                    named = Some(name);
                    (None, docker.origin)
                }
                Some(container::ContainerStart::Bare) => (None, docker.origin),
                None => {
                    let fix = "close the quotes";
                    self.document().refuse(line_of(&docker.origin), "`dockerCommand` has an open quote", fix);
                    (None, docker.origin)
                }
            },
            (None, None) => (None, self.name.origin.clone()),
        };
        if !matches!(kind, ProcessKind::Web) {
            self.not_on_free_plan(&format!("type: {}", self.kind), &self.name.origin);
        }
        let name = self.process_name(&kind, named, taken);
        let known = DeclaredProcess::bare(name, kind, origin);
        component.processes.push(DeclaredProcess {
            command,
            health: row.text("healthCheckPath").filter(|path| !path.value.is_empty()).map(|path| Requested {
                value: Health {
                    probe: Probe::Http(path.value),
                    interval: None,
                    timeout: None,
                    grace: None,
                    retries: None,
                },
                origin: path.origin,
            }),
            scale: self.scale(),
            size: row.text("plan"),
            stop: row.number("maxShutdownDelaySeconds").and_then(|delay| {
                let grace = u32::try_from(delay.value).ok()?;
                Some(Requested { value: Stop { signal: None, grace: Some(grace) }, origin: delay.origin })
            }),
            ..known
        });
        for (key, name, moment) in [
            ("preDeployCommand", "release", Moment::BeforeTraffic),
            ("initialDeployHook", "postdeploy", Moment::FirstTime),
        ] {
            let hook = row.text(key).filter(|command| !command.value.trim().is_empty());
            if let (Some(hook), Ok(name)) = (hook, name.parse()) {
                self.not_on_free_plan(key, &hook.origin);
                let bare = DeclaredProcess::bare(name, ProcessKind::Release(moment), hook.origin);
                let line = hook.value.trim();
                let ours = matches!(
                    container::start(None, packwright_shell_syntax::split(line)),
                    container::ContainerStart::Named(_)
                );
                let command = (!ours).then(|| Command::shell(line));
                component.processes.push(DeclaredProcess { command, ..bare });
            }
        }
    }

    /// Warns about what Render refuses on its plan `free`, which is for web services alone.
    ///
    /// Source: render.com/docs, "Deploy for Free", "Free web services".
    fn not_on_free_plan(&self, what: &str, origin: &Origin) {
        let is_free = self.row.text("plan").is_some_and(|plan| plan.value.eq_ignore_ascii_case("free"));
        if is_free {
            self.document().say(
                Diagnostic::warning(
                    "render/free-plan",
                    format!("{origin}: Render refuses `{what}` on the plan `free`"),
                )
                .why("free services are web services of one instance, without one-off jobs and disks")
                .fix("choose `plan: starter` or larger, or take the line out")
                .at(origin.clone()),
            );
        }
    }

    fn scale(&self) -> Option<Requested<Scale>> {
        let count = |number: &Requested<u64>| u32::try_from(number.value).ok();
        let fixed = self.row.number("numInstances");
        let several =
            fixed.iter().filter(|count| count.value > 1).map(|count| ("numInstances", count.origin.clone()));
        let scaling = self.row.entry("scaling").map(|entry| ("scaling", self.document().line(entry.line)));
        several.chain(scaling).for_each(|(what, origin)| self.not_on_free_plan(what, &origin));
        if let Some(scaling) = self.row.table("scaling") {
            scaling.leave(&["targetCPUPercent", "targetMemoryPercent"]);
            let (min, max) = (scaling.number("minInstances"), scaling.number("maxInstances"));
            let min = min?;
            let scale = Scale { min: count(&min)?, max: max.as_ref().and_then(count) };
            return Some(Requested { value: scale, origin: min.origin });
        }
        let fixed = fixed?;
        Some(Requested { value: Scale { min: count(&fixed)?, max: None }, origin: fixed.origin })
    }

    /// The name of its process: `web` for the first that answers requests, else the service's.
    ///
    /// A service that starts a program of our images has the name of that one.
    fn process_name(
        &self,
        kind: &ProcessKind,
        program: Option<ProcessName>,
        taken: &mut BTreeSet<String>,
    ) -> ProcessName {
        if let Some(program) = program.filter(|program| !taken.contains(program.as_str())) {
            taken.insert(program.to_string());
            return program;
        }
        let first_web = *kind == ProcessKind::Web && !taken.contains("web");
        let wanted = if first_web { "web".to_owned() } else { fitting(&self.name.value) };
        let reserved = !first_web && NAMES_OF_ONCE.contains(&wanted.as_str());
        let wanted = if reserved { format!("{wanted}-{}", self.kind) } else { wanted };
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = name.unwrap_or(wanted);
        if !first_web && name != self.name.value {
            let origin = &self.name.origin;
            let message = format!("{origin}: the process of `{}` is called `{name}`", self.name.value);
            self.document().say(
                Diagnostic::info("render/name", message)
                    .why("names of processes have letters, digits, `-` and `_`, and are there once")
                    .at(origin.clone()),
            );
        }
        taken.insert(name.clone());
        name.parse().unwrap_or_else(|_| "process".parse().expect("a word is a name of a process"))
    }
}

/// A name of a process as near to `name` as there is.
fn fitting(name: &str) -> String {
    let word = |symbol: char| if symbol.is_ascii_alphanumeric() || symbol == '_' { symbol } else { '-' };
    let name: String = name.chars().map(word).take(50).collect();
    let name = name.trim_matches(['-', '_']);
    if name.is_empty() { "process".to_owned() } else { name.to_owned() }
}

/// A path without `./` before it and `/` behind; a `/` before it is the top of the repository.
fn plain(path: &str) -> &str {
    let mut path = path.trim().trim_matches('/');
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    if path == "." { "" } else { path }
}

/// The path seen from `root`, when it lies below it.
fn below(path: &str, root: &RelPath) -> Option<String> {
    Some(path.parse::<RelPath>().ok()?.below(root)?.to_string())
}
