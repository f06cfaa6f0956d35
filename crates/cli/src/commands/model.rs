//! `packwright model`: what the platform files of a directory declare, and what was decided
//! between them. Needs neither store nor network.

use packwright::planner::{AppModel, Component, DeclaredProcess, Origin, Variable};

use super::explain::decisions;
use crate::exit::Exit;
use crate::flags::groups::{Format, LogFlags, catalog};
use crate::flags::platforms::Model;
use crate::flags::values;
use crate::host::Host;
use crate::output;
use crate::report::Failure;
use crate::session::source;
use crate::terminal::notices::show_notices;
use crate::terminal::problem::harmless;
use crate::terminal::style::{Style, table};

pub(super) fn model(flags: &Model, host: &Host) -> Result<Exit, Failure> {
    let catalog = catalog(flags.platform.as_deref());
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    let environment = values::environment(&flags.environment);
    let model = catalog.model(&source, None, &environment);
    output::result(&match flags.format {
        Format::Text => {
            let told = if flags.platform.is_some() { ToldByPlatform::Shown } else { ToldByPlatform::Left };
            text(&model, told, Style::new(host.terminal.result_colour))
        }
        Format::Json => model.to_json(),
        Format::Toml => toml::to_string_pretty(&model).expect("a model has no value that TOML cannot hold"),
    })?;
    if flags.format == Format::Text {
        show_notices(&model.diagnostics, LogFlags::default(), host.terminal);
    }
    Ok(Exit::Done)
}

/// Whether variables are shown that a platform sets by itself: they are no part of an application that runs elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ToldByPlatform {
    /// The caller chooses the platform.
    Shown,
    /// None is chosen.
    Left,
}

/// The model for people.
fn text(model: &AppModel, told: ToldByPlatform, style: Style) -> String {
    let mut text = String::new();
    let mut part = |title: &str, body: String| {
        if !body.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{gap}{}\n{body}", style.bold(title)));
        }
    };
    let files: Vec<[String; 2]> = model
        .files
        .iter()
        .map(|files| {
            let paths: Vec<String> = files.files.iter().map(ToString::to_string).collect();
            [files.platform.clone(), paths.join(", ")]
        })
        .collect();
    part("files", table("  ", &files));
    for component in &model.components {
        let dir = component.dir().map_or_else(|| "the top".to_owned(), ToString::to_string);
        let name = component.name.as_ref().map_or("application", |name| &name.value);
        part(&format!("{} in {dir}", harmless(name)), rows(component, told));
        if let Some(hints) = &component.hints {
            part(&format!("hints for {dir}"), rows(hints, told));
        }
    }
    let services: Vec<[String; 3]> = model
        .services
        .iter()
        .map(|service| {
            let version = service.version.as_deref().unwrap_or("");
            [service.name.clone(), format!("{} {version}", service.kind), service.origin.to_string()]
        })
        .collect();
    part("services", table("  ", &services));
    part("decisions", decisions(&model.decisions, style));
    if text.is_empty() { "no platform file was found\n".to_owned() } else { text }
}

fn rows(component: &Component, by_platform: ToldByPlatform) -> String {
    let mut rows: Vec<[String; 3]> = Vec::new();
    let mut row = |what: String, value: &str, origin: String| rows.push([what, harmless(value), origin]);
    let single = [
        ("language", &component.language),
        ("package manager", &component.manager),
        ("site", &component.publish),
    ];
    for (what, value) in single {
        if let Some(value) = value {
            row(what.to_owned(), &value.value, value.origin.to_string());
        }
    }
    for wish in &component.versions {
        // A plan decides between all that ask, files of the language among them.
        row(format!("{} version asked for", wish.tool), &wish.version.value, wish.version.origin.to_string());
    }
    for process in &component.processes {
        row(format!("process {}", process.name), &told(process), process.origin.to_string());
    }
    let is_shown = |variable: &&Variable| {
        by_platform == ToldByPlatform::Shown || !matches!(variable.origin, Origin::Default(_))
    };
    for variable in component.environment.iter().filter(is_shown) {
        row(
            format!("variable {}", variable.name),
            &variable.value.description(),
            variable.origin.to_string(),
        );
    }
    for package in &component.packages {
        row("package".to_owned(), &package.name.value, package.name.origin.to_string());
    }
    for volume in &component.volumes {
        row("volume".to_owned(), &volume.path.value, volume.path.origin.to_string());
    }
    table("  ", &rows)
}

fn told(process: &DeclaredProcess) -> String {
    process.command.as_ref().map_or_else(|| "what the image runs by itself".to_owned(), ToString::to_string)
}
