//! Heroku's files at the top of a repository, except its `Procfile`.
//!
//! ```text
//! heroku.yml    images, their processes, the release command       (heroku/container.rs)
//! app.json      variables, numbers of processes, add-ons, buildpacks    (heroku/app.rs)
//! .buildpacks   buildpacks, for the old buildpack that reads it    (heroku/buildpack.rs)
//! Aptfile       packages of the operating system                   (heroku/apt.rs)
//! .slugignore   files that are no part of the application
//! bin/…         hooks of its buildpacks, which are not run here
//! ```
//!
//! `runtime.txt` and `.python-version` are read by the buildpacks; the order in which they count
//! on Heroku is the platform's `version_files`. Nothing here runs a foreign buildpack.
//!
//! Source: devcenter.heroku.com, "app.json Schema", "Building Docker Images with heroku.yml";
//! heroku/heroku-buildpack-apt; facts about platform formats, 2.1.

mod app;
mod apt;
mod buildpack;
mod container;
mod environment;
mod source;
mod write;

use std::collections::BTreeSet;

use packwright_planner::{
    Component, Declarations, DeclaredProcess, Diagnostic, FileWeight, Origin, ProcessKind, ProcessName,
    Requested,
};

use crate::dir_view::DirView;
use crate::heroku::source::{PLATFORM, seen};

pub(crate) use apt::name as package;
pub(crate) use buildpack::language;
pub(crate) use environment::{is_declared, is_name};
pub(crate) use write::write;

/// Scripts that Heroku's buildpacks run at certain moments, and what does the same here.
const HOOKS: &[(&str, &str)] = &[
    ("bin/pre_compile", "before the packages of the application are installed"),
    ("bin/post_compile", "after the build"),
    ("bin/go-pre-compile", "before the build"),
    ("bin/go-post-compile", "after the build"),
];

/// Reads Heroku's files.
pub(crate) fn declarations(view: &DirView<'_>) -> Vec<Declarations> {
    let container = container::read(view);
    let mut app = app::read(view);
    if let Some(app) = &mut app {
        let told = undeclared(view, container.as_ref(), app);
        app.diagnostics.extend(told);
    }
    if let (Some(container), Some(app)) = (&container, &mut app) {
        spread(app, &container.components);
    }
    let found = [container, app, buildpack::read(view), apt::read(view), ignored(view), hooks(view)];
    found.into_iter().flatten().collect()
}

/// Warnings about processes that `app.json` has a number of and that neither `heroku.yml` nor the `Procfile` declares.
/// `web` may be detected.
fn undeclared(view: &DirView<'_>, container: Option<&Declarations>, app: &Declarations) -> Vec<Diagnostic> {
    let procfile = crate::procfile::declarations(view);
    let files = procfile.iter().chain(container);
    let known: BTreeSet<&ProcessName> = files
        .flat_map(|file| &file.components)
        .flat_map(|part| &part.processes)
        .map(|known| &known.name)
        .collect();
    let numbered = app.components.iter().flat_map(|part| &part.processes);
    let unknown = numbered.filter(|process| {
        process.command.is_none() && process.name.as_str() != "web" && !known.contains(&process.name)
    });
    unknown
        .map(|process| {
            let (name, origin) = (&process.name, &process.origin);
            let message =
                format!("{origin}: `formation` names `{name}`, which no line of a Procfile declares");
            Diagnostic::warning("heroku/formation", message)
                .why("Heroku starts none of it")
                .fix(format!("write `{name}: <command>` into the Procfile, or take it out of `formation`"))
                .at(origin.clone())
        })
        .collect()
}

/// Where no image is built at the top, what `app.json` says is about the directories of the
/// images: its variables about all, its processes about those that have them.
fn spread(app: &mut Declarations, images: &[Component]) {
    if images.is_empty() || images.iter().any(|image| image.root.is_none()) {
        return;
    }
    let Some(whole) = app.components.pop() else { return };
    let runs =
        |image: &Component, name: &ProcessName| image.processes.iter().any(|known| known.name == *name);
    let host =
        images.iter().position(|image| image.processes.iter().any(|known| known.kind == ProcessKind::Web));
    for (number, image) in images.iter().enumerate() {
        // What no image runs stays with the one that answers requests.
        let here = |process: &&DeclaredProcess| {
            let elsewhere = images.iter().any(|image| runs(image, &process.name));
            runs(image, &process.name) || !elsewhere && number == host.unwrap_or(0)
        };
        app.components.push(Component {
            root: image.root.clone(),
            environment: whole.environment.clone(),
            processes: whole.processes.iter().filter(here).cloned().collect(),
            ..Component::default()
        });
    }
}

/// The patterns of `.slugignore`.
fn ignored(view: &DirView<'_>) -> Option<Declarations> {
    let seen = match seen(view, ".slugignore")? {
        Ok(seen) => seen,
        Err(refused) => return Some(refused),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    for (index, line) in seen.text.lines().enumerate() {
        let pattern = line.trim();
        // The scan of the source says what is wrong with patterns that begin with `!`.
        if pattern.is_empty() || pattern.starts_with(['#', '!']) {
            continue;
        }
        let origin = Origin::line(&seen.path, index as u32 + 1);
        declared.component().ignore.push(Requested { value: pattern.to_owned(), origin });
    }
    Some(declared)
}

/// Hooks that a buildpack of Heroku would run.
fn hooks(view: &DirView<'_>) -> Option<Declarations> {
    let is_buildpack = ["bin/detect", "bin/compile"].iter().all(|name| view.has(name));
    let buildpack: &[(&str, &str)] = match is_buildpack {
        true => &[("bin/compile", "in the place of every build")],
        false => &[],
    };
    let mut declared: Option<Declarations> = None;
    for (name, moment) in HOOKS.iter().chain(buildpack) {
        let Some(path) = view.path(name).filter(|_| view.has(name)) else { continue };
        let origin = Origin::file(&path);
        let told = Diagnostic::warning("heroku/hook", format!("{path} is not run"))
            .why(format!(
                "Heroku's buildpacks run it {moment}; it is written for their directories and variables"
            ))
            .fix("put what it does into a command of the build")
            .at(origin);
        let declared =
            declared.get_or_insert_with(|| Declarations::new(PLATFORM, &path, FileWeight::Decides));
        if !declared.files.contains(&path) {
            declared.files.push(path);
        }
        declared.diagnostics.push(told);
    }
    declared
}

#[cfg(test)]
mod tests;
