//! What `plan`, `detect` and `explain` say about a small tree. They get along without store,
//! network and sandbox. `UPDATE_EXPECT=1 cargo test` writes the expected texts anew.

use expect_test::{expect, expect_file};
use packwright::planner::Plan;

use crate::{Stage, is_there};

const SHOP: &str = "\
//- /requirements.txt
flask==3.1.0
gunicorn==23.0.0
//- /app.py
from flask import Flask

app = Flask(__name__)
//- /.python-version
3.13
//- /Procfile
web: gunicorn app:app --bind 0.0.0.0:$PORT
worker: python work.py
//- /.gitignore
*.log
//- /a.log
//- /b.log
//- /.env
TOKEN=hidden
//- /image/oci-layout
//- /image/index.json
//- /image/blobs/sha256/00
//- /packwright.lock
not a lock, and none of the application
";

#[test]
fn detect_in_all_formats() {
    let stage = Stage::with(SHOP);
    stage.run("detect").check(&expect![[r#"
        status 0
        -- stdout
        python: python 3.13 (.python-version:1)
    "#]]);
    stage.run("detect --format json").check(&expect![[r#"
        status 0
        -- stdout
        {
          "detected": [
            "python"
          ],
          "processes": [
            "web",
            "worker"
          ],
          "versions": [
            {
              "tool": "python",
              "wanted": "3.13",
              "origin": ".python-version:1"
            }
          ]
        }
    "#]]);
    stage.run("detect --format toml").check(&expect![[r#"
        status 0
        -- stdout
        detected = ["python"]
        processes = [
            "web",
            "worker",
        ]

        [[versions]]
        tool = "python"
        wanted = "3.13"
        origin = ".python-version:1"
    "#]]);
}

#[test]
fn plan_and_explain_for_people() {
    let stage = Stage::with(SHOP);
    let answer = stage.run("plan");
    assert_eq!(answer.status, 0);
    expect_file!["plans/plan.txt"].assert_eq(&answer.stdout);
    let answer = stage.run("explain -v --env COLOUR=red");
    assert_eq!(answer.status, 0);
    expect_file!["plans/explain.txt"].assert_eq(&answer.stdout);
}

#[test]
fn json_and_toml_are_the_same_plan() {
    let stage = Stage::with(SHOP);
    let json = stage.run("plan --format json --env COLOUR=red");
    let toml = stage.run("plan --format toml --env COLOUR=red");
    assert_eq!((json.status, toml.status), (0, 0));
    assert_eq!((json.stderr.as_str(), toml.stderr.as_str()), ("", ""));
    let plan = Plan::from_text(&json.stdout).unwrap();
    assert_eq!(plan, Plan::from_text(&toml.stdout).unwrap());
    assert_eq!(plan.environment["COLOUR"].value, "red");
    assert_eq!(plan.processes.len(), 2);
}

#[test]
fn explain_for_programs_holds_the_plan_and_counts_files() {
    let stage = Stage::with(SHOP);
    let answer = stage.run("explain --format json");
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    let explained: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    // The lock and the image are Packwright's own; logs and .env are left out.
    assert_eq!(explained["files"], 5, "{}", explained["ignored"]);
    assert_eq!(explained["ignored"][".gitignore"], 2);
    assert_eq!(explained["ignored"]["written by Packwright"], 4);
    assert!(Plan::from_text(&explained["plan"].to_string()).is_ok());
    let toml: toml::Table = stage.run("explain --format toml").stdout.parse().unwrap();
    assert_eq!(toml["files"].as_integer(), Some(5));
}

#[test]
fn planning_leaves_nothing_behind() {
    let stage = Stage::with(SHOP);
    for line in ["plan", "explain", "detect", "plan --schema"] {
        assert_eq!(stage.run(line).status, 0, "{line}");
    }
    assert!(!is_there(stage.dir.path().join(".cache")));
}

#[test]
fn the_schema_describes_a_plan() {
    let schema: serde_json::Value =
        serde_json::from_str(&Stage::with("").run("plan --schema").stdout).unwrap();
    assert_eq!(schema["title"], "Plan");
    assert!(schema["properties"]["steps"].is_object());
}

#[test]
fn a_secret_gives_its_name_to_the_plan_and_nothing_else() {
    let stage = Stage::with(SHOP);
    let mut command = stage.command("plan --format json --secret UV_INDEX_SHOP_PASSWORD --secret TOKEN");
    let answer = stage.finish(command.env("UV_INDEX_SHOP_PASSWORD", "hunter22").env("TOKEN", "hunter22"));
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    assert!(!answer.stdout.contains("hunter22") && !answer.stderr.contains("hunter22"));
    let plan = Plan::from_text(&answer.stdout).unwrap();
    let knowing: Vec<_> = plan.steps.iter().filter(|step| !step.secrets.is_empty()).collect();
    // Only steps that install see files here, and they get what is meant for them.
    assert!(!knowing.is_empty());
    for step in knowing {
        assert_eq!(step.secrets, ["UV_INDEX_SHOP_PASSWORD".parse().unwrap()], "{}", step.name);
    }
    assert!(plan.diagnostics.iter().any(|found| found.code == "plan/secret-unused"));
}

#[test]
fn no_colours_where_there_is_no_terminal() {
    let stage = Stage::with(SHOP);
    let mut command = stage.command("explain");
    let answer = stage.finish(command.env("TERM", "xterm-256color"));
    assert!(!answer.stdout.contains('\x1b') && !answer.stderr.contains('\x1b'));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let stage = Stage::with(SHOP);
    let mut child = stage.command("plan --schema").stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
