//! A project of an Nx repository: how it is built by its target `build`, and what that target's
//! executor makes of it. What runs is what the build makes, never `nx serve`.

use packwright_buildpack::documents::Value;
use packwright_buildpack::planner::{Claim, Command, Decision, Fallback, Origin, Overridden, Requested};

use super::build_result::BuiltSite;
use super::recognition::Recognition;
use super::registry::ROWS;
use super::view::after_tool;
use super::{build, launch};
use crate::application::Application;
use crate::messages;
use crate::nx::NxProject;
use crate::process::{self, StartCommand};

/// What a target makes.
enum TargetOutput {
    /// A program that starts with this line.
    Program(String),
    /// A server of Next, with its directory.
    Next(String),
    /// Files to serve.
    Site(String),
}

/// The application where a project of Nx is it; `None` where the scripts build or start with
/// something else, or there is nothing of Nx.
pub(super) fn application(case: &mut Recognition<'_>) -> Option<Application> {
    let repository = case.subject.project.nx?;
    let asked = &case.subject.project.context.options.app;
    let by_option = asked.as_ref().is_some_and(|app| repository.called(app).is_some());
    let starts = case.starts.start.as_ref().or(case.starts.other.as_ref());
    let words = |start: &StartCommand| Command::shell(&start.text).simple_commands().concat();
    let by_nx = |start: &StartCommand| words(start).iter().any(|word| word == "nx");
    if !by_option && starts.is_some_and(|start| !by_nx(start)) {
        return None;
    }
    let segments = case.build.as_ref().map_or(&[][..], |build| build.segments.as_slice());
    let builds_by_nx = segments.iter().any(|segment| after_tool(segment, "nx").is_some());
    if !by_option && !segments.is_empty() && !builds_by_nx {
        return None;
    }
    let said = named_projects(case);
    let (project, origin) = match repository.application(&case.subject.project.context, &said) {
        Ok(found) => found.filter(|(project, _)| project.target("build").is_some())?,
        Err(problem) => {
            let mut application = case.application(Claim::Program);
            application.process_missing = Some(problem);
            return Some(application);
        }
    };
    let others = repository.applications().into_iter().filter(|other| other.path != project.path);
    let overridden =
        others.map(|other| Overridden { value: other.name.clone(), origin: Origin::file(&other.path) });
    let decision = Decision::new("application", project.name.clone(), origin).over(overridden);
    if by_option || segments.len() < 2 {
        builds(case, project);
    }
    let replaced = case.starts.start.take().or_else(|| case.starts.other.take());
    let made = output_of(project);
    let mut application = match made {
        TargetOutput::Site(dir) => {
            case.row = None;
            launch::site(case, site(project, dir))
        }
        TargetOutput::Next(dir) => {
            case.row = ROWS.iter().find(|row| row.id == "next");
            let start = start(case, project, "build", format!("next start {}", build::quoted(&dir)));
            launch::run(case, start, replaced.as_ref().map(loser), true)
        }
        TargetOutput::Program(line) => {
            case.row = None;
            let target = if project.target("start").is_some() { "start" } else { "build" };
            let start = start(case, project, target, line);
            launch::run(case, start, replaced.as_ref().map(loser), false)
        }
    };
    if let Some(replaced) = replaced
        && let Some(process) = application.processes.first()
    {
        let told = messages::development_server_replaced(
            &replaced.text,
            &process.command.to_string(),
            &replaced.origin,
        );
        application.diagnostics.push(told);
    }
    // What the root's packages say about frameworks is about other projects as well.
    let is_ours = |decision: &Decision| {
        decision.subject != "node framework" || case.row.is_some_and(|row| row.id == decision.value)
    };
    case.notes.decisions.retain(is_ours);
    application.decisions.insert(0, decision);
    Some(application)
}

fn loser(start: &StartCommand) -> Overridden {
    Overridden { value: start.text.clone(), origin: start.origin.clone() }
}

/// The projects that the scripts name: `nx serve api`, `nx run api:build`.
fn named_projects(case: &Recognition<'_>) -> Vec<(String, Origin)> {
    let started = case.starts.start.as_ref().or(case.starts.other.as_ref());
    let started = started.and_then(|start| Some((process::parse(&start.text)?, start.origin.clone())));
    let built = case.build.as_ref().map(|build| (build.segments.clone(), build.origin.clone()));
    let mut found = Vec::new();
    for (segments, origin) in started.into_iter().chain(built) {
        for segment in &segments {
            let Some(words) = after_tool(segment, "nx") else { continue };
            let mut words = words.iter().filter(|word| !word.starts_with('-'));
            let name = match words.next().map(String::as_str) {
                Some("run" | "run-many" | "affected") | None => words.next(),
                Some(_) => words.next(),
            };
            let name = name.and_then(|name| name.split(':').next());
            found.extend(name.map(|name| (name.to_owned(), origin.clone())));
        }
    }
    found
}

/// Lets the project's own target be the build.
fn builds(case: &mut Recognition<'_>, project: &NxProject) {
    let mut target = format!("{}:build", project.name);
    if project.has_configuration("build", "production") {
        target.push_str(":production");
    }
    let words = ["nx", "run", &target].map(str::to_owned).to_vec();
    let origin = project.line_of("build");
    case.build = process::flat(case.subject).expand_line(&words.join(" "), &origin).ok();
    case.script = None;
    case.command = Some((Command::Exec(words), origin));
}

fn start(case: &Recognition<'_>, project: &NxProject, target: &str, text: String) -> StartCommand {
    let origin = project.line_of(target);
    let segments = process::parse(&text);
    let mut analysis = process::analyse(case.subject, segments.as_deref().unwrap_or_default(), &origin, true);
    if let Some(main) = project.option("build", "main").and_then(Value::text) {
        analysis.files = vec![project.path_of(main)];
    }
    // A line that is not understood is the shell's, as it is.
    let command = match segments {
        Some(segments) => process::command(case.subject, &segments),
        None => process::shell(case.subject, &text),
    };
    StartCommand { command, origin, analysis, text, overridden: Vec::new() }
}

fn site(project: &NxProject, dir: String) -> BuiltSite {
    let line = project.option("build", "outputPath").map(|path| path.line);
    let origin = line.map_or_else(|| project.line_of("build"), |line| Origin::line(&project.path, line));
    let fallback = match project.executor("build").contains("astro") {
        true => Fallback::NotFound,
        false => Fallback::Index,
    };
    BuiltSite {
        dir: Requested { value: dir, origin },
        fallback,
        immutable: Vec::new(),
        layout: Vec::new(),
        instead_of: &[],
    }
}

/// What the target `build` makes, by its executor. A target `start` that runs one command says
/// itself how the project starts.
/// Source: Nx documentation, the schemas of the executors.
fn output_of(project: &NxProject) -> TargetOutput {
    let executor = project.executor("build");
    let text = |name: &str| project.option("build", name).and_then(Value::text);
    let output = project.option("build", "outputPath");
    let output = output.and_then(|output| output.text().or_else(|| output.text_of("base")));
    let dir = match output {
        Some(path) => project.path_of(path),
        None => format!("dist/{}", project.dir.as_ref().map_or(project.name.as_str(), |dir| dir.as_str())),
    };
    if executor.ends_with("next:build") {
        return TargetOutput::Next(dir);
    }
    if let Some(line) = project.command("start") {
        return TargetOutput::Program(line.to_owned());
    }
    let bundler = ["webpack:webpack", "rspack:rspack"].iter().any(|end| executor.ends_with(end));
    let of_node = executor.starts_with("@nrwl/node:") || executor.starts_with("@nx/node:");
    if executor.ends_with(":application") {
        return TargetOutput::Site(format!("{dir}/browser"));
    }
    let pages = ["angular", "/web:", "vite:build", "astro"].iter().any(|word| executor.contains(word));
    if pages || bundler && !of_node && text("target") != Some("node") {
        return TargetOutput::Site(dir);
    }
    TargetOutput::Program(format!("node {}", build::quoted(&file(project, &dir))))
}

/// What Node is given to start: the directory where the build describes it, or has an `index.js`;
/// else the file that the main file becomes.
fn file(project: &NxProject, dir: &str) -> String {
    let executor = project.executor("build");
    let writes_manifest = project.option("build", "generatePackageJson").is_some_and(Value::is_true)
        || ["js:tsc", "js:swc"].iter().any(|end| executor.ends_with(end));
    let named = project.option("build", "outputFileName").and_then(Value::text);
    let main = project.option("build", "main").and_then(Value::text);
    match (named, main) {
        _ if writes_manifest => dir.to_owned(),
        (Some(name), _) => format!("{dir}/{name}"),
        (None, Some(main)) => {
            let name = main.rsplit('/').next().unwrap_or(main);
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            format!("{dir}/{stem}.{}", ending(project, executor))
        }
        (None, None) => dir.to_owned(),
    }
}

/// How the bundler's files end: esbuild's CommonJS is `.cjs` unless its options say otherwise.
fn ending(project: &NxProject, executor: &str) -> &'static str {
    let formats = project.option("build", "format").map_or(&[][..], Value::items);
    let only_cjs = matches!(formats, [only] if only.text() == Some("cjs"));
    let renamed = project
        .option("build", "esbuildOptions")
        .and_then(|options| options.at(&["outExtension", ".js"]))
        .and_then(Value::text);
    match (executor.ends_with("esbuild:esbuild") && only_cjs, renamed) {
        (_, Some(".mjs")) => "mjs",
        (true, None) | (_, Some(".cjs")) => "cjs",
        _ => "js",
    }
}
