//! `packwright explain`: every decision with its origin and with the values that it overrides; details behind them
//! with `-v`. Needs neither store nor network.

mod platforms;

use std::collections::BTreeMap;

use packwright::planner::{Decision, Plan, SourceTree};
use serde::Serialize;

use super::plan::{Detail, steps};
use crate::exit::Exit;
use crate::flags::commands::Explain;
use crate::flags::groups::{Format, LogFlags};
use crate::host::Host;
use crate::output;
use crate::report::Failure;
use crate::session::source;
use crate::terminal::notices::show_notices;
use crate::terminal::problem::harmless;
use crate::terminal::style::{Style, table};

/// The answer for programs: the plan, which carries decisions and diagnostics, and what the scan
/// counted.
#[derive(Serialize)]
struct Explanation<'a> {
    /// How many files belong to the application.
    files: usize,
    /// How many files and directories were left out, by the reason.
    ignored: BTreeMap<String, u64>,
    plan: &'a Plan,
}

pub(super) fn explain(flags: &Explain, host: &Host) -> Result<Exit, Failure> {
    if flags.platforms {
        return platforms::explain(flags, host);
    }
    let catalog = flags.source.catalog();
    let source = source(host, &catalog, &flags.source_dir.dir, &[])?;
    let plan = catalog.plan(&source, &flags.source.plan_options(&flags.environment))?;
    let explanation = Explanation { files: source.files().len(), ignored: source.ignored(), plan: &plan };
    output::result(&match flags.format {
        Format::Text => {
            let detail = if flags.verbose { Detail::All } else { Detail::Work };
            text(&explanation, detail, Style::new(host.terminal.result_colour))
        }
        Format::Json => {
            let json = serde_json::to_string_pretty(&explanation).expect("a plan has text keys only");
            format!("{json}\n")
        }
        Format::Toml => {
            toml::to_string_pretty(&explanation).expect("a plan has no value that TOML cannot hold")
        }
    })?;
    if flags.format == Format::Text {
        show_notices(&plan.diagnostics, LogFlags::default(), host.terminal);
    }
    Ok(Exit::Done)
}

fn text(explanation: &Explanation<'_>, detail: Detail, style: Style) -> String {
    let plan = explanation.plan;
    let in_full = |body: String| if detail == Detail::All { body } else { String::new() };
    let mut text = format!("{}\n{}", style.bold("decisions"), decisions(&plan.decisions, style));
    let versions: Vec<[String; 3]> = plan
        .versions
        .iter()
        .map(|version| [version.tool.clone(), version.wanted.clone(), version.origin.to_string()])
        .collect();
    let processes: Vec<[String; 3]> = plan
        .processes
        .iter()
        .map(|process| {
            [process.name.to_string(), lines(&process.command.to_string(), " ⏎ "), process.origin.to_string()]
        })
        .collect();
    let packages: Vec<[String; 2]> =
        plan.packages.iter().map(|package| [package.name.clone(), package.why.clone()]).collect();
    let mut files = vec![[explanation.files.to_string(), "of the application".to_owned()]];
    files.extend(
        explanation.ignored.iter().map(|(why, count)| [count.to_string(), format!("left out: {why}")]),
    );
    for (title, body) in [
        ("versions", table("  ", &versions)),
        ("processes", table("  ", &processes)),
        ("steps", in_full(steps(plan, Detail::All, style))),
        ("packages", in_full(table("  ", &packages))),
        ("files", in_full(table("  ", &files))),
    ] {
        if !body.is_empty() {
            text.push_str(&format!("\n{}\n{body}", style.bold(title)));
        }
    }
    text
}

/// Every decision with its origin and the values that it overrides.
pub(super) fn decisions(decisions: &[Decision], style: Style) -> String {
    let mut text = String::new();
    for decision in decisions {
        text.push_str(&format!(
            "  {}: {}\n    because of {}\n",
            style.bold(&decision.subject),
            lines(&decision.value, "\n      "),
            decision.origin
        ));
        for loser in &decision.overridden {
            text.push_str(&format!(
                "    {} {} ({})\n",
                style.dim("not"),
                lines(&loser.value, "\n          "),
                loser.origin
            ));
        }
    }
    text
}

/// The lines of a text, with `between` between them.
fn lines(text: &str, between: &str) -> String {
    text.lines().map(harmless).collect::<Vec<_>>().join(between)
}
