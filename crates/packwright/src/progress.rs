//! [`Update`]: the engine's events with what a caller needs to show them: which build, which step
//! of how many, how far a download is.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use packwright_engine::Event;
use packwright_engine::planner::{Plan, StepName};
use serde::Serialize;

/// One thing that happened in one build.
///
/// Updates of one build arrive from several threads, one after the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Update {
    /// The build that it happened in.
    pub build: BuildId,
    /// The step that it is about, with its place in the plan; `None` for what is about no step.
    pub step: Option<StepPosition>,
    /// How far the download is that it is about; `None` for what is about no download.
    pub fetch: Option<FetchProgress>,
    /// What happened.
    pub event: Event,
}

/// The number of a build, counted from 1 among the builds of one [`Builder`](crate::Builder) and
/// its clones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct BuildId(pub(crate) u64);

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A step's place in its plan: step 3 of 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StepPosition {
    /// Its number in the order of the plan, counted from 1. Steps may run in another order.
    pub number: usize,
    /// How many steps the plan has.
    pub of: usize,
}

/// How far a download is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FetchProgress {
    /// The number of the download, counted from 1 in each build.
    pub id: u64,
    /// What is downloaded, for people.
    pub what: String,
    /// How many bytes have arrived.
    pub bytes: u64,
    /// How many bytes there are.
    pub of: u64,
}

/// Turns the events of one build into updates.
#[derive(Debug)]
pub(crate) struct Tracker {
    build: BuildId,
    steps: Vec<StepName>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fetches: u64,
    current: Option<FetchProgress>,
}

impl Tracker {
    /// For the build of `plan`, or for work without one.
    pub(crate) fn new(build: BuildId, plan: Option<&Plan>) -> Tracker {
        let steps = plan.iter().flat_map(|plan| &plan.steps).map(|step| step.name.clone()).collect();
        Tracker { build, steps, state: Mutex::default() }
    }

    /// Hands `event` to `listener` as an update.
    pub(crate) fn track(&self, event: Event, listener: &dyn Fn(&Update)) {
        // Held while the listener is called, so that updates arrive in their order.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fetch = state.fetch(&event);
        let step = step_of(&event).and_then(|name| self.position(name));
        listener(&Update { build: self.build, step, fetch, event });
    }

    fn position(&self, name: &StepName) -> Option<StepPosition> {
        let index = self.steps.iter().position(|step| step == name)?;
        Some(StepPosition { number: index + 1, of: self.steps.len() })
    }
}

impl State {
    fn fetch(&mut self, event: &Event) -> Option<FetchProgress> {
        match event {
            Event::FetchStarted { what, bytes, .. } => {
                self.fetches += 1;
                let started = FetchProgress { id: self.fetches, what: what.clone(), bytes: 0, of: *bytes };
                self.current = Some(started.clone());
                Some(started)
            }
            Event::Fetched { bytes } => {
                let current = self.current.as_mut()?;
                current.bytes += bytes;
                Some(current.clone())
            }
            Event::FetchRetried { .. } => self.current.clone(),
            Event::FetchEnded => self.current.take(),
            _ => None,
        }
    }
}

fn step_of(event: &Event) -> Option<&StepName> {
    match event {
        Event::StepStarted { step, .. }
        | Event::StepOutput { step, .. }
        | Event::StepRetried { step, .. }
        | Event::StepFetched { step, .. }
        | Event::StepEnded { step, .. }
        | Event::StepReused { step } => Some(step),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use packwright_engine::planner::{MemoryTree, PlanOptions};

    #[test]
    fn updates_have_places_and_totals() {
        let source = MemoryTree::parse("//- /requirements.txt\nrich==14.0.0\n//- /bot.py\n").into();
        let plan = crate::catalog::Catalog::default().plan(&source, &PlanOptions::default()).unwrap();
        let last = plan.steps.last().unwrap().name.clone();
        let tracker = Tracker::new(BuildId(7), Some(&plan));
        let updates = Mutex::new(Vec::new());
        for event in [
            Event::FetchStarted { what: "packages".to_owned(), files: 2, bytes: 10 },
            Event::Fetched { bytes: 4 },
            Event::Fetched { bytes: 6 },
            Event::FetchEnded,
            Event::StepEnded { step: last, elapsed_ms: 1 },
        ] {
            tracker.track(event, &|update| updates.lock().unwrap().push(update.clone()));
        }
        let updates = updates.into_inner().unwrap();
        let arrived: Vec<u64> =
            updates.iter().filter_map(|update| Some(update.fetch.as_ref()?.bytes)).collect();
        assert_eq!(arrived, [0, 4, 10, 10]);
        let of = plan.steps.len();
        assert_eq!(updates[4].step, Some(StepPosition { number: of, of }));
        assert!(updates.iter().all(|update| update.build == BuildId(7)));
    }
}
