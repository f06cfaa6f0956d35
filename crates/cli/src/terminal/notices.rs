//! Problems and notices on standard error, in the form that the log flags ask for.

use std::collections::BTreeMap;

use packwright::planner::{Diagnostic, Severity};

use super::style::Style;
use super::{json, problem};
use crate::flags::groups::{LogFlags, LogFormat};
use crate::host::Terminal;
use crate::output;
use crate::report::{Failure, Report};

/// Writes why the command failed. `terminal` is `None` when the command failed before it knew its
/// terminal.
pub(crate) fn show_failure(failure: &Failure, log: LogFlags, terminal: Option<Terminal>) {
    if log.log_format == LogFormat::Json {
        return output::message(&json::failed(failure));
    }
    let style = Style::new(terminal.is_some_and(|terminal| terminal.colour));
    for report in &failure.reports {
        // Without --quiet the step's lines were shown as they came.
        let tail: &[String] = if log.quiet { &report.tail } else { &[] };
        output::message(&problem::text(report, tail, style));
    }
}

/// How many notices of one kind are shown one by one, at most.
const ONE_BY_ONE: usize = 5;

/// Writes notices for people. Programs have received them as events already.
pub(crate) fn show_notices(notices: &[Diagnostic], log: LogFlags, terminal: Terminal) {
    if log.log_format == LogFormat::Json {
        return;
    }
    let least = if log.quiet { Severity::Warning } else { Severity::Info };
    output::message(&notices_text(notices, least, Style::new(terminal.colour)));
}

/// The notices of at least the severity `least`. Many of one kind, as a damaged store causes them,
/// are counted.
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
