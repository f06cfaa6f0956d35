//! The lower isolations of the ladder, forced, and the probe.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use packwright_sandbox::{
    Access, Isolation, Note, Obstacle, Outcome, Privilege, ProbeError, Root, Sandbox, SandboxError, User,
    probe,
};

use crate::world::{Rung, World, alive, bind, marker, ran, root, try_run};

/// The same program on a directory instead of an overlay.
fn copied(world: &World, line: &str) -> Sandbox {
    let mut sandbox = world.sh(line);
    for entry in fs::read_dir(world.path("lower")).unwrap().flatten() {
        if let Ok(target) = fs::read_link(entry.path()) {
            let _ = symlink(target, world.path("upper").join(entry.file_name()));
        }
    }
    sandbox.root = Root::Directory(world.path("upper"));
    sandbox
}

#[test]
fn a_copied_root_is_written_in_place() {
    let world = World::new();
    let sandbox = copied(&world, "id -u; echo x > /written; cat /proc/1/comm >/dev/null && echo proc");
    assert_eq!(ran(&sandbox).text(), "0\nproc");
    assert_eq!(fs::read_to_string(world.path("upper/written")).unwrap(), "x\n");
    assert_eq!(fs::metadata(world.path("upper/written")).unwrap().uid(), rustix::process::geteuid().as_raw());
}

#[test]
fn chroot_needs_root() {
    if root() {
        return chroot_as_root();
    }
    let world = World::new();
    let mut sandbox = copied(&world, "true");
    sandbox.privilege = Privilege::Chroot;
    let error = try_run(&sandbox).unwrap_err();
    assert!(matches!(error, SandboxError::Setup { obstacle: Some(Obstacle::NotRoot), .. }), "{error:?}");
    let _ = writeln!(
        std::io::stderr(),
        "\nNOT RUN: isolation by chroot itself, as this user is not root. Run the tests as root too."
    );
}

fn chroot_as_root() {
    let (world, marker) = (World::new(), marker());
    let line = format!(
        "id -u; cat /proc/self/uid_map | tr -s ' '; setsid sleep {marker} & echo x > /written; ls /home 2>/dev/null; true"
    );
    let mut sandbox = copied(&world, &line);
    sandbox.privilege = Privilege::Chroot;
    assert_eq!(ran(&sandbox).text(), "0\n 0 0 4294967295");
    assert!(!alive(&marker));
    assert!(world.path("upper/written").exists());
    let mut sandbox = copied(&world, "id -u; id -G; touch /tmp/x && mknod /dev/m c 1 3");
    sandbox.privilege = Privilege::Chroot;
    sandbox.user = User { uid: 1000, gid: 0 };
    let refused = ran(&sandbox);
    assert_eq!(refused.stdout, "1000\n0\n");
    assert_ne!(refused.report.outcome, Outcome::Exited(0));
    sandbox.user = User { uid: 0, gid: 0 };
    assert!(ran(&sandbox).stderr.contains("not permitted"), "real root makes no devices");
    sandbox.root = world.overlay();
    assert_eq!(ran(&sandbox).stdout, "0\n0\n", "an overlay works here too");
}

#[test]
fn the_probe_tries_every_rung_and_leaves_nothing() {
    let world = World::new();
    let probes = probe(&world.path("other"), &[]);
    assert_eq!(probes.iter().map(|probe| probe.isolation).collect::<Vec<_>>(), Isolation::ALL);
    for probe in &probes {
        if probe.isolation == Isolation::Chroot && !root() {
            let Err(error @ ProbeError::Obstacle { obstacle: Obstacle::NotRoot, .. }) = &probe.result else {
                panic!("{probe:?}");
            };
            assert_eq!(error.to_string(), "only real root can do without a user namespace");
            assert!(error.fix().is_some());
        } else {
            assert!(probe.works(), "{probe:?}");
        }
    }
    assert_eq!(fs::read_dir(world.path("other")).unwrap().count(), 0);
}

#[test]
fn the_probe_leaves_out_what_it_is_told() {
    let world = World::new();
    let probes = probe(&world.path("other"), &[Isolation::Overlay, Isolation::Nothing]);
    let obstacles: Vec<bool> = probes
        .iter()
        .map(|probe| {
            matches!(probe.result, Err(ProbeError::Obstacle { obstacle: Obstacle::Disregarded, .. }))
        })
        .collect();
    assert_eq!(obstacles, [true, true, false, false]);
}

#[test]
fn the_probe_says_when_its_directory_cannot_be_used() {
    let world = World::new();
    fs::write(world.path("file"), "").unwrap();
    let probes = probe(&world.path("file"), &[]);
    assert!(
        probes.iter().skip(1).take(2).all(|probe| matches!(probe.result, Err(ProbeError::Sandbox(_)))),
        "{probes:?}"
    );
}

#[test]
fn the_probe_names_a_system_call_filter() {
    // Our own filter refuses what container runtimes' refuse, so a sandbox in a sandbox meets it.
    let world = World::new();
    let program = std::env::current_exe().unwrap();
    let mut sandbox =
        world.command(["/program", "--exact", "isolations::in_a_sandbox", "--ignored", "--nocapture"]);
    sandbox.mounts.push(bind(program, "/program", Access::ReadOnly));
    let text = ran(&sandbox).stdout;
    for line in ["Nothing works", "Overlay SystemCallFilter", "Copy SystemCallFilter", "Chroot MountRefused"]
    {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

#[test]
#[ignore = "run by the test above in a sandbox, and by hand where something is missing"]
fn in_a_sandbox() {
    let scratch = std::env::var_os("PACKWRIGHT_TEST_SCRATCH").unwrap_or("/tmp".into());
    for probe in probe(std::path::Path::new(&scratch), &[]) {
        match probe.result {
            Ok(notes) => println!("{:?} works {notes:?}", probe.isolation),
            Err(ProbeError::Obstacle { obstacle, .. }) => println!("{:?} {obstacle:?}", probe.isolation),
            Err(error) => println!("{:?} failed: {error:?}", probe.isolation),
        }
    }
}

/// As in a pod: a part of `/proc` is hidden, so the kernel allows no fresh one.
#[test]
fn where_proc_is_masked_the_processes_of_the_host_are_not_seen() {
    let mask = "mount --bind /dev/null /proc/timer_list && exec \"$@\"";
    let test = "isolations::in_a_process_with_a_masked_proc";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", mask, "sh"]);
    command.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--ignored", "--nocapture"]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
#[ignore = "run by the test above in a process of its own"]
fn in_a_process_with_a_masked_proc() {
    let marker = marker();
    let mut neighbour = Command::new("sleep");
    neighbour.arg(&marker).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let neighbour = Killed(neighbour.spawn().unwrap());
    let threads: Vec<String> = fs::read_dir("/proc/self/task")
        .unwrap()
        .map(|thread| thread.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(threads.len() > 1, "the threads of the caller that are not listed");
    let line = format!(
        "for pid in [0-9]* {} {}; do cat /proc/$pid/cmdline /proc/$pid/mountinfo | tr '\\0' ' '; done 2>/dev/null; \
         cat /proc/self/comm; sh -c 'cat /proc/$PPID/comm; ls /proc/self/fd | wc -l; ls -d /proc/[0-9]*/exe | wc -l'",
        threads.join(" "),
        neighbour.0.id()
    );
    for rung in [Rung::Overlay, Rung::Copy] {
        let world = World::new();
        let mut sandbox = world.sh(&format!("cd /proc; : own-marker; {line}"));
        rung.apply(&world, &mut sandbox);
        let ran = ran(&sandbox);
        assert!(ran.report.notes.contains(&Note::HostProc), "{ran:?}");
        assert!(!ran.stdout.contains(&marker) && !ran.stdout.contains("in_a_process_with"), "{ran:?}");
        assert!(ran.stdout.contains("own-marker"), "its own processes are seen: {ran:?}");
        assert!(ran.stdout.contains("\ncat\n"), "{ran:?}");
    }
}

/// A process that ends with the test, however that ends.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
