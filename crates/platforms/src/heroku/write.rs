//! Writes `app.json`, `Procfile`, `Aptfile`, `.slugignore` and `.python-version`.
//!
//! A Heroku application is one directory with one `Procfile`: the part at the top, or the first
//! one. What Heroku makes up itself (ports, builds) is not written; what it has no words for is
//! named as a loss.

mod entries;
mod processes;
mod variables;

use packwright_documents::{Content, Entry, Value, to_json};
use packwright_planner::{Component, Overlay, PackageSystem, Scope, Strategy, Task};

use crate::heroku::write::entries::{entry, text};
use crate::write::{Conversion, Converted, Loss};
use processes::{formation, once, procfile};
use variables::{addons, variables};

/// Writes Heroku's files.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let model = conversion.model;
    let mut out = Converted::default();
    let mut app: Vec<Entry> = Vec::new();
    if let Some(name) = &model.name {
        // Source: the schema of app.json.
        let fits = name.value.starts_with(|c: char| c.is_ascii_alphabetic() || "-_.".contains(c));
        match fits && name.value.len() <= 300 {
            true => app.push(entry("name", text(&name.value))),
            false => out.lose(
                Loss::Components,
                format!("Heroku has no application called `{}`", name.value),
                "give it a name that begins with a letter",
                Some(&name.origin),
            ),
        }
    }
    let top = model.components.iter().position(|part| part.root.is_none()).unwrap_or(0);
    for (number, part) in model.components.iter().enumerate() {
        if number == top {
            component(part, &mut app, &mut out);
        } else {
            other(part, &mut out);
        }
    }
    let services = addons(&model.services, &mut out);
    if !services.is_empty() {
        app.push(entry("addons", Content::List(services)));
    }
    let overlays: Vec<Entry> = model.overlays.iter().filter_map(|known| overlay(known, &mut out)).collect();
    if !overlays.is_empty() {
        app.push(entry("environments", Content::Map(overlays)));
    }
    for domain in &model.domains {
        let instead = "add it with `heroku domains:add`";
        out.lose(
            Loss::Domains,
            format!("no file of Heroku has the domain `{}`", domain.value),
            instead,
            Some(&domain.origin),
        );
    }
    if !app.is_empty() {
        out.file("app.json", to_json(&Value::from(Content::Map(app))));
    }
    out
}

/// A part that is not the application.
fn other(part: &Component, out: &mut Converted) {
    let dir = part.dir().map_or("the top", |dir| dir.as_str());
    let origin = part.root.as_ref().map(|root| &root.origin).or(part.name.as_ref().map(|name| &name.origin));
    let what = format!("the part in {dir} is not written: an application of Heroku is one directory");
    out.lose(Loss::Components, what, "make another application of it, and push its directory alone", origin);
}

fn component(part: &Component, app: &mut Vec<Entry>, out: &mut Converted) {
    if let Some(root) = &part.root {
        let what =
            format!("the files are written for an application at the top, and this one is in {}", root.value);
        out.lose(
            Loss::Components,
            what,
            "push its directory alone, with these files in it",
            Some(&root.origin),
        );
    }
    if let Some(name) = &part.name {
        let what = format!("the part called `{}` has no name on Heroku", name.value);
        out.lose(Loss::Components, what, "give the application that name", Some(&name.origin));
    }
    let environment: Vec<Entry> = variables(&part.environment, out);
    if !environment.is_empty() {
        app.push(entry("env", Content::Map(environment)));
    }
    let lines = procfile(&part.processes, out);
    if !lines.is_empty() {
        out.file("Procfile", lines);
    }
    let formation = formation(&part.processes, out);
    if !formation.is_empty() {
        app.push(entry("formation", Content::Map(formation)));
    }
    if let Some(script) = once(&part.processes, out) {
        app.push(entry("scripts", Content::Map(vec![entry("postdeploy", text(&script))])));
    }
    build(part, app, out);
    files(part, out);
}

/// How it is built: Heroku detects that, or is told the buildpacks.
fn build(part: &Component, app: &mut Vec<Entry>, out: &mut Converted) {
    for task in part.phases.iter().flat_map(|phase| &phase.tasks) {
        if let Task::Run(command) = task {
            let what = format!("Heroku's buildpacks do not run `{}`", command.value);
            let instead =
                "call it from the script `heroku-postbuild` of package.json, or from bin/post_compile";
            out.lose(Loss::Build, what, instead, Some(&command.origin));
        }
    }
    match part.strategy.as_ref().map(|strategy| (&strategy.value, &strategy.origin)) {
        Some((Strategy::Buildpacks { builder: None, list }, _)) => {
            let list = list.iter().map(|pack| Value::from(Content::Map(vec![entry("url", text(pack))])));
            app.push(entry("buildpacks", Content::List(list.collect())));
        }
        Some((Strategy::Detect, _)) | None => {}
        Some((Strategy::Dockerfile { path, .. }, origin)) => {
            let what = format!("Heroku builds with its buildpacks and does not use {path}");
            out.lose(
                Loss::Build,
                what,
                "write a heroku.yml with `build.docker`, and choose the stack `container`",
                Some(origin),
            );
        }
        Some((Strategy::Image(image), origin)) => {
            let what = format!("Heroku runs no image `{image}` from other registries");
            out.lose(
                Loss::Image,
                what,
                "push it to Heroku's registry, or let Heroku build the source",
                Some(origin),
            );
        }
        Some((Strategy::Buildpacks { .. } | Strategy::Program(_), origin)) => {
            let what = "Heroku builds with its own buildpacks";
            out.lose(Loss::Build, what, "check that they build the same", Some(origin));
        }
    }
    for (what, told) in [("language", &part.language), ("package manager", &part.manager)] {
        let listed = matches!(
            part.strategy.as_ref().map(|strategy| &strategy.value),
            Some(Strategy::Buildpacks { .. })
        );
        if let Some(told) = told.as_ref().filter(|_| !listed) {
            let lost = format!("no file says that the {what} is `{}`: Heroku detects it", told.value);
            out.lose(Loss::Build, lost, "choose it with `heroku buildpacks:set`", Some(&told.origin));
        }
    }
}

/// Versions, packages, and what the platform does not do.
fn files(part: &Component, out: &mut Converted) {
    for wish in &part.versions {
        let (tool, version) = (wish.tool.as_str(), &wish.version.value);
        let plain =
            version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
        match tool {
            "python" if plain && (2..=3).contains(&version.split('.').count()) => {
                if !out.files.contains_key(".python-version") {
                    out.file(".python-version", format!("{version}\n"));
                }
            }
            "node" => out.lose(
                Loss::Versions,
                format!("the version {version} of Node is not written"),
                "write it below `engines` in package.json",
                Some(&wish.version.origin),
            ),
            _ => out.lose(
                Loss::Versions,
                format!("the version {version} of {tool} is not written"),
                "say it in the files of the language, or in a config var of its buildpack",
                Some(&wish.version.origin),
            ),
        }
    }
    let mut apt = String::new();
    for package in &part.packages {
        let origin = Some(&package.name.origin);
        if package.system != PackageSystem::Debian {
            let what = format!("`{}` is no name of a Debian package", package.name.value);
            out.lose(
                Loss::Packages,
                what,
                "write the Debian package with the same program into the Aptfile",
                origin,
            );
            continue;
        }
        // Of several names for one package apt takes one; versions are written in another way.
        let first = package.name.value.split('|').next().unwrap_or_default();
        let name = first.split(['(', ' ']).find(|word| !word.is_empty()).unwrap_or_default();
        if name != package.name.value || package.scope == Scope::Build {
            let what =
                format!("of the package `{}` the Aptfile has the name `{name}` alone", package.name.value);
            let instead = "check that the stack has it; it is there at run time too";
            out.lose(Loss::Packages, what, instead, origin);
        }
        apt.push_str(name);
        apt.push('\n');
    }
    if !apt.is_empty() {
        let what = "the Aptfile is read by a buildpack that has to be added";
        let origin = part.packages.first().map(|package| &package.name.origin);
        out.lose(
            Loss::Packages,
            what,
            "add `heroku-community/apt` before the buildpack of the language",
            origin,
        );
        out.file("Aptfile", apt);
    }
    for mount in &part.statics {
        let what = format!("Heroku does not serve `{}` itself", mount.url.value);
        let instead = "have the application serve it, for instance with WhiteNoise";
        out.lose(Loss::StaticFiles, what, instead, Some(&mount.url.origin));
    }
    if let Some(publish) = &part.publish {
        let what = format!("Heroku does not serve the files in {} itself", publish.value);
        out.lose(Loss::StaticFiles, what, "add a process `web` that serves them", Some(&publish.origin));
    }
    for volume in &part.volumes {
        let what = format!("nothing in {} outlives an instance on Heroku", volume.path.value);
        out.lose(
            Loss::Volume,
            what,
            "keep the files in an object store or a database",
            Some(&volume.path.origin),
        );
    }
    let mut ignored = String::new();
    for pattern in &part.ignore {
        let plain = !pattern.value.trim().is_empty() && !pattern.value.contains('\n');
        if !plain || pattern.value.starts_with(['!', '#']) {
            let what = format!("a .slugignore has no word for `{}`", pattern.value);
            out.lose(Loss::Ignore, what, "list what is left out, without exceptions", Some(&pattern.origin));
            continue;
        }
        ignored.push_str(pattern.value.trim());
        ignored.push('\n');
    }
    if !ignored.is_empty() {
        out.file(".slugignore", ignored);
    }
}

/// An environment that Heroku knows.
fn overlay(known: &Overlay, out: &mut Converted) -> Option<Entry> {
    let name = known.name.value.as_str();
    if !["test", "review", "production"].contains(&name) {
        let what = format!("Heroku has no environment `{name}`");
        out.lose(
            Loss::Overlay,
            what,
            "set its variables by hand in an application of a pipeline",
            Some(&known.name.origin),
        );
        return None;
    }
    let mut entries = Vec::new();
    let environment = variables(&known.environment, out);
    if !environment.is_empty() {
        entries.push(entry("env", Content::Map(environment)));
    }
    let formation = formation(&known.processes, out);
    if !formation.is_empty() {
        entries.push(entry("formation", Content::Map(formation)));
    }
    if let Some(script) = once(&known.processes, out) {
        entries.push(entry("scripts", Content::Map(vec![entry("postdeploy", text(&script))])));
    }
    let commands =
        known.processes.iter().filter(|process| process.command.is_some() && !process.is_release());
    for process in commands {
        let what = format!("`{}` is started in the same way in every environment", process.name);
        out.lose(Loss::Overlay, what, "let a variable of the environment decide", Some(&process.origin));
    }
    let services = addons(&known.services, out);
    if !services.is_empty() {
        entries.push(entry("addons", Content::List(services)));
    }
    Some(entry(name, Content::Map(entries)))
}
