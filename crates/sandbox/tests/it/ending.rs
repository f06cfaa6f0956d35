//! However a run ends, nothing of it is left.

use std::thread;
use std::time::{Duration, Instant};

use packwright_sandbox::{Control, Outcome, run};

use crate::world::{World, alive, marker, ran, run_with, this_program, wait_for};

/// Starts daemons of every kind: in the background, in a session of its own, double-forked.
fn daemons(marker: &str) -> String {
    format!(
        "sleep {marker} & setsid sleep {marker} & (setsid sh -c 'sleep {marker} & exit' &) ; \
         trap '' TERM INT HUP; sleep 0.2; echo ready"
    )
}

#[test]
fn a_timeout_kills_the_whole_tree() {
    let (world, marker) = (World::new(), marker());
    let mut sandbox = world.sh(&format!("{}; sleep {marker}", daemons(&marker)));
    sandbox.limits.time = Some(Duration::from_millis(1500));
    let start = Instant::now();
    let seen = thread::scope(|scope| {
        let running = scope.spawn(|| ran(&sandbox));
        wait_for("the daemons' start", || alive(&marker));
        let ran = running.join().unwrap();
        assert_eq!(ran.report.outcome, Outcome::TimedOut { limit: Duration::from_millis(1500) });
        ran.stdout
    });
    assert_eq!(seen, "ready\n");
    assert!(!alive(&marker));
    assert!((Duration::from_millis(1500)..Duration::from_secs(20)).contains(&start.elapsed()));
}

#[test]
fn daemons_end_with_the_program_and_do_not_hold_the_pipes() {
    let (world, marker) = (World::new(), marker());
    let start = Instant::now();
    assert_eq!(ran(&world.sh(&daemons(&marker))).text(), "ready");
    assert!(!alive(&marker));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn cancelling_from_another_thread_kills_the_tree() {
    let (world, marker) = (World::new(), marker());
    let control = Control::new().unwrap();
    let sandbox = world.sh(&format!("{}; sleep {marker}", daemons(&marker)));
    thread::scope(|scope| {
        let running = scope.spawn(|| run_with(&sandbox, &control).unwrap());
        wait_for("the daemons' start", || alive(&marker));
        let start = Instant::now();
        control.cancel();
        assert_eq!(running.join().unwrap().report.outcome, Outcome::Cancelled);
        assert!(start.elapsed() < Duration::from_secs(10));
    });
    assert!(!alive(&marker));
    assert_eq!(
        run_with(&world.sh("sleep 60"), &control).unwrap().report.outcome,
        Outcome::Cancelled,
        "it stays so"
    );
}

#[test]
fn one_control_cancels_several() {
    let control = Control::new().unwrap();
    let worlds: Vec<(World, String)> = (0..3).map(|_| (World::new(), marker())).collect();
    thread::scope(|scope| {
        let running: Vec<_> = worlds
            .iter()
            .map(|(world, marker)| {
                let control = control.clone();
                scope.spawn(move || run_with(&world.sh(&format!("exec sleep {marker}")), &control).unwrap())
            })
            .collect();
        for (_, marker) in &worlds {
            wait_for("the start", || alive(marker));
        }
        control.cancel();
        for running in running {
            assert_eq!(running.join().unwrap().report.outcome, Outcome::Cancelled);
        }
    });
    assert!(worlds.iter().all(|(_, marker)| !alive(marker)));
}

#[test]
fn a_child_control_cancels_its_own_processes_alone() {
    let control = Control::new().unwrap();
    let children = [control.child().unwrap(), control.child().unwrap()];
    let worlds: Vec<(World, String)> = (0..2).map(|_| (World::new(), marker())).collect();
    thread::scope(|scope| {
        let mut running: Vec<_> = worlds
            .iter()
            .zip(&children)
            .map(|((world, marker), control)| {
                scope.spawn(move || run_with(&world.sh(&format!("exec sleep {marker}")), control).unwrap())
            })
            .collect();
        for (_, marker) in &worlds {
            wait_for("the start", || alive(marker));
        }
        children[1].cancel();
        assert_eq!(running.remove(1).join().unwrap().report.outcome, Outcome::Cancelled);
        assert!(alive(&worlds[0].1) && !control.is_cancelled());
        control.cancel();
        assert_eq!(running.remove(0).join().unwrap().report.outcome, Outcome::Cancelled);
    });
    assert!(worlds.iter().all(|(_, marker)| !alive(marker)));
}

#[test]
fn signals_reach_the_program_and_what_it_runs() {
    let (world, marker) = (World::new(), marker());
    let control = Control::new().unwrap();
    // The sleeping child does not handle the signal and dies; the shell does, and answers.
    let sandbox = world.sh(&format!("trap 'wait; echo got TERM; exit 42' TERM; sleep {marker} & wait"));
    thread::scope(|scope| {
        let running = scope.spawn(|| run_with(&sandbox, &control).unwrap());
        wait_for("the child's start", || alive(&marker));
        control.signal(15);
        let ran = running.join().unwrap();
        assert_eq!((ran.report.outcome, ran.stdout.as_str()), (Outcome::Exited(42), "got TERM\n"));
    });
    assert!(!alive(&marker));
}

#[test]
fn a_signal_that_kills_the_program_is_its_end() {
    let world = World::new();
    let control = Control::new().unwrap();
    control.signal(0);
    control.signal(-3);
    control.signal(64);
    control.signal(2);
    assert_eq!(run_with(&world.sh("exec sleep 60"), &control).unwrap().report.outcome, Outcome::Signaled(2));
}

#[test]
fn orphans_are_reaped() {
    let world = World::new();
    let line = "i=0; while [ $i -lt 50 ]; do (true & true); i=$((i+1)); done; sleep 0.3; \
                cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z'";
    assert_eq!(ran(&world.sh(line)).stdout, "0\n");
}

#[test]
fn a_panic_in_the_callers_code_leaves_nothing_behind() {
    let (world, marker) = (World::new(), marker());
    let sandbox = world.sh(&format!("{}; sleep {marker}", daemons(&marker)));
    let panicked = thread::scope(|scope| {
        let running = scope.spawn(|| {
            run(&sandbox, &mut |_, _| panic!("the caller's mistake"), &Control::new().unwrap()).is_ok()
        });
        running.join().is_err()
    });
    assert!(panicked);
    assert!(!alive(&marker));
}

#[test]
fn many_run_at_once() {
    thread::scope(|scope| {
        let running: Vec<_> = (0..8)
            .map(|index| {
                scope.spawn(move || {
                    let world = World::new();
                    (0..5).for_each(|round| {
                        let ran = ran(&world.sh(&format!("echo {index}-{round}; exit {index}")));
                        assert_eq!(ran.report.outcome, Outcome::Exited(index));
                        assert_eq!(ran.stdout, format!("{index}-{round}\n"));
                    });
                })
            })
            .collect();
        running.into_iter().for_each(|running| running.join().unwrap());
    });
}

#[test]
fn when_the_caller_is_killed_everything_ends() {
    let (world, marker) = (World::new(), marker());
    // It cannot clean up, so its own world is made inside ours.
    let mut caller = this_program("ending::in_a_process_that_is_killed");
    caller.env("PACKWRIGHT_TEST_MARKER", &marker).env("TMPDIR", world.path("other"));
    let mut caller = caller.spawn().unwrap();
    wait_for("the daemons' start", || alive(&marker));
    caller.kill().unwrap();
    caller.wait().unwrap();
    wait_for("their end", || !alive(&marker));
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn in_a_process_that_is_killed() {
    let marker = std::env::var("PACKWRIGHT_TEST_MARKER").unwrap();
    let world = World::new();
    let _ = ran(&world.sh(&format!("{}; sleep {marker}", daemons(&marker))));
}
