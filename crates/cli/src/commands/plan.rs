//! `packwright plan`: the plan as text, JSON or TOML. Needs neither store nor network.

use packwright::planner::{
    Base, Credential, Input, LayerKind, Network, Package, Plan, Scope, Step, plan_schema,
};

use crate::exit::Exit;
use crate::flags::commands;
use crate::flags::groups::{Format, LogFlags};
use crate::host::Host;
use crate::output;
use crate::report::Failure;
use crate::session::source;
use crate::terminal::notices::show_notices;
use crate::terminal::problem::harmless;
use crate::terminal::style::{Style, table};

pub(super) fn plan(flags: &commands::Plan, host: &Host) -> Result<Exit, Failure> {
    if flags.schema {
        let schema = serde_json::to_string_pretty(&plan_schema()).expect("a schema is JSON already");
        output::result(&format!("{schema}\n"))?;
        return Ok(Exit::Done);
    }
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    let plan = catalog.plan(&source, &flags.source.plan_options(&flags.environment))?;
    let text = match flags.format {
        Format::Json => plan.to_json(),
        Format::Toml => plan.to_toml(),
        Format::Text => text(&plan, Style::new(host.terminal.result_colour)),
    };
    output::result(&text)?;
    // JSON and TOML carry the diagnostics; people get them apart from the plan.
    if flags.format == Format::Text {
        show_notices(&plan.diagnostics, LogFlags::default(), host.terminal);
    }
    Ok(Exit::Done)
}

/// The whole plan for people.
pub(super) fn text(plan: &Plan, style: Style) -> String {
    let Base::Debian { suite, origin } = &plan.base;
    let languages = match plan.buildpacks.is_empty() {
        true => "no language".to_owned(),
        false => plan.buildpacks.join(", "),
    };
    let mut text = format!("{} on Debian {suite} ({origin})\n", style.bold(&languages));
    let mut part = |title: &str, body: String| {
        if !body.is_empty() {
            text.push_str(&format!("\n{}\n{body}", style.bold(title)));
        }
    };
    let versions: Vec<[String; 3]> = plan
        .versions
        .iter()
        .map(|version| [version.tool.clone(), version.wanted.clone(), version.origin.to_string()])
        .collect();
    part("versions", table("  ", &versions));
    let processes: Vec<[String; 3]> = plan
        .processes
        .iter()
        .map(|process| {
            [process.name.to_string(), harmless(&process.command.to_string()), process.origin.to_string()]
        })
        .collect();
    part("processes", table("  ", &processes));
    let variables: Vec<[String; 2]> = plan
        .environment
        .iter()
        .map(|(name, setting)| [format!("{name}={}", harmless(&setting.value)), setting.origin.to_string()])
        .collect();
    part("environment", table("  ", &variables));
    part("steps", steps(plan, Detail::Work, style));
    let packages: Vec<[String; 3]> = plan.packages.iter().map(package).collect();
    part("packages", table("  ", &packages));
    text
}

fn package(package: &Package) -> [String; 3] {
    let place = match package.scope {
        Scope::Build => "build only".to_owned(),
        Scope::Run => layer(package.layer).to_owned(),
    };
    [package.name.clone(), place, package.why.clone()]
}

/// How much of a step is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// What it does.
    Work,
    /// Also which variables of the caller's environment it obeys.
    All,
}

/// Every step with what it sees, runs and leaves.
pub(super) fn steps(plan: &Plan, detail: Detail, style: Style) -> String {
    plan.steps.iter().map(|step| self::step(step, detail, style)).collect()
}

fn step(step: &Step, detail: Detail, style: Style) -> String {
    let mut text = format!("  {}: {}\n", style.bold(step.name.as_str()), step.why);
    let mut line = |what: &str, value: String| {
        for (index, part) in value.lines().enumerate() {
            let what = if index == 0 { what } else { "" };
            text.push_str(&format!("    {} {}\n", style.dim(&format!("{what:<8}")), harmless(part)));
        }
    };
    if let Some(dir) = &step.dir {
        line("in", format!("{dir}, which is /app to it"));
    }
    for input in &step.inputs {
        match input {
            Input::Step(name) => line("sees", format!("what {name} leaves")),
            Input::Source(selection) if selection.exclude.is_empty() => {
                line("sees", selection.include.join(", "));
            }
            Input::Source(selection) => {
                line(
                    "sees",
                    format!("{} without {}", selection.include.join(", "), selection.exclude.join(", ")),
                );
            }
        }
    }
    for command in &step.commands {
        line("runs", command.to_string());
    }
    for (name, value) in &step.environment {
        line("with", format!("{name}={value}"));
    }
    if step.network == Network::Fetch {
        line("network", "to fetch".to_owned());
        if detail == Detail::All && !(step.settings.is_empty() && step.source_settings.is_empty()) {
            let named = step.settings.iter().chain(&step.source_settings);
            line("obeys", named.map(String::as_str).collect::<Vec<_>>().join(", "));
        }
    }
    for secret in &step.secrets {
        line("secret", secret.to_string());
    }
    if detail == Detail::All {
        for (name, credential) in &step.credentials {
            let hosts = match credential {
                Credential::Hosts(hosts) => hosts.join(", "),
                Credential::Netrc => "the machines that it names".to_owned(),
            };
            line("sends", format!("{name} to {hosts}"));
        }
    }
    for cache in &step.caches {
        line("cache", format!("{} at /{}", cache.name, cache.path));
    }
    for output in &step.outputs {
        line(
            "leaves",
            match output.layer {
                Some(kind) => format!("/{} as a {} layer", output.path, layer(kind)),
                None if step.resolves => format!("/{} for the lock", output.path),
                None => format!("/{} for later steps", output.path),
            },
        );
    }
    text
}

/// A layer's name as plans spell it.
pub(super) fn layer(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Base => "base",
        LayerKind::Runtime => "runtime",
        LayerKind::System => "system",
        LayerKind::Dependencies => "dependencies",
        LayerKind::Build => "build",
        LayerKind::Source => "source",
    }
}
