//! `packwright detect`: which languages recognise the directory. Needs neither store nor network.

use packwright::planner::{PlanError, PlanOptions, Proposal};
use serde::Serialize;

use crate::application::{Application, buildpacks};
use crate::exit::Exit;
use crate::flags::{Detect, Format};
use crate::output;
use crate::report::Failure;
use crate::surroundings::Surroundings;

/// The answer for programs.
#[derive(Serialize)]
struct Answer {
    detected: Vec<Detected>,
}

/// One language.
#[derive(Serialize)]
struct Detected {
    buildpack: String,
    versions: Vec<Version>,
    processes: Vec<String>,
}

/// A version with who asked for it.
#[derive(Serialize)]
struct Version {
    tool: String,
    wanted: String,
    origin: String,
}

pub(super) fn detect(flags: &Detect, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let application = Application::read(surroundings, &flags.place.dir, &[])?;
    let mut detected = Vec::new();
    let mut problems = Vec::new();
    for buildpack in buildpacks() {
        match buildpack.propose(&application, &PlanOptions::default()) {
            Ok(Some(proposal)) => detected.push(entry(buildpack.name(), &proposal)),
            Ok(None) => {}
            Err(error) => problems.extend(error.problems),
        }
    }
    if !problems.is_empty() {
        return Err(PlanError::Problems { problems }.into());
    }
    if detected.is_empty() {
        // The planner words it: what was looked for, what there is.
        return match packwright::plan(
            &application,
            &buildpacks(),
            &application.model(),
            &PlanOptions::default(),
        ) {
            Err(error) => Err(error.into()),
            Ok(_) => Ok(Exit::NothingDetected),
        };
    }
    let answer = Answer { detected };
    output::result(&match flags.format {
        Format::Text => answer.detected.iter().map(line).collect(),
        Format::Json => {
            let json = serde_json::to_string_pretty(&answer).expect("an answer is plain text");
            format!("{json}\n")
        }
        Format::Toml => toml::to_string_pretty(&answer).expect("an answer is plain text"),
    })?;
    Ok(Exit::Done)
}

fn entry(name: &str, proposal: &Proposal) -> Detected {
    Detected {
        buildpack: name.to_owned(),
        versions: proposal
            .versions
            .iter()
            .map(|version| Version {
                tool: version.tool.clone(),
                wanted: version.wanted.clone(),
                origin: version.origin.to_string(),
            })
            .collect(),
        processes: proposal.processes.iter().map(|process| process.name.to_string()).collect(),
    }
}

/// `python: python 3.13 (.python-version:1)`.
fn line(detected: &Detected) -> String {
    let versions: Vec<String> = detected
        .versions
        .iter()
        .map(|version| format!("{} {} ({})", version.tool, version.wanted, version.origin))
        .collect();
    match versions.is_empty() {
        true => format!("{}\n", detected.buildpack),
        false => format!("{}: {}\n", detected.buildpack, versions.join(", ")),
    }
}
