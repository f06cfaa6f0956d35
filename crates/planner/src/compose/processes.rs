//! Which processes the image has, and which of them is the default.

use crate::{AppModel, Decision, Diagnostic, Loser, Origin, Plan, Process};

const RELEASE: &str = "release";

/// Takes the declared processes; the detected ones only where the files declare none to run.
/// `missing` says why the buildpacks found none.
pub(super) fn choose(plan: &mut Plan, detected: Vec<Process>, missing: Vec<Diagnostic>, model: &AppModel) {
    let declared: Vec<Process> = model
        .processes
        .iter()
        .map(|found| Process {
            name: found.name.clone(),
            command: found.command.clone(),
            origin: found.origin.clone(),
        })
        .collect();
    let declares_one_to_run = declared.iter().any(|process| process.name.as_str() != RELEASE);
    let mut chosen = declared;
    for process in detected {
        let same = chosen.iter().find(|known| known.name == process.name);
        let loser = Loser { value: process.command.to_string(), origin: process.origin.clone() };
        match (same, declares_one_to_run) {
            (Some(winner), _) => plan.decisions.push(Decision {
                subject: format!("process {}", winner.name),
                value: winner.command.to_string(),
                origin: winner.origin.clone(),
                losers: vec![loser],
            }),
            (None, true) => plan.decisions.push(Decision {
                subject: format!("process {}", process.name),
                value: "none".to_owned(),
                origin: chosen.first().map_or(process.origin.clone(), |first| match &first.origin {
                    Origin::File { path, .. } => Origin::file(path),
                    other => other.clone(),
                }),
                losers: vec![loser],
            }),
            (None, false) => chosen.push(process),
        }
    }
    let rank = |process: &Process| match process.name.as_str() {
        "web" => 0,
        RELEASE => 2,
        _ => 1,
    };
    chosen.sort_by_key(rank);
    report_default(plan, &chosen, missing);
    plan.processes = chosen;
}

fn report_default(plan: &mut Plan, processes: &[Process], missing: Vec<Diagnostic>) {
    let to_run: Vec<&str> =
        processes.iter().map(|process| process.name.as_str()).filter(|&name| name != RELEASE).collect();
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
