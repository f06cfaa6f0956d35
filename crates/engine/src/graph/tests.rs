//! Which tasks run, and which error is given back, for any number of jobs.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

const JOBS: [usize; 4] = [1, 2, 4, 9];

fn jobs(count: usize) -> NonZero<usize> {
    NonZero::new(count).unwrap()
}

/// The order in which tasks began and ended.
#[derive(Default)]
struct Trace(Mutex<Vec<(usize, bool)>>);

impl Trace {
    fn note(&self, task: usize, ended: bool) {
        self.0.lock().unwrap().push((task, ended));
    }

    fn position(&self, task: usize, ended: bool) -> usize {
        self.0.lock().unwrap().iter().position(|event| *event == (task, ended)).unwrap()
    }
}

#[test]
fn a_task_runs_after_all_it_needs() {
    // A diamond, and one task apart.
    let needs = vec![vec![], vec![0], vec![0], vec![1, 2], vec![]];
    for count in JOBS {
        let trace = Trace::default();
        let work = |task| {
            trace.note(task, false);
            std::thread::yield_now();
            trace.note(task, true);
            Ok::<(), ()>(())
        };
        run(jobs(count), &needs, &work, &|_| panic!("nothing is abandoned")).unwrap();
        for (task, needed) in needs.iter().enumerate() {
            for need in needed {
                assert!(trace.position(*need, true) < trace.position(task, false), "{count} jobs");
            }
        }
        assert_eq!(trace.0.lock().unwrap().len(), 2 * needs.len());
    }
}

#[test]
fn one_job_keeps_the_order_of_numbers() {
    let trace = Trace::default();
    let work = |task| {
        trace.note(task, true);
        Ok::<(), ()>(())
    };
    // The first one needs the last one.
    run(jobs(1), &[vec![2], vec![], vec![]], &work, &|_| {}).unwrap();
    assert_eq!(*trace.0.lock().unwrap(), [(1, true), (2, true), (0, true)]);
}

#[test]
fn independent_tasks_run_at_the_same_time() {
    let both = Barrier::new(2);
    let work = |_| {
        // Passed by two at once only.
        both.wait();
        Ok::<(), ()>(())
    };
    run(jobs(2), &[vec![], vec![]], &work, &|_| {}).unwrap();
}

#[test]
fn the_lowest_failure_is_the_error_and_later_ones_are_abandoned() {
    // 2 runs until it is abandoned, which it is when 1 has failed; 0 fails after that.
    let abandoned = AtomicBool::new(false);
    let all = Barrier::new(3);
    let work = |task| {
        all.wait();
        while task != 1 && !abandoned.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        Err::<(), usize>(task)
    };
    let abandon = |task| {
        assert_eq!(task, 2);
        abandoned.store(true, Ordering::SeqCst);
    };
    assert_eq!(run(jobs(3), &[vec![], vec![], vec![]], &work, &abandon), Err(0));
}

#[test]
fn what_needs_a_failed_task_or_comes_after_it_never_starts() {
    for count in JOBS {
        let trace = Trace::default();
        let work = |task| {
            trace.note(task, true);
            if task == 1 { Err(task) } else { Ok(()) }
        };
        let needs = [vec![], vec![0], vec![1], vec![1]];
        assert_eq!(run(jobs(count), &needs, &work, &|_| {}), Err(1));
        assert_eq!(*trace.0.lock().unwrap(), [(0, true), (1, true)]);
    }
}

#[test]
fn a_panic_ends_all_and_is_passed_on() {
    for count in JOBS {
        let work = |task| {
            assert!(task != 0, "the task's mistake");
            Ok::<(), ()>(())
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run(jobs(count), &[vec![], vec![0], vec![]], &work, &|_| {})
        }));
        assert!(result.is_err(), "{count} jobs");
    }
}

#[test]
fn a_circle_ends() {
    assert_eq!(run(jobs(2), &[vec![1], vec![0]], &|_| Err(()), &|_| {}), Ok(()));
}
