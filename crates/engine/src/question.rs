//! [`ask`]: the answer to a plan's question. It runs one step with those that it needs, and decides nothing: the
//! caller makes the plan again with the answer.

use packwright_oci::Tree;
use packwright_planner::{Plan, Step};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::packages::until_undamaged;
use crate::pin::{resolve, with_packages};

/// Finds the answer to the question of `plan`; nothing where it asks none, or was made with the answer. `source` is
/// the application's files below `app`. An answer that the step gave before is taken as long as those of other
/// resolving steps are.
///
/// Errors: those of [`pin`](crate::pin()); the step left no answer.
pub fn ask(context: &BuildContext<'_>, plan: &Plan, source: &Tree) -> Result<Option<String>, BuildError> {
    let Some(question) = plan.question.as_ref().filter(|question| question.answer.is_none()) else {
        return Ok(None);
    };
    let source = &crate::snapshot::rooted(plan, source)?;
    let (mut answers, _) = until_undamaged(context, |check| {
        let lock = with_packages(context, plan, source)?;
        let is_asked = |step: &Step| step.name == question.step;
        resolve(context, plan, source, &lock, check, is_asked)
    })?;
    let answer = answers.get_mut(&question.step).and_then(|files| files.remove(&question.path));
    let open = || BuildError::QuestionOpen { step: question.step.clone(), path: question.path.clone() };
    answer.map(Some).ok_or_else(open)
}
