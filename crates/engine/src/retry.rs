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
        _ => None,
    }
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
