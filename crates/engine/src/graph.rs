//! Tasks that need each other's results, on a bounded number of threads. Which task ends first
//! depends on the machine; what [`run`] gives back does not. This file knows nothing of steps,
//! layers or events.

use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    Waiting,
    Running,
    Ended,
}

/// What the threads share.
struct Scheduler<'a, E> {
    /// For each task the numbers of those whose results it needs.
    needs: &'a [Vec<usize>],
    work: &'a (dyn Fn(usize) -> Result<(), E> + Sync),
    abandon: &'a (dyn Fn(usize) + Sync),
    state: Mutex<State<E>>,
    changed: Condvar,
}

struct State<E> {
    tasks: Vec<Progress>,
    /// The failed task with the lowest number so far.
    failed: Option<(usize, E)>,
    panicked: bool,
}

/// Calls `work` for each of `needs.len()` tasks, at most `jobs` at the same time, each after the
/// tasks that `needs` lists for it. Of the tasks that are ready, the one with the lowest number
/// starts first.
///
/// Errors: that of the failed task with the lowest number. So that it is the same for any number
/// of jobs, tasks below a failed one go on; those above it are not started any more, and
/// `abandon` is called for each that runs, which should end it soon. All have ended when this
/// returns. Tasks that need each other in a circle are never called.
pub(crate) fn run<E: Send>(
    jobs: NonZero<usize>,
    needs: &[Vec<usize>],
    work: &(dyn Fn(usize) -> Result<(), E> + Sync),
    abandon: &(dyn Fn(usize) + Sync),
) -> Result<(), E> {
    let tasks = vec![Progress::Waiting; needs.len()];
    let state = Mutex::new(State { tasks, failed: None, panicked: false });
    let scheduler = Scheduler { needs, work, abandon, state, changed: Condvar::new() };
    std::thread::scope(|scope| {
        // The calling thread is one of them.
        for _ in 1..jobs.get().min(needs.len()) {
            scope.spawn(|| scheduler.take_tasks());
        }
        scheduler.take_tasks();
    });
    let state = scheduler.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    match state.failed {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

impl<E> Scheduler<'_, E> {
    fn take_tasks(&self) {
        while let Some(task) = self.next() {
            let running = RunningTask { scheduler: self, task };
            let result = (self.work)(task);
            running.end(result);
        }
    }

    /// Waits for a task that is ready; `None` when none will be.
    fn next(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.panicked {
                return None;
            }
            let end = state.failed.as_ref().map_or(self.needs.len(), |(task, _)| *task);
            let is_ready = |task: &usize| {
                state.tasks[*task] == Progress::Waiting
                    && self.needs[*task].iter().all(|need| state.tasks[*need] == Progress::Ended)
            };
            if let Some(task) = (0..end).find(is_ready) {
                state.tasks[task] = Progress::Running;
                return Some(task);
            }
            if !state.tasks[..end].contains(&Progress::Running) {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running task. One that is dropped without a result has panicked, and the others must not wait
/// for it.
struct RunningTask<'b, 'a, E> {
    scheduler: &'b Scheduler<'a, E>,
    task: usize,
}

impl<E> RunningTask<'_, '_, E> {
    fn end(self, result: Result<(), E>) {
        let mut state = self.scheduler.lock();
        state.tasks[self.task] = Progress::Ended;
        if let Err(error) = result
            && state.failed.as_ref().is_none_or(|(task, _)| self.task < *task)
        {
            state.failed = Some((self.task, error));
            self.scheduler.abandon_above(&state, self.task);
        }
        drop(state);
        self.scheduler.changed.notify_all();
        std::mem::forget(self);
    }
}

impl<E> Scheduler<'_, E> {
    fn abandon_above(&self, state: &State<E>, task: usize) {
        for (other, progress) in state.tasks.iter().enumerate().skip(task + 1) {
            if *progress == Progress::Running {
                (self.abandon)(other);
            }
        }
    }
}

impl<E> Drop for RunningTask<'_, '_, E> {
    fn drop(&mut self) {
        let mut state = self.scheduler.lock();
        state.panicked = true;
        state.tasks[self.task] = Progress::Ended;
        for (other, progress) in state.tasks.iter().enumerate() {
            if *progress == Progress::Running {
                (self.scheduler.abandon)(other);
            }
        }
        drop(state);
        self.scheduler.changed.notify_all();
    }
}

#[cfg(test)]
mod tests;
