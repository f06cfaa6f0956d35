//! What goes wrong before anything is built: the layout of errors, and the exit status.

use std::fs;

use expect_test::expect;

use crate::{Stage, is_there, last_json};

const BROKEN: &str = "\
//- /pyproject.toml
[project]
name = \"shop\"
version = 1.0.0
//- /main.py
";

const BOT: &str = "\
//- /requirements.txt
//- /bot.py
print('hello')
";

#[test]
fn an_empty_directory() {
    let answer = Stage::with("").run("detect");
    assert_eq!((answer.status, answer.stdout.as_str()), (3, ""));
    let lines: Vec<&str> = answer.stderr.lines().collect();
    assert_eq!(lines[0], "error: no application was recognised");
    assert!(
        lines[1].contains("python: requirements.txt") && lines[1].contains("node: package.json"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("  fix: "), "{}", lines[2]);
    for command in ["plan", "explain", "build", "lock", "check", "run"] {
        assert_eq!(Stage::with("").run(command).status, 3, "{command}");
    }
}

#[test]
fn a_broken_manifest() {
    let stage = Stage::with(BROKEN);
    for command in ["detect", "plan", "explain", "build"] {
        let answer = stage.run(command);
        assert_eq!(answer.status, 1, "{command}");
        assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
        assert!(answer.stderr.contains("pyproject.toml:3"), "{}", answer.stderr);
    }
}

#[test]
fn a_directory_that_is_not_there() {
    Stage::with("").run("plan nowhere").check(&expect![[r#"
        status 2
        -- stderr
        error: cannot read the directory `nowhere`
          why: No such file or directory (os error 2)
          fix: check the path and its permissions
    "#]]);
}

#[test]
fn wrong_usage() {
    let stage = Stage::with(BOT);
    for (line, says) in [
        ("", "Usage: packwright <COMMAND>"),
        ("bake", "unrecognized subcommand 'bake'"),
        ("build --max-age 5", "write a whole number with a unit"),
        ("build --memory much", "write a whole number of bytes"),
        ("build -o image", "`image` does not name where the image goes; write `oci:DIR[:TAG]`"),
        ("build --tag shop", "--output <DEST>"),
        ("build --env NAME", "it has no `=`: write NAME=VALUE"),
        ("build --secret a-b", "`a-b` is not a secret name"),
        ("build --refresh --max-age 1h", "cannot be used with"),
        ("build --plan plan.json --env A=b", "cannot be used with"),
        ("run --port 0", "0 is not in 1..=65535"),
        ("run oci:image --locked", "`--locked` has no meaning for `oci:image`, which is built already"),
        (
            "run oci:image --platform render",
            "`--platform` has no meaning for `oci:image`, which is built already",
        ),
        ("plan --schema --strict", "cannot be used with"),
        ("cache prune --all --older-than 1d", "cannot be used with"),
    ] {
        let answer = stage.run(line);
        assert_eq!((answer.status, answer.stdout.as_str()), (2, ""), "{line}: {}", answer.stderr);
        assert!(answer.stderr.contains(says), "{line}: {}", answer.stderr);
    }
}

#[test]
fn nothing_says_where_the_store_is() {
    let stage = Stage::with(BOT);
    stage.finish(stage.command("build").env_remove("HOME")).check(&expect![[r#"
        status 2
        -- stderr
        error: it is not known where to keep the store
          why: none of PACKWRIGHT_STORE, XDG_CACHE_HOME and HOME names an absolute path
          fix: name a directory with `--store DIR` or in PACKWRIGHT_STORE
    "#]]);
}

#[test]
fn a_store_that_is_none() {
    let stage = Stage::with(BOT);
    let answer = stage.run("build --store .");
    assert_eq!(answer.status, 1);
    assert!(answer.stderr.starts_with("error: "), "{}", answer.stderr);
    assert!(!is_there(stage.source().join("format")));
}

#[test]
fn values_from_the_environment_that_are_none() {
    let stage = Stage::with(BOT);
    let mut command = stage.command("build --secret TOKEN");
    stage.finish(&mut command).check(&expect![[r#"
        status 2
        -- stderr
        error: the secret `TOKEN` has no value
          why: the environment variable `TOKEN` is not set
          fix: set `TOKEN`, or give a file with `--secret TOKEN=FILE`
    "#]]);
    let mut command = stage.command("build");
    let answer = stage.finish(command.env("SSL_CERT_FILE", "/nowhere/certs.pem"));
    assert_eq!(answer.status, 2);
    assert!(answer.stderr.contains("SSL_CERT_FILE names `/nowhere/certs.pem`, which is no file"));
    let mut command = stage.command("build --security-mirror http://b.test");
    let answer = stage.finish(command.env("PACKWRIGHT_DEBIAN_MIRROR", "ftp://a.test"));
    assert_eq!(answer.status, 2);
    assert!(answer.stderr.contains("PACKWRIGHT_DEBIAN_MIRROR says so"), "{}", answer.stderr);
}

#[test]
fn plans_from_files() {
    let stage = Stage::with(BOT);
    fs::write(stage.source().join("plan.json"), "{\"format\": \"x\"}").unwrap();
    let answer = stage.run("build --plan plan.json");
    assert_eq!(answer.status, 1);
    let lines: Vec<&str> = answer.stderr.lines().collect();
    assert_eq!(lines[0], "error: `plan.json` is not a plan");
    assert!(lines[1].starts_with("  why: missing field"), "{}", lines[1]);
    assert_eq!(stage.run("build --plan nothing.json").status, 2);
}

#[test]
fn a_mirror_that_does_not_answer_is_worth_another_try() {
    let stage = Stage::with(BOT);
    // Nothing listens on port 1 of this machine.
    let mirrors = "--mirror http://127.0.0.1:1/debian --security-mirror http://127.0.0.1:1/security";
    let answer = stage.run(&format!("build --log-format json {mirrors}"));
    assert_eq!(answer.status, 75, "{}", answer.stderr);
    let failed = last_json(&answer.stderr);
    assert_eq!((&failed["event"], &failed["exit"]), (&"failed".into(), &75.into()));
    let message = failed["problems"][0]["message"].as_str().unwrap();
    assert!(message.contains("127.0.0.1:1"), "{message}");
    assert!(failed["problems"][0]["fix"].is_string());
}

#[test]
fn a_lock_that_has_to_be_there() {
    let stage = Stage::with(BOT);
    let answer = stage.run("build --locked");
    assert_eq!((answer.status, answer.stdout.as_str()), (1, ""));
    assert!(
        answer.stderr.contains("error: there is no lock `<stage>/shop/packwright.lock`"),
        "{}",
        answer.stderr
    );
    assert!(answer.stderr.contains("  fix: make it with `packwright lock`"), "{}", answer.stderr);
    fs::write(stage.source().join("packwright.lock"), "half a").unwrap();
    let answer = stage.run("build");
    assert_eq!(answer.status, 1);
    assert!(answer.stderr.contains("cannot be read as a lock"), "{}", answer.stderr);
}

#[test]
fn all_files_that_cannot_be_used_are_named() {
    let stage = Stage::with(BOT);
    std::os::unix::fs::symlink("/etc/hostname", stage.source().join("a")).unwrap();
    std::os::unix::fs::symlink("../../b", stage.source().join("b")).unwrap();
    let answer = stage.run("plan");
    assert_eq!(answer.status, 1);
    assert_eq!(
        answer.stderr.lines().filter(|line| line.starts_with("error: ")).count(),
        2,
        "{}",
        answer.stderr
    );
}

#[test]
fn a_store_inside_the_application() {
    let stage = Stage::with(BOT);
    for command in ["build", "lock", "check", "run"] {
        let answer = stage.run(&format!("{command} --store ../shop/.store"));
        assert_eq!(answer.status, 2, "{command}: {}", answer.stderr);
        assert!(
            answer.stderr.starts_with("error: the store `.store` is in the directory"),
            "{}",
            answer.stderr
        );
    }
    assert!(!is_there(stage.source().join(".store")));
}

/// The host's network has no walls: a host to keep steps from would be reached without a word.
#[test]
fn no_host_is_denied_on_the_hosts_network() {
    let answer = Stage::with(BOT).run("build --network host --deny-host evil.test");
    assert_eq!(answer.status, 2, "{}", answer.stderr);
    assert!(answer.stderr.contains("`--deny-host`") && answer.stderr.contains("fix: "), "{}", answer.stderr);
}
