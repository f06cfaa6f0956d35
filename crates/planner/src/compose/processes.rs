//! Chooses the processes of the image and its default process.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Component, Decision, DeclaredProcess, Diagnostic, Origin, Overridden, Plan, Process, ProcessKind,
    ProcessName,
};

const RELEASE: &str = "release";

/// Takes the declared processes; the detected ones only where the files declare none to run, and
/// what files give as a hint only where nothing else says how the application starts. `missing`
/// says why the buildpacks found none.
pub(super) fn choose(
    plan: &mut Plan,
    detected: Vec<Process>,
    missing: Vec<Diagnostic>,
    component: &Component,
) {
    let declared: Vec<Process> = component.processes.iter().filter_map(started).collect();
    let hinted = component.hints.iter().flat_map(|hints| &hints.processes).filter_map(started);
    let (hinted, known): (Vec<Process>, &Vec<Process>) = (hinted.collect(), &declared);
    // A service that is a job starts nothing else.
    let aside: BTreeSet<&ProcessName> =
        if component.is_job { BTreeSet::new() } else { aside(component).collect() };
    let runs = |process: &Process| process.name.as_str() != RELEASE && !aside.contains(&process.name);
    let (detected, missing) = match known.iter().chain(&detected).any(runs) || !hinted.iter().any(runs) {
        true => (with_lost(plan, detected, &declared, &hinted), missing),
        false => (hinted, Vec::new()),
    };
    let declares_one_to_run = declared.iter().any(runs);
    // A process that is declared without a command is the detected one.
    let is_wanted = |process: &Process| {
        component.processes.iter().any(|known| known.name == process.name && known.command.is_none())
    };
    let mut chosen = declared;
    for process in detected {
        let same = chosen.iter().find(|known| known.name == process.name);
        let loser = Overridden { value: process.command.to_string(), origin: process.origin.clone() };
        match (same, declares_one_to_run && !is_wanted(&process)) {
            (Some(winner), _) => plan.decisions.push(Decision {
                subject: format!("process {}", winner.name),
                value: winner.command.to_string(),
                origin: winner.origin.clone(),
                overridden: vec![loser],
            }),
            (None, true) => plan.decisions.push(Decision {
                subject: format!("process {}", process.name),
                value: "none".to_owned(),
                origin: chosen.first().map_or(process.origin.clone(), |first| match &first.origin {
                    Origin::File { path, .. } => Origin::file(path),
                    other => other.clone(),
                }),
                overridden: vec![loser],
            }),
            (None, false) => chosen.push(process),
        }
    }
    let rank = |process: &Process| match process.name.as_str() {
        "web" => 0,
        RELEASE => 3,
        _ if !runs(process) => 2,
        _ => 1,
    };
    chosen.sort_by_key(rank);
    let to_run: Vec<&Process> = chosen.iter().filter(|process| runs(process)).collect();
    report_default(plan, &to_run, missing);
    plan.processes = chosen;
}

/// Processes that are started for a release or by the clock: an application runs without them.
fn aside(component: &Component) -> impl Iterator<Item = &ProcessName> {
    let is_aside =
        |process: &&DeclaredProcess| process.is_release() || matches!(process.kind, ProcessKind::Cron(_));
    component.processes.iter().filter(is_aside).map(|process| &process.name)
}

fn report_default(plan: &mut Plan, to_run: &[&Process], missing: Vec<Diagnostic>) {
    let to_run: Vec<&str> = to_run.iter().map(|process| process.name.as_str()).collect();
    match to_run.as_slice() {
        [] if !missing.is_empty() => plan.diagnostics.extend(missing),
        [] => plan.diagnostics.push(
            Diagnostic::error("plan/no-process", "the application has no process to run")
                .fix("add a Procfile with a line such as `web: <command>`"),
        ),
        [first, others @ ..] if *first != "web" && !others.is_empty() => plan.diagnostics.push(
            Diagnostic::warning("plan/default-process", format!("`{first}` becomes the default process"))
                .why(format!("there is no `web` among {}", to_run.join(", ")))
                .fix("name the process when the image is started, or call one of them `web`"),
        ),
        _ => {}
    }
}

/// A declared process that says how it starts.
fn started(process: &DeclaredProcess) -> Option<Process> {
    Some(Process {
        name: process.name.clone(),
        command: process.command.clone()?,
        origin: process.origin.clone(),
    })
}

/// The detected processes; hints that say otherwise become overridden.
fn with_lost(
    plan: &mut Plan,
    detected: Vec<Process>,
    declared: &[Process],
    hinted: &[Process],
) -> Vec<Process> {
    // A detected process that is declared too has lost itself.
    let names: BTreeSet<&ProcessName> = declared.iter().map(|known| &known.name).collect();
    let wins = |process: &&Process| !names.contains(&process.name);
    // The first of a name counts.
    let hints: BTreeMap<&ProcessName, &Process> =
        hinted.iter().rev().map(|hint| (&hint.name, hint)).collect();
    let chosen = declared.iter().chain(detected.iter().filter(wins));
    let decisions = chosen.filter_map(|process| {
        let lost = hints.get(&process.name).filter(|hint| hint.command != process.command)?;
        Some(Decision {
            subject: format!("process {}", process.name),
            value: process.command.to_string(),
            origin: process.origin.clone(),
            overridden: vec![Overridden { value: lost.command.to_string(), origin: lost.origin.clone() }],
        })
    });
    let decisions: Vec<Decision> = decisions.collect();
    plan.decisions.extend(decisions);
    detected
}
