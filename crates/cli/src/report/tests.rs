//! What errors of the library become.

use std::fmt;

use super::*;

#[derive(Debug)]
struct Chained(&'static str, Option<Box<Chained>>);

impl fmt::Display for Chained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Chained {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

#[test]
fn causes_are_told_once_each() {
    let error = Chained(
        "cannot fetch the list",
        Some(Box::new(Chained("the server said 503", Some(Box::new(Chained("503", None)))))),
    );
    let report = Report::of(&error, None);
    assert_eq!(report.message, "cannot fetch the list");
    assert_eq!(report.why, ["the server said 503"]);
}

#[test]
fn nothing_detected_has_its_own_status() {
    let error = PlanError::NothingDetected { looked_for: Default::default(), found: Vec::new() };
    assert_eq!(Failure::from(error).exit, Exit::NothingDetected);
}

#[test]
fn a_warning_that_ends_the_work_is_an_error() {
    let problems = vec![Diagnostic::warning("a/b", "odd").why("facts").fix("do")];
    let failure = Failure::from(PlanError::Problems { problems });
    assert_eq!(failure.exit, Exit::Failed);
    assert_eq!(failure.reports[0].severity, Severity::Error);
    assert_eq!(failure.reports[0].why, ["facts"]);
}
