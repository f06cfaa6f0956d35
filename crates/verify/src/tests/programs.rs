//! Programs of processes and their interpreters.

use expect_test::{Expect, expect};

use super::kit::{Elf, Stage};

fn check(command: &str, files: &str, expected: &Expect) {
    expected.assert_eq(&Stage::with(files).web(command).said());
}

#[test]
fn a_program_that_nothing_brings_is_named_with_its_line() {
    check(
        "gunicorn app:app",
        "",
        &expect![[r#"
        Error verify/program-missing: the process `web` (Procfile:1) starts `gunicorn`, which the image does not have
          why: it is in no directory of PATH: /opt/venv/bin:/usr/local/bin:/usr/bin:/bin
          fix: correct the command, or bring `gunicorn`: in the list of packages of its language, or as a package of the distribution
    "#]],
    );
    check(
        "cd x && exec ./serve",
        "",
        &expect![[r#"
        Error verify/program-missing: the process `web` (Procfile:1) starts `./serve`, which is not in the image: `/app/x/serve`
          why: neither the source, nor a step of the build, nor a package brings it
          fix: correct the path, add the file to the source, or let the build make it
    "#]],
    );
    check(
        "./serve",
        "//- /app/serve 644\n#!/bin/sh\n",
        &expect![[r#"
        Error verify/program-not-executable: the process `web` (Procfile:1) starts `./serve`, and `/app/serve` cannot be executed
          why: its mode is 644
          fix: make it executable (`chmod +x`, in git `git update-index --chmod=+x`), or start it with its interpreter, as in `sh ./serve`
    "#]],
    );
    check(
        "/app/bin",
        "//- /app/bin/serve 755\n#!/bin/sh\n",
        &expect![[r#"
        Error verify/program-not-executable: the process `web` (Procfile:1) starts `/app/bin`, and `/app/bin` is a directory
          fix: name the program in it
    "#]],
    );
}

#[test]
fn a_script_needs_its_interpreter() {
    let script = "//- /opt/venv/bin/serve 755\n";
    check(
        "serve",
        &format!("{script}#!/gone/bin/python\n"),
        &expect![[r#"
            Error verify/interpreter-missing: the process `web` (Procfile:1) starts `/opt/venv/bin/serve`, whose interpreter `/gone/bin/python` the image does not have
              fix: correct its first line, or bring the interpreter
        "#]],
    );
    check(
        "serve",
        &format!("{script}#!/usr/bin/env -S python3 -u\n"),
        &expect![[r#"
        Error verify/interpreter-missing: the process `web` (Procfile:1) starts `/opt/venv/bin/serve`, whose interpreter `python3` the image does not have
          fix: correct its first line, or bring the interpreter
    "#]],
    );
    check(
        "serve",
        &format!("{script}#!/bin/sh\r\n"),
        &expect![[r#"
            Error verify/interpreter-missing: the process `web` (Procfile:1) starts `/opt/venv/bin/serve`, whose interpreter `/bin/sh\r` the image does not have
              why: its first line ends with a carriage return, which belongs to the interpreter's name then
              fix: give the script Unix line ends (in git: `*.sh text eol=lf` in .gitattributes)
        "#]],
    );
    for first in [
        "#!/bin/sh",
        "#! /bin/sh -eu",
        "#!/usr/bin/env bash",
        "#!/usr/bin/env -S A=1 bash -u",
        "echo no shebang",
        "",
    ] {
        assert_eq!(Stage::with(&format!("{script}{first}\n")).web("serve").codes(), [""; 0], "{first}");
    }
}

#[test]
fn interpreters_are_followed_from_script_to_script() {
    let files =
        "//- /app/serve 755\n#!/app/run\n//- /app/run 755\n#!/app/inner\n//- /app/inner 755\n#!/gone\n";
    check(
        "./serve",
        files,
        &expect![[r#"
        Error verify/interpreter-missing: the process `web` (Procfile:1) starts `/app/inner`, whose interpreter `/gone` the image does not have
          fix: correct its first line, or bring the interpreter
    "#]],
    );
    let circle = "//- /app/a 755\n#!/app/b\n//- /app/b 755\n#!/app/a\n";
    assert_eq!(Stage::with(circle).web("./a").codes(), [""; 0]);
}

#[test]
fn what_may_be_made_or_mounted_when_the_process_runs_is_not_missing() {
    // `/app` is the user's, what is on PATH is root's.
    for (command, expected) in [
        ("go build -o app . && ./app", vec!["program-missing!"]),
        ("./build && ./app", vec![]),
        ("./build && gunicorn x", vec!["program-missing!"]),
        ("./build && /opt/app", vec!["program-missing!"]),
    ] {
        let stage = Stage::with("//- /app/build 755\n//- /opt/venv/bin/x 755\n").web(command);
        assert_eq!(stage.codes(), expected, "{command}");
    }
    let mut stage = Stage::with("").web("/data/run && /database/run");
    stage.config.volumes = ["/data".to_owned()].into();
    assert_eq!(stage.codes(), ["program-missing!"]);
    // Root may make anything.
    let mut stage = Stage::with("//- /opt/venv/bin/build 755\n").web("build && serve");
    stage.config.user = None;
    assert_eq!(stage.codes(), [""; 0]);
}

#[test]
fn a_mode_counts_for_the_user_that_runs() {
    for (mode, user, expected) in [
        ("755", "1000:1000", vec![]),
        ("700", "1000:1000", vec!["program-not-executable!"]),
        ("700", "0", vec![]),
        ("700", "www-data", vec![]),
        ("750", "1000:0", vec![]),
    ] {
        let mut stage = Stage::with(&format!("//- /opt/venv/bin/serve {mode}\nx\n")).web("serve");
        stage.config.user = Some(user.to_owned());
        assert_eq!(stage.codes(), expected, "{mode} {user}");
    }
}

#[test]
fn programs_are_found_through_links() {
    let files = "//- /usr/bin/python3 -> python3.13\n//- /opt/venv/bin/python -> ../../../usr/bin/python3\n//- /opt/venv/bin/lost -> /gone\n";
    let mut stage = Stage::with(files).web("python app.py");
    stage.elf("usr/bin/python3.13", &Elf::PROGRAM);
    assert_eq!(stage.codes(), [""; 0]);
    assert_eq!(Stage::with(files).web("lost").codes(), ["program-missing!"]);
}

#[test]
fn a_program_of_another_system_is_told() {
    let mut stage = Stage::with("").web("./arm && ./mac");
    stage.elf("app/arm", &Elf { machine: 183, ..Elf::PROGRAM });
    stage.bytes("app/mac", b"\xcf\xfa\xed\xfe and more", 0o755);
    expect![[r#"
        Error verify/platform: the process `web` (Procfile:1) starts `/app/arm`, which is made for arm64; the image is for amd64
          fix: bring the program for this platform, or let the build make it
        Error verify/platform: the process `web` (Procfile:1) starts `/app/mac`, which is made for macOS; the image is for Linux, amd64
          fix: bring the program for this platform, or let the build make it
    "#]].assert_eq(&stage.said());
}

#[test]
fn scripts_on_path_are_a_warning_and_those_of_the_distribution_none() {
    let files = "//- /opt/venv/bin/tool 755\n#!/build/venv/bin/python\n//- /usr/bin/helper 755\n#!/usr/bin/perl\n//- /opt/venv/bin/other 755\n#!/usr/bin/env ruby\n";
    check(
        "sh",
        files,
        &expect![[r#"
        Warning verify/interpreter-missing: `/opt/venv/bin/tool` cannot be executed: the image does not have its interpreter `/build/venv/bin/python`
          fix: correct its first line, or bring the interpreter
    "#]],
    );
}
