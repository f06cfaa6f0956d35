//! What people and programs see on the way: progress, problems, the summary. Turns values into
//! text; [`crate::output`] writes it.

mod json;
mod live;
mod numbers;
mod plain;
mod problem;
mod story;
mod style;
pub(crate) mod summary;

use std::collections::BTreeMap;

use packwright_engine::Event;
use packwright_engine::planner::{Diagnostic, Severity};

use crate::flags::{LogFlags, LogFormat};
use crate::output;
use crate::report::{Failure, Report};
use crate::surroundings::Terminal;

pub(crate) use numbers::{bytes, elapsed};
pub(crate) use problem::harmless;
pub(crate) use style::{Style, table};

/// Shows what happens. Dropped, it leaves a clean line.
pub(crate) trait Progress: Send + Sync {
    /// Shows one event.
    fn hear(&self, event: &Event);
}

/// Shows nothing.
struct Silence;

impl Progress for Silence {
    fn hear(&self, _: &Event) {}
}

/// The way that `log` and the terminal call for.
pub(crate) fn progress(log: LogFlags, terminal: Terminal) -> Box<dyn Progress> {
    let style = Style::new(terminal.colour);
    match log {
        LogFlags { log_format: LogFormat::Json, .. } => Box::new(json::Json),
        LogFlags { quiet: true, .. } => Box::new(Silence),
        _ if terminal.is_live => Box::new(live::Live::new(style)),
        _ => Box::new(plain::Plain::new(style)),
    }
}

/// Tells why the command failed. `terminal` is `None` when not even that could be found out.
pub(crate) fn tell_failure(failure: &Failure, log: LogFlags, terminal: Option<Terminal>) {
    if log.log_format == LogFormat::Json {
        return output::say(&json::failed(failure));
    }
    let style = Style::new(terminal.is_some_and(|terminal| terminal.colour));
    for report in &failure.reports {
        // Without --quiet the step's lines were shown as they came.
        let tail: &[String] = if log.quiet { &report.tail } else { &[] };
        output::say(&problem::text(report, tail, style));
    }
}

/// Most notices of one kind that are shown one by one.
const ONE_BY_ONE: usize = 5;

/// Tells things that people should know. For programs they are events and told already.
pub(crate) fn tell_notices(notices: &[Diagnostic], log: LogFlags, terminal: Terminal) {
    if log.log_format == LogFormat::Json {
        return;
    }
    let least = if log.quiet { Severity::Warning } else { Severity::Info };
    output::say(&notices_text(notices, least, Style::new(terminal.colour)));
}

/// The notices that are at least so bad. A damaged store has thousands of the same kind.
fn notices_text(notices: &[Diagnostic], least: Severity, style: Style) -> String {
    let mut text = String::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for notice in notices.iter().filter(|notice| notice.severity >= least) {
        let count = seen.entry(&notice.code).or_default();
        *count += 1;
        if *count <= ONE_BY_ONE {
            text.push_str(&problem::text(&Report::from(notice), &[], style));
        }
    }
    for (code, count) in seen.into_iter().filter(|(_, count)| *count > ONE_BY_ONE) {
        text.push_str(&format!("{} more of the kind `{code}`\n", count - ONE_BY_ONE));
    }
    text
}

/// Tells programs about something that is no event of the library.
pub(crate) fn tell_json(value: &serde_json::Value) {
    output::say(&format!("{value}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_notices_of_one_kind_are_counted() {
        let mut notices = vec![Diagnostic::info("a/one", "one")];
        notices.extend((0..7).map(|number| Diagnostic::warning("a/many", format!("number {number}"))));
        let text = notices_text(&notices, Severity::Warning, Style::new(false));
        assert!(!text.contains("one") && text.contains("warning: number 4\n") && !text.contains("number 5"));
        assert!(text.ends_with("2 more of the kind `a/many`\n"), "{text}");
        assert!(notices_text(&notices, Severity::Info, Style::new(false)).starts_with("note: one\n"));
    }
}
