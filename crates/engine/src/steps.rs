//! A plan's steps as a graph: their order, and which of them may run at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use packwright_oci::{RelPath, Tree};
use packwright_planner::{Input, LockedDownload, Network, Plan, Step, StepName};

use crate::context::BuildContext;
use crate::downloading::Downloading;
use crate::entered::StepDownloads;
use crate::error::BuildError;
use crate::network::StepNetwork;
use crate::packages::{RootTree, Roots};
use crate::step::{InputFrom, InputTree, StepResult, StepRun};
use crate::{step_dir, tasks};

/// A plan's steps as tasks: numbered in the order in which one job runs them, each run once after
/// those it needs, from any thread.
pub(crate) struct Steps<'a> {
    source: &'a Tree,
    /// What the lock has of what steps fetch.
    fetched: &'a BTreeMap<StepName, Vec<LockedDownload>>,
    tasks: Vec<StepTask<'a>>,
    needs: Vec<Vec<usize>>,
    done: Vec<OnceLock<StepResult>>,
    numbers: BTreeMap<&'a StepName, usize>,
}

/// A step, and how its result comes about.
struct StepTask<'a> {
    step: &'a Step,
    stage: Stage,
    from: ResultFrom<'a>,
}

/// When a step can be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It fetches or resolves, or such a step builds on it: its root holds what the plan asks for.
    First,
    /// What was fetched may decide its root.
    Later,
}

/// Where a step's result comes from.
enum ResultFrom<'a> {
    /// From the lock: the answers are there.
    Lock(&'a BTreeMap<RelPath, String>),
    /// From running it, now or earlier, on this root.
    Run(&'a RootTree),
}

impl<'a> Steps<'a> {
    /// The steps of `plan` that are `wanted`, and those they need. Steps that resolve take their
    /// answers from `resolutions` where they are there. Makes the root of `roots` that steps run
    /// in, unless no step needs it.
    pub(crate) fn new(
        plan: &'a Plan,
        source: &'a Tree,
        roots: &'a Roots<'a>,
        resolutions: &'a BTreeMap<StepName, BTreeMap<RelPath, String>>,
        wanted: impl Fn(&Step) -> bool,
    ) -> Result<Steps<'a>, BuildError> {
        let mut order = StepOrder { plan, resolutions, open: BTreeSet::new(), steps: Vec::new() };
        for step in plan.steps.iter().filter(|step| wanted(step)) {
            order.add(step)?;
        }
        let steps = order.steps;
        let first = with_inputs(plan, |step| step.resolves || step.network == Network::Fetch);
        let mut tasks = Vec::new();
        for step in &steps {
            let stage = if first.contains(&step.name) { Stage::First } else { Stage::Later };
            let from = match (answers(resolutions, step), stage) {
                (Some(answers), _) => ResultFrom::Lock(answers),
                (None, Stage::First) => ResultFrom::Run(roots.first()?),
                (None, Stage::Later) => ResultFrom::Run(roots.build()?),
            };
            tasks.push(StepTask { step, stage, from });
        }
        let numbers = steps.iter().enumerate().map(|(number, step)| (&step.name, number)).collect();
        let done = steps.iter().map(|_| OnceLock::new()).collect();
        let fetched = roots.fetched();
        Ok(Steps { source, fetched, needs: needs(&tasks, &numbers), tasks, done, numbers })
    }

    /// Runs the steps that fetch, and those that they build on, before anything else.
    pub(crate) fn run_first(&self, context: &BuildContext<'_>) -> Result<(), BuildError> {
        let is_first = |number: &usize| self.tasks[*number].stage == Stage::First;
        let numbers: Vec<usize> = (0..self.len()).filter(is_first).collect();
        let within = |number: &usize| {
            self.needs[*number].iter().filter_map(|needed| numbers.binary_search(needed).ok()).collect()
        };
        let needs: Vec<Vec<usize>> = numbers.iter().map(within).collect();
        tasks::run(context, &needs, &|task, context| self.run(numbers[task], context))
    }

    /// The steps of [`Steps::run_first`] that were run, with what they left behind.
    pub(crate) fn first_done(&self) -> impl Iterator<Item = (&'a Step, &StepResult)> {
        let is_first = |number: &usize| self.tasks[*number].stage == Stage::First;
        (0..self.len()).filter(is_first).filter_map(|number| self.done(number))
    }

    /// Gives the steps that are not of [`Steps::run_first`] the root of `roots`.
    pub(crate) fn set_root(&mut self, roots: &'a Roots<'a>) -> Result<(), BuildError> {
        for task in self.tasks.iter_mut().filter(|task| task.stage == Stage::Later) {
            if let ResultFrom::Run(root) = &mut task.from {
                *root = roots.build()?;
            }
        }
        Ok(())
    }

    /// How many steps there are.
    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// For each step, the numbers of those that it comes after.
    pub(crate) fn needs(&self) -> &[Vec<usize>] {
        &self.needs
    }

    /// The steps with their numbers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a Step)> {
        self.tasks.iter().map(|task| task.step).enumerate()
    }

    /// The step `number` and what it left behind; `None` as long as it was not run.
    pub(crate) fn done(&self, number: usize) -> Option<(&'a Step, &StepResult)> {
        self.done[number].get().map(|done| (self.tasks[number].step, done))
    }

    /// Finds out what the step `number` leaves behind: from before, from the lock, or by running
    /// it, once. All it needs was run.
    pub(crate) fn run(&self, number: usize, context: &BuildContext<'_>) -> Result<(), BuildError> {
        if self.done(number).is_some() {
            return Ok(());
        }
        let StepTask { step, from, .. } = &self.tasks[number];
        let done = match from {
            ResultFrom::Lock(answers) => taken_from_lock(context, answers)?,
            ResultFrom::Run(root) => {
                let (inputs, downloads) = (self.inputs(step)?, self.downloads(context, step));
                let done = StepRun { context, step, root, inputs, downloads }.run_or_reuse()?;
                in_place(context, step, done)?
            }
        };
        let _ = self.done[number].set(done);
        Ok(())
    }

    /// What is to be known about what `step` fetches.
    fn downloads(&self, context: &BuildContext<'_>, step: &Step) -> StepDownloads {
        if step.network == Network::None || context.network == StepNetwork::Host {
            return StepDownloads::Free;
        }
        match (context.downloading, self.fetched.get(&step.name)) {
            (Downloading::Recorded, _) => StepDownloads::Recorded,
            (Downloading::Locked, Some(fetched)) => StepDownloads::locked(fetched),
            (Downloading::Free, _) | (Downloading::Locked, None) => StepDownloads::Free,
        }
    }

    /// The trees that `step` sees above its root, lowest first.
    fn inputs(&self, step: &Step) -> Result<Vec<InputTree>, BuildError> {
        let source = step_dir::seen_by(step, self.source)?;
        let mut seen = Vec::new();
        for input in &step.inputs {
            seen.push(match input {
                Input::Step(name) => {
                    let done = self.numbers.get(name).and_then(|number| self.done(*number));
                    let (_, done) = done.ok_or_else(|| BuildError::UnknownStep { step: name.clone() })?;
                    let tree = step_dir::seen_by(step, &done.tree)?.into_owned();
                    InputTree { tree, from: InputFrom::Step(name.clone(), done.digest) }
                }
                Input::Source(selection) => {
                    let chosen = selection.matcher()?;
                    let app = Plan::app_dir();
                    let tree = source.filter(|path, entry| {
                        !entry.is_dir() && path.below(&app).is_some_and(|path| chosen(&path))
                    });
                    InputTree { tree, from: InputFrom::Source }
                }
            });
        }
        Ok(seen)
    }
}

/// The `wanted` steps of `plan`, and all that these build on, directly or not. A plan need not list a step after those
/// that it needs.
pub(crate) fn with_inputs(plan: &Plan, wanted: impl Fn(&Step) -> bool) -> BTreeSet<&StepName> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&StepName> =
        plan.steps.iter().filter(|step| wanted(step)).map(|step| &step.name).collect();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(plan.steps.iter().filter(|step| step.name == *name).flat_map(inputs_of));
        }
    }
    found
}

/// The answers that the lock has for `step`.
fn answers<'a>(
    resolutions: &'a BTreeMap<StepName, BTreeMap<RelPath, String>>,
    step: &Step,
) -> Option<&'a BTreeMap<RelPath, String>> {
    resolutions.get(&step.name).filter(|_| step.resolves)
}

/// The order in which one job runs a plan's steps: that of the plan, but each after its inputs.
struct StepOrder<'a> {
    plan: &'a Plan,
    resolutions: &'a BTreeMap<StepName, BTreeMap<RelPath, String>>,
    /// Steps whose inputs are being added.
    open: BTreeSet<&'a StepName>,
    steps: Vec<&'a Step>,
}

impl<'a> StepOrder<'a> {
    fn add(&mut self, step: &'a Step) -> Result<(), BuildError> {
        if self.steps.iter().any(|known| known.name == step.name) {
            return Ok(());
        }
        if !self.open.insert(&step.name) {
            return Err(BuildError::StepsInCircle { step: step.name.clone() });
        }
        if answers(self.resolutions, step).is_none() {
            for name in inputs_of(step) {
                let input = self.plan.steps.iter().find(|step| step.name == *name);
                self.add(input.ok_or_else(|| BuildError::UnknownStep { step: name.clone() })?)?;
            }
        }
        self.open.remove(&step.name);
        self.steps.push(step);
        Ok(())
    }
}

fn inputs_of(step: &Step) -> impl Iterator<Item = &StepName> {
    step.inputs.iter().filter_map(|input| match input {
        Input::Step(name) => Some(name),
        Input::Source(_) => None,
    })
}

/// For each step its inputs, and earlier ones that it cannot run beside: those that have a cache
/// with it, since not every tool bears another one in its cache, and those that do the same, so
/// that it is always the later one that is reused.
fn needs(tasks: &[StepTask<'_>], numbers: &BTreeMap<&StepName, usize>) -> Vec<Vec<usize>> {
    let runs = |task: &StepTask<'_>| matches!(task.from, ResultFrom::Run(_));
    let excludes = |one: &Step, other: &Step| {
        let shares_cache = one.caches.iter().any(|cache| other.caches.iter().any(|it| it.name == cache.name));
        shares_cache
            || one.commands == other.commands
                && one.inputs == other.inputs
                && one.environment == other.environment
                && one.outputs == other.outputs
    };
    let mut needs = Vec::new();
    for (number, task) in tasks.iter().enumerate() {
        let mut needed = BTreeSet::new();
        if runs(task) {
            needed.extend(inputs_of(task.step).filter_map(|name| numbers.get(name)));
            let earlier = tasks[..number].iter().enumerate();
            needed.extend(
                earlier
                    .filter(|(_, other)| runs(other) && excludes(task.step, other.step))
                    .map(|(other, _)| other),
            );
        }
        needs.push(needed.into_iter().collect());
    }
    needs
}

/// What `step` left, where it is for all others; the digest is that of the tree there.
fn in_place(context: &BuildContext<'_>, step: &Step, done: StepResult) -> Result<StepResult, BuildError> {
    if step.dir.is_none() {
        return Ok(done);
    }
    let tree = step_dir::placed(step, done.tree.clone())?;
    let digest = context.store.put_tree(&tree)?;
    Ok(StepResult { tree, digest, ..done })
}

fn taken_from_lock(
    context: &BuildContext<'_>,
    answers: &BTreeMap<RelPath, String>,
) -> Result<StepResult, BuildError> {
    let mut tree = Tree::new();
    for (path, text) in answers {
        let added = context.store.add_file(&mut text.as_bytes());
        let (digest, size) = added.map_err(|source| context.disk(source))?;
        tree.insert(path.clone(), packwright_oci::Entry::file(digest, size, 0o644))?;
    }
    let digest = context.store.put_tree(&tree)?;
    Ok(StepResult { tree, digest, reason: "taken from the lock".to_owned(), entered: None })
}

#[cfg(test)]
mod tests;
