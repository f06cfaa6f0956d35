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
fn groups_that_are_not_known_are_not_claimed() {
    // A user without a group has those that the image's files say.
    for (mode, user, expected) in [
        ("750", "1000", vec![]),
        ("700", "1000", vec!["program-not-executable!"]),
        ("750", "1000:staff", vec![]),
    ] {
        let mut stage = Stage::with(&format!("//- /opt/venv/bin/serve {mode}\nx\n")).web("serve");
        stage.config.user = Some(user.to_owned());
        assert_eq!(stage.codes(), expected, "{mode} {user}");
    }
}

#[test]
fn a_process_for_development_is_a_warning() {
    for (name, expected) in [
        ("worker", "program-missing!"),
        ("release", "program-missing!"),
        ("dev", "program-missing"),
        ("dev-css", "program-missing"),
        ("development", "program-missing"),
        ("devices", "program-missing!"),
    ] {
        let stage = Stage::with("").web("sh").process(name, "foreman start");
        assert_eq!(stage.codes(), [expected], "{name}");
    }
    expect![[r#"
        Warning verify/program-missing: the process `dev` (Procfile:2) starts `./gone`, which is not in the image: `/app/gone`
          why: neither the source, nor a step of the build, nor a package brings it; by its name the process is for development, so no image is refused for it
          fix: correct the path, add the file to the source, or let the build make it
    "#]].assert_eq(&Stage::with("").web("sh").process("dev", "./gone").said());
    // The process that an image runs when nobody names one is not for development, nor what others start as well.
    assert_eq!(Stage::with("").process("dev", "foreman start").codes(), ["program-missing!"]);
    let script = "//- /app/serve 755\n#!/gone\n";
    let stage = Stage::with(script).web("sh").process("dev", "./serve").process("worker", "./serve");
    assert_eq!(stage.codes(), ["interpreter-missing!"]);
}

#[test]
fn what_a_container_starts_itself_begins_with_an_interpreter() {
    let check = |text: &str, starts: &[&str], expected: &[&str]| {
        let mut stage = Stage::with(&format!("//- /app/run 755\n{text}"));
        stage.config.entrypoint = starts.iter().map(|word| (*word).to_owned()).collect();
        let stage = stage.entry_point();
        assert_eq!(stage.codes(), expected, "{text:?}");
        stage.said()
    };
    let said = check("exec serve\n", &["/app/run"], &["program-not-executable!"]);
    expect![[r#"
        Error verify/program-not-executable: the process `entrypoint` (the image's configuration) starts `/app/run`, which is neither a program nor begins with `#!`
          why: a container starts it without a shell, and the kernel refuses it: "exec format error"
          fix: begin the file with `#!/bin/sh`, at its very first byte, or start it with its interpreter
    "#]].assert_eq(&said);
    // A byte order mark stands before it.
    check("\u{feff}#!/bin/sh\n", &["./run"], &["program-not-executable!"]);
    check("#!/bin/sh\n", &["/app/run"], &[]);
    // A shell executes it itself, and what is no text may have a handler in the kernel.
    check("exec serve\n", &["sh", "-c", "/app/run"], &[]);
    check("PK\u{3}\u{4}\0\0", &["/app/run"], &[]);
}

#[test]
fn a_command_with_libraries_of_its_own_is_not_known() {
    for (command, expected) in [
        ("./serve", vec!["library-missing!"]),
        ("LD_LIBRARY_PATH=/opt/x ./serve", vec![]),
        ("LD_LIBRARY_PATH=/opt/x ./serve; ./serve", vec!["library-missing!"]),
    ] {
        let mut stage = Stage::with("").web(command);
        stage.elf("app/serve", &Elf { needed: &["libx.so"], ..Elf::PROGRAM });
        assert_eq!(stage.codes(), expected, "{command}");
    }
}

#[test]
fn scripts_of_manifests_are_followed() {
    let manifest = "//- /app/package.json\n{\"scripts\": {\"start\": \"NODE_ENV=production next start\", \
                    \"prebuilt\": \"x\", \"built\": \"./made\", \"all\": \"npm run start\"}}\n\
                    //- /opt/venv/bin/npm 755\n//- /opt/venv/bin/yarn 755\n";
    expect![[r#"
        Error verify/program-missing: the process `web` (Procfile:1; `start` of `/app/package.json`) starts `next`, which the image does not have
          why: it is in no directory of PATH: /app/node_modules/.bin:/opt/venv/bin:/usr/local/bin:/usr/bin:/bin
          fix: correct the command, or bring `next`: in the list of packages of its language, or as a package of the distribution
    "#]].assert_eq(&Stage::with(manifest).web("npm start").said());
    for (command, expected) in [
        ("npm run start -- --port 1", vec!["program-missing!"]),
        ("npm run all", vec!["program-missing!"]),
        ("yarn start", vec!["program-missing!"]),
        ("yarn run start", vec!["program-missing!"]),
        ("cd sub && npm start", vec!["program-missing!"]),
        ("sh build.sh && npm start", vec![]),
        // Another script makes it, or another manifest counts.
        ("npm run built", vec![]),
        ("npm --prefix web start", vec![]),
        ("npm run other", vec![]),
        ("yarn other", vec![]),
        ("npm install", vec![]),
    ] {
        assert_eq!(Stage::with(manifest).web(command).codes(), expected, "{command}");
    }
    for found in
        ["//- /app/node_modules/.bin/next 755\n", "//- /opt/venv/bin/next 755\n", "//- /app/.pnp.cjs\n"]
    {
        let files = format!("{manifest}{found}");
        assert_eq!(Stage::with(&files).web("npm start").codes(), [""; 0], "{found}");
    }
}

#[test]
fn what_every_container_has_is_not_missing() {
    assert_eq!(Stage::with("").web("/proc/self/exe && /dev/fd/3").codes(), [""; 0]);
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
    let mut stage = Stage::with("").web("./arm && ./mac && ./bsd");
    stage.elf("app/bsd", &Elf { system: 9, ..Elf::PROGRAM });
    stage.elf("app/arm", &Elf { machine: 183, ..Elf::PROGRAM });
    stage.bytes("app/mac", b"\xcf\xfa\xed\xfe and more", 0o755);
    expect![[r#"
        Error verify/platform: the process `web` (Procfile:1) starts `/app/arm`, which is made for arm64; the image is for amd64
          fix: bring the program for this platform, or let the build make it
        Error verify/platform: the process `web` (Procfile:1) starts `/app/mac`, which is made for macOS; the image is for Linux, amd64
          fix: bring the program for this platform, or let the build make it
        Error verify/platform: the process `web` (Procfile:1) starts `/app/bsd`, which is made for FreeBSD; the image is for amd64
          fix: bring the program for this platform, or let the build make it
    "#]].assert_eq(&stage.said());
}

#[test]
fn environments_of_python_that_were_moved_are_told_once() {
    let files = "//- /app/.venv/pyvenv.cfg\n//- /app/.venv/bin/gunicorn 755\n#!/build/.venv/bin/python\n\
                 //- /app/.venv/bin/flask 755\n#!/build/.venv/bin/python\n//- /app/other/bin/x 755\n#!/gone\n";
    check(
        "sh",
        files,
        &expect![[r#"
        Warning verify/interpreter-missing: `/app/.venv/bin/flask` and `/app/.venv/bin/gunicorn` cannot be executed: the image does not have the interpreter `/build/.venv/bin/python`
          fix: correct its first line, or bring the interpreter
    "#]],
    );
}

#[test]
fn a_processor_executes_the_programs_of_the_one_before_it() {
    // A static program for 32 bits, without segments.
    let program = |machine: u8| {
        let mut bytes = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0\x02\0".to_vec();
        bytes.extend([machine, 0, 1, 0, 0, 0]);
        bytes.resize(52, 0);
        bytes
    };
    for (architecture, machine, expected) in
        [("amd64", 3, vec![]), ("arm64", 40, vec![]), ("amd64", 40, vec!["platform!"]), ("386", 3, vec![])]
    {
        let mut stage = Stage::with("").web("./greet");
        stage.config.architecture = architecture.to_owned();
        stage.bytes("app/greet", &program(machine), 0o755);
        assert_eq!(stage.codes(), expected, "{architecture} {machine}");
    }
}

#[test]
fn of_an_image_for_another_system_nothing_is_claimed() {
    let mut stage = Stage::with("").web("powershell");
    stage.config.os = "windows".to_owned();
    expect![[r#"
        Warning verify/system: the image is for `windows`, and nothing of it was looked at
          why: only images for Linux are understood
    "#]]
    .assert_eq(&stage.said());
}

#[test]
fn scripts_on_path_are_a_warning_and_those_of_the_distribution_none() {
    let files = "//- /opt/venv/bin/tool 755\n#!/build/venv/bin/python\n//- /usr/bin/helper 755\n#!/usr/bin/perl\n//- /opt/venv/bin/other 755\n#!/usr/bin/env ruby\n";
    check(
        "sh",
        files,
        &expect![[r#"
        Warning verify/interpreter-missing: `/opt/venv/bin/tool` cannot be executed: the image does not have the interpreter `/build/venv/bin/python`
          fix: correct its first line, or bring the interpreter
    "#]],
    );
}
