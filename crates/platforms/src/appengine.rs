//! Google App Engine's `app.yaml`: standard and flexible environment, and what lies beside it.
//!
//! ```text
//! app.yaml         the default service: runtime, variables, static files, scaling
//! <service>.yaml   further services, when they name a `runtime` and a `service`
//! cron.yaml        addresses that App Engine's clock asks for; no processes
//! .gcloudignore    files that are not uploaded
//! ```
//!
//! The name `app.yaml` is also DigitalOcean's and that of many Kubernetes manifests: a file counts
//! when it has a `runtime`, the others are named. A service without `entrypoint` declares no
//! command: on App Engine it runs `gunicorn -b :$PORT main:app`, here what is detected.
//!
//! Source: cloud.google.com/appengine/docs, "app.yaml Configuration File" (standard, flexible),
//! "cron.yaml Reference"; facts about platform formats, 2.6.

mod handlers;
mod messages;
mod variables;

use packwright_planner::{
    Command, Component, Declarations, DeclaredProcess, Diagnostic, FileWeight, Health, Origin, Port, Probe,
    ProcessKind, Requested, Scale, VersionRequest,
};

use crate::container::names::process_name;
use crate::dir_view::{DirView, Seen};
use crate::table::{Document, Table};
use crate::tool_names;

/// The name of this reader.
const PLATFORM: &str = "appengine";

/// The file of the default service.
const FILE: &str = "app.yaml";

/// Keys of the first generation of runtimes, which nothing reads any more.
const OBSOLETE: &[&str] = &[
    "application",
    "version",
    "api_version",
    "threadsafe",
    "libraries",
    "builtins",
    "vm",
    "vm_settings",
    "admin_console",
    "auto_id_policy",
    "pagespeed",
    "skip_files",
    "health_check",
    "derived_file_type",
    "code_lock",
    "nobuild_files",
];

/// Keys that are App Engine's affair alone.
const THEIRS: &[&str] = &[
    "app_engine_apis",
    "app_engine_bundled_services",
    "beta_settings",
    "default_expiration",
    "endpoints_api_service",
    "env",
    "inbound_services",
    "main",
    "network",
    "service_account",
    "vpc_access_connector",
    "warmup",
    "zones",
    "error_handlers",
    "api_config",
    "interceptors",
];

/// Reads App Engine's files of a directory.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let seen = match view.read(PLATFORM, FileWeight::Decides, FILE) {
        Some(Ok(seen)) => seen,
        Some(Err(refused)) => return vec![refused],
        None => return misnamed(view).into_iter().collect(),
    };
    let value = match seen.yaml(PLATFORM, FileWeight::Decides) {
        Ok(value) => value,
        // A broken file is App Engine's problem only when it is App Engine's.
        Err(refused) => return if has_runtime(&seen) { vec![refused] } else { Vec::new() },
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    if value.get("runtime").is_none() {
        declared.diagnostics.extend(messages::foreign(&seen.path, &value));
        return if declared.diagnostics.is_empty() { Vec::new() } else { vec![declared] };
    }
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        let service = Service { view, name: None };
        declared.components.push(service.component(&table));
    }
    declared.diagnostics.extend(document.into_diagnostics());
    for name in services(view) {
        further(view, &name, &mut declared);
    }
    ignored(view, &mut declared);
    clock(view, &mut declared);
    vec![declared]
}

/// Whether a text has the key that makes it App Engine's.
fn has_runtime(seen: &Seen) -> bool {
    seen.text.lines().any(|line| line.starts_with("runtime:"))
}

/// The other files of the directory that describe services.
fn services(view: &DirView<'_>) -> Vec<String> {
    let others =
        ["app.yaml", "app.yml", "cron.yaml", "dispatch.yaml", "queue.yaml", "index.yaml", "cloudbuild.yaml"];
    let named = |name: &str| (name.ends_with(".yaml") || name.ends_with(".yml")) && !others.contains(&name);
    let is_service = |name: &String| {
        let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, name) else { return false };
        let names = |key: &str| seen.text.lines().any(|line| line.starts_with(key));
        has_runtime(&seen) && (names("service:") || names("module:"))
    };
    view.names("", named).into_iter().filter(is_service).collect()
}

/// Adds a further service: a component in the same directory.
fn further(view: &DirView<'_>, name: &str, declared: &mut Declarations) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, name) else { return };
    declared.files.push(seen.path.clone());
    let value = match seen.yaml(PLATFORM, FileWeight::Decides) {
        Ok(value) => value,
        Err(refused) => return declared.diagnostics.extend(refused.diagnostics),
    };
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        let service = Service { view, name: Some(name) };
        declared.components.push(service.component(&table));
    }
    declared.diagnostics.extend(document.into_diagnostics());
}

/// A service that is being read.
struct Service<'a> {
    view: &'a DirView<'a>,
    /// The name of its file, unless that is the one of the default service.
    name: Option<&'a str>,
}

impl Service<'_> {
    fn component(&self, table: &Table<'_>) -> Component {
        let document = table.document();
        let mut component = Component::default();
        let runtime = table.text("runtime");
        let flexible = table.text("env").is_some_and(|env| env.value.starts_with("flex")) || table.has("vm");
        let module = table.text("module");
        let service = table.text("service").or(module);
        component.name = service.clone().filter(|name| name.value != "default");
        let entry = table.text("entrypoint").filter(|entry| !entry.value.trim().is_empty());
        if let Some(runtime) = &runtime {
            self.runtime(table, runtime, &mut component);
        }
        variables::read(table, &mut component);
        let handlers = handlers::read(table);
        let is_site = handlers.is_site && entry.is_none() && component.environment.is_empty();
        component.statics = handlers.statics;
        if let (true, Some(publish)) = (is_site, handlers.publish) {
            component.publish = Some(publish);
            component.versions.clear();
        } else {
            component.processes.extend(self.process(
                table,
                service.as_ref(),
                entry,
                runtime.as_ref(),
                flexible,
            ));
        }
        let given = component.processes.first().is_some_and(|process| process.command.is_some());
        if let (Some(entry), false) =
            (component.environment.iter().position(|one| one.name == "GOOGLE_ENTRYPOINT"), given)
        {
            let entry = component.environment.remove(entry);
            if let (packwright_planner::VariableValue::Literal(line), Some(process)) =
                (entry.value, component.processes.first_mut())
            {
                process.command = Some(Command::shell(line));
                process.origin = entry.origin;
            }
        }
        if let (Some(runtime), true) = (&runtime, component.publish.is_none()) {
            self.usual(document, runtime, &component);
        }
        for key in OBSOLETE.iter().filter(|key| table.has(key)) {
            let line = table.entry(key).map_or(1, |entry| entry.line);
            document.say(messages::obsolete(&document.line(line), key));
        }
        if let Some(entry) = table.entry("includes") {
            document.say(messages::include(&document.line(entry.line)));
        }
        if let Some(resources) = table.table("resources") {
            resources.leave_rest();
        }
        table.leave(THEIRS);
        component
    }

    fn runtime(&self, table: &Table<'_>, runtime: &Requested<String>, component: &mut Component) {
        let config = table.table("runtime_config");
        let mut exact = None;
        if let Some(config) = config {
            // `python_version` is that of old flexible runtimes, which knew `2` and `3`.
            exact = config.text("runtime_version").or_else(|| config.text("python_version"));
            config.leave_rest();
        }
        if runtime.value == "custom" {
            let path = "Dockerfile".to_owned();
            let value =
                packwright_planner::Strategy::Dockerfile { path, target: None, args: Default::default() };
            component.strategy = Some(Requested { value, origin: runtime.origin.clone() });
            return;
        }
        match (tool_names::runtime(&runtime.value), exact) {
            (Some((tool, _)), Some(version)) => {
                component.versions.push(VersionRequest { tool: tool.to_owned(), version });
            }
            (Some(_), None) => component.versions.extend(tool_names::wish(runtime)),
            (None, _) => table.document().say(messages::runtime(runtime)),
        }
    }

    fn process(
        &self,
        table: &Table<'_>,
        service: Option<&Requested<String>>,
        entry: Option<Requested<String>>,
        runtime: Option<&Requested<String>>,
        flexible: bool,
    ) -> Option<DeclaredProcess> {
        let name = match (self.name, service) {
            // Only one process of a directory can be called `web`.
            (Some(_), Some(service)) => process_name(&service.value)?,
            _ => "web".parse().expect("a process name"),
        };
        let origin = entry.as_ref().or(runtime).map_or_else(|| table.origin(), |told| told.origin.clone());
        let mut process = DeclaredProcess::bare(name, ProcessKind::Web, origin.clone());
        process.command = entry.map(|entry| Command::shell(entry.value));
        process.port = Some(Requested { value: Port::Variable, origin });
        process.size = table.text("instance_class");
        process.scale = scale(table, flexible);
        process.health = health(table);
        Some(process)
    }

    /// Says what App Engine starts when the file does not say.
    fn usual(&self, document: &Document, runtime: &Requested<String>, component: &Component) {
        let bare = component.processes.iter().any(|process| process.command.is_none());
        let is_python = tool_names::runtime(&runtime.value).is_some_and(|(tool, _)| tool == "python");
        if bare && is_python && !self.view.has("main.py") && !self.view.has("Procfile") {
            document.say(messages::no_main(&runtime.origin));
        }
    }
}

/// The numbers of instances, in the words of one of three kinds of scaling.
fn scale(table: &Table<'_>, flexible: bool) -> Option<Requested<Scale>> {
    let number = |table: &Table<'_>, keys: &[&str]| {
        let found: Vec<_> = keys.iter().filter_map(|key| table.number(key)).collect();
        found.first().and_then(|number| u32::try_from(number.value).ok())
    };
    let mut scale = None;
    if let Some(automatic) = table.table("automatic_scaling") {
        let min = number(&automatic, &["min_instances", "min_num_instances"]);
        let max = number(&automatic, &["max_instances", "max_num_instances"]);
        // The flexible environment has two at least, the standard one none.
        let least = min.unwrap_or(if flexible { 2.min(max.unwrap_or(2)) } else { 0 });
        if min.is_some() || max.is_some() {
            scale = Some(Requested { value: Scale { min: least, max }, origin: automatic.origin() });
        }
        automatic.leave_rest();
    }
    if let Some(manual) = table.table("manual_scaling") {
        let instances = number(&manual, &["instances"]);
        scale = instances
            .map(|min| Requested { value: Scale { min, max: None }, origin: manual.origin() })
            .or(scale);
    }
    if let Some(basic) = table.table("basic_scaling") {
        let max = number(&basic, &["max_instances"]);
        scale = max
            .map(|max| Requested { value: Scale { min: 0, max: Some(max) }, origin: basic.origin() })
            .or(scale);
        basic.leave(&["idle_timeout"]);
    }
    scale
}

/// The readiness check, or the liveness check where there is no other.
fn health(table: &Table<'_>) -> Option<Requested<Health>> {
    let mut found = None;
    for key in ["liveness_check", "readiness_check"] {
        let Some(check) = table.table(key) else { continue };
        let path = check.text("path");
        let seconds = |key: &str| check.number(key).and_then(|number| u32::try_from(number.value).ok());
        let interval = seconds("check_interval_sec");
        let timeout = seconds("timeout_sec");
        let retries = seconds("failure_threshold");
        let grace = seconds("initial_delay_sec");
        check.leave(&["success_threshold", "app_start_timeout_sec", "host"]);
        let Some(path) = path else { continue };
        let value = Health { probe: Probe::Http(path.value), interval, timeout, grace, retries };
        found = Some(Requested { value, origin: path.origin });
    }
    found
}

/// The patterns of `.gcloudignore`.
fn ignored(view: &DirView<'_>, declared: &mut Declarations) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, ".gcloudignore") else { return };
    declared.files.push(seen.path.clone());
    let (patterns, told) = crate::ignored::patterns(PLATFORM, &seen);
    declared.component().ignore.extend(patterns);
    declared.diagnostics.extend(told);
    for (index, line) in seen.text.lines().enumerate() {
        // The patterns of `.gitignore` count for every build.
        let other = line.trim().strip_prefix("#!include:").map(str::trim);
        if let Some(other) = other.filter(|other| *other != ".gitignore") {
            let origin = Origin::line(&seen.path, index as u32 + 1);
            declared.diagnostics.push(messages::ignore_file(&origin, other));
        }
    }
}

/// Says what of `cron.yaml` is no process: App Engine's clock asks for addresses.
fn clock(view: &DirView<'_>, declared: &mut Declarations) {
    let Some(Ok(seen)) = view.read(PLATFORM, FileWeight::Decides, "cron.yaml") else { return };
    let value = match seen.yaml(PLATFORM, FileWeight::Decides) {
        Ok(value) => value,
        Err(refused) => return declared.diagnostics.extend(refused.diagnostics),
    };
    // With a version it is that of Elastic Beanstalk.
    if value.get("cron").is_none() || value.get("version").is_some() {
        return;
    }
    declared.files.push(seen.path.clone());
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        for job in table.tables("cron") {
            let (url, schedule) = (job.text("url"), job.text("schedule"));
            if let (Some(url), Some(schedule)) = (url, schedule) {
                document.say(messages::clock(&url, &schedule.value));
            }
            job.leave(&[
                "description",
                "target",
                "timezone",
                "retry_parameters",
                "attempt_deadline",
                "job_name",
            ]);
        }
    }
    declared.diagnostics.extend(document.into_diagnostics());
}

/// A word about files that are nearly App Engine's.
fn misnamed(view: &DirView<'_>) -> Option<Declarations> {
    let named = |name: &str| {
        matches!(name, "app.yml" | "app.yaml.example" | "app.flexible.yaml" | "app.standard.yaml")
    };
    let mut found = view.names("", named).into_iter().filter(
        |name| matches!(view.read(PLATFORM, FileWeight::Decides, name), Some(Ok(seen)) if has_runtime(&seen)),
    );
    let path = view.path(&found.next()?)?;
    let diagnostic: Diagnostic = messages::misnamed(&path);
    Some(Declarations {
        diagnostics: vec![diagnostic],
        ..Declarations::new(PLATFORM, &path, FileWeight::Decides)
    })
}

#[cfg(test)]
mod tests;
