//! [`settle`]: a plan's question is answered, from a lock or by asking, and the plan is made again. Plans stay a
//! function of their source and options: the answer is one of these.

use packwright_engine::planner::{Lock, Plan, PlanOptions, Question};

use crate::error::Error;
use crate::job::Job;
use crate::lockfile;
use crate::options::BuildOptions;
use crate::source::Source;

/// The plan of `source` with the answer to the question of `plan`; `plan` itself where it asks none. `again` plans with
/// other options, `job` makes the job that works on a plan.
///
/// A lock that fits has the answer. One that has to fit is never asked past: the build says what is wrong with it.
pub(crate) fn settle(
    source: &Source,
    plan: Plan,
    options: &BuildOptions,
    again: impl Fn(&PlanOptions) -> Result<Plan, Error>,
    job: impl Fn(&Plan) -> Result<Job, Error>,
) -> Result<Plan, Error> {
    let Some(question) = plan.question.as_ref().filter(|question| question.answer.is_none()) else {
        return Ok(plan);
    };
    let with = |answer: String| {
        let mut options = options.plan.clone();
        options.answers.insert(question.step.clone(), answer);
        again(&options)
    };
    // What there is to say about a plan is said of the one that is built.
    let job = job(&Plan { diagnostics: Vec::new(), ..plan.clone() })?;
    let found = lockfile::find(source, &options.lock)?;
    match found.as_ref().map(|found| (answer_in(&found.lock, question), found)) {
        Some((Some(answer), found)) if found.must_fit => return with(answer),
        Some((None, found)) if found.must_fit => return Ok(plan),
        Some((Some(answer), found)) => {
            if let Ok(settled) = with(answer)
                && fits(&job, source, &settled, &found.lock)?
            {
                return Ok(settled);
            }
        }
        _ => {}
    }
    let answer = job.within(|context| {
        let tree = source.snapshot(context.store)?;
        packwright_engine::ask(context, &plan, &tree)
    })?;
    match answer {
        Some(answer) => with(answer),
        None => Ok(plan),
    }
}

fn answer_in(lock: &Lock, question: &Question) -> Option<String> {
    lock.resolutions.get(&question.step)?.get(&question.path).cloned()
}

fn fits(job: &Job, source: &Source, plan: &Plan, lock: &Lock) -> Result<bool, Error> {
    job.within(|context| {
        let tree = source.snapshot(context.store)?;
        Ok(packwright_engine::check_lock(context, plan, &tree, lock).is_ok())
    })
}
