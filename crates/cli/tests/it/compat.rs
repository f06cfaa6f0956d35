//! The command in the place of Nixpacks: what callers read from it, and with which status it ends.
//! Builds are tests of the whole house.

use std::os::unix::process::CommandExt;
use std::process::Command;

use expect_test::expect;

use crate::Stage;

const SHOP: &str = "\
//- /requirements.txt
flask==3.1.0
gunicorn==23.0.0
//- /app.py
from flask import Flask

app = Flask(__name__)
//- /nixpacks.toml
[variables]
STAGE = \"live\"
[phases.setup]
aptPkgs = [\"...\", \"ffmpeg\"]
[phases.lint]
cmds = [\"make lint\"]
[phases.build]
cmds = [\"...\", \"make assets\"]
";

/// The command called as `nixpacks`.
fn nixpacks(stage: &Stage, line: &str) -> Command {
    let mut command = stage.command(line);
    command.arg0("/usr/local/bin/nixpacks");
    command
}

/// The plan that a command line prints.
fn plan(stage: &Stage, line: &str) -> serde_json::Value {
    let answer = stage.finish(&mut nixpacks(stage, line));
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn an_empty_directory_has_an_empty_plan() {
    let stage = Stage::with("");
    let answer = stage.finish(&mut nixpacks(&stage, "plan -f json ."));
    answer.check(&expect![[r#"
        status 0
        -- stdout
        {
          "providers": [],
          "buildImage": "debian",
          "phases": {}
        }
    "#]]);
    assert_eq!(stage.run("compat nixpacks plan .").stdout, answer.stdout);
    stage.finish(&mut nixpacks(&stage, "plan --format toml .")).check(&expect![[r#"
        status 0
        -- stdout
        providers = []
        buildImage = "debian"

        [phases]
    "#]]);
    stage.finish(&mut nixpacks(&stage, "detect .")).check(&expect![[r#"
        status 0
        -- stdout

    "#]]);
    stage.finish(&mut nixpacks(&stage, "build . --no-error-without-start")).check(&expect![[r#"
        status 1
        -- stderr
        error: no application was recognised
          why: there are no files
          fix: name the directory of an application, or say with `--start-cmd` how it is started
    "#]]);
}

#[test]
fn a_plan_says_what_is_done() {
    let stage = Stage::with(SHOP);
    let plan = plan(&stage, "plan -f json --env GREETING=hey --start-cmd serve --apt jq .");
    assert_eq!(plan["providers"], serde_json::json!([]));
    assert_eq!(plan["variables"]["GREETING"], "hey");
    assert_eq!(plan["variables"]["STAGE"], "live");
    assert_eq!(plan["variables"]["NIXPACKS_METADATA"], "python");
    assert_eq!(plan["start"]["cmd"], "serve");
    assert_eq!(plan["phases"]["lint"]["dependsOn"], serde_json::json!(["setup"]));
    assert_eq!(plan["phases"]["install"]["dependsOn"], serde_json::json!(["lint"]));
    assert_eq!(plan["phases"]["build"]["cmds"], serde_json::json!(["make assets"]));
    let apt = plan["phases"]["setup"]["aptPkgs"].as_array().unwrap();
    assert!(apt.contains(&"ffmpeg".into()) && apt.contains(&"jq".into()), "{apt:?}");
    assert_eq!(stage.finish(&mut nixpacks(&stage, "detect .")).stdout, "python\n");
}

#[test]
fn a_plan_can_be_passed_back() {
    let stage = Stage::with(SHOP);
    let first = plan(&stage, "plan --env GREETING=hey .");
    let file = stage.source().parent().unwrap().join("plan.json");
    std::fs::write(&file, first.to_string()).unwrap();
    let line = format!("plan -c {} .", file.display());
    assert_eq!(plan(&stage, &line), first);
    let mut edited = first.clone();
    edited["start"]["cmd"] = "serve it".into();
    edited["variables"]["GREETING"] = "ho".into();
    edited["phases"]["setup"]["aptPkgs"].as_array_mut().unwrap().push("curl".into());
    edited["phases"]["build"]["cmds"].as_array_mut().unwrap().push("make more".into());
    std::fs::write(&file, edited.to_string()).unwrap();
    assert_eq!(plan(&stage, &line), edited);
}

#[test]
fn secrets_are_said_and_not_planned_for_the_image() {
    let stage = Stage::with(SHOP);
    let answer = stage.finish(&mut nixpacks(&stage, "plan --env API_SECRET=0123456789 --env 9=1 ."));
    assert_eq!(answer.status, 0);
    let told: Vec<&str> = answer.stderr.lines().filter(|line| !line.starts_with("  ")).collect();
    expect![[r#"
        warning: `--env 9` is left out
        note: kept out of the image, and given to the build: API_SECRET"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn what_is_missing_fails_as_with_nixpacks() {
    let stage = Stage::with("//- /package.json\n{\"name\": \"shop\", \"dependencies\": {}}\n");
    let answer = stage.finish(&mut nixpacks(&stage, "build ."));
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    assert!(answer.stderr.contains("error: "), "{}", answer.stderr);
    // The plan is printed all the same, without a start.
    assert_eq!(plan(&stage, "plan .").get("start"), None);
    for line in ["build -d .", "plan -c gone.toml .", "plan -c plan.yaml ."] {
        let answer = stage.finish(&mut nixpacks(&stage, line));
        assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{line}");
    }
}

#[test]
fn every_flag_of_nixpacks_is_accepted() {
    let stage = Stage::with("");
    let line = "build . --name me/app:1 --out out --tag a --label b=c --platform linux/riscv64 --cache-key k \
        --current-dir --no-cache --incremental-cache-image i --cache-from f --docker-host h --add-host a:1.2.3.4 \
        --docker-tls-verify 1 --docker-output type=tar --docker-cert-path p --inline-cache --no-error-without-start \
        --cpu-quota 1 --memory 512m --verbose --json-plan {} -i a -b b -s c -p d -a e --libs f -e G=1 --dockerfile";
    let answer = stage.finish(&mut nixpacks(&stage, line));
    // The flags are fine; it ends at `--dockerfile`, before there is anything to build.
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    assert!(answer.stderr.starts_with("error: there is no Dockerfile"), "{}", answer.stderr);
}

#[test]
fn an_image_goes_into_an_engine_or_the_build_fails() {
    let stage = Stage::with(
        "//- /package.json\n{\"name\": \"shop\", \"scripts\": {\"start\": \"node index.js\"}}\n//- /index.js\nrequire(\"http\").createServer().listen(process.env.PORT || 3000)\n",
    );
    for line in [
        "build . --name shop --docker-host unix:///nowhere/docker.sock",
        "build . --name shop --docker-host ssh://me@host",
    ] {
        let answer = stage.finish(&mut nixpacks(&stage, line));
        assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{line}");
        assert!(answer.stderr.contains("Docker engine"), "{}", answer.stderr);
    }
    let mut command = nixpacks(&stage, "build . --name shop");
    let answer = stage.finish(command.env("DOCKER_HOST", "tcp://127.0.0.1:1"));
    assert_eq!(answer.status, 1);
    assert!(answer.stderr.contains("no Docker engine answers at `tcp://127.0.0.1:1`"), "{}", answer.stderr);
    let answer = stage.finish(&mut nixpacks(&stage, "build . --docker-tls-verify 1"));
    assert!(answer.status == 1 && answer.stderr.contains("TLS"), "{}", answer.stderr);
}

#[test]
fn nobody_is_told_a_port_that_nobody_said() {
    let printed = plan(&Stage::with(SHOP), "plan .");
    assert_eq!(printed["variables"].get("PORT"), None);
    assert_eq!(printed["start"]["cmd"], "gunicorn --bind 0.0.0.0:${PORT:-8080} app:app");
    assert_eq!(plan(&Stage::with(SHOP), "plan . --env PORT=9000")["variables"]["PORT"], "9000");
}
