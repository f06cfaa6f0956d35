//! Every fixture: what is planned, what is built, and how it answers under `packwright run`.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::command::finish;
use crate::fixture::{Fixture, build, names, packwright, plan};
use crate::running::{PATIENCE, Running, free_port};

/// The same tests for every fixture, under its name.
macro_rules! each {
    ($($module:ident: $name:literal),* $(,)?) => {
        $(mod $module {
            use crate::fixture::Fixture;

            #[test]
            fn is_planned() {
                super::is_planned(&Fixture::read($name));
            }

            #[test]
            fn runs() {
                super::runs(&Fixture::read($name));
            }

            #[test]
            fn has_the_promised_shape() {
                super::has_the_promised_shape(&Fixture::read($name));
            }
        })*

        #[test]
        fn no_fixture_is_forgotten() {
            let mut known = vec![$($name),*];
            known.sort();
            assert_eq!(known, names());
        }
    };
}

each! {
    python_fastapi: "python-fastapi",
    python_django: "python-django",
    python_flask: "python-flask",
    python_uv: "python-uv",
    python_poetry: "python-poetry",
    python_bot: "python-bot",
    python_procfile: "python-procfile",
}

/// The command of a planned process as it is typed.
fn typed(process: &Value) -> String {
    if let Some(line) = process["command"]["shell"].as_str() {
        return line.to_owned();
    }
    let words = process["command"]["exec"].as_array().expect("a command is either form");
    let words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
    let plain =
        |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=".contains(&byte));
    assert!(words.iter().all(plain), "words that need quotes: {words:?}");
    words.join(" ")
}

fn is_planned(fixture: &Fixture) {
    let checkout = fixture.checkout();
    let plan = plan(&checkout.dir);
    let decided = |subject: &str| {
        let decisions = plan["decisions"].as_array().unwrap();
        let found = decisions.iter().find(|decision| decision["subject"] == subject);
        found.map(|decision| decision["value"].as_str().unwrap().to_owned())
    };
    let demands = &fixture.demands.plan;
    assert_eq!(decided("python version").as_deref(), Some(&*demands.python));
    assert_eq!(decided("python package manager").as_deref(), Some(&*demands.manager));
    assert_eq!(decided("python framework").as_deref().unwrap_or("none"), demands.framework);
    let wanted: Vec<&str> =
        plan["versions"].as_array().unwrap().iter().map(|found| found["wanted"].as_str().unwrap()).collect();
    assert_eq!(wanted, [&*demands.python]);
    let processes = plan["processes"].as_array().unwrap();
    let planned = processes.iter().map(|found| (found["name"].as_str().unwrap().to_owned(), typed(found)));
    assert_eq!(planned.collect::<std::collections::BTreeMap<_, _>>(), demands.processes);
    assert_eq!(processes[0]["name"], fixture.default_process());
}

fn runs(fixture: &Fixture) {
    let checkout = fixture.checkout();
    build(&checkout.dir);
    let run = |more: &[&str]| {
        let mut command = packwright(["run"]);
        command.arg(&checkout.dir).args(fixture.env_flags()).args(more).env_remove("PORT");
        Running::start(&mut command)
    };
    if fixture.serves() {
        let port = free_port();
        let mut web = run(&["-p", &port.to_string()]);
        web.wait_for_port(port);
        fixture.answers_on(port);
        web.ends_on_sigterm();
    }
    for (name, text) in &fixture.demands.run {
        let port = free_port();
        let mut process = run(&["--process", name, "-p", &port.to_string()]);
        process.wait_for_text(text, PATIENCE);
        if name == "release" {
            process.ends_well(Duration::from_secs(60));
        } else {
            process.ends_on_sigterm();
        }
    }
}

/// What DESIGN.md §7 promises of every image, seen from inside and from its documents.
fn has_the_promised_shape(fixture: &Fixture) {
    let checkout = fixture.checkout();
    let layout = build(&checkout.dir);
    let config = layout.config();
    let default = fixture.default_process();
    assert_eq!(config["config"]["User"], "1000:0");
    assert_eq!(config["config"]["WorkingDir"], "/app");
    assert_eq!(config["config"]["Entrypoint"], json!([format!("/packwright/process/{default}")]));
    let environment = config["config"]["Env"].as_array().unwrap();
    assert_eq!(environment.contains(&json!("PORT=8080")), fixture.serves(), "{environment:?}");

    let paths = layout.paths();
    let layer_of =
        |path: &str| paths.iter().filter(|(_, found)| found == path).map(|(layer, _)| *layer).next_back();
    let of = |path: &str| layer_of(path).unwrap_or_else(|| panic!("{path} is not in the image"));
    for name in fixture.demands.plan.processes.keys() {
        assert_eq!(of(&format!("packwright/process/{name}")), layout.layers().len() - 1);
    }
    assert!(of("etc/passwd") < of("opt/venv/bin/python"), "what changes seldom lies below");
    assert!(of("opt/venv/bin/python") < layout.layers().len() - 1);
    for needed in ["usr/bin/bash", "etc/ssl/certs/ca-certificates.crt", "usr/share/zoneinfo/UTC", "tmp"] {
        of(needed);
    }
    for (_, path) in &paths {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tool = dir.ends_with("bin") && matches!(name, "gcc" | "cc" | "uv" | "pip" | "apt-get");
        assert!(!tool && !matches!(name, ".git" | ".env"), "{path} is in the image");
        assert!(!path.starts_with("usr/share/man/"), "{path} is in the image");
    }

    // What a process sees of itself, by one more process in the plan. That it cannot write
    // elsewhere is podman's to show: the sandbox of `run` has one user for all files.
    let mut plan = plan(&checkout.dir);
    let script = "id -u; id -g; pwd; umask; echo $HOME; touch /tmp/t /app/t && echo can write";
    let who = json!({ "name": "who", "command": { "shell": script }, "origin": { "option": "the test" } });
    plan["processes"].as_array_mut().unwrap().push(who);
    let file = checkout.beside("plan.json");
    std::fs::write(&file, plan.to_string()).unwrap();
    let mut command = packwright(["run", "--process", "who", "--plan"]);
    let seen = finish(command.arg(&file).arg(&checkout.dir)).ok();
    assert_eq!(seen.stdout(), "1000\n0\n/app\n0022\n/app\ncan write\n", "{}", seen.story());
}

#[test]
fn run_passes_the_status_of_the_process_on() {
    let fixture = Fixture::read("python-procfile");
    let checkout = fixture.checkout();
    std::fs::write(checkout.dir.join("Procfile"), "web: python serve.py\nseven: exit 7\n").unwrap();
    let ended = finish(packwright(["run", "--process", "seven"]).arg(&checkout.dir));
    assert_eq!(ended.code(), 7, "{}", ended.story());
    finish(packwright(["run", "--process", "eight"]).arg(&checkout.dir)).failed(1, &["eight", "seven, web"]);
}

#[test]
fn interrupting_a_running_application_ends_it() {
    let fixture = Fixture::read("python-procfile");
    let checkout = fixture.checkout();
    let port = free_port();
    let mut command = packwright(["run", "-p", &port.to_string()]);
    let mut web = Running::start(command.arg(&checkout.dir));
    web.wait_for_port(port);
    web.signal(Signal::INT);
    web.ends_within(crate::running::PROMPT);
    // The port is free again: nothing of it is left.
    std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).unwrap();
}
