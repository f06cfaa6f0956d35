//! Ctrl-C ends a build with all its processes, and nothing is left broken.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use crate::command::{code, finish, wait_for};
use crate::fixture::{Checkout, Fixture, destination, packwright, plan};
use crate::layout::contents;
use crate::running::{PATIENCE, Running};

/// The ids of the processes one of whose arguments is `marker`.
fn marked(marker: &str) -> Vec<String> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|pid| {
            // A process that ends while it is looked at is not there.
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == marker.as_bytes())
        })
        .collect()
}

/// A plan with a step that starts processes in every way that could outlive it, and waits.
fn endless(checkout: &Checkout, marker: &str) -> std::path::PathBuf {
    let mut plan = plan(&checkout.dir);
    // In a session of its own, deaf to signals, without a parent.
    let daemon = format!(
        "/usr/bin/python3.13 -c 'import os, signal\n\
         for deaf in signal.SIGINT, signal.SIGTERM, signal.SIGHUP: signal.signal(deaf, signal.SIG_IGN)\n\
         if os.fork(): os._exit(0)\n\
         os.setsid()\n\
         os.fork()\n\
         os.execvp(\"sleep\", [\"sleep\", \"{marker}\"])'"
    );
    let script = format!(
        "mkdir -p /app/out; trap '' INT TERM HUP; {daemon}; sleep {marker} & (sleep {marker} &) ; \
         echo all are there; sleep {marker}"
    );
    plan["steps"].as_array_mut().unwrap().push(json!({
        "name": "test.endless", "why": "waits", "commands": [{ "shell": script }],
        "outputs": [{ "path": "app/out", "layer": "build" }],
    }));
    let file = checkout.beside("plan.json");
    fs::write(&file, plan.to_string()).unwrap();
    file
}

#[test]
fn a_signal_ends_the_build_and_all_its_processes() {
    let checkout = Fixture::read("python-procfile").checkout();
    let image = checkout.beside("image");
    let good = || {
        let mut command = packwright(["build", "-o", &destination("oci", &image)]);
        finish(command.arg(&checkout.dir)).ok()
    };
    good();
    let before = contents(&image);
    for (number, (signal, status)) in
        [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)].into_iter().enumerate()
    {
        let marker = format!("{}.{number}", 100_000_000 + std::process::id());
        let plan = endless(&checkout, &marker);
        let mut command = packwright(["build", "-o", &destination("oci", &image), "--plan"]);
        let mut running = Running::start(command.arg(&plan).arg(&checkout.dir));
        running.wait_for_text("all are there", PATIENCE);
        wait_for("all five processes", Duration::from_secs(20), || {
            (marked(&marker).len() >= 5).then_some(())
        });
        running.signal(signal);
        assert_eq!(code(running.ends_within(Duration::from_secs(10))), status, "{}", running.said());
        // All of them are dead by then; the kernel may still be about to say so.
        wait_for("their end", Duration::from_secs(2), || marked(&marker).is_empty().then_some(()));
        assert_eq!(contents(&image), before, "the earlier output changed");
        let told = good();
        assert!(told.stderr().contains("step python.install: reused"), "{}", told.story());
        assert_eq!(contents(&image), before);
    }
}

/// Killed without a chance to clean up: no process stays, the store works.
#[test]
fn a_killed_build_leaves_no_process_and_a_store_that_works() {
    let checkout = Fixture::read("python-procfile").checkout();
    let marker = format!("{}.9", 100_000_000 + std::process::id());
    let plan = endless(&checkout, &marker);
    let mut running = Running::start(packwright(["build", "--plan"]).arg(&plan).arg(&checkout.dir));
    running.wait_for_text("all are there", PATIENCE);
    wait_for("all five processes", Duration::from_secs(20), || (marked(&marker).len() >= 5).then_some(()));
    running.signal(Signal::KILL);
    running.ends_within(Duration::from_secs(10));
    wait_for("their end", Duration::from_secs(5), || marked(&marker).is_empty().then_some(()));
    finish(packwright(["build"]).arg(&checkout.dir)).ok();
}

#[test]
fn a_step_that_takes_too_long_is_ended() {
    let checkout = Fixture::read("python-procfile").checkout();
    let marker = format!("{}.8", 100_000_000 + std::process::id());
    let plan = endless(&checkout, &marker);
    // What it fetches comes first, and may take longer.
    finish(packwright(["build"]).arg(&checkout.dir)).ok();
    let mut command = packwright(["build", "--timeout", "3s", "--plan"]);
    finish(command.arg(&plan).arg(&checkout.dir)).failed(1, &["test.endless", "3 s"]);
    wait_for("their end", Duration::from_secs(2), || marked(&marker).is_empty().then_some(()));
}
