//! Retry: a step that fetches is run again when its command failed because of the network. What a step
//! without network prints is never a reason to run it twice.

use std::time::Duration;

use packwright_planner::{Network, Step};
use packwright_sandbox::Outcome;

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;

/// The longest time between two checks for a stop.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// Makes `attempt` at `step`, and again after a pause that grows, as often as the context
/// allows, for as long as it fails by what the step calls transient.
///
/// Errors: those of the last try; [`BuildError::Cancelled`] at once when the caller ends the build
/// in a pause.
pub(crate) fn with_retry<T>(
    context: &BuildContext<'_>,
    step: &Step,
    attempt: impl Fn() -> Result<T, BuildError>,
) -> Result<T, BuildError> {
    let retry = context.retry;
    let mut pause = retry.first_pause.min(retry.longest_pause);
    let mut tries = 1;
    loop {
        let error = match attempt() {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let line = match transient(step, &error) {
            Some(line) if tries < retry.tries => line.to_owned(),
            _ => return Err(error),
        };
        tries += 1;
        context.tell(Event::StepRetried {
            step: step.name.clone(),
            line,
            next: tries,
            most: retry.tries,
            pause_ms: pause.as_millis() as u64,
        });
        rest(context, pause)?;
        pause = (pause * 2).min(retry.longest_pause);
    }
}

/// The line that tells that another try may go well. A command that ran out of time, memory or
/// room does so again, whatever it printed before.
fn transient<'a>(step: &Step, error: &'a BuildError) -> Option<&'a str> {
    match error {
        BuildError::StepFailed(failure)
            if step.network == Network::Fetch && matches!(failure.outcome, Outcome::Exited(_)) =>
        {
            failure.transient.as_deref()
        }
        BuildError::DownloadCutOff { .. } => Some("a download was cut off"),
        _ => None,
    }
}

/// The first of `lines`, the last ones that a failed command printed, by which it failed because of the network:
/// it has one of `texts`, and is no warning about what the client itself tries again. What came before the last
/// lines is over: the client went on after it.
pub(crate) fn network_failure<'a>(texts: &[String], lines: &'a [String]) -> Option<&'a String> {
    lines.iter().find(|line| texts.iter().any(|text| line.contains(text)) && !goes_on(line))
}

/// Whether the client says in `line` that it goes on: a warning, or that it tries again, unless this was its last
/// try. Only the first words count, since the rest has names of packages.
fn goes_on(line: &str) -> bool {
    let word =
        |word: &str| word.trim_matches(|letter: char| !letter.is_ascii_alphabetic()).to_ascii_lowercase();
    let is_warning = line
        .split_whitespace()
        .take(2)
        .any(|found| matches!(word(found).as_str(), "warn" | "warning" | "retrying"));
    // pip fails with nothing but this after its last try.
    (is_warning || line.contains("Will retry in")) && !line.contains("(Retry(total=0")
}

/// Waits for `pause`, or less when the caller stops.
fn rest(context: &BuildContext<'_>, pause: Duration) -> Result<(), BuildError> {
    let mut left = pause;
    loop {
        context.check_cancelled()?;
        if left.is_zero() {
            return Ok(());
        }
        let nap = left.min(STOP_CHECK);
        std::thread::sleep(nap);
        left -= nap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_of_the_client_that_tries_again_is_no_failure() {
        let texts = ["ECONNRESET".to_owned(), "Read timed out".to_owned()];
        for (line, is_failure) in [
            ("npm error code ECONNRESET", true),
            (" ECONNRESET  aborted", true),
            ("npm error network request to http://registry/warning failed, reason: ECONNRESET", true),
            ("error: http://index/simple/retrying/: Read timed out", true),
            (
                "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'Read timed out'",
                true,
            ),
            (
                "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'Read timed out'",
                false,
            ),
            ("npm WARN registry Unexpected warning for http://registry/: ECONNRESET", false),
            (
                " WARN  GET http://registry/toy error (ECONNRESET). Will retry in 10 seconds. 2 retries left.",
                false,
            ),
            ("GET http://registry/toy error (ECONNRESET). Will retry in 10 seconds.", false),
            ("warning: spurious network error (3 tries remaining): Read timed out", false),
            ("Retrying fetcher due to error (2/4): ECONNRESET", false),
            ("ETARGET", false),
        ] {
            let lines = ["begun".to_owned(), line.to_owned(), "end".to_owned()];
            assert_eq!(network_failure(&texts, &lines), is_failure.then_some(&lines[1]), "{line}");
        }
    }
}
