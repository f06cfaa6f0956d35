//! `heroku.yml`: images that Heroku builds from Dockerfiles, and the processes that run in them.
//!
//! The context of a Dockerfile is its own directory, which makes that directory the root of a
//! component; images of one directory are one component.

use std::collections::BTreeMap;

use packwright_documents::{Content, Value};
use packwright_planner::{
    Command, Component, Declarations, DeclaredProcess, Diagnostic, FileWeight, Origin, RelPath, Requested,
    Scoped, Strategy, Variable, VariableValue,
};

use super::app::addons;
use super::is_name;
use crate::dir_view::DirView;
use crate::heroku::source::{PLATFORM, bare, line_of};
use crate::table::{Document, Table};

/// An image of `build.docker`.
struct Image {
    name: Requested<String>,
    root: Option<RelPath>,
    dockerfile: String,
    target: Option<String>,
}

/// Reads `heroku.yml`.
pub(super) fn read(view: &DirView<'_>) -> Option<Declarations> {
    let seen = match crate::heroku::source::seen(view, "heroku.yml")? {
        Ok(seen) => seen,
        Err(refused) => return Some(refused),
    };
    let value = match seen.yaml(PLATFORM, FileWeight::Decides) {
        Ok(value) => value,
        Err(refused) => return Some(refused),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    if let Some(table) = document.table(&value) {
        // Places for anchors, as in other files about containers.
        let keys = value.entries().iter().map(|entry| entry.key.as_str());
        table.leave(&keys.filter(|key| key.starts_with("x-")).collect::<Vec<_>>());
        manifest(view, &table, &mut declared);
    }
    declared.diagnostics.extend(document.into_diagnostics());
    if view.has("Procfile") && declared.components.iter().any(|part| !part.processes.is_empty()) {
        let message = format!("Heroku does not read the Procfile beside {}", seen.path);
        declared.diagnostics.push(
            Diagnostic::info("heroku/procfile-beside", message)
                .why("images run what heroku.yml says; here a process `release` of the Procfile is kept when heroku.yml has none")
                .fix("delete the file that is not meant")
                .at(Origin::file(&seen.path)),
        );
    }
    Some(declared)
}

fn manifest(view: &DirView<'_>, table: &Table<'_>, declared: &mut Declarations) {
    let document = table.document();
    let build = table.table("build");
    let (images, arguments) = match &build {
        Some(build) => (images(build), arguments(build)),
        None => (Vec::new(), Vec::new()),
    };
    drop(build);
    let mut components = components(document, &images, &arguments);
    let (mut environment, services) = match table.table("setup") {
        Some(setup) => {
            // Features of Heroku's own, and its own plugins.
            setup.leave(&["features", "app", "stack", "region"]);
            (config(&setup), addons(&setup))
        }
        None => (Vec::new(), Vec::new()),
    };
    declared.services = services;
    for argument in arguments {
        match environment.iter_mut().find(|known| known.name == argument.name) {
            Some(known) if known.value == argument.value => known.scope = Scoped::Both,
            _ => environment.push(argument),
        }
    }
    let processes = processes(table, &images);
    if components.is_empty() && !(environment.is_empty() && processes.is_empty()) {
        components.push(Component::default());
    }
    for (image, process) in processes {
        let root = image.and_then(|name| images.iter().find(|known| known.name.value == name));
        // Heroku runs the image `web` where none is named.
        let usual = || images.iter().find(|image| image.name.value == "web").or(images.first());
        if root.is_some_and(|image| is_helper(view, image, &images)) {
            continue;
        }
        let dir = root.or_else(usual).and_then(|image| image.root.clone());
        let at = components.iter().position(|part| part.dir() == dir.as_ref()).unwrap_or(0);
        if let Some(component) = components.get_mut(at) {
            component.processes.push(process);
        }
    }
    for component in &mut components {
        component.environment = environment.clone();
    }
    declared.components = components;
}

/// Whether an image that is built in the directory of another one before it has nothing of the source in it: what it runs
/// is no process of the application.
fn is_helper(view: &DirView<'_>, image: &Image, images: &[Image]) -> bool {
    let first = images.iter().find(|other| other.root == image.root);
    let context = DirView { dir: image.root.as_ref(), ..*view };
    first.is_some_and(|first| first.dockerfile != image.dockerfile)
        && crate::dockerfile::is_of_source(&context, &image.dockerfile) == Some(false)
}

/// `docker: {web: Dockerfile, worker: {dockerfile, target}}`.
fn images(build: &Table<'_>) -> Vec<Image> {
    let document = build.document();
    let Some(docker) = build.table("docker") else { return Vec::new() };
    let mut images = Vec::new();
    for entry in docker.entries() {
        let (path, target) = match &entry.value.content {
            Content::Map(_) => {
                let Some(row) = docker.table(&entry.key) else { continue };
                let path = row.text("dockerfile").or_else(|| row.text("path"));
                let usual = || Requested { value: "Dockerfile".to_owned(), origin: row.origin() };
                (path.unwrap_or_else(usual), row.text("target").map(|target| target.value))
            }
            _ => match docker.text(&entry.key) {
                Some(path) => (path, None),
                None => continue,
            },
        };
        let plain = path.value.trim().trim_start_matches("./");
        let (dir, file) = plain.rsplit_once('/').unwrap_or(("", plain));
        let root = match dir.is_empty() {
            true => None,
            false => match dir.parse::<RelPath>() {
                Ok(root) => Some(root),
                Err(error) => {
                    document.refuse(line_of(&path.origin), &error.to_string(), "name a file below the top");
                    continue;
                }
            },
        };
        if file.is_empty() {
            document.refuse(line_of(&path.origin), "no Dockerfile is named", "write its path: `Dockerfile`");
            continue;
        }
        let name = Requested { value: entry.key.clone(), origin: document.line(entry.line) };
        images.push(Image { name, root, dockerfile: file.to_owned(), target });
    }
    // What it routes requests to is the application, wherever it stands.
    images.sort_by_key(|image| image.name.value != "web");
    images
}

/// Build arguments: variables of the build alone.
fn arguments(build: &Table<'_>) -> Vec<Variable> {
    let pairs = build.pairs("config").into_iter();
    pairs
        .filter(|(name, value)| named(build.document(), name, line_of(&value.origin)))
        .map(|(name, value)| Variable {
            scope: Scoped::Build,
            ..Variable::literal(&name, &value.value, value.origin)
        })
        .collect()
}

/// Config vars, which a build from a Dockerfile does not see.
fn config(setup: &Table<'_>) -> Vec<Variable> {
    let pairs = setup.pairs("config").into_iter();
    pairs
        .filter(|(name, value)| named(setup.document(), name, line_of(&value.origin)))
        .map(|(name, value)| Variable {
            scope: Scoped::Run,
            ..Variable::literal(&name, &value.value, value.origin)
        })
        .collect()
}

fn named(document: &Document, name: &str, line: u32) -> bool {
    if !is_name(name) {
        let message = format!("{name:?} cannot be the name of a variable");
        document.refuse(line, &message, "use letters, digits and `_`");
    }
    is_name(name)
}

/// One component for each directory of a Dockerfile.
fn components(document: &Document, images: &[Image], arguments: &[Variable]) -> Vec<Component> {
    let mut components: Vec<Component> = Vec::new();
    let literal = |variable: &Variable| match &variable.value {
        VariableValue::Literal(text) => Some((variable.name.clone(), text.clone())),
        _ => None,
    };
    let args: BTreeMap<String, String> = arguments.iter().filter_map(literal).collect();
    for image in images {
        let strategy = Strategy::Dockerfile {
            path: image.dockerfile.clone(),
            target: image.target.clone(),
            args: args.clone(),
        };
        let strategy = Requested { value: strategy, origin: image.name.origin.clone() };
        match components.iter().find(|known| known.dir() == image.root.as_ref()) {
            None => components.push(Component {
                name: Some(image.name.clone()),
                root: image.root.clone().map(|value| Requested { value, origin: image.name.origin.clone() }),
                strategy: Some(strategy),
                ..Component::default()
            }),
            Some(known) => {
                let same = known.strategy.as_ref().is_some_and(|known| known.value == strategy.value);
                let first = known.name.as_ref().map_or("", |name| &name.value);
                if !same {
                    document.say(one_image(image, first));
                }
            }
        }
    }
    components
}

fn one_image(image: &Image, first: &str) -> Diagnostic {
    Diagnostic::warning(
        "heroku/several-images",
        format!(
            "{}: the image `{}` is built from another Dockerfile than `{first}` in the same directory",
            image.name.origin, image.name.value
        ),
    )
    .why("a directory becomes one image here, which runs all of its processes")
    .fix("have both built by one Dockerfile, or put each into a directory of its own")
    .at(image.name.origin.clone())
}

/// What runs, and in which image: `release` and `run`. Without `run` every image runs what its
/// Dockerfile says.
fn processes(table: &Table<'_>, images: &[Image]) -> Vec<(Option<String>, DeclaredProcess)> {
    let document = table.document();
    let mut processes = Vec::new();
    let exists = |image: &Requested<String>| {
        let known = images.iter().any(|known| known.name.value == image.value);
        if !known {
            let message = format!("`{}` is no image of `build.docker`", image.value);
            document.refuse(
                line_of(&image.origin),
                &message,
                "name an image that is built, or delete the line",
            );
        }
        known
    };
    if let Some(run) = table.table("run") {
        for entry in run.entries() {
            let Some(process) = bare(document, &entry.key, entry.line) else { continue };
            let (command, image) = match &entry.value.content {
                Content::Map(_) => {
                    let Some(row) = run.table(&entry.key) else { continue };
                    let image = row.text("image").filter(exists);
                    (row.value("command").and_then(|value| line(&row, value)), image)
                }
                _ => (line_at(&run, &entry.key, &entry.value), None),
            };
            let own = || images.iter().any(|image| image.name.value == entry.key).then(|| entry.key.clone());
            let image = image.map(|image| image.value).or_else(own);
            processes.push((image, DeclaredProcess { command, ..process }));
        }
    } else {
        for image in images {
            let process = bare(document, &image.name.value, line_of(&image.name.origin));
            processes.extend(process.map(|process| (Some(image.name.value.clone()), process)));
        }
    }
    if let Some(release) = table.table("release") {
        let image = release.text("image").filter(exists).map(|image| image.value);
        let command = release.value("command").and_then(|value| line(&release, value));
        let process = bare(document, "release", line_of(&release.origin()));
        match (process, command) {
            (Some(process), Some(command)) => {
                let image = image.or_else(|| Some("web".to_owned()));
                processes.push((image, DeclaredProcess { command: Some(command), ..process }));
            }
            (_, None) => {
                document.refuse(
                    line_of(&release.origin()),
                    "`release` has no `command`",
                    "write it, or delete `release`",
                );
            }
            (None, Some(_)) => {}
        }
    }
    processes
}

/// The command below the key `command`.
fn line(row: &Table<'_>, value: &Value) -> Option<Command> {
    line_at(row, "command", value)
}

/// A command: a line for the shell, or a list that holds one.
fn line_at(row: &Table<'_>, key: &str, value: &Value) -> Option<Command> {
    let document = row.document();
    let lines = row.texts(key);
    match lines.as_slice() {
        [] => None,
        [line] if line.value.trim().is_empty() => None,
        [line] => Some(Command::shell(line.value.trim())),
        // Words, as a Dockerfile has them.
        words if words.iter().all(|word| !word.value.contains(char::is_whitespace)) => {
            Some(Command::Exec(words.iter().map(|word| word.value.clone()).collect()))
        }
        lines => {
            let origin = document.line(value.line);
            document.say(
                Diagnostic::warning(
                    "heroku/command-list",
                    format!("{origin}: the command is a list of several lines"),
                )
                .why("Heroku documents one line; here they run one after the other, until one fails")
                .fix("join them with `&&`, or put them into a script")
                .at(origin),
            );
            let lines: Vec<&str> = lines.iter().map(|line| line.value.trim()).collect();
            Some(Command::shell(lines.join(" && ")))
        }
    }
}
