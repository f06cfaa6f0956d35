//! Writes the services of one component of the application.

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{BuildWork, Command, Component, DeclaredProcess, ProcessKind, Strategy, Task};

use crate::render::write::blueprint::{Blueprint, entry, kind, origin, text};
use crate::write::{Loss, told_port};

/// The languages that Render builds itself.
const NATIVE: &[&str] = &["node", "python", "elixir", "go", "ruby", "rust"];

/// How the services of a part are built and started.
pub(super) enum Runtime {
    /// By Render, with a build command.
    Native(String),
    /// From a Dockerfile: its path from the part's directory.
    Docker(String),
    /// From an image.
    Image(String),
    /// From an image that Packwright made.
    Ours(String),
}

/// Whether a part answers requests from outside.
pub(super) fn is_front(part: &Component) -> bool {
    part.publish.is_some() && services(part).next().is_none()
        || part.processes.iter().any(|process| process.kind == ProcessKind::Web)
}

/// The processes that become services.
pub(super) fn services(part: &Component) -> impl Iterator<Item = &DeclaredProcess> {
    part.processes.iter().filter(|process| kind(process).is_some())
}

impl Blueprint<'_> {
    /// Writes the services of a part.
    pub(super) fn component(&mut self, part: &Component) {
        let count = services(part).count();
        if count == 0 && part.publish.is_none() {
            if !part.is_empty() {
                let what = "a part without a process is not written";
                self.out.lose(Loss::Components, what, "say what it runs, or where its site is", origin(part));
            }
            return;
        }
        let mut shared = Vec::new();
        if let Some(root) = &part.root {
            shared.push(entry("rootDir", text(root.value.as_str())));
        }
        let site = count == 0;
        let runtime = if site { None } else { Some(self.runtime(part)) };
        match &runtime {
            None => shared.push(entry("runtime", text("static"))),
            Some(Runtime::Native(language)) => shared.push(entry("runtime", text(language))),
            Some(Runtime::Docker(path)) => {
                shared.push(entry("runtime", text("docker")));
                shared.push(entry("dockerfilePath", text(path)));
            }
            Some(Runtime::Image(image) | Runtime::Ours(image)) => {
                shared.push(entry("runtime", text("image")));
                shared.push(entry("image", Content::Map(vec![entry("url", text(image))])));
            }
        }
        if matches!(runtime, None | Some(Runtime::Native(_))) {
            shared.extend(self.build(part));
        } else {
            self.no_build(part);
        }
        self.unsaid(part);
        if site {
            self.site(part, shared);
            return;
        }
        if let Some(publish) = &part.publish {
            let what = format!("the files in {} are not served by Render beside a program", publish.value);
            self.lose(Loss::StaticFiles, what, "have the program serve them", &publish.origin);
        }
        for mount in &part.statics {
            let what = format!("Render does not serve `{}` in the place of a program", mount.url.value);
            self.lose(Loss::StaticFiles, what, "have the program serve it", &mount.url.origin);
        }
        self.processes(part, &shared, runtime.as_ref(), count);
    }

    fn processes(&mut self, part: &Component, shared: &[Entry], runtime: Option<&Runtime>, count: usize) {
        let variables = self.variables(part, count, matches!(runtime, Some(Runtime::Native(_))));
        let first_web = services(part).position(|process| process.kind == ProcessKind::Web);
        let host = first_web.or_else(|| services(part).position(|process| kind(process) != Some("cron")));
        let mut named = false;
        for (number, process) in services(part).enumerate() {
            let front = first_web == Some(number);
            let own = part.name.as_ref().filter(|_| front);
            named |= own.is_some();
            // A part without a name has the application's, where it answers for it.
            let whole = self.model.name.as_ref().filter(|_| front && part.root.is_none());
            let wanted = own.or(whole).map_or_else(|| process.name.to_string(), |name| name.value.clone());
            let name = self.name(&wanted);
            if let (Some(own), true) = (own, name != wanted) {
                let what = format!("`{wanted}` is the service `{name}` on Render");
                self.lose(Loss::Components, what, "check what refers to it by its name", &own.origin);
            }
            let same = if front { process.name.as_str() == "web" } else { name == process.name.as_str() };
            if !same {
                let what = format!("`{}` is the service `{name}` on Render", process.name);
                let instead = "check what refers to it by its name";
                self.lose(Loss::Components, what, instead, &process.origin);
            }
            let of_kind = kind(process).unwrap_or_default();
            let mut row = vec![entry("type", text(of_kind)), entry("name", text(&name))];
            row.extend(shared.iter().cloned());
            row.extend(self.start(process, runtime));
            row.extend(self.settings(process, of_kind, told_port(part)));
            if host == Some(number) {
                row.extend(self.once(part, runtime));
                row.extend(self.disk(part, count));
            }
            let domains = &self.model.domains;
            if front && self.is_front(part) && !domains.is_empty() {
                let domains = domains.iter().map(|domain| Value::from(text(&domain.value)));
                row.push(entry("domains", Content::List(domains.collect())));
            }
            if !variables.is_empty() {
                row.push(entry("envVars", Content::List(variables.clone())));
            }
            self.services.push(Value::from(Content::Map(row)));
        }
        if let (Some(name), false) = (&part.name, named) {
            let what = format!("no service is called `{}`", name.value);
            self.lose(Loss::Components, what, "rename a service of the Blueprint", &name.origin);
        }
        if host.is_none() {
            for process in part.processes.iter().filter(|process| process.is_release()) {
                let what =
                    format!("`{}` is not run: a cron job has no command before its deployment", process.name);
                self.lose(Loss::Release, what, "run it in the cron job", &process.origin);
            }
            for volume in &part.volumes {
                let what = format!("a cron job has no disk for {}", volume.path.value);
                self.lose(Loss::Volume, what, "keep the files in an object store", &volume.path.origin);
            }
        }
    }

    /// Whether the application's domains belong to this part.
    fn is_front(&self, part: &Component) -> bool {
        self.model.components.iter().find(|part| is_front(part)).is_some_and(|front| front.root == part.root)
    }

    fn runtime(&mut self, part: &Component) -> Runtime {
        match part.strategy.as_ref().map(|strategy| (&strategy.value, &strategy.origin)) {
            Some((Strategy::Dockerfile { path, target, args }, origin)) => {
                if target.is_some() || !args.is_empty() {
                    let what =
                        "Render builds the last stage of a Dockerfile, with its variables as arguments";
                    self.lose(Loss::Build, what, "check that the Dockerfile works without", origin);
                }
                return Runtime::Docker(path.clone());
            }
            Some((Strategy::Image(image), _)) => return Runtime::Image(image.clone()),
            Some((Strategy::Buildpacks { .. } | Strategy::Program(_), origin)) => {
                let what = "Render builds in its own way, with one command";
                self.lose(Loss::Build, what, "check the `buildCommand`", origin);
            }
            Some((Strategy::Detect, _)) | None => {}
        }
        let told = part.language.as_ref().map(|language| language.value.as_str());
        let wished =
            || part.versions.iter().map(|wish| wish.tool.as_str()).find(|tool| NATIVE.contains(tool));
        if let Some(language) = told.or_else(wished).filter(|language| NATIVE.contains(language)) {
            return Runtime::Native(language.to_owned());
        }
        match self.image {
            Some(image) => Runtime::Ours(image.to_owned()),
            None => {
                let what = "the services run an image, and it is not known where it is";
                let instead = "name it when converting, or write it in the place of IMAGE";
                self.out.lose(Loss::Image, what, instead, origin(part));
                Runtime::Ours("IMAGE".to_owned())
            }
        }
    }

    /// The one command of Render's build.
    fn build(&mut self, part: &Component) -> Option<Entry> {
        let tasks: Vec<&Task> = part.phases.iter().flat_map(|phase| &phase.tasks).collect();
        let alone =
            matches!(part.phases.as_slice(), [phase] if phase.work == BuildWork::All) && tasks.len() == 1;
        let mut commands = Vec::new();
        for task in tasks {
            match task {
                Task::Detected => {
                    let what = "Render runs its `buildCommand` alone, and nothing that is detected";
                    let instead = "add what installs and builds to `buildCommand`";
                    self.out.lose(Loss::Build, what, instead, origin(part));
                }
                Task::Run(command) => {
                    let exec = matches!(command.value, Command::Exec(_));
                    if exec {
                        let what = format!("`{}` is run by a shell", command.value);
                        self.lose(
                            Loss::ExecForm,
                            what,
                            "check what the shell makes of its words",
                            &command.origin,
                        );
                    }
                    if !alone {
                        let what =
                            format!("`{}` is one of several commands in `buildCommand`", command.value);
                        self.lose(Loss::Build, what, "check the order", &command.origin);
                    }
                    commands.push(command.value.to_string());
                }
            }
        }
        if commands.is_empty() {
            let what = "Render wants a `buildCommand`, and none is known";
            self.out.lose(Loss::Build, what, "write what installs and builds the application", origin(part));
            return None;
        }
        Some(entry("buildCommand", text(&commands.join(" && "))))
    }

    /// What an image does not build again.
    fn no_build(&mut self, part: &Component) {
        for task in part.phases.iter().flat_map(|phase| &phase.tasks) {
            if let Task::Run(command) = task {
                let what = format!("Render does not run `{}` for an image", command.value);
                self.lose(Loss::Build, what, "have it run where the image is built", &command.origin);
            }
        }
        if let Some(language) = &part.language {
            let what =
                format!("no key says that the language is `{}`: the services run an image", language.value);
            self.lose(Loss::Build, what, "have the image built from this source", &language.origin);
        }
        for wish in &part.versions {
            let what = format!("the version {} of {} is the image's affair", wish.version.value, wish.tool);
            self.lose(Loss::Versions, what, "check that the image has it", &wish.version.origin);
        }
    }

    /// What Render has no words for.
    fn unsaid(&mut self, part: &Component) {
        for package in &part.packages {
            let what = format!("Render installs no package `{}`", package.name.value);
            self.lose(Loss::Packages, what, "run an image that has it", &package.name.origin);
        }
        for pattern in &part.ignore {
            let what = format!("Render has no file that leaves `{}` out", pattern.value);
            self.lose(Loss::Ignore, what, "delete it at the end of the build", &pattern.origin);
        }
        if let Some(manager) = &part.manager {
            let what = format!("no key says that the package manager is `{}`", manager.value);
            self.lose(Loss::Build, what, "call it in `buildCommand`", &manager.origin);
        }
    }

    /// A site without a program.
    fn site(&mut self, part: &Component, shared: Vec<Entry>) {
        let Some(publish) = &part.publish else { return };
        let wanted = part.name.as_ref().map_or("site", |name| &name.value).to_owned();
        let name = self.name(&wanted);
        if let (Some(told), true) = (&part.name, name != wanted) {
            let what = format!("`{wanted}` is the service `{name}` on Render");
            self.lose(Loss::Components, what, "check what refers to it by its name", &told.origin);
        }
        let mut row = vec![entry("type", text("web")), entry("name", text(&name))];
        row.extend(shared);
        row.push(entry("staticPublishPath", text(&publish.value)));
        let mut routes = Vec::new();
        for mount in &part.statics {
            match &mount.fallback {
                Some(fallback)
                    if mount.url.value == "/" && mount.dir == publish.value && mount.expires.is_none() =>
                {
                    let to = format!("/{fallback}");
                    let route = [("type", "rewrite"), ("source", "/*"), ("destination", to.as_str())];
                    let route = route.map(|(key, value)| entry(key, text(value)));
                    routes.push(Value::from(Content::Map(route.to_vec())));
                }
                _ => {
                    let what = format!("Render serves {} alone, not `{}`", publish.value, mount.url.value);
                    self.lose(
                        Loss::StaticFiles,
                        what,
                        "copy the files there in the build",
                        &mount.url.origin,
                    );
                }
            }
        }
        if !routes.is_empty() {
            row.push(entry("routes", Content::List(routes)));
        }
        for process in part.processes.iter().filter(|process| process.is_release()) {
            let what = format!("`{}` is not run: a site has no command before its deployment", process.name);
            self.lose(Loss::Release, what, "run it in the build", &process.origin);
        }
        for volume in &part.volumes {
            let what = format!("a site has no disk for {}", volume.path.value);
            self.lose(Loss::Volume, what, "keep the files in an object store", &volume.path.origin);
        }
        let variables = self.variables(part, 1, true);
        if !variables.is_empty() {
            row.push(entry("envVars", Content::List(variables)));
        }
        if self.is_front(part) && !self.model.domains.is_empty() {
            let domains = self.model.domains.iter().map(|domain| Value::from(text(&domain.value)));
            row.push(entry("domains", Content::List(domains.collect())));
        }
        self.services.push(Value::from(Content::Map(row)));
    }
}
