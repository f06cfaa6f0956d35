//! The keys of Railway's file as a component and its overlays.

use std::collections::BTreeMap;

use packwright_documents::Value;
use packwright_planner::{
    BuildWork, Command, Component, Declarations, DeclaredProcess, Diagnostic, Health, Moment, Origin,
    Overlay, Phase, Probe, ProcessKind, Requested, Scale, Stop, Strategy, Volume, is_shell,
};

use crate::dir_view::DirView;
use crate::names::translation::Present;
use crate::nixpacks::reader as nixpacks;
use crate::table::{Document, Table};

/// Keys of `build` that are Railway's affair alone.
const OF_THE_BUILD: &[&str] =
    &["watchPatterns", "railpackVersion", "nixpacksVersion", "buildEnvironment", "buildkitCache"];

/// Keys of `deploy` that are Railway's affair alone.
const OF_THE_DEPLOY: &[&str] = &[
    "restartPolicyType",
    "restartPolicyMaxRetries",
    "overlapSeconds",
    "sleepApplication",
    "region",
    "limitOverride",
    "runtime",
    "ipv6EgressEnabled",
    "useLegacyStacker",
    "registryCredentials",
];

/// Whether a process is started by a shell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Started {
    /// By a shell, in images that Railpack or Nixpacks build.
    ByShell,
    /// As a program with arguments, in images of a Dockerfile.
    AsProgram,
}

/// The service that a document describes, its other environments, and what files that it names
/// declare.
pub(super) fn read(
    view: &DirView<'_>,
    document: &Document,
    value: &Value,
) -> (Component, Vec<Overlay>, Vec<Declarations>) {
    let Some(top) = document.table(value) else { return (Component::default(), Vec::new(), Vec::new()) };
    top.leave(&["$schema"]);
    let mut component = Component::default();
    let mut others = Vec::new();
    let build = top.table("build");
    let dockerfile = build.as_ref().and_then(|build| dockerfile(view, build)).or_else(|| found(view));
    let started = if dockerfile.is_some() { Started::AsProgram } else { Started::ByShell };
    if let Some(build) = &build {
        component = of_build(view, build, &mut others);
    }
    component.strategy = dockerfile.or(component.strategy);
    if let Some(deploy) = top.table("deploy") {
        let processes = processes(&deploy, started);
        component.processes.retain(|known| !processes.iter().any(|process| process.name == known.name));
        component.processes.extend(processes);
        component.volumes = volumes(&deploy);
    }
    let overlays =
        top.named_tables("environments").into_iter().map(|(name, table)| overlay(name, &table, started));
    (component, overlays.collect(), others)
}

/// The Dockerfile that the file asks for.
fn dockerfile(view: &DirView<'_>, build: &Table<'_>) -> Option<Requested<Strategy>> {
    let path = build.text("dockerfilePath").filter(|path| !path.value.is_empty());
    let wants = build.text("builder").filter(|builder| builder.value.eq_ignore_ascii_case("dockerfile"));
    let strategy = |path: &str, origin: Origin| {
        let path = path.trim_start_matches(['.', '/']).to_owned();
        Requested { value: Strategy::Dockerfile { path, target: None, args: BTreeMap::new() }, origin }
    };
    match (path, wants) {
        (Some(path), Some(_)) => Some(strategy(&path.value, path.origin)),
        // Without the builder, the path counts when there is such a file.
        (Some(path), None) => {
            view.has(path.value.trim_start_matches(['.', '/'])).then(|| strategy(&path.value, path.origin))
        }
        (None, Some(wants)) => Some(strategy("Dockerfile", wants.origin)),
        (None, None) => None,
    }
}

/// The Dockerfile that is there: Railway builds with it whatever the file says.
fn found(view: &DirView<'_>) -> Option<Requested<Strategy>> {
    let path = view.path("Dockerfile").filter(|_| view.has("Dockerfile"))?;
    let value = Strategy::Dockerfile { path: "Dockerfile".to_owned(), target: None, args: BTreeMap::new() };
    Some(Requested { value, origin: Origin::file(&path) })
}

fn of_build(view: &DirView<'_>, build: &Table<'_>, others: &mut Vec<Declarations>) -> Component {
    let document = build.document();
    build.leave(OF_THE_BUILD);
    let mut component = Component::default();
    if let Some(plan) = build.value("nixpacksPlan") {
        let (planned, told) = nixpacks::component_of(plan, document, Present::of(view));
        component = planned;
        told.into_iter().for_each(|diagnostic| document.say(diagnostic));
    }
    if let Some(path) = build.text("nixpacksConfigPath") {
        let name = path.value.trim_start_matches(['.', '/']).to_owned();
        match view.has(&name) {
            true => {
                let environment = BTreeMap::from([("NIXPACKS_CONFIG_FILE".to_owned(), name)]);
                let view = DirView { environment: &environment, ..*view };
                others.extend(nixpacks::declarations(&view));
            }
            false => document.refuse(
                line(&path.origin),
                &format!("there is no file `{}`", path.value),
                "name a file of the source",
            ),
        }
    }
    if let Some(builder) = build.text("builder") {
        match builder.value.to_ascii_lowercase().as_str() {
            // What Railway does anyway: it looks at the source.
            "railpack" | "dockerfile" => {}
            name @ "nixpacks" => {
                let value = Strategy::Program(name.to_owned());
                component.strategy = Some(Requested { value, origin: builder.origin });
            }
            // Source: the schema of 2023, which had builders of that time.
            name @ ("heroku" | "paketo") => {
                let value = Strategy::Buildpacks { builder: Some(name.to_owned()), list: Vec::new() };
                component.strategy = Some(Requested { value, origin: builder.origin });
            }
            _ => document.refuse(
                line(&builder.origin),
                &format!("`{}` is no builder of Railway", builder.value),
                "write `RAILPACK`, `DOCKERFILE` or `NIXPACKS`",
            ),
        }
    }
    if let Some(command) = build.text("buildCommand").filter(|command| !command.value.trim().is_empty()) {
        let command = Requested { value: Command::Shell(command.value), origin: command.origin };
        component.phases.retain(|phase| phase.work != BuildWork::Build);
        component.phases.push(Phase::of("build", BuildWork::All, vec![command]));
    }
    component
}

/// The process of the service, and its release command.
fn processes(deploy: &Table<'_>, started: Started) -> Vec<DeclaredProcess> {
    deploy.leave(OF_THE_DEPLOY);
    let document = deploy.document();
    let start = deploy.text("startCommand").filter(|command| !command.value.trim().is_empty());
    let cron = deploy.text("cronSchedule").filter(|schedule| !schedule.value.trim().is_empty());
    let (name, kind) = match &cron {
        Some(schedule) => ("cron", ProcessKind::Cron(schedule.value.clone())),
        None => ("web", ProcessKind::Web),
    };
    let origin = start.as_ref().or(cron.as_ref()).map_or_else(|| deploy.origin(), |said| said.origin.clone());
    let mut process = DeclaredProcess::bare(name.parse().expect("a process name"), kind, origin);
    process.command = start.map(|start| command(&start, started, document));
    process.health = health(deploy);
    process.scale = scale(deploy);
    process.stop = deploy.number("drainingSeconds").map(|seconds| {
        let grace = Some(u32::try_from(seconds.value).unwrap_or(u32::MAX));
        Requested { value: Stop { signal: None, grace }, origin: seconds.origin }
    });
    // A table with a release command alone says nothing about the process.
    const OF_THE_PROCESS: &[&str] = &[
        "startCommand",
        "cronSchedule",
        "healthcheckPath",
        "numReplicas",
        "multiRegionConfig",
        "drainingSeconds",
        "restartPolicyType",
        "restartPolicyMaxRetries",
        "sleepApplication",
    ];
    let about_it = OF_THE_PROCESS.iter().any(|key| deploy.value(key).is_some());
    let mut processes: Vec<DeclaredProcess> = about_it.then_some(process).into_iter().collect();
    let before = deploy.texts("preDeployCommand");
    let lines: Vec<&str> =
        before.iter().map(|line| line.value.trim()).filter(|line| !line.is_empty()).collect();
    if let (Some(first), false) = (before.first(), lines.is_empty()) {
        let kind = ProcessKind::Release(Moment::BeforeTraffic);
        let mut release =
            DeclaredProcess::bare("release".parse().expect("a process name"), kind, first.origin.clone());
        let line = Requested { value: lines.join(" && "), origin: first.origin.clone() };
        release.command = Some(command(&line, started, document));
        processes.push(release);
    }
    processes
}

/// A command in the form in which Railway starts it.
fn command(line: &Requested<String>, started: Started, document: &Document) -> Command {
    let words = match started {
        Started::ByShell => None,
        Started::AsProgram => packwright_shell_syntax::split(&line.value).filter(|words| !words.is_empty()),
    };
    let Some(words) = words else { return Command::Shell(line.value.clone()) };
    let by_shell = is_shell(&words[0]);
    let needs_shell = words
        .iter()
        .any(|word| word.contains('$') || ["&&", "||", "|", ";", ">", "<"].contains(&word.as_str()));
    if needs_shell && !by_shell {
        let origin = &line.origin;
        let message = format!("{origin}: `{}` is started without a shell", line.value);
        let told = Diagnostic::warning("railway/no-shell", message)
            .why("with a Dockerfile Railway starts programs directly: variables, `&&` and `|` are words like others")
            .fix("write `sh -c '…'` around it")
            .at(origin.clone());
        document.say(told);
    }
    Command::Exec(words)
}

fn health(deploy: &Table<'_>) -> Option<Requested<Health>> {
    let seconds = deploy.number("healthcheckTimeout");
    let path = deploy.text("healthcheckPath").filter(|path| !path.value.is_empty())?;
    // It is the time that the application has until the first good answer.
    let grace = seconds.map(|seconds| u32::try_from(seconds.value).unwrap_or(u32::MAX));
    let value =
        Health { probe: Probe::Http(path.value), interval: None, timeout: None, grace, retries: None };
    Some(Requested { value, origin: path.origin })
}

fn scale(deploy: &Table<'_>) -> Option<Requested<Scale>> {
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let here = deploy.number("numReplicas");
    let regions = deploy.named_tables("multiRegionConfig");
    let each =
        regions.iter().map(|(_, region)| region.number("numReplicas").map_or(1, |count| number(count.value)));
    let everywhere = each.fold(0u32, u32::saturating_add);
    if let (Some((_, first)), true) = (regions.first(), everywhere > 0) {
        return Some(Requested { value: Scale { min: everywhere, max: None }, origin: first.origin() });
    }
    let here = here?;
    Some(Requested { value: Scale { min: number(here.value), max: None }, origin: here.origin })
}

fn volumes(deploy: &Table<'_>) -> Vec<Volume> {
    let path = deploy.text("requiredMountPath").filter(|path| !path.value.is_empty());
    path.into_iter().map(|path| Volume { name: None, path, megabytes: None }).collect()
}

/// What is different in one environment; `pr` are those of pull requests.
fn overlay(name: String, table: &Table<'_>, started: Started) -> Overlay {
    let origin = table.origin();
    let processes = table.table("deploy").map(|deploy| processes(&deploy, started)).unwrap_or_default();
    if let Some(build) = table.table("build") {
        let line = line(&build.origin());
        let what = format!("`environments.{name}.build`");
        table.document().without_effect(
            line,
            &what,
            "one image is made, for the first environment and for all others",
        );
        build.leave_rest();
    }
    Overlay {
        name: Requested { value: name, origin },
        environment: Vec::new(),
        services: Vec::new(),
        processes,
    }
}

fn line(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}
