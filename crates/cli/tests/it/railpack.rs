//! The command in the place of Railpack: what callers read from it, and with which status it ends. Builds are tests of the
//! whole house.

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
//- /.python-version
3.13
";

/// The command called as `railpack`.
fn railpack(stage: &Stage, line: &str) -> Command {
    let mut command = stage.command(line);
    command.arg0("/usr/local/bin/railpack");
    command
}

#[test]
fn what_is_known_has_the_form_of_railpack() {
    let stage = Stage::with(SHOP);
    let answer = stage.finish(&mut railpack(&stage, "info --format json --start-cmd serve ."));
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""));
    let info: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(info["success"], true);
    assert_eq!(info["detectedProviders"], serde_json::json!(["python"]));
    assert_eq!(info["resolvedPackages"]["python"]["requestedVersion"], "3.13");
    assert_eq!(info["metadata"]["pythonPackageManager"], "pip");
    assert_eq!(stage.run("compat railpack info --format json --start-cmd serve .").stdout, answer.stdout);
    let answer = stage.finish(&mut railpack(&stage, "prepare . --info-out made/info.json --env STAGE=live"));
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("gunicorn") && answer.stderr.contains("kept out of the image: STAGE"));
    let text = std::fs::read_to_string(stage.source().join("made/info.json")).unwrap();
    let info: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&info["success"], &info["logs"][0]["Level"]), (&true.into(), &"info".into()));
    let quiet = stage.finish(&mut railpack(&stage, "prepare . --hide-pretty-plan"));
    assert_eq!((quiet.status, quiet.stdout.as_str()), (0, ""));
}

#[test]
fn there_is_no_plan_for_buildkit() {
    let stage = Stage::with(SHOP);
    let line = "prepare . --plan-out made/plan.json --info-out made/info.json --hide-pretty-plan";
    let answer = stage.finish(&mut railpack(&stage, line));
    answer.check(&expect![[r#"
        status 1
        -- stderr
        error: `--plan-out` asks for a plan in the form of Railpack, which does not exist
          why: BuildKit would build by it, on Railpack's base images, and make another image than the one that is planned here
          fix: call `railpack build DIRECTORY --name NAME` in place of `prepare` and `docker buildx build`; `packwright plan DIRECTORY` shows the plan
    "#]]);
    // Whoever reads the file finds the failure there, and no plan.
    assert!(!crate::is_there(stage.source().join("made/plan.json")));
    let text = std::fs::read_to_string(stage.source().join("made/info.json")).unwrap();
    let info: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(info["success"], false);
    assert!(info["logs"][0]["Msg"].as_str().unwrap().contains("--plan-out"), "{text}");
    for line in ["plan .", "plan . -o plan.json", "prepare . --show-plan", "schema", "frontend"] {
        let answer = stage.finish(&mut railpack(&stage, line));
        assert_eq!(answer.status, 1, "{line}: {}", answer.stderr);
        assert!(
            answer.stderr.contains("does not exist") && answer.stderr.contains("fix: "),
            "{}",
            answer.stderr
        );
    }
}

#[test]
fn what_cannot_be_done_is_an_error() {
    let stage = Stage::with(SHOP);
    for (flags, said) in [
        ("--output out", "--output out"),
        ("--platform linux/riscv64", "--platform linux/riscv64"),
        ("--cache-to type=inline", "--cache-to type=inline"),
        ("--dump-llb", "--dump-llb"),
        ("--config-file gone.json", "gone.json"),
    ] {
        let answer = stage.finish(&mut railpack(&stage, &format!("build . {flags}")));
        assert_eq!((answer.status, answer.stdout.as_str()), (1, ""), "{flags}");
        assert!(answer.stderr.contains(said), "{}", answer.stderr);
    }
    // Without a start command there is an image all the same, unless the caller says otherwise.
    let stage = Stage::with("//- /package.json\n{\"name\": \"shop\", \"dependencies\": {}}\n");
    let answer = stage.finish(&mut railpack(&stage, "prepare ."));
    assert!(answer.status == 0 && answer.stderr.contains("no start command"), "{}", answer.stderr);
    let answer = stage.finish(&mut railpack(&stage, "prepare . --error-missing-start --info-out info.json"));
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    let answer = stage.finish(&mut railpack(&Stage::with(""), "info --format json ."));
    assert_eq!(answer.status, 1);
}

#[test]
fn an_image_goes_into_an_engine_or_the_build_fails() {
    let stage = Stage::with(SHOP);
    let line = "--verbose build . --name shop --progress plain --cache-key k --cache-from f --no-cache --show-plan \
        --env A=b --env C --env D= --previous python@3.12 --build-cmd b --start-cmd s --error-missing-start";
    let mut command = railpack(&stage, line);
    let answer = stage.finish(command.env("DOCKER_HOST", "unix:///nowhere/docker.sock"));
    assert_eq!(answer.status, 1, "{}", answer.stderr);
    assert!(answer.stderr.contains("no Docker engine answers"), "{}", answer.stderr);
    // The plan was asked for.
    assert!(answer.stdout.starts_with("python on Debian"), "{}", answer.stdout);
}
