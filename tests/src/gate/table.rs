//! The table at the end of the gate.

use std::time::Duration;

use super::Outcome;

/// What became of one trial.
pub(super) struct Row {
    trial: &'static str,
    runs: usize,
    passed: usize,
    time: Duration,
}

impl Row {
    /// The row of `trial`, if it was run.
    pub(super) fn of(trial: &'static str, outcomes: &[Outcome]) -> Option<Row> {
        let of_trial = || outcomes.iter().filter(|outcome| outcome.trial == trial);
        let passed = of_trial().filter(|outcome| outcome.passed).count();
        let time = of_trial().map(|outcome| outcome.time).sum();
        Some(Row { trial, runs: of_trial().count(), passed, time }).filter(|row| row.runs > 0)
    }
}

/// The rows as people read them, and as a page takes them. The seconds of a trial are the sum over its
/// fixtures, several of which run at a time.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = "| trial | runs | passed | failed | seconds |\n|---|---|---|---|---|\n".to_owned();
    for Row { trial, runs, passed, time } in rows {
        let failed = runs - passed;
        text += &format!("| {trial} | {runs} | {passed} | {failed} | {:.0} |\n", time.as_secs_f64());
    }
    text
}
