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

use packwright::Event;
use packwright::planner::Diagnostic;

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

/// Tells things that people should know. For programs they are events and told already.
pub(crate) fn tell_notices(notices: &[Diagnostic], log: LogFlags, terminal: Terminal) {
    if log.log_format == LogFormat::Json {
        return;
    }
    let style = Style::new(terminal.colour);
    for notice in notices {
        if !log.quiet || notice.severity > packwright::planner::Severity::Info {
            output::say(&problem::text(&Report::from(notice), &[], style));
        }
    }
}

/// Tells programs about something that is no event of the library.
pub(crate) fn tell_json(value: &serde_json::Value) {
    output::say(&format!("{value}\n"));
}
