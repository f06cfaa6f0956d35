//! Limits on output, memory and processes.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use packwright_sandbox::{MemoryCount, Mount, Outcome};
use rustix::fs::MemfdFlags;

use crate::world::{Rung, World, alive, as_an_ordinary_user, marker, ran, this_program_inside};

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
        Outcome::MemoryExceeded { limit: 150_000_000, used } => assert!(used >= 150_000_000),
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

const MEGABYTE: usize = 1 << 20;

/// On a machine where control groups can be had, they are used.
fn expected_count() -> MemoryCount {
    match packwright_sandbox::memory_cgroups() {
        Ok(_) => MemoryCount::Cgroup,
        Err(_) => MemoryCount::Sampling,
    }
}

/// Each place where a program can put memory, on each rung.
#[test]
fn memory_counts_wherever_it_is() {
    for rung in Rung::all() {
        for kind in ["heap", "memory file", "thread", "ended", "file systems", "mount", "processes"] {
            let world = World::new();
            let mut sandbox = this_program_inside(&world, "limits::in_a_program_that_takes_memory");
            sandbox.env.insert("PACKWRIGHT_TEST_KIND".into(), kind.into());
            sandbox.mounts.push(Mount::Tmpfs { target: "/in/memory".into(), size: None, mode: 0o755 });
            sandbox.limits.memory = Some(100 * MEGABYTE as u64);
            sandbox.limits.time = Some(Duration::from_secs(60));
            rung.apply(&world, &mut sandbox);
            let start = Instant::now();
            let ran = ran(&sandbox);
            match ran.report.outcome {
                Outcome::MemoryExceeded { used, .. } if used < 1000 * MEGABYTE as u64 => {}
                _ => panic!("{kind}, {rung:?}: {ran:?}"),
            }
            assert_eq!(ran.report.memory_count, Some(expected_count()), "{kind}, {rung:?}");
            assert!(start.elapsed() < Duration::from_secs(30), "{kind}, {rung:?}: {ran:?}");
        }
    }
}

#[test]
#[ignore = "run by the test above in a sandbox"]
fn in_a_program_that_takes_memory() {
    let kind = std::env::var("PACKWRIGHT_TEST_KIND").unwrap();
    let mut kept = Vec::new();
    let mut files = Vec::new();
    match kind.as_str() {
        "heap" => kept.resize(200 * MEGABYTE, 1u8),
        "memory file" => files.push(memory_file(200)),
        "thread" => return in_a_thread_with_files_of_its_own(|| memory_file(200)),
        "ended" => return after_the_end_of_the_first_thread(|| kept.resize(200 * MEGABYTE, 1u8)),
        // Half in one and half in the other; each of them holds at most the limit.
        "file systems" => {
            for path in ["/dev/shm/half", "/tmp/half"] {
                files.push(filled(File::create(path).unwrap(), 60));
                std::fs::remove_file(path).unwrap();
            }
        }
        // None of them has much. `tail` keeps what it has read as long as there is no line end in it.
        "processes" => {
            let line = "for i in 1 2 3 4 5 6 7 8; do ((head -c 25000000 /dev/zero; sleep 60) | tail >/dev/null) & done; wait";
            std::process::Command::new("/bin/sh").args(["-c", line]).status().unwrap();
        }
        "mount" => drop(filled(File::create("/in/memory/file").unwrap(), 200)),
        _ => unreachable!(),
    }
    std::thread::sleep(Duration::from_secs(60));
    drop((kept, files));
}

fn memory_file(megabytes: usize) -> File {
    filled(rustix::fs::memfd_create("test", MemfdFlags::CLOEXEC).unwrap().into(), megabytes)
}

fn filled(mut file: File, megabytes: usize) -> File {
    for _ in 0..megabytes {
        file.write_all(&[1; MEGABYTE]).unwrap();
    }
    file
}

#[allow(unsafe_code)]
fn in_a_thread_with_files_of_its_own(hold: impl Fn() -> File) {
    // SAFETY: what this thread opens from here on is closed by this thread.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::FILES) }.unwrap();
    let held = hold();
    std::thread::sleep(Duration::from_secs(60));
    drop(held);
}

/// The memory of a process is not that of its first thread alone. Tests run in another one.
#[allow(unsafe_code)]
fn after_the_end_of_the_first_thread(take: impl FnOnce()) {
    extern "C" fn end_thread(_: libc::c_int) {
        // SAFETY: ends this thread alone, which owns nothing that others need.
        unsafe { libc::syscall(libc::SYS_exit, 0) };
    }
    let process = std::process::id();
    // SAFETY: the handler makes one system call.
    unsafe {
        libc::signal(libc::SIGUSR1, end_thread as *const () as libc::sighandler_t);
        libc::syscall(libc::SYS_tgkill, process, process, libc::SIGUSR1);
    }
    take();
    std::thread::sleep(Duration::from_secs(60));
}

/// The kernel kills one process; the program need not notice, and still has not had what it asked for.
#[test]
fn a_program_that_goes_on_without_what_was_killed_has_exceeded_its_memory() {
    let world = World::new();
    let mut sandbox = world.sh("head -c 300000000 /dev/zero | tail > /dev/null; sleep 1; exit 0");
    sandbox.limits.memory = Some(50 * MEGABYTE as u64);
    let ran = ran(&sandbox);
    assert!(matches!(ran.report.outcome, Outcome::MemoryExceeded { .. }), "{ran:?}");
}

/// What the kernel keeps of files on disk gives way.
#[test]
fn files_on_disk_are_no_memory() {
    let world = World::new();
    let mut sandbox = world.sh("head -c 150000000 /dev/zero > /file; cat /file | wc -c");
    sandbox.limits.memory = Some(50 * MEGABYTE as u64);
    let on_disk = rustix::fs::statfs(world.path("upper")).unwrap().f_type != libc::TMPFS_MAGIC;
    let ran = ran(&sandbox);
    assert!(!on_disk || ran.text() == "150000000", "{ran:?}");
    assert!(!on_disk || ran.report.usage.memory.is_some_and(|used| used < 50 * MEGABYTE as u64), "{ran:?}");
}

#[test]
fn a_memory_file_counts_once_however_many_map_it_and_a_sparse_one_hardly() {
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = this_program_inside(&world, "limits::in_a_program_that_maps_a_memory_file");
        sandbox.limits.memory = Some(100 * MEGABYTE as u64);
        sandbox.limits.time = Some(Duration::from_secs(60));
        rung.apply(&world, &mut sandbox);
        let ran = ran(&sandbox);
        assert!(ran.text().contains("mapped"), "{ran:?}");
        let used = ran.report.usage.memory.unwrap();
        assert!((60..100).contains(&(used as usize / MEGABYTE)), "{used}");
    }
}

#[test]
#[ignore = "run by the test above in a sandbox"]
#[allow(unsafe_code)]
fn in_a_program_that_maps_a_memory_file() {
    use std::os::fd::AsRawFd;
    let file = memory_file(60);
    file.set_len(1 << 40).unwrap();
    for _ in 0..3 {
        let (access, flags) = (libc::PROT_READ, libc::MAP_SHARED | libc::MAP_POPULATE);
        // SAFETY: a new mapping that this process never touches again.
        let mapped =
            unsafe { libc::mmap(std::ptr::null_mut(), 60 * MEGABYTE, access, flags, file.as_raw_fd(), 0) };
        assert_ne!(mapped, libc::MAP_FAILED);
    }
    std::thread::sleep(Duration::from_millis(1500));
    println!("mapped");
}

/// The tests of memory as a user who may make no control groups.
#[test]
fn an_ordinary_user_has_the_limits_too() {
    let tests = [
        "limits::memory_counts_wherever_it_is",
        "limits::a_memory_file_counts_once",
        "limits::shared_memory_counts_once",
        "limits::a_program_that_goes_on_without",
    ];
    as_an_ordinary_user(&tests);
}

/// A segment that no process has attached is in the pages of none.
#[test]
fn segments_are_bounded() {
    for rung in Rung::all() {
        let world = World::new();
        let mut sandbox = this_program_inside(&world, "limits::in_a_program_that_makes_segments");
        sandbox.limits.memory = Some(100 * MEGABYTE as u64);
        rung.apply(&world, &mut sandbox);
        assert!(ran(&sandbox).text().contains("refused after 1"), "{rung:?}");
    }
}

#[test]
#[ignore = "run by the test above in a sandbox"]
#[allow(unsafe_code)]
fn in_a_program_that_makes_segments() {
    // SAFETY: takes three numbers and no memory.
    let made =
        (0..5).take_while(|_| unsafe { libc::shmget(libc::IPC_PRIVATE, 60 * MEGABYTE, 0o600) } >= 0).count();
    println!("refused after {made}");
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
