//! A declared build as it is written to another platform's file: without the commands that became the release
//! command, which would run twice, and otherwise unchanged.

use super::present_languages::PresentLanguages;
use super::release::{DeclaredRelease, declared_release};
use crate::compose::line::{self, Fate, Kind, Part};
use crate::{Buildpack, Command, Component, RelPath, Requested, SourceTree, Task};

/// Takes the commands out of the phases that became the release command, if the files declare none.
/// `tree` is the application's directory, `root` its path in the source.
pub(crate) fn without_releases(
    component: &mut Component,
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    buildpacks: &[&dyn Buildpack],
) {
    let here = PresentLanguages::new(tree, buildpacks);
    if declared_release(component, &here) != DeclaredRelease::None {
        return;
    }
    for phase in &mut component.phases {
        let tasks = std::mem::take(&mut phase.tasks);
        phase.tasks = tasks.into_iter().filter_map(|task| left(&here, root, task)).collect();
    }
}

/// What is left of a task; the task itself where nothing of it moves.
fn left(here: &PresentLanguages<'_, '_>, root: Option<&RelPath>, task: Task) -> Option<Task> {
    let (lines, _) = here.expanded(task.clone(), root);
    let commands: Vec<Requested<Command>> = lines.into_iter().filter_map(Task::into_command).collect();
    let moves = |command: &Requested<Command>| line::read(command).parts().any(|part| here.releases(part));
    if !commands.iter().any(moves) {
        return Some(task);
    }
    let fate = |part: &Part| match part.kind {
        _ if here.releases(part) => Fate::Goes,
        Kind::Works => Fate::Stays,
        Kind::Prepares | Kind::Asks | Kind::Idle => Fate::Serves,
    };
    let kept: Vec<Requested<Command>> =
        commands.iter().filter_map(|command| line::read(command).kept(fate)).collect();
    let line = match kept.as_slice() {
        [only] => only.value.to_string(),
        several => several.iter().map(in_chain).collect::<Vec<_>>().join(" && "),
    };
    let origin = kept.first()?.origin.clone();
    Some(Task::Run(Requested { value: Command::Shell(line), origin }))
}

/// A command in a chain with others: one of several lines is in a shell of its own.
fn in_chain(command: &Requested<Command>) -> String {
    match &command.value {
        Command::Shell(text) if !line::is_chain(text) => format!("(\n{}\n)", text.trim_end()),
        other => other.to_string(),
    }
}

impl Task {
    /// Its command.
    fn into_command(self) -> Option<Requested<Command>> {
        match self {
            Task::Run(command) => Some(command),
            Task::Detected => None,
        }
    }
}
