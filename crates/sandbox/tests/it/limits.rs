//! Limits on output, memory and processes.

use std::time::{Duration, Instant};

use packwright_sandbox::Outcome;

use crate::world::{World, alive, marker, ran};

#[test]
fn output_ends_at_the_limit_to_the_byte() {
    let world = World::new();
    let mut sandbox = world.sh("yes & yes >&2");
    sandbox.limits.output = Some(1_000_003);
    let stopped = ran(&sandbox);
    assert_eq!(stopped.report.outcome, Outcome::OutputExceeded { limit: 1_000_003 });
    assert_eq!(stopped.stdout.len() + stopped.stderr.len(), 1_000_003);
    let mut sandbox = world.sh("printf 12345");
    sandbox.limits.output = Some(5);
    assert_eq!(ran(&sandbox).text(), "12345");
    sandbox.limits.output = Some(4);
    let stopped = ran(&sandbox);
    assert_eq!(
        (stopped.report.outcome, stopped.stdout.as_str()),
        (Outcome::OutputExceeded { limit: 4 }, "1234")
    );
}

#[test]
fn memory_is_limited_over_the_whole_tree() {
    let world = World::new();
    // Each of the four holds a part: `tail` keeps what it has read as long as there is no line end in it.
    let line =
        "for i in 1 2 3 4; do ((head -c 60000000 /dev/zero; sleep 600) | tail >/dev/null) & done; wait";
    let mut sandbox = world.sh(line);
    sandbox.limits.memory = Some(150_000_000);
    sandbox.limits.time = Some(Duration::from_secs(60));
    match ran(&sandbox).report.outcome {
        Outcome::MemoryExceeded { limit: 150_000_000, used } => assert!(used > 150_000_000),
        other => panic!("{other:?}"),
    }
}

#[test]
fn shared_memory_counts_once() {
    let world = World::new();
    // Forty shells share their program and libraries: far more than the limit by plain sum, little in truth.
    let mut sandbox = world.sh("for i in $(seq 40); do (sleep 1; true) & done; wait; echo done");
    sandbox.limits.memory = Some(40 << 20);
    let ran = ran(&sandbox);
    assert_eq!(ran.text(), "done");
    assert!(ran.report.usage.memory.is_some_and(|used| used > 0));
}

#[test]
fn a_fork_bomb_is_contained() {
    let (world, marker) = (World::new(), marker());
    let mut sandbox = world.sh(&format!("sleep {marker} & f() {{ f & f & wait; }}; f"));
    sandbox.limits.processes = Some(60);
    sandbox.limits.time = Some(Duration::from_secs(60));
    let start = Instant::now();
    match ran(&sandbox).report.outcome {
        Outcome::ProcessesExceeded { limit: 60, used: 61.. } => {}
        other => panic!("{other:?}"),
    }
    assert!(!alive(&marker));
    assert!(start.elapsed() < Duration::from_secs(30));
}

#[test]
fn below_the_limits_nothing_happens_and_usage_is_told() {
    let world = World::new();
    let mut sandbox = world.sh("sleep 0.5 & sleep 0.5 & wait; echo fine");
    sandbox.limits.processes = Some(10);
    sandbox.limits.memory = Some(1 << 30);
    sandbox.limits.output = Some(100);
    sandbox.limits.time = Some(Duration::from_secs(60));
    let ran = ran(&sandbox);
    assert_eq!(ran.text(), "fine");
    let usage = ran.report.usage;
    assert_eq!((usage.processes, usage.output), (Some(3), 5));
    assert!(usage.elapsed >= Duration::from_millis(500));
}

#[test]
fn an_endless_time_limit_is_no_limit() {
    let world = World::new();
    let mut sandbox = world.sh("echo fine");
    sandbox.limits.time = Some(Duration::MAX);
    assert_eq!(ran(&sandbox).text(), "fine");
}

#[test]
fn the_hosts_own_number_of_processes_stays_as_it_is() {
    let number = || std::fs::read_to_string("/proc/sys/kernel/pid_max").unwrap();
    let before = number();
    let world = World::new();
    let mut sandbox = world.sh("cat /proc/sys/kernel/pid_max");
    sandbox.limits.processes = Some(10);
    let inside = ran(&sandbox).text().to_owned();
    assert!([before.trim(), "1344"].contains(&inside.as_str()), "{inside}");
    assert_eq!(number(), before);
}
