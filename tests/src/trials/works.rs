//! A fixture by itself: what is planned, what is built, and how it answers under `packwright run`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use packwright_planner::{Input, Network, Plan, RelPath, Step};
use serde_json::{Value, json};
use walkdir::WalkDir;

use super::Subject;
use super::isolation::Isolation;
use crate::command::{finish, say};
use crate::fixture::{Fixture, destination, packwright};
use crate::layout::Layout;
use crate::running::{PATIENCE, Running, ends_in_time, free_port};

/// How long an application runs that loses signals right after its start.
const SETTLED: Duration = Duration::from_millis(500);

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

/// The plan is what `<name>.toml` demands.
pub fn is_planned(subject: &Subject) {
    let (fixture, plan) = (&subject.fixture, subject.plan());
    let demands = &fixture.demands.plan;
    let language = demands.language.as_str();
    let decided = |subject: &str| {
        let decisions = plan["decisions"].as_array().unwrap();
        let found = decisions.iter().find(|decision| decision["subject"] == subject);
        found.map(|decision| decision["value"].as_str().unwrap().to_owned())
    };
    assert_eq!(plan["buildpacks"][0], language, "{}", plan["buildpacks"]);
    for (subject, wanted) in [("package manager", &demands.manager), ("framework", &demands.framework)] {
        let found = decided(&format!("{language} {subject}")).unwrap_or_else(|| "none".to_owned());
        // `pnpm 10.34.9`: the version is judged in `versions`.
        let name = found.split(' ').next();
        assert_eq!(name, Some(wanted.as_deref().unwrap_or("none")), "{subject}: {found}");
    }
    let versions = plan["versions"].as_array().cloned().unwrap_or_default();
    let version = versions.iter().find(|found| found["tool"] == language);
    let found = version.map(|found| found["wanted"].as_str().unwrap());
    assert_eq!(found, demands.version.as_deref(), "{versions:?}");
    if let Some(runtime) = &demands.runtime {
        assert!(versions.iter().any(|found| found["tool"] == runtime.as_str()), "{versions:?}");
    }
    if fixture.serves() {
        assert_eq!(plan["port"], demands.port, "the port");
    }
    let processes = plan["processes"].as_array().unwrap();
    let planned = processes.iter().map(|found| {
        let name = found["name"].as_str().unwrap().to_owned();
        let served = demands.processes.get(&name).is_some_and(|command| command == "static");
        (name, if served { "static".to_owned() } else { typed(found) })
    });
    assert_eq!(planned.collect::<BTreeMap<_, _>>(), demands.processes);
    assert_eq!(processes[0]["name"], fixture.default_process());
}

/// Which steps run is decided by their inputs alone (`crates/engine/src/key.rs`): a step that
/// fetches must see no file that people edit all day, nor the result of a step that sees one.
pub fn an_edit_installs_nothing(subject: &Subject) {
    let plan = Plan::from_text(&subject.plan().to_string()).unwrap();
    let edited = edited_file(&subject.checkout.dir);
    let mut seeing: BTreeSet<&str> = BTreeSet::new();
    for step in &plan.steps {
        let sees = |input: &Input| match input {
            Input::Step(name) => seeing.contains(name.as_str()),
            Input::Source(source) => source.matcher().unwrap()(&edited),
        };
        if step.inputs.iter().any(sees) {
            seeing.insert(step.name.as_str());
        }
    }
    let installs = |step: &&Step| {
        let name = step.name.as_str();
        step.network == Network::Fetch
            || [".install", ".scripts", ".prune"].iter().any(|end| name.ends_with(end))
    };
    assert!(plan.source.matcher().unwrap()(&edited) || !seeing.is_empty(), "nobody sees {edited}");
    for step in plan.steps.iter().filter(installs) {
        assert!(!seeing.contains(step.name.as_str()), "{} runs again when {edited} changes", step.name);
    }
}

/// A file with code, markup or style, which no tool is configured by.
pub fn edited_file(dir: &Path) -> RelPath {
    const CODE: &[&str] =
        &["py", "js", "mjs", "ts", "tsx", "jsx", "vue", "svelte", "astro", "html", "css", "go"];
    let mut found: Vec<RelPath> = WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|ending| CODE.iter().any(|code| ending == *code)))
        .map(|path| path.strip_prefix(dir).unwrap().to_str().unwrap().parse().unwrap())
        .filter(|path: &RelPath| !path.name().contains("config") && path.name() != "setup.py")
        .collect();
    found.sort_by_key(|path| (path.depth(), path.clone()));
    found.pop().expect("an application has a file to edit")
}

/// The image has the promised shape, runs, and answers.
pub fn works(subject: &Subject) {
    let (fixture, layout) = (&subject.fixture, subject.layout());
    has_the_promised_shape(fixture, layout);
    let bytes: u64 = layout.manifest()["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["size"].as_u64().unwrap())
        .sum();
    say(&format!("{}: {:.1} MB compressed", fixture.name, bytes as f64 / 1e6));
    runs(subject);
    tells_who_it_is(subject, Isolation::Overlay);
}

/// The closing check finds nothing in it, not even something to warn of: no fixture is built to lack anything.
pub fn is_whole(subject: &Subject) {
    let image = destination("oci", subject.layout().dir());
    let told = finish(&mut packwright(["verify", "--strict", &image])).ok();
    assert_eq!(told.stderr(), "", "{}", told.story());
}

fn runs(subject: &Subject) {
    let (fixture, checkout) = (&subject.fixture, &subject.checkout);
    let run = |more: &[&str]| {
        let mut command = packwright(["run"]);
        checkout.with(&mut command).args(fixture.env_flags()).args(more).env_remove("PORT");
        Running::start(&mut command)
    };
    if fixture.serves() {
        let port = free_port();
        ends_in_time(
            || run(&["-p", &port.to_string()]),
            |web| {
                web.wait_for_port(port);
                fixture.answers_on(port);
                if fixture.demands.deaf_at_start {
                    std::thread::sleep(SETTLED);
                }
            },
        );
    }
    for (name, text) in &fixture.demands.run {
        let port = free_port();
        let start = || run(&["--process", name, "-p", &port.to_string()]);
        if name == "release" {
            let mut process = start();
            process.wait_for_text(text, PATIENCE);
            process.ends_well(Duration::from_secs(60));
        } else {
            ends_in_time(start, |process| process.wait_for_text(text, PATIENCE));
        }
    }
}

/// What DESIGN.md §7 promises of every image, seen in its documents and files.
fn has_the_promised_shape(fixture: &Fixture, layout: &Layout) {
    let config = layout.config();
    let default = fixture.default_process();
    assert_eq!(config["config"]["User"], "1000:0");
    assert_eq!(config["config"]["WorkingDir"], "/app");
    assert_eq!(config["config"]["Entrypoint"], json!([format!("/packwright/process/{default}")]));
    let environment = config["config"]["Env"].as_array().unwrap();
    let port = json!(format!("PORT={}", fixture.demands.plan.port));
    assert_eq!(environment.contains(&port), fixture.serves(), "{environment:?}");

    let paths = layout.paths();
    let layer_of =
        |path: &str| paths.iter().filter(|(_, found)| found == path).map(|(layer, _)| *layer).next_back();
    let of = |path: &str| layer_of(path).unwrap_or_else(|| panic!("{path} is not in the image"));
    for name in fixture.demands.plan.processes.keys() {
        assert_eq!(of(&format!("packwright/process/{name}")), layout.layers().len() - 1);
    }
    let runtime = match fixture.demands.plan.language.as_str() {
        "python" => Some("opt/venv/bin/python"),
        "node" => layer_of("opt/node/bin/node").map(|_| "opt/node/bin/node"),
        _ => None,
    };
    if let Some(runtime) = runtime {
        assert!(of("etc/passwd") < of(runtime), "what changes seldom lies below");
        assert!(of(runtime) < layout.layers().len() - 1);
    }
    for needed in ["usr/bin/sh", "etc/ssl/certs/ca-certificates.crt", "usr/share/zoneinfo/UTC", "tmp"] {
        of(needed);
    }
    // What is demanded to be absent is looked for below.
    if !fixture.demands.plan.absent.iter().any(|absent| absent == "bash") {
        of("usr/bin/bash");
    }
    for (_, path) in &paths {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        assert!(!dir.ends_with("bin") || !is_tool(fixture, name), "{path} is in the image");
        assert!(!matches!(name, ".git" | ".env" | "_cacache"), "{path} is in the image");
        assert!(!path.starts_with("usr/share/man/"), "{path} is in the image");
        let absent = fixture.demands.plan.absent.iter().any(|absent| is_of(path, absent));
        assert!(!absent, "{path} is in the image");
    }
}

/// Whether `path` belongs to the program, the installed package or the path below `/app` called
/// `name`.
fn is_of(path: &str, name: &str) -> bool {
    let below =
        |path: &str| path == name || path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    path.strip_prefix("app/").is_some_and(below)
        || ["bin/", "node_modules/", "site-packages/"]
            .iter()
            .any(|dir| path.match_indices(dir).any(|(at, _)| below(&path[at + dir.len()..])))
}

/// Programs of `bin` directories that belong to a build, or to another language.
fn is_tool(fixture: &Fixture, name: &str) -> bool {
    let runtime = fixture.demands.plan.runtime.as_deref();
    let of_another_language = match fixture.demands.plan.language.as_str() {
        "python" => name == "node",
        _ => name.starts_with("python3"),
    };
    let manager =
        matches!(name, "npm" | "npx" | "pnpm" | "yarn" | "corepack" | "bun") && runtime != Some(name);
    of_another_language
        || manager
        || matches!(
            name,
            "gcc" | "cc" | "g++" | "c++" | "make" | "ld" | "uv" | "pip" | "apt-get" | "git" | "node-gyp"
        )
}

/// What a process sees of itself, by one more process in the plan. That it cannot write elsewhere
/// is podman's to show: the sandbox of `run` has one user for all files.
pub fn tells_who_it_is(subject: &Subject, isolation: Isolation) {
    let checkout = &subject.checkout;
    let mut plan = subject.plan().clone();
    // Also every file that came with the source can be written to, and grow.
    let script = "id -u; id -g; pwd; umask; echo $HOME; touch /tmp/t /app/t && echo can write; \
        for file in /app/*; do test -L $file || test -d $file || test -w $file || echo $file; done";
    let who = json!({ "name": "who", "command": { "shell": script }, "origin": { "option": "the test" } });
    plan["processes"].as_array_mut().unwrap().push(who);
    // The line needs a shell and its tools, which programs that stand alone have for the build only.
    for package in plan["packages"].as_array_mut().unwrap() {
        if package["name"] == "bash" || package["name"] == "coreutils" {
            package["scope"] = json!("run");
        }
    }
    let file = checkout.beside("plan.json");
    std::fs::write(&file, plan.to_string()).unwrap();
    let mut command = packwright(["run", "--isolation", isolation.flag(), "--process", "who", "--plan"]);
    let seen = finish(command.arg(&file).arg(&checkout.dir)).ok();
    assert_eq!(seen.stdout(), "1000\n0\n/app\n0022\n/app\ncan write\n", "{}", seen.story());
}

/// A process of the image runs in every way of isolation.
pub fn runs_in_every_isolation(subject: &Subject) {
    subject.layout();
    for isolation in Isolation::all() {
        tells_who_it_is(subject, *isolation);
    }
}
