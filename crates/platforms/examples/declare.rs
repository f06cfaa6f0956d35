//! Prints what the platform files of directories declare: the decided model as JSON, with
//! `--brief` a line for each thing that is declared and reported, with `--to` the files of another
//! platform and what is lost.
//!
//! ```text
//! cargo run -p packwright-platforms --example declare -- [--brief] [--to NAME] [--platform NAME] DIR…
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use packwright_planner::{AppModel, Component, Ignoring};
use packwright_platforms::{Conversion, Converted, Platform, model_for, platform};

#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut brief, mut chosen, mut to, mut dirs) = (false, None::<&Platform>, None::<&Platform>, Vec::new());
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--brief" => brief = true,
            "--platform" | "--to" => {
                let name = arguments.next().unwrap_or_default();
                let found = platform(&name);
                if found.is_none() {
                    eprintln!("no platform is called `{name}`");
                    return ExitCode::from(2);
                }
                *(if argument == "--to" { &mut to } else { &mut chosen }) = found;
            }
            dir => dirs.push(dir.to_owned()),
        }
    }
    let mut failed = false;
    for dir in &dirs {
        match packwright_store::scan(Path::new(dir), &Ignoring::default()) {
            Ok(tree) => {
                let model = model_for(&tree, &BTreeMap::new(), chosen);
                match to.and_then(|to| to.write) {
                    Some(write) => print!("{}", written(&write(&Conversion { model: &model, image: None }))),
                    None if brief => print!("{dir}\n{}", told(&model)),
                    None => print!("{}", model.to_json()),
                }
            }
            Err(error) => {
                eprintln!("{dir}: {error}");
                failed = true;
            }
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The files as one text, as fixtures have them, and the losses.
fn written(converted: &Converted) -> String {
    let mut out = String::new();
    for (path, text) in &converted.files {
        out += &format!("//- /{path}\n{text}");
    }
    out += "//- losses\n";
    for loss in &converted.losses {
        out += &format!("{}: {} ({})\n", loss.code, loss.message, loss.fix.as_deref().unwrap_or("-"));
    }
    out
}

/// A line for each thing that is declared, decided and reported.
fn told(model: &AppModel) -> String {
    let mut out = String::new();
    for files in &model.files {
        let names: Vec<&str> = files.files.iter().map(|file| file.as_str()).collect();
        out += &format!("  {} ({:?}): {}\n", files.platform, files.weight, names.join(", "));
    }
    for component in &model.components {
        let dir = component.dir().map_or(".", |dir| dir.as_str());
        out += &format!("  component {dir}: {}\n", counted(component));
        if let Some(hints) = &component.hints {
            out += &format!("    hints: {}\n", counted(hints));
        }
        for process in &component.processes {
            let command =
                process.command.as_ref().map_or_else(|| "as the image does".to_owned(), ToString::to_string);
            let command = command.replace('\n', " ⏎ ");
            out += &format!("    {} {:?}: {command} [{}]\n", process.name, process.kind, process.origin);
        }
    }
    for service in &model.services {
        out += &format!("  service {} {} [{}]\n", service.name, service.kind, service.origin);
    }
    for overlay in &model.overlays {
        out += &format!("  overlay {} [{}]\n", overlay.name.value, overlay.name.origin);
    }
    for decision in &model.decisions {
        let overridden: Vec<String> =
            decision.overridden.iter().map(|loser| loser.origin.to_string()).collect();
        out +=
            &format!("  decided {}: {} over {}\n", decision.subject, decision.origin, overridden.join(", "));
    }
    for found in &model.diagnostics {
        out += &format!("  {:?} {}: {}\n", found.severity, found.code, found.message);
    }
    out
}

/// How much a component declares.
fn counted(component: &Component) -> String {
    let mut counts = Vec::new();
    let mut count = |what: &str, number: usize| {
        if number > 0 {
            counts.push(format!("{number} {what}"));
        }
    };
    count("versions", component.versions.len());
    count("packages", component.packages.len());
    count("phases", component.phases.len());
    count("processes", component.processes.len());
    count("variables", component.environment.len());
    count("statics", component.statics.len());
    count("volumes", component.volumes.len());
    count("ignored", component.ignore.len());
    if let Some(language) = &component.language {
        counts.push(format!("language {}", language.value));
    }
    if let Some(publish) = &component.publish {
        counts.push(format!("publish {}", publish.value));
    }
    if let Some(strategy) = &component.strategy {
        counts.push(format!("strategy {:?}", strategy.value));
    }
    counts.join(", ")
}
