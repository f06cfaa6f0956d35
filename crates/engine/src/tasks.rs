//! Tasks of a build at the same time: each has a context of its own, whose events reach the
//! caller in the order of the tasks and whose cancellation ends this task alone.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cancellation::Cancellation;
use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;
use crate::graph;

/// Runs `needs.len()` tasks as [`graph::run`] does, as many at once as the context has jobs. The
/// caller hears the same events in the same order for any number of jobs: those of the first task
/// that has not ended at once, those of the others when their turn comes; of tasks after a failed
/// one, nothing.
pub(crate) fn run(
    context: &BuildContext<'_>,
    needs: &[Vec<usize>],
    task: &(dyn Fn(usize, &BuildContext<'_>) -> Result<(), BuildError> + Sync),
) -> Result<(), BuildError> {
    let cancellations: Vec<Cancellation> =
        needs.iter().map(|_| context.cancellation.child()).collect::<Result<_, _>>()?;
    let order = EventOrder::new(context.events, needs.len());
    let work = |index: usize| {
        let events = |event| order.tell(index, event);
        let own = context.with(&events, &cancellations[index]);
        own.check_cancelled()?;
        task(index, &own)?;
        order.end(index);
        Ok(())
    };
    graph::run(context.jobs, needs, &work, &|index| cancellations[index].cancel())
}

/// Passes events on in the order of the tasks that tell them.
struct EventOrder<'a> {
    sink: &'a (dyn Fn(Event) + Sync),
    state: Mutex<Queues>,
}

struct Queues {
    /// The first task that has not ended, or whose events have not all been passed on.
    current: usize,
    /// For each task what has not been passed on, and whether it has ended.
    tasks: Vec<(VecDeque<Event>, bool)>,
    /// Whether a thread is passing events on. The sink is called without the lock, so that a slow
    /// one keeps no other task from telling.
    passing: bool,
}

impl<'a> EventOrder<'a> {
    fn new(sink: &'a (dyn Fn(Event) + Sync), tasks: usize) -> EventOrder<'a> {
        let tasks = (0..tasks).map(|_| (VecDeque::new(), false)).collect();
        EventOrder { sink, state: Mutex::new(Queues { current: 0, tasks, passing: false }) }
    }

    fn tell(&self, task: usize, event: Event) {
        let mut state = self.lock();
        state.tasks[task].0.push_back(event);
        self.pass_on(state);
    }

    fn end(&self, task: usize) {
        let mut state = self.lock();
        state.tasks[task].1 = true;
        self.pass_on(state);
    }

    fn pass_on<'s>(&'s self, mut state: MutexGuard<'s, Queues>) {
        if state.passing {
            return;
        }
        state.passing = true;
        while let Some(event) = state.next() {
            drop(state);
            (self.sink)(event);
            state = self.lock();
        }
        state.passing = false;
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn next(&mut self) -> Option<Event> {
        loop {
            let (events, ended) = self.tasks.get_mut(self.current)?;
            match events.pop_front() {
                Some(event) => return Some(event),
                None if *ended => self.current += 1,
                None => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_keep_the_order_of_tasks_and_the_first_task_tells_at_once() {
        let heard = Mutex::new(Vec::new());
        let sink = |event| match event {
            Event::Fetched { bytes } => heard.lock().unwrap().push(bytes),
            other => panic!("{other:?}"),
        };
        let order = EventOrder::new(&sink, 3);
        let tell = |task, bytes| order.tell(task, Event::Fetched { bytes });
        tell(2, 20);
        tell(0, 1);
        tell(1, 10);
        assert_eq!(*heard.lock().unwrap(), [1]);
        order.end(2);
        order.end(0);
        assert_eq!(*heard.lock().unwrap(), [1, 10]);
        tell(1, 11);
        assert_eq!(*heard.lock().unwrap(), [1, 10, 11]);
        order.end(1);
        assert_eq!(*heard.lock().unwrap(), [1, 10, 11, 20]);
    }

    #[test]
    fn what_comes_after_a_task_that_does_not_end_is_not_heard() {
        let heard = Mutex::new(0);
        let sink = |_| *heard.lock().unwrap() += 1;
        let order = EventOrder::new(&sink, 2);
        order.tell(1, Event::FetchEnded);
        order.end(1);
        order.tell(0, Event::FetchEnded);
        assert_eq!(*heard.lock().unwrap(), 1);
    }
}
