//! Writes `railway.toml`, and beside it `railpack.json` for what only the builder reads: versions, packages,
//! excluded files. One service has one file; each further process is a service with a file of its own,
//! `railway.<process>.toml`.

mod build;
mod entries;
mod losses;

use packwright_documents::{Content, Entry, to_toml};
use packwright_planner::{Component, DeclaredProcess, Moment, Overlay, Port, Probe, ProcessKind};

use crate::railway::write::entries::{shell, text};
use crate::write::{Conversion, Converted, Loss};

/// Writes Railway's files.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let mut made = Converted::default();
    let model = conversion.model;
    if let Some(name) = &model.name {
        made.lose(
            Loss::Components,
            format!("the name `{}` is not in the file", name.value),
            "give it to the project on Railway",
            Some(&name.origin),
        );
    }
    for (number, part) in model.components.iter().enumerate() {
        let overlays = if number == 0 { model.overlays.as_slice() } else { &[] };
        component(&mut made, part, overlays);
    }
    for service in &model.services {
        let what = format!("{} `{}` is not in the file", service.kind, service.name);
        made.lose(
            Loss::Services,
            what,
            "add it to the project on Railway, and refer to its variables as `${{name.VARIABLE}}`",
            Some(&service.origin),
        );
    }
    for domain in &model.domains {
        made.lose(
            Loss::Domains,
            format!("the name {} is not in the file", domain.value),
            "add it to the service on Railway",
            Some(&domain.origin),
        );
    }
    made
}

fn component(made: &mut Converted, part: &Component, overlays: &[Overlay]) {
    let dir = part.dir().map(|dir| format!("{dir}/")).unwrap_or_default();
    if let Some(root) = &part.root {
        let what = format!("the directory {} is not in the file", root.value);
        let instead = format!(
            "make a service on Railway with the root directory `/{0}` and the config file `/{0}/railway.toml`",
            root.value
        );
        made.lose(Loss::Services, what, &instead, Some(&root.origin));
    }
    losses::lose(made, part);
    let build = build::table(made, part);
    let is_web = |process: &&DeclaredProcess| process.kind == ProcessKind::Web;
    let web = part.processes.iter().find(is_web);
    let release = release(made, part);
    let mut deploy = web.map(|web| deploy(made, web)).unwrap_or_default();
    deploy.extend(release);
    if let Some(volume) = part.volumes.first().filter(|volume| volume.path.value.starts_with('/')) {
        deploy.push(text("requiredMountPath", &volume.path.value));
    }
    let mut top = vec![Entry::new("build", Content::Map(build.clone()))];
    if !deploy.is_empty() {
        top.push(Entry::new("deploy", Content::Map(deploy)));
    }
    top.extend(environments(made, overlays));
    put(made, format!("{dir}railway.toml"), top);
    for process in part.processes.iter().filter(|process| !process.is_release()) {
        if web.is_some_and(|web| web.name == process.name) {
            continue;
        }
        let file = format!("{dir}railway.{}.toml", process.name);
        let what = format!(
            "`{}` is a service of its own on Railway, which reads its file only when told",
            process.name
        );
        let instead = format!("make the service and set its config file to `/{file}`");
        made.lose(Loss::Components, what, &instead, Some(&process.origin));
        let own = self::deploy(made, process);
        put(
            made,
            file,
            vec![Entry::new("build", Content::Map(build.clone())), Entry::new("deploy", Content::Map(own))],
        );
    }
    build::railpack(made, part, &dir);
}

fn put(made: &mut Converted, path: String, entries: Vec<Entry>) {
    let value = Content::Map(entries).into();
    made.file(&path, to_toml(&value).expect("the texts, numbers, lists and maps above are what TOML has"));
}

fn number(key: &str, value: u32) -> Entry {
    Entry::new(key, Content::Number(value.to_string()))
}

/// The table of one process.
fn deploy(made: &mut Converted, process: &DeclaredProcess) -> Vec<Entry> {
    // What Railway does anyway; it keeps the table when there is nothing else to say.
    let mut deploy = vec![text("restartPolicyType", "ON_FAILURE")];
    match &process.command {
        Some(command) => deploy.push(text("startCommand", &shell(made, command, &process.origin))),
        None if process.kind != ProcessKind::Web => {
            let what = format!("nothing says how `{}` is started", process.name);
            made.lose(Loss::Image, what, "write its `startCommand`", Some(&process.origin));
        }
        None => {}
    }
    if let ProcessKind::Cron(schedule) = &process.kind {
        deploy.push(text("cronSchedule", schedule));
    }
    if let Some(port) = &process.port {
        let loss = match &port.value {
            Port::Variable => None,
            Port::Fixed(_) => Some(Loss::Port),
            Port::Socket(_) => Some(Loss::Socket),
        };
        if let Some(loss) = loss {
            made.lose(
                loss,
                format!("the port of `{}` is not in the file", process.name),
                "listen where `PORT` says, or set the port of the domain on Railway",
                Some(&port.origin),
            );
        }
    }
    if let Some(health) = &process.health {
        match &health.value.probe {
            Probe::Http(path) => {
                deploy.push(text("healthcheckPath", path));
                deploy.extend(health.value.grace.map(|grace| number("healthcheckTimeout", grace)));
                if health.value.interval.or(health.value.timeout).or(health.value.retries).is_some() {
                    made.lose(
                        Loss::Health,
                        "Railway asks at a deployment alone, until the first good answer",
                        "nothing else can be said",
                        Some(&health.origin),
                    );
                }
            }
            Probe::Tcp | Probe::Exec(_) => {
                made.lose(
                    Loss::Health,
                    "Railway asks by HTTP alone",
                    "name a path that answers with 200",
                    Some(&health.origin),
                );
            }
        }
    }
    if let Some(scale) = &process.scale {
        match scale.value.min {
            0 => made.lose(
                Loss::Scale,
                "a service on Railway has one instance at least",
                "turn on `sleepApplication` to stop it when nobody asks",
                Some(&scale.origin),
            ),
            min => {
                deploy.push(number("numReplicas", min));
                if scale.value.max.is_some_and(|max| max != min) {
                    made.lose(
                        Loss::Scale,
                        "the number of instances is fixed",
                        "change `numReplicas` by hand",
                        Some(&scale.origin),
                    );
                }
            }
        }
    }
    if let Some(size) = &process.size {
        made.lose(
            Loss::Scale,
            format!("the size `{}` is not in the file", size.value),
            "set limits of the service on Railway",
            Some(&size.origin),
        );
    }
    if let Some(stop) = &process.stop {
        deploy.extend(stop.value.grace.map(|grace| number("drainingSeconds", grace)));
        if stop.value.signal.as_deref().is_some_and(|signal| signal != "SIGTERM")
            || stop.value.grace.is_none()
        {
            made.lose(
                Loss::Stop,
                "Railway ends processes with SIGTERM",
                "let the application end on it",
                Some(&stop.origin),
            );
        }
    }
    deploy
}

/// The release command.
fn release(made: &mut Converted, part: &Component) -> Option<Entry> {
    let mut written = None;
    for process in part.processes.iter().filter(|process| process.is_release()) {
        let Some(command) = &process.command else {
            let what = format!("nothing says what `{}` runs", process.name);
            made.lose(Loss::Release, what, "write its `preDeployCommand`", Some(&process.origin));
            continue;
        };
        let lose = |made: &mut Converted, what: &str, instead: &str| {
            made.lose(Loss::Release, format!("`{}`: {what}", process.name), instead, Some(&process.origin));
        };
        match &process.kind {
            ProcessKind::Release(Moment::BeforeTraffic | Moment::BeforeTrafficAnyway)
                if written.is_none() =>
            {
                if process.kind == ProcessKind::Release(Moment::BeforeTrafficAnyway) {
                    lose(
                        made,
                        "its failure stops the deployment on Railway",
                        "end the command with `|| true` to go on",
                    );
                }
                if process.name.as_str() != "release" {
                    lose(made, "it has no name on Railway", "nothing needs to be done");
                }
                let line = shell(made, command, &process.origin);
                let list = vec![Content::Text(line).into()];
                written = Some(Entry::new("preDeployCommand", Content::List(list)));
            }
            _ => lose(made, "Railway has no such moment", "run it by hand with `railway run`"),
        }
    }
    written
}

fn environments(made: &mut Converted, overlays: &[Overlay]) -> Option<Entry> {
    let mut environments = Vec::new();
    for overlay in overlays {
        let web = overlay.processes.iter().find(|process| process.kind == ProcessKind::Web);
        match web {
            Some(web) => {
                let own = vec![Entry::new("deploy", Content::Map(deploy(made, web)))];
                environments.push(Entry::new(overlay.name.value.clone(), Content::Map(own)));
            }
            None => made.lose(
                Loss::Overlay,
                format!("the environment `{}` is not in the file", overlay.name.value),
                "make it on Railway",
                Some(&overlay.name.origin),
            ),
        }
        for variable in &overlay.environment {
            let what =
                format!("`{}` of the environment `{}` is not in the file", variable.name, overlay.name.value);
            made.lose(Loss::Overlay, what, "set it in that environment on Railway", Some(&variable.origin));
        }
    }
    (!environments.is_empty()).then(|| Entry::new("environments", Content::Map(environments)))
}
