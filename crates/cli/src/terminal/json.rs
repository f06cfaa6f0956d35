//! Progress, summary and problems for programs: one JSON object on each line, told apart by its
//! `event`. The library's events are written as they are; the command adds `done`, `different`,
//! `running` and `failed`.

use packwright::Event;
use serde_json::{Value, json};

use super::progress::Progress;
use crate::output;
use crate::report::{Failure, Report};

/// Every event as a line.
pub(crate) struct Json;

impl Progress for Json {
    fn show(&self, event: &Event) {
        let line = serde_json::to_string(event).expect("events have text keys and finite numbers");
        output::message(&format!("{line}\n"));
    }
}

/// Writes an event of the command's own.
pub(crate) fn emit(value: &Value) {
    output::message(&format!("{value}\n"));
}

/// The line that says why the command failed.
pub(crate) fn failed(failure: &Failure) -> String {
    let problems: Vec<Value> = failure.reports.iter().map(problem).collect();
    let line = json!({ "event": "failed", "exit": failure.exit.status(), "problems": problems });
    format!("{line}\n")
}

fn problem(report: &Report) -> Value {
    json!({
        "code": report.code,
        "message": report.message,
        "why": report.why,
        "fix": report.fix,
        "tail": report.tail,
    })
}
