//! How the service is built: the table `build` of `railway.toml`, and `railpack.json`.
//!
//! `buildCommand` takes the place of what Railpack would run to build. Work that leaves room for what
//! is detected, or that is for its installing step, goes to the steps of `railpack.json`, whose `...`
//! is what is detected.

use packwright_documents::{Content, Entry, Value, to_json};
use packwright_planner::{BuildWork, Component, PackageSystem, Phase, Scope, Task};

use crate::railway::write::entries::{line, text};
use crate::write::{Converted, Loss};

/// What would be detected.
const HOLE: &str = "...";

/// The table `build`.
pub(super) fn table(made: &mut Converted, part: &Component) -> Vec<Entry> {
    let mut build = vec![text("builder", "RAILPACK")];
    if has_steps(part) {
        return build;
    }
    let tasks: Vec<&Task> = part.phases.iter().flat_map(|phase| &phase.tasks).collect();
    let mut lines = Vec::new();
    for task in &tasks {
        let Task::Run(command) = task else { continue };
        lines.push(line(made, command));
        if tasks.len() > 1 {
            made.lose(
                Loss::Build,
                "the commands of the build become one line",
                "check that they may run one after the other",
                Some(&command.origin),
            );
        }
    }
    if !lines.is_empty() {
        build.push(text("buildCommand", &lines.join(" && ")));
    }
    build
}

/// Whether the work of the build is more than one command in the place of what is detected.
fn has_steps(part: &Component) -> bool {
    let replaces = |phase: &Phase| {
        matches!(phase.work, BuildWork::All | BuildWork::Build) && !phase.tasks.contains(&Task::Detected)
    };
    !part.phases.iter().filter(|phase| !phase.tasks.is_empty()).all(replaces)
}

/// The steps of Railpack's build, where they are more than `buildCommand` can say. What has no step of
/// Railpack's own goes to the one that builds, in its order.
fn steps(made: &mut Converted, part: &Component) -> Option<Vec<Entry>> {
    if !has_steps(part) {
        return None;
    }
    let mut steps = Vec::new();
    for name in ["install", "build"] {
        let is_here = |phase: &&Phase| (phase.work == BuildWork::Install) == (name == "install");
        let phases: Vec<&Phase> = part.phases.iter().filter(is_here).collect();
        if phases.is_empty() {
            continue;
        }
        let is_same = matches!(phases.as_slice(), [phase] if phase.work != BuildWork::All
            && phase.work != BuildWork::Setup);
        let mut commands: Vec<String> = Vec::new();
        for task in phases.iter().flat_map(|phase| &phase.tasks) {
            commands.push(match task {
                Task::Detected => HOLE.to_owned(),
                Task::Run(command) => {
                    if !is_same {
                        let what = format!("`{}` is a command of Railpack's step `{name}`", command.value);
                        let instead = "check the order of the commands";
                        made.lose(Loss::Build, what, instead, Some(&command.origin));
                    }
                    shell_line(&line(made, command))
                }
            });
        }
        // What only comes before the build leaves the build as it is.
        if name == "build" && phases.iter().all(|phase| phase.work == BuildWork::Setup) {
            commands.push(HOLE.to_owned());
        }
        let commands: Vec<Value> =
            commands.into_iter().map(|command| Value::from(Content::Text(command))).collect();
        let commands = Entry::new("commands", Content::List(commands));
        steps.push(Entry::new(name, Content::Map(vec![commands])));
    }
    Some(steps)
}

/// A line that is no other kind of command to Railpack.
fn shell_line(line: &str) -> String {
    let first = line.split([':', '#']).next().unwrap_or_default();
    match ["RUN", "PATH", "COPY", "FILE"].contains(&first) || line == HOLE {
        true => format!("RUN:{line}"),
        false => line.to_owned(),
    }
}

/// `railpack.json`: what only the builder is told.
pub(super) fn railpack(made: &mut Converted, part: &Component, dir: &str) {
    let mut top = Vec::new();
    if let Some(language) = &part.language {
        let provider = match language.value.as_str() {
            "go" => "golang",
            "static" => "staticfile",
            other => other,
        };
        top.push(text("provider", provider));
    }
    let versions: Vec<Entry> =
        part.versions.iter().map(|wish| text(&wish.tool, &wish.version.value)).collect();
    if !versions.is_empty() {
        top.push(Entry::new("packages", Content::Map(versions)));
    }
    if let Some(steps) = steps(made, part) {
        top.push(Entry::new("steps", Content::Map(steps)));
    }
    let packages = |scope: Scope| -> Vec<packwright_documents::Value> {
        let names = part
            .packages
            .iter()
            .filter(|package| package.scope == scope && package.system == PackageSystem::Debian);
        let spread = std::iter::once("...");
        let names = names.map(|package| package.name.value.split('|').next().unwrap_or_default().trim());
        let all: Vec<_> = spread.chain(names).map(|name| Content::Text(name.to_owned()).into()).collect();
        if all.len() > 1 { all } else { Vec::new() }
    };
    let (built, run) = (packages(Scope::Build), packages(Scope::Run));
    if !built.is_empty() {
        top.push(Entry::new("buildAptPackages", Content::List(built)));
    }
    if !run.is_empty() {
        top.push(Entry::new("deploy", Content::Map(vec![Entry::new("aptPackages", Content::List(run))])));
    }
    for package in part.packages.iter().filter(|package| package.system != PackageSystem::Debian) {
        made.lose(
            Loss::Packages,
            format!("`{}` is no Debian package", package.name.value),
            "name the Debian package",
            Some(&package.name.origin),
        );
    }
    let ignored: Vec<_> =
        part.ignore.iter().map(|pattern| Content::Text(pattern.value.clone()).into()).collect();
    if !ignored.is_empty() {
        top.push(Entry::new("exclude", Content::List(ignored)));
    }
    if !top.is_empty() {
        top.insert(0, text("$schema", "https://schema.railpack.com"));
        made.file(&format!("{dir}railpack.json"), to_json(&Content::Map(top).into()));
    }
}
