//! What a chosen platform changes, and what `convert`, `model` and `explain` say of the files of platforms.

use crate::{Answer, Stage};

const FLASK: &str = "//- /requirements.txt\nflask\ngunicorn\n//- /server.py\nfrom flask import Flask\n\napp = Flask(__name__)\n";

/// What a command answers for these files.
fn answer(files: &str, line: &str) -> Answer {
    Stage::with(files).run(line)
}

/// The plan of these files as JSON.
fn plan(files: &str, flags: &str) -> serde_json::Value {
    let answer = answer(files, &format!("plan --format json {flags}"));
    assert_eq!(answer.status, 0, "{}", answer.stderr);
    serde_json::from_str(&answer.stdout).unwrap()
}

#[test]
fn a_language_that_is_not_built_is_never_an_empty_image() {
    let started = "//- /Procfile\nweb: ./start.sh\n//- /start.sh\n#!/bin/sh\nexec ./serve\n//- /serve\n";
    for (files, status, said) in [
        (
            "//- /mix.exs\n//- /fly.toml\napp = \"x\"\n[processes]\napp = \"/app/bin/server\"\n",
            1,
            "`mix.exs` says Elixir",
        ),
        (
            "//- /Gemfile\n//- /render.yaml\nservices:\n  - {type: web, name: a, startCommand: ./serve}\n",
            1,
            "`Gemfile` says Ruby",
        ),
        (
            "//- /Gemfile\n//- /app.yaml\nruntime: ruby32\nentrypoint: bundle exec rackup\n",
            1,
            "`Gemfile` says Ruby",
        ),
        (&format!("//- /Gemfile\n{started}"), 1, "`Gemfile` says Ruby"),
        (
            "//- /fly.toml\napp = \"x\"\n[processes]\napp = \"/app/bin/server\"\n",
            1,
            "`/app/bin/server`, which is not among the files",
        ),
    ] {
        for command in ["plan", "detect", "explain"] {
            let answer = answer(files, command);
            assert_eq!(answer.status, status, "{files}{command}: {}", answer.stderr);
            assert!(answer.stderr.contains(said), "{files}{command}: {}", answer.stderr);
            assert_eq!(answer.stdout, "");
        }
    }
    // A language that nobody knows: the program may be there when the image runs.
    let unknown = "//- /Procfile\nweb: serve\n";
    assert_eq!(answer(unknown, "detect").status, 3);
    assert!(answer(unknown, "plan").stdout.starts_with("no language on Debian"));
}

#[test]
fn an_ignore_file_counts_where_the_platform_reads_it_and_hides_no_file_of_platforms() {
    let fly = "//- /.dockerignore\nfly.toml\nProcfile\nnotes.txt\n//- /notes.txt\n//- /fly.toml\napp = \"x\"\n[env]\nSTAGE = \"live\"\n[processes]\napp = \"python server.py\"\n[http_service]\ninternal_port = 8081\nprocesses = [\"app\"]\n";
    let procfile = "//- /Procfile\nweb: gunicorn server:app\n";
    let planned = plan(&format!("{FLASK}{fly}"), "--platform fly");
    assert_eq!(planned["environment"]["STAGE"]["value"], "live");
    assert_eq!(planned["port"], 8081);
    // It is read, and not in the image.
    let excluded = planned["source"]["exclude"].as_array().unwrap();
    assert!(excluded.contains(&"fly.toml".into()), "{excluded:?}");
    let heroku = plan(&format!("{FLASK}{fly}{procfile}"), "--platform heroku");
    assert_eq!(heroku["processes"][0]["origin"]["file"]["path"], "Procfile", "{}", heroku["processes"]);
    let told = heroku["diagnostics"].to_string();
    assert!(told.contains(".dockerignore leaves nothing out"), "{told}");
    // Whoever finds nothing says which file leaves something out.
    let all = answer("//- /.dockerignore\n*\n//- /run.sh\n", "plan");
    assert_eq!(all.status, 3, "{}", all.stdout);
    assert!(all.stderr.contains("that `.dockerignore` leaves out"), "{}", all.stderr);
}

#[test]
fn a_program_at_a_path_of_another_image_is_named() {
    let files = format!(
        "{FLASK}//- /Procfile\nweb: gunicorn server:app\nrelease: /venv/bin/python -c 1\nworker: /app/start-ecs.sh\nclock: /usr/bin/env python x.py\n"
    );
    let answer = answer(&files, "plan");
    assert_eq!(answer.status, 0);
    let told: Vec<&str> = answer.stderr.lines().filter(|line| line.starts_with("warning")).collect();
    assert_eq!(
        told,
        [
            "warning: Procfile:3 starts `/app/start-ecs.sh`, which is not among the files of the application",
            "warning: Procfile:2 starts `/venv/bin/python`, a path that the image does not have",
        ]
    );
}

#[test]
fn files_are_converted_although_there_is_no_plan() {
    let files = "//- /Procfile\nweb: gunicorn server:app\n//- /runtime.txt\npython-2.7.15\n//- /requirements.txt\nflask\n";
    assert_eq!(answer(files, "plan").status, 1);
    let converted = answer(files, "convert --to render");
    assert_eq!(converted.status, 0, "{}", converted.stderr);
    assert!(converted.stdout.contains("startCommand: gunicorn server:app"), "{}", converted.stdout);
    assert!(converted.stderr.contains("what the files declare is written"), "{}", converted.stderr);
    // With a plan, what installs is written where the platform runs nothing else.
    let planned = format!("{FLASK}//- /Procfile\nweb: gunicorn server:app\n");
    for platform in ["render", "platformsh", "upsun"] {
        let converted = answer(&planned, &format!("convert --to {platform}"));
        assert!(converted.stdout.contains("pip install -r requirements.txt"), "{}", converted.stdout);
    }
    let declared = format!(
        "{planned}//- /render.yaml\nservices:\n  - {{type: web, name: a, runtime: python, buildCommand: make}}\n"
    );
    assert!(!answer(&declared, "convert --to platformsh").stdout.contains("pip install"));
    // Where nothing is declared there is nothing to write.
    let bare = "//- /runtime.txt\npython-2.7.15\n//- /requirements.txt\nflask\n";
    assert_eq!(answer(bare, "convert --to render").status, 1);
}

#[test]
fn hints_are_no_application_and_names_are_as_the_platform_takes_them() {
    let files = format!(
        "{FLASK}//- /Procfile\nweb: gunicorn server:app\n//- /app.json\n{{\"name\": \"My Shop\"}}\n//- /docker/Dockerfile\nFROM python:3.12\nCMD [\"python\", \"server.py\"]\n"
    );
    let fly = answer(&files, "convert --to fly --image r/x:1");
    assert!(fly.stdout.starts_with("app = \"my-shop\"\n"), "{}", fly.stdout);
    for platform in ["platformsh", "kubernetes", "compose", "render"] {
        let converted = answer(&files, &format!("convert --to {platform} --image r/x:1"));
        assert_eq!(converted.status, 0, "{}", converted.stderr);
        assert!(!converted.stdout.contains("docker"), "{platform}: {}", converted.stdout);
    }
    let free = format!(
        "{FLASK}//- /render.yaml\nservices:\n  - {{type: web, name: a, runtime: python, plan: free, numInstances: 1, startCommand: gunicorn server:app}}\n"
    );
    assert!(!answer(&free, "convert --to heroku").stdout.contains("free"));
}

#[test]
fn what_a_platform_tells_by_itself_is_shown_where_it_is_chosen() {
    let files = format!(
        "{FLASK}//- /Procfile\nweb: gunicorn server:app\n//- /render.yaml\nservices:\n  - {{type: web, name: a, runtime: python, buildCommand: make, startCommand: run}}\n"
    );
    let told = |line: &str| answer(&files, line).stdout;
    assert!(!told("model").contains("RENDER") && !told("model").contains("10000"), "{}", told("model"));
    let chosen = told("model --platform render");
    assert!(chosen.contains("RENDER") && chosen.contains("10000"), "{chosen}");
}

#[test]
fn explain_shows_decisions_and_details_when_asked() {
    let files = format!("{FLASK}//- /Procfile\nweb: gunicorn server:app\n");
    let (short, long) = (answer(&files, "explain").stdout, answer(&files, "explain -v").stdout);
    assert!(long.starts_with(&short) && long.len() > short.len());
    assert!(!short.contains("\nsteps\n") && long.contains("\nsteps\n") && long.contains("\nfiles\n"));
}

#[test]
fn one_table_over_all_platforms() {
    let files = format!(
        "{FLASK}//- /Procfile\nweb: gunicorn server:app\nrelease: python migrate.py\n//- /runtime.txt\npython-3.11\n//- /render.yaml\nservices:\n  - {{type: web, name: a, runtime: python, buildCommand: make, startCommand: run}}\n"
    );
    let table = answer(&files, "explain --platforms").stdout;
    let row = |name: &str| {
        table.lines().find(|line| line.split(' ').next() == Some(name)).unwrap_or_default().to_owned()
    };
    assert!(row("heroku").contains("python 3.11") && row("heroku").contains("python migrate.py"), "{table}");
    assert!(row("render").contains("10000") && !row("render").contains("python migrate.py"), "{table}");
    let json: serde_json::Value =
        serde_json::from_str(&answer(&files, "explain --platforms --format json").stdout).unwrap();
    assert!(json["platforms"].as_array().unwrap().len() > 15);
    // Where nobody declares a build, it is what the steps do.
    let node = "//- /package.json\n{\"name\": \"a\", \"scripts\": {\"build\": \"node make.js\", \"start\": \"node a.js\"}}\n//- /a.js\n//- /make.js\n";
    let table = answer(node, "explain --platforms").stdout;
    let row = table.lines().find(|line| line.starts_with("procfile ")).unwrap_or_default();
    assert!(row.contains("npm run build"), "{table}");
}
