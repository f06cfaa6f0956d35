//! What a program is given and how its own end is told.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::{fs, path::Path};

use packwright_sandbox::{Outcome, SandboxError, Stage, User};

use crate::world::{World, ran, try_run};

#[test]
fn the_exit_status_is_the_programs() {
    let world = World::new();
    assert_eq!(ran(&world.sh("exit 0")).report.outcome, Outcome::Exited(0));
    assert_eq!(ran(&world.sh("exit 37")).report.outcome, Outcome::Exited(37));
    assert_eq!(ran(&world.sh("exit 255")).report.outcome, Outcome::Exited(255));
}

#[test]
fn a_killing_signal_is_told_by_number() {
    let world = World::new();
    assert_eq!(ran(&world.sh("kill -SEGV $$")).report.outcome, Outcome::Signaled(11));
    assert_eq!(ran(&world.sh("kill -KILL $$")).report.outcome, Outcome::Signaled(9));
}

#[test]
fn stdout_and_stderr_are_apart_and_stdin_is_empty() {
    let world = World::new();
    let ran = ran(&world.sh("echo out; echo err >&2; cat; echo after"));
    assert_eq!((ran.text(), ran.stderr.as_str()), ("out\nafter", "err\n"));
}

#[test]
fn a_lot_of_output_on_both_streams_arrives_whole() {
    let world = World::new();
    let ran = ran(&world.sh("(yes out | head -n 200000) & yes err | head -n 200000 >&2; wait"));
    assert_eq!((ran.stdout.len(), ran.stderr.len()), (800_000, 800_000));
    assert_eq!(ran.report.usage.output, 1_600_000);
}

#[test]
fn the_environment_is_exactly_what_was_given() {
    let world = World::new();
    let mut sandbox = world.command(["/usr/bin/env", "-0"]);
    sandbox.env = [("A", "1"), ("EMPTY", ""), ("SPACE", "a b\nc=d")]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    assert_eq!(ran(&sandbox).stdout, "A=1\0EMPTY=\0SPACE=a b\nc=d\0");
    sandbox.env.clear();
    assert_eq!(ran(&sandbox).stdout, "");
}

#[test]
fn thousands_of_variables_arrive() {
    let world = World::new();
    let mut sandbox = world.command(["/usr/bin/env", "-0"]);
    sandbox.env = (0..5000).map(|index| (format!("V{index}").into(), "x".repeat(100).into())).collect();
    assert_eq!(ran(&sandbox).stdout.matches('\0').count(), 5000);
}

#[test]
fn too_large_an_environment_has_its_own_error() {
    let world = World::new();
    let mut sandbox = world.sh("true");
    sandbox.env.insert("HUGE".into(), "x".repeat(4 << 20).into());
    let error = try_run(&sandbox).unwrap_err();
    assert!(matches!(error, SandboxError::ArgumentsTooLarge { bytes: 4_194_304.., .. }), "{error:?}");
    assert!(error.fix().is_some());
}

#[test]
fn working_directory_and_host_name_are_as_given() {
    let world = World::new();
    fs::create_dir_all(world.path("lower/srv/a b")).unwrap();
    let mut sandbox = world.sh("pwd; cat /proc/sys/kernel/hostname");
    sandbox.cwd = "/srv/a b".into();
    sandbox.hostname = "build".into();
    assert_eq!(ran(&sandbox).text(), "/srv/a b\nbuild");
}

#[test]
fn a_missing_working_directory_is_named() {
    let world = World::new();
    let mut sandbox = world.sh("true");
    sandbox.cwd = "/missing".into();
    let error = try_run(&sandbox).unwrap_err();
    assert_eq!(error.to_string(), "cannot enter the working directory `/missing`");
    assert!(error.fix().is_some());
}

#[test]
fn a_working_directory_cannot_lead_out() {
    let world = World::new();
    std::os::unix::fs::symlink("/proc/1/root", world.path("lower/out")).unwrap();
    std::os::unix::fs::symlink("/proc/self/fd/5", world.path("lower/descriptor")).unwrap();
    for path in ["/out", "/descriptor", "/proc/self/root", "/proc/self/fd/5"] {
        let mut sandbox = world.sh("pwd");
        sandbox.cwd = path.into();
        let error = try_run(&sandbox).unwrap_err();
        assert!(
            matches!(error, SandboxError::Setup { stage: Stage::WorkingDirectory, .. }),
            "{path}: {error:?}"
        );
    }
}

#[test]
fn the_ids_inside_are_those_asked_for() {
    let world = World::new();
    for (uid, gid) in [(0, 0), (1000, 0), (1000, 1000), (65534, 65534)] {
        let mut sandbox = world.sh("id -u; id -g; touch /tmp/own; stat -c %u:%g /tmp/own");
        sandbox.user = User { uid, gid };
        assert_eq!(ran(&sandbox).text(), format!("{uid}\n{gid}\n{uid}:{gid}"));
    }
}

#[test]
fn a_program_is_looked_for_in_the_path_given() {
    let world = World::new();
    let mut sandbox = world.command(["echo", "found"]);
    assert_eq!(ran(&sandbox).text(), "found");
    sandbox.env = [("PATH".into(), "/nowhere:/etc/lower:/usr/bin".into())].into();
    assert_eq!(ran(&sandbox).text(), "found");
}

#[test]
fn a_missing_program_has_its_own_error() {
    let world = World::new();
    let error = try_run(&world.command(["no-such-program"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "program \"no-such-program\" was not found inside the sandbox (PATH is \"/usr/bin:/bin:/usr/sbin:/sbin\")"
    );
    let error = try_run(&world.command(["/no/such/program"])).unwrap_err();
    assert!(matches!(error, SandboxError::ProgramNotFound { search_path: None, .. }), "{error:?}");
    let mut sandbox = world.command(["sh"]);
    sandbox.env.clear();
    assert!(matches!(try_run(&sandbox), Err(SandboxError::ProgramNotFound { .. })));
    sandbox.argv.clear();
    assert!(matches!(try_run(&sandbox), Err(SandboxError::NoProgram)));
    sandbox.argv = vec![OsString::new()];
    assert!(matches!(try_run(&sandbox), Err(SandboxError::NoProgram)));
}

#[test]
fn a_program_that_cannot_run_says_why() {
    let world = World::new();
    let program = |name: &str, content: &[u8], mode| {
        let path = world.path("lower").join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let path = Path::new("/").join(name);
        try_run(&world.command([path.to_str().unwrap()])).unwrap_err()
    };
    let error = program("plain", b"#!/bin/sh\n", 0o644);
    assert!(matches!(error, SandboxError::ProgramNotExecutable { .. }), "{error:?}");
    let error = program("orphan", b"#!/no/interpreter\n", 0o755);
    assert!(matches!(error, SandboxError::InterpreterNotFound { .. }), "{error:?}");
    let error = program("noise", b"\x01\x02\x03 no program", 0o755);
    assert!(matches!(error, SandboxError::ProgramFormat { .. }), "{error:?}");
    let error = try_run(&world.command(["/etc"])).unwrap_err();
    assert!(matches!(error, SandboxError::ProgramNotExecutable { .. }), "{error:?}");
}

#[test]
fn what_cannot_be_said_to_the_kernel_is_refused() {
    let world = World::new();
    let with = |change: &dyn Fn(&mut packwright_sandbox::Sandbox)| {
        let mut sandbox = world.sh("true");
        change(&mut sandbox);
        try_run(&sandbox).unwrap_err()
    };
    assert!(matches!(
        with(&|it| it.argv.push("a\0b".into())),
        SandboxError::ZeroByte { field: "argument", .. }
    ));
    assert!(matches!(
        with(&|it| drop(it.env.insert("A=B".into(), "".into()))),
        SandboxError::VariableName { .. }
    ));
    assert!(matches!(with(&|it| it.cwd = "relative".into()), SandboxError::NotAbsolute { .. }));
    assert!(matches!(with(&|it| it.cwd = "/a/../..".into()), SandboxError::NotAbsolute { .. }));
    assert!(matches!(with(&|it| it.hostname = "h".repeat(65)), SandboxError::Hostname { .. }));
}
