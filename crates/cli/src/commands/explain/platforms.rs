//! `packwright explain --platforms`: one table over all platforms. Each row is the plan as that platform would make it;
//! below the table stands what each would not do.

use std::collections::BTreeMap;

use packwright::planner::{Decision, Diagnostic, LayerKind, Plan, Severity, Step};
use packwright::{Error, platforms as all_platforms};
use serde::Serialize;

use crate::exit::Exit;
use crate::flags::commands::Explain;
use crate::flags::groups::catalog;
use crate::host::Host;
use crate::output;
use crate::report::Failure;
use crate::session::source;
use crate::terminal::problem::harmless;
use crate::terminal::style::{Style, table};

/// What stands where a platform has nothing to say.
const NOTHING: &str = "-";

/// What one platform would make of the source.
#[derive(Serialize)]
struct Row {
    platform: &'static str,
    /// Whether there is a file of its own.
    has_file: bool,
    version: String,
    manager: String,
    build: String,
    start: String,
    port: String,
    release: String,
    /// Why there would be no image, and what is not done of what its files ask for.
    not_done: Vec<String>,
}

#[derive(Serialize)]
struct Answer {
    platforms: Vec<Row>,
}

pub(super) fn explain(flags: &Explain, host: &Host) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for platform in all_platforms() {
        rows.push(row(platform.name, flags, host)?);
    }
    let answer = Answer { platforms: rows };
    output::answer(flags.format, &answer, |answer| {
        text(&answer.platforms, Style::new(host.terminal.result_colour))
    })?;
    Ok(Exit::Done)
}

/// The row of the platform `name`. That it would build nothing is an answer too.
fn row(name: &'static str, flags: &Explain, host: &Host) -> Result<Row, Failure> {
    let catalog = catalog(Some(name));
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    match catalog.plan(&source, &flags.source.plan_options(&flags.environment)) {
        Ok(plan) => Ok(planned(name, &plan)),
        Err(Error::Plan(error)) => Ok(Row {
            platform: name,
            has_file: !error.problems().iter().any(is_without_file),
            version: NOTHING.to_owned(),
            manager: NOTHING.to_owned(),
            build: NOTHING.to_owned(),
            start: NOTHING.to_owned(),
            port: NOTHING.to_owned(),
            release: NOTHING.to_owned(),
            not_done: error
                .problems()
                .iter()
                .map(|problem| format!("no image: {}", problem.message))
                .collect(),
        }),
        Err(error) => Err(error.into()),
    }
}

fn planned(name: &'static str, plan: &Plan) -> Row {
    let join = |words: Vec<String>| if words.is_empty() { NOTHING.to_owned() } else { words.join(", ") };
    let decided = |is_it: &dyn Fn(&Decision) -> bool| -> Vec<String> {
        plan.decisions
            .iter()
            .filter(|decision| is_it(decision))
            .map(|decision| decision.value.clone())
            .collect()
    };
    let command = |is_it: &dyn Fn(&str) -> bool| -> Vec<String> {
        let named = plan.processes.iter().filter(|process| is_it(process.name.as_str()));
        named.map(|process| harmless(&process.command.to_string())).collect()
    };
    let languages =
        plan.buildpacks.iter().filter(|name| plan.versions.iter().all(|known| known.tool != **name));
    let versions = plan.versions.iter().filter(|version| plan.buildpacks.contains(&version.tool));
    let versions: BTreeMap<&str, &str> =
        versions.map(|version| (version.tool.as_str(), version.wanted.as_str())).collect();
    let known = versions.iter().map(|(tool, wanted)| format!("{tool} {wanted}"));
    let mut managers = decided(&|decision| decision.subject.ends_with("package manager"));
    managers.dedup();
    Row {
        platform: name,
        has_file: !plan.diagnostics.iter().any(is_without_file),
        version: join(known.chain(languages.cloned()).collect()),
        manager: join(managers),
        build: join(build(plan)),
        start: join(
            plan.default_process()
                .map(|process| harmless(&process.command.to_string()))
                .into_iter()
                .collect(),
        ),
        port: plan.port.map_or_else(|| NOTHING.to_owned(), |port| port.to_string()),
        release: join(command(&|name| name == "release")),
        not_done: plan
            .diagnostics
            .iter()
            .filter(|told| told.severity >= Severity::Warning)
            .map(|told| told.message.clone())
            .collect(),
    }
}

/// The commands that are declared for the build; without them those of the steps whose work is the application's own,
/// built from its source.
fn build(plan: &Plan) -> Vec<String> {
    let declared = plan.decisions.iter().filter(|decision| decision.subject == "build commands");
    let declared: Vec<String> = declared.map(|decision| harmless(&decision.value)).collect();
    if !declared.is_empty() {
        return declared;
    }
    let is_build = |step: &&Step| step.outputs.iter().any(|output| output.layer == Some(LayerKind::Build));
    let steps = plan.steps.iter().filter(is_build);
    let line = |step: &Step| {
        let lines: Vec<String> = step.commands.iter().map(|command| harmless(&command.to_string())).collect();
        lines.join(" && ")
    };
    steps.map(line).collect()
}

fn is_without_file(told: &Diagnostic) -> bool {
    told.code == "platform/no-file"
}

fn text(rows: &[Row], style: Style) -> String {
    let titles = ["platform", "file", "version", "manager", "build", "start", "port", "release"];
    let mut cells: Vec<[String; 8]> = vec![titles.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        let file = if row.has_file { "yes" } else { "no" };
        [
            row.platform.to_owned(),
            file.to_owned(),
            row.version.clone(),
            row.manager.clone(),
            short(&row.build),
            short(&row.start),
            row.port.clone(),
            short(&row.release),
        ]
    }));
    let mut text = table("", &cells);
    for row in rows.iter().filter(|row| !row.not_done.is_empty()) {
        text.push_str(&format!(
            "\n{} {}\n",
            style.bold(row.platform),
            style.dim("would not do, or warns of")
        ));
        row.not_done.iter().for_each(|told| text.push_str(&format!("  {}\n", harmless(told))));
    }
    text
}

/// A command as far as a column has room for it.
fn short(text: &str) -> String {
    const ROOM: usize = 48;
    match text.char_indices().nth(ROOM) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
