//! Control groups for memory: what they hold besides, what is seen of them, and that none is left. Where none can be
//! had, each test says so.

use std::fs::{self, File};
use std::io::{IoSlice, Write};
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use packwright_sandbox::{MemoryCount, Outcome, memory_cgroups};
use rustix::fs::MemfdFlags;
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};

use crate::world::{Rung, World, ran, this_program, this_program_inside, wait_for};

const LIMIT: u64 = 100 << 20;

/// The directory that groups are made in.
fn directory() -> Option<PathBuf> {
    match memory_cgroups() {
        Ok(place) => Some(place.directory),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "\nNOT RUN: control groups for memory: {error}.");
            None
        }
    }
}

/// The groups of a process.
fn groups(of: u32) -> Vec<String> {
    let entries = fs::read_dir(directory().unwrap()).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(&format!("packwright-{of}-"))).collect()
}

/// No process has the file open while it is on its way through a socket.
#[test]
fn memory_that_is_hidden_from_every_list_counts() {
    if directory().is_none() {
        return;
    }
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = this_program_inside(&world, "memory_cgroup::in_a_program_that_hides_memory");
        sandbox.limits.memory = Some(LIMIT);
        sandbox.limits.time = Some(Duration::from_secs(60));
        rung.apply(&world, &mut sandbox);
        let start = Instant::now();
        let ran = ran(&sandbox);
        assert!(
            matches!(ran.report.outcome, Outcome::MemoryExceeded { limit: LIMIT, .. }),
            "{rung:?}: {ran:?}"
        );
        assert!(start.elapsed() < Duration::from_secs(30), "{rung:?}: {ran:?}");
    }
}

#[test]
#[ignore = "run by the test above in a sandbox"]
fn in_a_program_that_hides_memory() {
    let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    for _ in 0..20 {
        let mut file: File = rustix::fs::memfd_create("hidden", MemfdFlags::CLOEXEC).unwrap().into();
        for _ in 0..10 {
            file.write_all(&[1; 1 << 20]).unwrap();
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let files = [file.as_fd()];
        assert!(ancillary.push(SendAncillaryMessage::ScmRights(&files)));
        rustix::net::sendmsg(&one, &[IoSlice::new(b"x")], &mut ancillary, SendFlags::empty()).unwrap();
    }
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn the_group_is_the_top_of_what_is_seen_and_the_caller_stays_where_it_is() {
    let own = || fs::read_to_string("/proc/self/cgroup").unwrap();
    let before = own();
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = world.sh(
            "cut -d: -f3 /proc/self/cgroup /proc/1/cgroup | sort -u; ls -A /sys/fs/cgroup 2>/dev/null; true",
        );
        sandbox.limits.memory = Some(LIMIT);
        rung.apply(&world, &mut sandbox);
        assert_eq!(ran(&sandbox).text(), "/", "{rung:?}");
    }
    assert_eq!(own(), before);
}

/// Less than the first process needs before there is a program.
#[test]
fn hardly_any_memory_is_the_same_outcome() {
    let world = World::new();
    let mut sandbox = world.sh("sleep 60");
    sandbox.limits.memory = Some(1);
    sandbox.limits.time = Some(Duration::from_secs(60));
    let ran = ran(&sandbox);
    assert!(matches!(ran.report.outcome, Outcome::MemoryExceeded { limit: 1, .. }), "{ran:?}");
}

#[test]
fn no_group_is_left_however_a_run_ends() {
    if directory().is_none() {
        return;
    }
    // Another process, as other tests have groups in this one.
    let status = this_program("memory_cgroup::in_a_caller_whose_runs_end").status().unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn in_a_caller_whose_runs_end() {
    let world = World::new();
    let end = |line: &str| {
        let mut sandbox = world.sh(line);
        sandbox.limits.memory = Some(LIMIT);
        sandbox.limits.time = Some(Duration::from_secs(1));
        let report = ran(&sandbox).report;
        assert_eq!(report.memory_count, Some(MemoryCount::Cgroup));
        assert_eq!(groups(std::process::id()), [""; 0]);
        report.outcome
    };
    assert_eq!(end("echo fine > /tmp/file"), Outcome::Exited(0));
    assert_eq!(end("setsid sleep 60 & exit 3"), Outcome::Exited(3));
    assert!(matches!(end("sleep 60"), Outcome::TimedOut { .. }));
    assert!(matches!(end("tail /dev/zero"), Outcome::MemoryExceeded { .. }));
    let mut sandbox = world.command(["/no/such/program"]);
    sandbox.limits.memory = Some(LIMIT);
    crate::world::try_run(&sandbox).unwrap_err();
    assert_eq!(groups(std::process::id()), [""; 0]);
}

#[test]
fn the_group_of_a_killed_caller_is_removed_by_the_next() {
    if directory().is_none() {
        return;
    }
    let world = World::new();
    let mut caller = this_program("memory_cgroup::in_a_caller_that_is_killed");
    // What it leaves is removed with this world.
    let mut caller = caller.env("TMPDIR", world.path("other")).spawn().unwrap();
    wait_for("the group of a running sandbox", || groups(caller.id()).len() == 1);
    caller.kill().unwrap();
    caller.wait().unwrap();
    let mut sandbox = world.sh("true");
    sandbox.limits.memory = Some(LIMIT);
    // Its processes take a moment to end.
    wait_for("the removal of the group that was left", || {
        ran(&sandbox).text();
        groups(caller.id()).is_empty()
    });
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn in_a_caller_that_is_killed() {
    let world = World::new();
    let mut sandbox = world.sh("sleep 60");
    sandbox.limits.memory = Some(LIMIT);
    ran(&sandbox);
}
