//! Values that the caller sets by variables of a platform's builder. That platform's reader returns them with
//! the option as their origin; they override every file.

use std::collections::BTreeSet;

use crate::model::component::{Component, Phase, Task};
use crate::model::process::DeclaredProcess;
use crate::origin::{Origin, Requested};

/// Whether the caller set a value.
pub(super) fn is_callers(origin: &Origin) -> bool {
    matches!(origin, Origin::Option(_))
}

/// Values with those of the caller first, else in their order.
pub(super) fn first<T>(
    values: impl Iterator<Item = T>,
    origin: impl Fn(&T) -> &Origin,
) -> impl Iterator<Item = T> {
    let (callers, others): (Vec<T>, Vec<T>) = values.partition(|value| is_callers(origin(value)));
    callers.into_iter().chain(others)
}

/// Whether the caller has a command among phases; their reader has joined them with those of its
/// platform's file.
pub(super) fn has_command(phases: &[Phase]) -> bool {
    phases
        .iter()
        .flat_map(|phase| &phase.tasks)
        .any(|task| matches!(task, Task::Run(command) if is_callers(&command.origin)))
}

/// The processes that the caller starts in a way of his own, taken out of the parts: each takes the
/// place of the one with its name, and says nothing about others.
pub(super) fn take_processes(parts: &mut [Component]) -> Vec<DeclaredProcess> {
    let mut taken = Vec::new();
    for part in parts {
        let is_taken = |process: &DeclaredProcess| process.command.is_some() && is_callers(&process.origin);
        let (callers, others) = std::mem::take(&mut part.processes).into_iter().partition(is_taken);
        part.processes = others;
        taken.extend::<Vec<DeclaredProcess>>(callers);
    }
    taken
}

/// What the caller says in a component.
pub(super) fn part(component: &Component) -> Component {
    let said = |value: &Option<Requested<String>>| value.clone().filter(|value| is_callers(&value.origin));
    let mut part = Component {
        language: said(&component.language),
        manager: said(&component.manager),
        publish: said(&component.publish),
        processes: component.processes.clone(),
        versions: component.versions.clone(),
        packages: component.packages.clone(),
        ..Component::default()
    };
    part.processes.retain(|process| is_callers(&process.origin));
    part.versions.retain(|request| is_callers(&request.version.origin));
    part.packages.retain(|package| is_callers(&package.name.origin));
    if has_command(&component.phases) {
        part.phases = component.phases.clone();
    }
    part
}

/// The options by which the caller says something in a component.
pub(super) fn options(component: &Component) -> BTreeSet<String> {
    let part = part(component);
    let texts = [&part.language, &part.manager, &part.publish].into_iter().flatten();
    let mut origins: Vec<&Origin> = texts.map(|value| &value.origin).collect();
    origins.extend(part.processes.iter().map(|process| &process.origin));
    origins.extend(part.versions.iter().map(|request| &request.version.origin));
    origins.extend(part.packages.iter().map(|package| &package.name.origin));
    origins.extend(part.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
        Task::Run(command) => Some(&command.origin),
        Task::Detected => None,
    }));
    let options = origins.into_iter().filter(|origin| is_callers(origin));
    options.map(ToString::to_string).collect()
}
