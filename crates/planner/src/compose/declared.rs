//! Resolves a declared build: scripts of the source are replaced by the commands in them, commands that install
//! what the plan's own steps install are left out, commands that need a database become the release command,
//! and each language gets its own commands.

mod converted;
mod messages;
mod present_languages;
mod release;

use std::collections::BTreeSet;

use super::line::{self, Fate, Kind, Part};
use crate::{
    BuildWork, Buildpack, Command, CommandKind, Component, DeclaredBuild, DeclaredProcess, Diagnostic,
    Exposed, Origin, Plan, RelPath, Requested, SourceTree, Task,
};
pub(crate) use converted::without_releases;
use present_languages::PresentLanguages;
use release::{DeclaredRelease, declared_release};

/// Whom a language's part of the build is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// The owner, who gets whatever is nobody else's.
    Owner,
    /// A helper, who gets its own.
    Helper,
}

/// A component whose build is known as far as it can be.
pub(super) struct SettledBuild {
    pub(super) component: Component,
    /// What was done to it.
    pub(super) remarks: Vec<Diagnostic>,
    /// The commands that are left to the steps of a language: the place of the remark, and the language.
    pub(super) installs: Vec<LeftToLanguage>,
    /// The scripts of the build that have secrets in them.
    pub(super) exposed: Vec<Exposed>,
}

/// A command that is left to the steps of a language.
pub(super) struct LeftToLanguage {
    /// The place of the remark about it.
    remark: usize,
    language: String,
    command: Requested<Command>,
}

impl LeftToLanguage {
    /// Puts another remark in the place of the first where `plan` has no step of the language: a warning
    /// where the language takes no part at all.
    pub(super) fn settle(&self, remarks: &mut [Diagnostic], plan: &Plan) {
        let start = format!("{}.", self.language);
        let has_steps = plan.steps.iter().any(|step| step.name.as_str().starts_with(&start));
        let takes_part = plan.buildpacks.contains(&self.language);
        match (has_steps, takes_part) {
            (true, _) => {}
            (false, true) => {
                remarks[self.remark] = messages::nothing_to_install(&self.language, &self.command)
            }
            (false, false) => remarks[self.remark] = messages::not_installed(&self.language, &self.command),
        }
    }
}

/// The component with its build as far as it can be known: scripts taken for their lines, and
/// commands that need a database as its release command. A command that installs the application's
/// packages says which package manager the file counts on. `tree` is the application's
/// directory, `root` its path in the source.
pub(super) fn settle_build(
    mut component: Component,
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    buildpacks: &[&dyn Buildpack],
) -> SettledBuild {
    let here = PresentLanguages::new(tree, buildpacks);
    let mut remarks = Vec::new();
    let mut installs = Vec::new();
    let mut exposed = Vec::new();
    for phase in &mut component.phases {
        for task in std::mem::take(&mut phase.tasks) {
            let (tasks, with_secrets) = here.expanded(task, root);
            phase.tasks.extend(tasks);
            exposed.extend(with_secrets);
        }
    }
    let manager = |words: &[String]| here.present.iter().find_map(|pack| pack.installs_with(words, tree));
    let mut managers: Vec<Requested<String>> = component.manager.take().into_iter().collect();
    let mut released: Vec<Requested<Command>> = Vec::new();
    let mut known_releases = BTreeSet::new();
    let mut scripts = BTreeSet::new();
    let packages: BTreeSet<&str> =
        component.packages.iter().map(|package| package.name.value.as_str()).collect();
    for task in component.phases.iter().flat_map(|phase| &phase.tasks) {
        let Task::Run(command) = task else { continue };
        let read = line::read(command);
        for part in read.parts() {
            if let Some((name, CommandKind::Installs)) = here.known_to(part) {
                let (language, command) = (name.to_owned(), part.command.clone());
                installs.push(LeftToLanguage { remark: remarks.len(), language, command });
                remarks.push(messages::left_to_steps(name, &part.command));
                let value = part.commands.first().and_then(|words| manager(words)).map(str::to_owned);
                let origin = &part.command.origin;
                managers.extend(value.map(|value| Requested { value, origin: origin.clone() }));
            }
            remarks.extend(hidden(part, &here).or_else(|| hidden_in_script(part, &here, root, &mut scripts)));
        }
        let moved = read.taken(|part| here.releases(part), |part| here.installs(part));
        // A script may do what the command that runs it does again.
        released.extend(moved.filter(|command| known_releases.insert(command.value.to_string())));
        remarks.extend(without_program(command, &read, &packages, &here, buildpacks));
    }
    component.manager = managers.into_iter().next();
    let release = declared_release(&component, &here);
    remarks.extend(released.iter().map(|command| messages::moved_to_release(command, release)));
    if let (Some(first), DeclaredRelease::None) = (released.first(), release) {
        let name = "release".parse().expect("a process name");
        let command = match released.as_slice() {
            [only] => only.value.clone(),
            several => Command::Shell(several.iter().map(grouped).collect::<Vec<_>>().join(" && ")),
        };
        component.processes.push(DeclaredProcess::new(name, command, first.origin.clone()));
    }
    for process in &mut component.processes {
        let started = |command: &Command| here.present.iter().find_map(|pack| pack.launch_command(command));
        if let Some(command) = process.command.as_mut()
            && let Some(started) = started(command)
        {
            remarks.push(messages::starts_as(&process.name, &process.origin, command, &started));
            *command = started;
        }
    }
    SettledBuild { component, remarks, installs, exposed }
}

/// A command that may stand in a chain.
fn grouped(command: &Requested<Command>) -> String {
    match &command.value {
        Command::Shell(text) if !line::is_chain(text) => format!("{{ {text}; }}"),
        other => other.to_string(),
    }
}

/// A word about a command in a block that needs a database: it stays where it is.
fn hidden(part: &Part, here: &PresentLanguages<'_, '_>) -> Option<Diagnostic> {
    if !part.commands.is_empty() {
        return None;
    }
    let commands = part.command.value.simple_commands();
    commands
        .iter()
        .find(|words| here.is_release(words))
        .map(|words| messages::stays_in_build(words, &part.command.origin))
}

/// The same about a command in a script that stays what it is. Each of `scripts` was looked at.
fn hidden_in_script(
    part: &Part,
    here: &PresentLanguages<'_, '_>,
    root: Option<&RelPath>,
    scripts: &mut BTreeSet<RelPath>,
) -> Option<Diagnostic> {
    let words = part.commands.iter().filter(|_| !part.elsewhere).flatten();
    let paths = words.filter(|word| word.ends_with(".sh")).map(|word| word.trim_start_matches("./"));
    let paths: Vec<RelPath> = paths.filter_map(|path| path.parse().ok()).collect();
    paths.into_iter().filter(|path| scripts.insert(path.clone())).find_map(|path| {
        let text = crate::text(here.tree, path.as_str()).ok()??;
        let commands = Command::Shell(text).simple_commands();
        let words = commands.iter().find(|words| here.is_release(words))?;
        let path = root.map_or(Some(path.clone()), |root| root.join(path.as_str()).ok())?;
        Some(messages::stays_in_build(words, &Origin::file(&path)))
    })
}

/// A word about the first command of a line for which its step has no program or no packages: that of
/// a language that is not here, or one that installs in another directory. `packages` are those that
/// the files ask for.
fn without_program(
    command: &Requested<Command>,
    read: &line::Line,
    packages: &BTreeSet<&str>,
    here: &PresentLanguages<'_, '_>,
    buildpacks: &[&dyn Buildpack],
) -> Option<Diagnostic> {
    let asked_for = |words: &[String]| words.first().is_some_and(|word| packages.contains(word.as_str()));
    read.parts().find_map(|part| {
        let commands = match part.commands.is_empty() {
            true => part.command.value.simple_commands(),
            false => part.commands.clone(),
        };
        commands.into_iter().find_map(|words| {
            let theirs = |pack: &&&dyn Buildpack| pack.classify(&words).is_some();
            let owner = here.present.iter().find(theirs);
            let absent = buildpacks.iter().filter(|pack| !here.has(**pack)).find(theirs);
            let origin = &part.command.origin;
            let inside = here.inside(&words);
            let is_elsewhere = part.elsewhere || part.commands.is_empty() || inside.is_some();
            match (owner, absent) {
                (None, Some(absent)) if !asked_for(&words) => {
                    Some(messages::no_program(command, &words, absent.language().name, origin))
                }
                (Some(owner), _)
                    if is_elsewhere
                        && owner.classify(inside.as_ref().unwrap_or(&words))
                            == Some(CommandKind::Installs) =>
                {
                    Some(messages::installs_elsewhere(&words, owner.language().name, origin))
                }
                _ => None,
            }
        })
    })
}

/// The component as `asked` is to see it: with its part of the declared build, and those processes
/// that say how they start. Without `asked` it is as an owner without a language would see it. Languages
/// in `idle` run none of their commands, so that these are the owner's.
pub(super) fn seen_by(
    asked: Option<&dyn Buildpack>,
    share: Share,
    component: &Component,
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    idle: &[&str],
) -> Component {
    let here = PresentLanguages::new(tree, buildpacks);
    let is_asked =
        |pack: &&&dyn Buildpack| asked.is_some_and(|asked| pack.language().name == asked.language().name);
    let fate = |part: &Part| -> Fate {
        let own = here.present.iter().find(is_asked).and_then(|pack| here.class(*pack, part));
        let mut others = here.present.iter().filter(|pack| !is_asked(pack));
        let is_others = others.any(|pack| match here.class(*pack, part) {
            None => false,
            Some(CommandKind::Runs) => !idle.contains(&pack.language().name),
            Some(CommandKind::Installs | CommandKind::Releases) => true,
        });
        match (own, part.kind) {
            (Some(CommandKind::Runs), _) => Fate::Stays,
            (Some(_), _) => Fate::Goes,
            (None, _) if is_others => Fate::Goes,
            (None, Kind::Prepares | Kind::Asks) => Fate::Serves,
            (None, Kind::Idle) if share == Share::Owner => Fate::Serves,
            (None, Kind::Works) if share == Share::Owner => Fate::Stays,
            (None, Kind::Idle | Kind::Works) => Fate::Goes,
        }
    };
    let build =
        declared(component, share, fate).filter(|build| share == Share::Owner || !build.before.is_empty());
    let processes = component.processes.iter().filter(|process| process.command.is_some()).cloned().collect();
    Component { build, processes, ..component.clone() }
}

/// Warnings about commands of `build` that run a tool of a language in `idle`: its step has no such
/// program.
pub(super) fn without_language(
    build: &DeclaredBuild,
    owner: Option<&str>,
    idle: &[&str],
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
) -> Vec<Diagnostic> {
    let here = PresentLanguages::new(tree, buildpacks);
    let is_idle = |pack: &&&dyn Buildpack| idle.contains(&pack.language().name);
    let idle: Vec<&&dyn Buildpack> = here.present.iter().filter(is_idle).collect();
    let mut warnings = Vec::new();
    for command in build.before.iter().chain(&build.after) {
        for part in line::read(command).parts() {
            let words = part.commands.iter().find_map(|words| {
                let pack = idle.iter().find(|pack| here.classify(***pack, words).is_some())?;
                Some((words, pack.language().name))
            });
            warnings.extend(
                words.map(|(words, name)| messages::no_language(words, name, owner, &part.command.origin)),
            );
        }
    }
    warnings
}

/// The languages in the application's directory, the owner aside, that run none of their commands:
/// `runs` are those that run theirs.
pub(super) fn idle<'a>(
    owner: Option<&str>,
    runs: &[&str],
    tree: &dyn SourceTree,
    buildpacks: &[&'a dyn Buildpack],
) -> Vec<&'a str> {
    let names = PresentLanguages::new(tree, buildpacks).present.into_iter().map(|pack| pack.language().name);
    names.filter(|name| owner != Some(*name) && !runs.contains(name)).collect()
}

/// The declared build with those parts that stay; nothing when the file leaves the
/// build to what is detected.
fn declared(component: &Component, share: Share, fate: impl Fn(&Part) -> Fate) -> Option<DeclaredBuild> {
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
                        share == Share::Owner || read.parts().any(|part| fate(part) == Fate::Stays);
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
