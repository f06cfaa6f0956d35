//! `packwright detect`: which languages take part, the owner of the application first. Needs
//! neither store nor network.

use packwright::planner::Plan;
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::commands::Detect;
use crate::flags::groups::LogFlags;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::source;
use crate::terminal::notices::show_notices;

/// The answer for programs.
#[derive(Serialize)]
struct Answer {
    /// The buildpacks, the owner first.
    detected: Vec<String>,
    /// The directory of the application, where it is not the whole source.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    processes: Vec<String>,
    versions: Vec<Version>,
}

/// A version with its origin.
#[derive(Serialize)]
struct Version {
    tool: String,
    wanted: String,
    origin: String,
}

pub(super) fn detect(flags: &Detect, host: &Host) -> Result<Exit, Failure> {
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    let plan = catalog.plan(&source, &flags.source.plan_options(&[]))?;
    let answer = answer(&plan);
    if answer.detected.is_empty() {
        show_notices(&plan.diagnostics, LogFlags::default(), host.terminal);
        let report = Report::new("no language was recognised")
            .why("the files declare how the application starts, and nothing is built for it")
            .fix("add the manifest of its language, or see with `packwright plan` what an image would have");
        return Err(Failure { exit: Exit::NothingDetected, reports: vec![report] });
    }
    output::answer(flags.format, &answer, text)?;
    Ok(Exit::Done)
}

fn answer(plan: &Plan) -> Answer {
    Answer {
        detected: plan.buildpacks.clone(),
        root: plan.root.as_ref().map(ToString::to_string),
        processes: plan.processes.iter().map(|process| process.name.to_string()).collect(),
        versions: plan
            .versions
            .iter()
            .map(|version| Version {
                tool: version.tool.clone(),
                wanted: version.wanted.clone(),
                origin: version.origin.to_string(),
            })
            .collect(),
    }
}

/// One language on each line, with its version where it has one: `python: python 3.13 (.python-version:1)`.
fn text(answer: &Answer) -> String {
    let line = |name: &String| {
        let versions: Vec<String> = answer
            .versions
            .iter()
            .filter(|version| version.tool == *name)
            .map(|version| format!("{} {} ({})", version.tool, version.wanted, version.origin))
            .collect();
        match versions.is_empty() {
            true => format!("{name}\n"),
            false => format!("{name}: {}\n", versions.join(", ")),
        }
    };
    answer.detected.iter().map(line).collect()
}
