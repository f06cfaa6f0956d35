//! Limits on disk and on the number of files.

use std::fs;
use std::time::{Duration, Instant};

use packwright_sandbox::{Access, Mount, Outcome, Sandbox, disk_use};

use crate::world::{Rung, World, bind, ran};

const MEGABYTE: u64 = 1 << 20;

/// A shell line on `rung` that may leave 10 MB and 1000 files, and write to `/bound` of the host.
fn limited(rung: Rung, world: &World, line: &str) -> Sandbox {
    let mut sandbox = world.sh(line);
    sandbox.mounts.push(bind(world.path("other"), "/bound", Access::ReadWrite));
    sandbox.mounts.push(Mount::Tmpfs { target: "/memory".into(), size: None, mode: 0o755 });
    sandbox.limits.disk = Some(10 * MEGABYTE);
    sandbox.limits.files = Some(1000);
    sandbox.limits.time = Some(Duration::from_secs(120));
    rung.apply(world, &mut sandbox);
    sandbox.disk_before = disk_use(&sandbox);
    sandbox
}

#[test]
fn disk_is_limited_wherever_it_is_written() {
    for rung in Rung::all() {
        for line in [
            "head -c 30000000 /dev/zero > /big; sleep 100",
            "head -c 30000000 /dev/zero > /bound/big; sleep 100",
            "mkdir /d /d/d; for i in 1 2 3; do head -c 9000000 /dev/zero > /d/d/$i; done; sleep 100",
            // Without a name.
            "exec 3> /big; rm /big; head -c 30000000 /dev/zero >&3; sleep 100",
            // By a program that is gone before it is looked at.
            "fallocate -l 30000000 /big",
            // In a directory that its owner may not list.
            "mkdir /d; fallocate -l 30000000 /d/big; chmod 0 /d",
        ] {
            let world = World::new();
            let start = Instant::now();
            let ran = ran(&limited(rung, &world, line));
            let Outcome::DiskExceeded { limit, used } = ran.report.outcome else {
                panic!("{rung:?}, {line}: {ran:?}");
            };
            assert!(limit == 10 * MEGABYTE && used > limit, "{rung:?}, {line}: {ran:?}");
            assert!(start.elapsed() < Duration::from_secs(90), "{rung:?}, {line}");
        }
    }
}

#[test]
fn files_are_limited_whatever_they_are() {
    for rung in Rung::all() {
        for line in [
            "i=0; while [ $i -lt 1500 ]; do : > /f$i; i=$((i+1)); done; sleep 100",
            "mkdir /d; cd /d; i=0; while [ $i -lt 1500 ]; do ln -s x $i; i=$((i+1)); done",
            "cd /bound; mkdir $(seq 1500)",
        ] {
            let world = World::new();
            let ran = ran(&limited(rung, &world, line));
            let Outcome::FilesExceeded { limit: 1000, used: 1001.. } = ran.report.outcome else {
                panic!("{rung:?}, {line}: {ran:?}");
            };
        }
    }
}

#[test]
fn what_was_there_and_what_is_in_memory_does_not_count() {
    for rung in Rung::all() {
        let world = World::new();
        fs::write(world.path("other/before"), vec![1; 20 * MEGABYTE as usize]).unwrap();
        let line = "head -c 30000000 /dev/zero > /memory/big; exec 3> /memory/more; rm /memory/more; \
                    head -c 30000000 /dev/zero >&3; truncate -s 1T /sparse; head -c 3000000 /dev/zero > /some; \
                    head -c 3000000 /dev/zero > /bound/some; sleep 1; echo fine";
        let ran = ran(&limited(rung, &world, line));
        assert_eq!(ran.text(), "fine");
        let used = ran.report.usage.disk.unwrap();
        assert!((6_000_000..8_000_000).contains(&used.bytes) && used.files < 50, "{rung:?}: {used:?}");
    }
}
