//! What a declared build comes to: scripts of the source are taken for the lines in them, commands
//! that install what the plan's own steps install are left out, commands that need a database
//! become the release command, and each language gets the commands that are its own.

use super::line;
use crate::{
    BuildPart, BuildWork, Buildpack, Command, Component, DeclaredBuild, DeclaredProcess, Diagnostic, Origin,
    Requested, SourceTree, Task, text,
};

/// Whom a language's part of the build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// The owner, who gets whatever is nobody else's.
    Owner,
    /// A helper, who gets its own.
    Helper,
}

/// The component with its build as far as it can be known: scripts taken for their lines, and
/// commands that need a database as its release command. A command that installs the application's
/// packages says which package manager the file counts on. Says what it did.
pub(super) fn settled(
    mut component: Component,
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
) -> (Component, Vec<Diagnostic>) {
    let present = present(tree, buildpacks);
    let part = |words: &[String]| {
        present.iter().find_map(|pack| Some((pack.name(), pack.part_of(words)?)))
    };
    let manager = |words: &[String]| present.iter().find_map(|pack| pack.manager_of(words, tree));
    let mut managers: Vec<Requested<String>> = component.manager.take().into_iter().collect();
    let mut remarks = Vec::new();
    let mut released: Vec<Requested<Command>> = Vec::new();
    for task in component.phases.iter_mut().flat_map(|phase| &mut phase.tasks) {
        let Task::Run(command) = task else { continue };
        if let Some(lines) = script(tree, command) {
            *command = lines;
        }
        for part_of_it in line::split(command) {
            let words = line::words(&part_of_it.value);
            match part(&words) {
                Some((name, BuildPart::Installs)) => {
                    remarks.push(known(name, &part_of_it));
                    let value = manager(&words).map(str::to_owned);
                    managers.extend(value.map(|value| Requested { value, origin: part_of_it.origin.clone() }));
                }
                Some((_, BuildPart::Releases)) => released.push(part_of_it),
                Some((_, BuildPart::Runs)) | None => {}
            }
        }
    }
    component.manager = managers.into_iter().next();
    let has_release = component.processes.iter().any(DeclaredProcess::is_release);
    remarks.extend(released.iter().map(|command| moved(command, has_release)));
    if let (Some(first), false) = (released.first(), has_release) {
        let lines: Vec<String> = released.iter().map(|command| command.value.to_string()).collect();
        let name = "release".parse().expect("a process name");
        let command = Command::Shell(lines.join(" && "));
        component.processes.push(DeclaredProcess::new(name, command, first.origin.clone()));
    }
    (component, remarks)
}

fn known(buildpack: &str, command: &Requested<Command>) -> Diagnostic {
    let Requested { value, origin } = command;
    Diagnostic::info("plan/install-known", format!("{origin}: `{value}` is left to the steps of {buildpack}"))
        .why("they install the same packages from their manifests alone, so that an edit of the source does not run them again")
        .at(origin.clone())
}

fn moved(command: &Requested<Command>, has_release: bool) -> Diagnostic {
    let Requested { value, origin } = command;
    let (what, fix) = match has_release {
        true => ("is left out of the build", "delete it there: the release command is the place for it"),
        false => ("becomes the release command", "declare it as the platform's release or pre-deploy command"),
    };
    Diagnostic::warning("plan/migrates-in-build", format!("{origin}: `{value}` {what}"))
        .why("it needs the application's database, and an image is built where there is none")
        .fix(fix)
        .at(origin.clone())
}

/// The lines of a script of the source that a command runs and that does no more than run one
/// command after the other; each has the script's line for its origin.
fn script(tree: &dyn SourceTree, command: &Requested<Command>) -> Option<Requested<Command>> {
    let words = line::words(&command.value);
    let path = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bash" | "sh" | "dash" | "." | "source", path] => path.trim_start_matches("./"),
        [path] => path.strip_prefix("./").or_else(|| path.ends_with(".sh").then_some(*path))?,
        _ => return None,
    };
    let path = path.parse().ok()?;
    let content = text(tree, crate::RelPath::as_str(&path)).ok()??;
    let (_, body) = content.split_once('\n').filter(|(first, _)| first.starts_with("#!"))?;
    let lines = Requested { value: Command::shell(body), origin: Origin::line(&path, 2) };
    (line::split(&lines).len() > 1 || line::is_simple(body)).then_some(lines)
}

/// The component as `asked` is to see it: with its part of the declared build, and those processes
/// that say how they start.
pub(super) fn seen_by(
    asked: &dyn Buildpack,
    asking: Asking,
    component: &Component,
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
) -> Component {
    let present = present(tree, buildpacks);
    let keep = |command: &Command| -> bool {
        let part = |pack: &&dyn Buildpack| pack.part_of(&line::words(command));
        let own = present.iter().find(|pack| pack.name() == asked.name()).and_then(part);
        let others: Vec<BuildPart> =
            present.iter().filter(|pack| pack.name() != asked.name()).filter_map(part).collect();
        match asking {
            Asking::Owner => own.is_none() && others.is_empty() || own == Some(BuildPart::Runs),
            Asking::Helper => own == Some(BuildPart::Runs),
        }
    };
    let build = declared(component, keep).filter(|build| asking == Asking::Owner || !build.before.is_empty());
    let processes = component.processes.iter().filter(|process| process.command.is_some()).cloned().collect();
    Component { build, processes, ..component.clone() }
}

/// The buildpacks with a file at the top of the tree.
fn present<'a>(tree: &dyn SourceTree, buildpacks: &[&'a dyn Buildpack]) -> Vec<&'a dyn Buildpack> {
    let has = |pack: &&&dyn Buildpack| pack.looks_for().iter().any(|name| crate::find(tree, name).is_some());
    buildpacks.iter().filter(has).copied().collect()
}

/// The declared build with those commands that `keep` wants; nothing when the file leaves the
/// build to what is detected.
fn declared(component: &Component, keep: impl Fn(&Command) -> bool) -> Option<DeclaredBuild> {
    let mut build = DeclaredBuild { before: Vec::new(), detected: true, after: Vec::new() };
    for phase in &component.phases {
        let holds = phase.tasks.contains(&Task::Detected);
        let builds = matches!(phase.work, BuildWork::Build | BuildWork::All);
        let mut behind = false;
        for task in &phase.tasks {
            match task {
                Task::Detected => behind = builds,
                Task::Run(command) => {
                    let kept = kept(command, &keep);
                    let place = if behind { &mut build.after } else { &mut build.before };
                    place.extend(kept);
                }
            }
        }
        if builds && !holds {
            build.detected = false;
        }
    }
    (!build.detected || !build.before.is_empty() || !build.after.is_empty()).then_some(build)
}

/// What is left of a command; the whole of it, unchanged, when nothing is left out.
fn kept(command: &Requested<Command>, keep: &impl Fn(&Command) -> bool) -> Option<Requested<Command>> {
    let parts = line::split(command);
    let left: Vec<&Requested<Command>> = parts.iter().filter(|part| keep(&part.value)).collect();
    if left.len() == parts.len() {
        return Some(command.clone());
    }
    // Words that only prepare for what follows are nothing by themselves.
    if left.iter().all(|part| line::only_prepares(&part.value)) {
        return None;
    }
    let text: Vec<String> = left.iter().map(|part| part.value.to_string()).collect();
    let origin = left.first().map_or_else(|| command.origin.clone(), |part| part.origin.clone());
    Some(Requested { value: Command::Shell(text.join(" && ")), origin })
}
