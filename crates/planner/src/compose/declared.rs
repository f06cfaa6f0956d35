//! What a declared build comes to: scripts of the source are taken for the lines in them, commands
//! that install what the plan's own steps install are left out, commands that need a database
//! become the release command, and each language gets the commands that are its own.

use super::line::{self, Fate, Kind, Part};
use super::script;
use crate::{
    BuildPart, BuildWork, Buildpack, Command, Component, DeclaredBuild, DeclaredProcess, Diagnostic, Origin,
    RelPath, Requested, SourceTree, Task,
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
/// packages says which package manager the file counts on. Says what it did. `tree` is the
/// application's directory, `root` its path in the source.
pub(super) fn settled(
    mut component: Component,
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    buildpacks: &[&dyn Buildpack],
) -> (Component, Vec<Diagnostic>) {
    let present = present(tree, buildpacks);
    let known_word = |words: &[String]| present.iter().any(|pack| pack.part_of(words).is_some());
    for phase in &mut component.phases {
        let tasks = std::mem::take(&mut phase.tasks);
        phase.tasks = tasks
            .into_iter()
            .flat_map(|task| match task {
                Task::Run(command) => script::expanded(tree, root, command, &known_word),
                Task::Detected => vec![Task::Detected],
            })
            .collect();
    }
    let manager = |words: &[String]| present.iter().find_map(|pack| pack.manager_of(words, tree));
    let mut managers: Vec<Requested<String>> = component.manager.take().into_iter().collect();
    let mut remarks = Vec::new();
    let mut released: Vec<Requested<Command>> = Vec::new();
    let class = |part: &Part| present.iter().find_map(|pack| Some((pack.name(), class(*pack, part)?)));
    for task in component.phases.iter().flat_map(|phase| &phase.tasks) {
        let Task::Run(command) = task else { continue };
        let read = line::read(command);
        for part in read.parts() {
            if let Some((name, BuildPart::Installs)) = class(part) {
                remarks.push(known(name, &part.command));
                let value = part.commands.first().and_then(|words| manager(words)).map(str::to_owned);
                let origin = &part.command.origin;
                managers.extend(value.map(|value| Requested { value, origin: origin.clone() }));
            }
        }
        released.extend(read.taken(|part| matches!(class(part), Some((_, BuildPart::Releases)))));
        remarks.extend(strangers(command, &read, &component, &present, buildpacks));
    }
    component.manager = managers.into_iter().next();
    let has_release = component.processes.iter().any(DeclaredProcess::is_release);
    remarks.extend(released.iter().map(|command| moved(command, has_release)));
    if let (Some(first), false) = (released.first(), has_release) {
        let lines: Vec<String> = released.iter().map(|command| command.value.to_string()).collect();
        let name = "release".parse().expect("a process name");
        let command = Command::Shell(match lines.as_slice() {
            [only] => only.clone(),
            _ => lines.iter().map(|line| grouped(line)).collect::<Vec<_>>().join(" && "),
        });
        component.processes.push(DeclaredProcess::new(name, command, first.origin.clone()));
    }
    (component, remarks)
}

/// A line that may stand in a chain.
fn grouped(line: &str) -> String {
    if line.contains([';', '|']) { format!("{{ {line}; }}") } else { line.to_owned() }
}

/// What a part is to a language, by the simple commands in it. What installs in another directory
/// does not install what the language's own steps do.
fn class(pack: &dyn Buildpack, part: &Part) -> Option<BuildPart> {
    let found: Vec<Option<BuildPart>> = part.commands.iter().map(|words| pack.part_of(words)).collect();
    match found.iter().flatten().copied().collect::<Vec<_>>().as_slice() {
        [] => None,
        some if some.contains(&BuildPart::Releases) => Some(BuildPart::Releases),
        some if some.len() < found.len() || some.contains(&BuildPart::Runs) || part.elsewhere => {
            Some(BuildPart::Runs)
        }
        _ => Some(BuildPart::Installs),
    }
}

/// A word about the first command of a line for which its step has no program or no packages: that of
/// a language that is not here, or one that installs in another directory.
fn strangers(
    command: &Requested<Command>,
    read: &line::Line,
    component: &Component,
    present: &[&dyn Buildpack],
    buildpacks: &[&dyn Buildpack],
) -> Option<Diagnostic> {
    let is_here = |pack: &dyn Buildpack| present.iter().any(|other| other.name() == pack.name());
    let asked_for = |words: &[String]| {
        component.packages.iter().any(|package| words.first().is_some_and(|word| *word == package.name.value))
    };
    read.parts().find_map(|part| {
        let commands = match part.commands.is_empty() {
            true => line::guessed(&part.command.value),
            false => part.commands.clone(),
        };
        commands.into_iter().find_map(|words| {
            let theirs = |pack: &&&dyn Buildpack| pack.part_of(&words).is_some();
            let owner = present.iter().find(theirs);
            let stranger = buildpacks.iter().filter(|pack| !is_here(**pack)).find(theirs);
            let origin = &part.command.origin;
            match (owner, stranger) {
                (None, Some(stranger)) if !asked_for(&words) => {
                    Some(stranger_told(command, &words, stranger.name(), origin))
                }
                (Some(owner), _)
                    if owner.part_of(&words) == Some(BuildPart::Installs)
                        && (part.elsewhere || part.commands.is_empty()) =>
                {
                    Some(elsewhere_told(&words, owner.name(), origin))
                }
                _ => None,
            }
        })
    })
}

fn stranger_told(command: &Requested<Command>, words: &[String], language: &str, at: &Origin) -> Diagnostic {
    let Requested { value, .. } = command;
    Diagnostic::warning("plan/build-elsewhere", format!("{at}: nothing brings `{}` into the build", words[0]))
        .why(format!("`{value}` is for {language}, and the directory of the application has no file of it"))
        .fix("build that directory by itself with `--root DIR`, or move its manifest to the top of the application; a Debian package with the program comes with `--package`")
        .at(at.clone())
}

fn elsewhere_told(words: &[String], language: &str, at: &Origin) -> Diagnostic {
    let line = words.join(" ");
    Diagnostic::warning("plan/build-elsewhere", format!("{at}: `{line}` installs in a directory of its own"))
        .why(format!("the steps of {language} install what the top of the application names, and the build has no network"))
        .fix("make it a part of a workspace at the top, or allow the network with `--build-network`")
        .at(at.clone())
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
        false => {
            ("becomes the release command", "declare it as the platform's release or pre-deploy command")
        }
    };
    Diagnostic::warning("plan/migrates-in-build", format!("{origin}: `{value}` {what}"))
        .why("it needs the application's database, and an image is built where there is none")
        .fix(fix)
        .at(origin.clone())
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
    let fate = |part: &Part| -> Fate {
        let own = present.iter().find(|pack| pack.name() == asked.name()).and_then(|pack| class(*pack, part));
        let others: Vec<BuildPart> = present
            .iter()
            .filter(|pack| pack.name() != asked.name())
            .filter_map(|pack| class(*pack, part))
            .collect();
        match (own, part.kind) {
            (Some(BuildPart::Runs), _) => Fate::Stays,
            (Some(_), _) => Fate::Goes,
            (None, _) if !others.is_empty() => Fate::Goes,
            (None, Kind::Prepares | Kind::Asks) => Fate::Serves,
            (None, Kind::Idle) if asking == Asking::Owner => Fate::Serves,
            (None, Kind::Works) if asking == Asking::Owner => Fate::Stays,
            (None, Kind::Idle | Kind::Works) => Fate::Goes,
        }
    };
    let build =
        declared(component, asking, fate).filter(|build| asking == Asking::Owner || !build.before.is_empty());
    let processes = component.processes.iter().filter(|process| process.command.is_some()).cloned().collect();
    Component { build, processes, ..component.clone() }
}

/// The buildpacks with a file at the top of the tree.
fn present<'a>(tree: &dyn SourceTree, buildpacks: &[&'a dyn Buildpack]) -> Vec<&'a dyn Buildpack> {
    let has = |pack: &&&dyn Buildpack| pack.looks_for().iter().any(|name| crate::find(tree, name).is_some());
    buildpacks.iter().filter(has).copied().collect()
}

/// The declared build with those parts that stay; nothing when the file leaves the
/// build to what is detected.
fn declared(component: &Component, asking: Asking, fate: impl Fn(&Part) -> Fate) -> Option<DeclaredBuild> {
    let mut build = DeclaredBuild { before: Vec::new(), detected: true, after: Vec::new() };
    for phase in &component.phases {
        let holds = phase.tasks.contains(&Task::Detected);
        let builds = matches!(phase.work, BuildWork::Build | BuildWork::All);
        let mut behind = false;
        for task in &phase.tasks {
            match task {
                Task::Detected => behind = builds,
                Task::Run(command) => {
                    let read = line::read(command);
                    let concerned =
                        asking == Asking::Owner || read.parts().any(|part| fate(part) == Fate::Stays);
                    let kept = read.kept(&fate).filter(|_| concerned);
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
