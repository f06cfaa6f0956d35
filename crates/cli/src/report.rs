//! [`Failure`]: every error of the library becomes one here. A failure says what went wrong, why and
//! what to do about it, and has the exit status. This module shows nothing.

use std::error::Error;

use packwright::planner::{Diagnostic, PlanError, Severity};
use packwright::store::{ScanError, StoreError};
use packwright::{BuildError, Error as LibraryError, SecretTooShort};

use crate::exit::Exit;

/// Why the command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The status to end with.
    pub(crate) exit: Exit,
    /// The problems; at least one.
    pub(crate) reports: Vec<Report>,
}

/// One problem: what, why, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// Its severity.
    pub(crate) severity: Severity,
    /// The stable name of a diagnostic.
    pub(crate) code: Option<String>,
    /// What went wrong.
    pub(crate) message: String,
    /// The causes, the nearest first.
    pub(crate) why: Vec<String>,
    /// What to do.
    pub(crate) fix: Option<String>,
    /// The last lines of a step that failed.
    pub(crate) tail: Vec<String>,
}

impl Report {
    /// An error.
    pub(crate) fn new(message: impl Into<String>) -> Report {
        Report {
            severity: Severity::Error,
            code: None,
            message: message.into(),
            why: Vec::new(),
            fix: None,
            tail: Vec::new(),
        }
    }

    /// An error of the library with its chain of causes.
    pub(crate) fn of(error: &dyn Error, fix: Option<String>) -> Report {
        let mut report = Report::new(error.to_string());
        report.fix = fix;
        match error.source() {
            Some(source) => report.because(source),
            None => report,
        }
    }

    /// Adds `cause` and its own causes, without those that only repeat the line before.
    pub(crate) fn because(mut self, cause: &dyn Error) -> Report {
        let mut next = Some(cause);
        while let Some(error) = next {
            let text = error.to_string();
            let said = self.why.last().unwrap_or(&self.message);
            if !said.contains(&text) {
                self.why.push(text);
            }
            next = error.source();
        }
        self
    }

    /// Adds the facts behind it.
    pub(crate) fn why(mut self, why: impl Into<String>) -> Report {
        self.why.push(why.into());
        self
    }

    /// Adds what to do.
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Report {
        self.fix = Some(fix.into());
        self
    }
}

impl Failure {
    /// A failure whose cause is in the flags.
    pub(crate) fn usage(report: Report) -> Failure {
        Failure { exit: Exit::Usage, reports: vec![report] }
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Failure {
        Failure { exit: Exit::Failed, reports: vec![report] }
    }
}

impl From<&Diagnostic> for Report {
    fn from(diagnostic: &Diagnostic) -> Report {
        Report {
            severity: diagnostic.severity,
            code: Some(diagnostic.code.clone()),
            message: diagnostic.message.clone(),
            why: diagnostic.why.iter().cloned().collect(),
            fix: diagnostic.fix.clone(),
            tail: Vec::new(),
        }
    }
}

impl From<LibraryError> for Failure {
    fn from(error: LibraryError) -> Failure {
        match error {
            LibraryError::Plan(error) => error.into(),
            LibraryError::Build(error) => error.into(),
            LibraryError::Scan(error) => error.into(),
            LibraryError::Store(error) => error.into(),
            LibraryError::Secret(error) => error.into(),
            LibraryError::NoIsolation { error, obstacles } => {
                let mut failure = Failure::from(*error);
                failure.reports[0].why.extend(obstacles);
                failure
            }
            LibraryError::SourceUnreadable { .. } => Failure::usage(Report::of(&error, error.fix())),
            LibraryError::IsolationRefused { .. } => {
                let leave_out = "leave out `--isolation`; `packwright doctor` says what works";
                let fix = error.fix().unwrap_or_else(|| leave_out.to_owned());
                Report::of(&error, Some(fix)).into()
            }
            error => {
                let exit = if error.is_transient() { Exit::TryLater } else { Exit::Failed };
                Failure { exit, reports: vec![Report::of(&error, error.fix())] }
            }
        }
    }
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Failure {
        let exit = match error {
            PlanError::NothingDetected { .. } => Exit::NothingDetected,
            PlanError::Problems { .. } => Exit::Failed,
        };
        // Under `--strict` a warning is what keeps the plan from being made.
        let reports = error
            .problems()
            .iter()
            .map(|problem| Report { severity: Severity::Error, ..Report::from(problem) })
            .collect();
        Failure { exit, reports }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Failure {
        if let BuildError::NotWhole { findings } = &error {
            return Failure { exit: Exit::Failed, reports: findings.iter().map(Report::from).collect() };
        }
        let mut report = Report::of(&error, error.fix());
        match &error {
            BuildError::Strict { problem } => report.why.extend(problem.why.clone()),
            BuildError::StepFailed(failure) => {
                report.tail = failure.tail.clone();
                report.why.extend(failure.network.iter().map(ToString::to_string));
            }
            BuildError::NotInLock { network, .. } | BuildError::DownloadCutOff { network, .. } => {
                report.why.extend(network.iter().map(ToString::to_string));
            }
            _ => {}
        }
        let exit = match error.is_transient() {
            true => Exit::TryLater,
            false => Exit::Failed,
        };
        Failure { exit, reports: vec![report] }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let exit = match error.is_transient() {
            true => Exit::TryLater,
            false => Exit::Failed,
        };
        Failure { exit, reports: vec![Report::of(&error, error.fix())] }
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Failure {
        if let ScanError::Unusable { problems } = &error {
            let reports = problems.iter().map(|problem| Report::of(problem, Some(problem.fix()))).collect();
            return Failure { exit: Exit::Failed, reports };
        }
        Report::of(&error, error.fix()).into()
    }
}

impl From<SecretTooShort> for Failure {
    fn from(error: SecretTooShort) -> Failure {
        let fix = "a value this short would be found everywhere by chance; use a longer one";
        Failure::usage(Report::of(&error, Some(fix.to_owned())))
    }
}

#[cfg(test)]
mod tests;
