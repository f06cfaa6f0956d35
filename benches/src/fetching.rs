//! What the gateway costs and saves the package managers: the steps that fetch of two applications, on the host's
//! network and through the gateway in turn. Each build is of another subject, so that the managers' own caches are
//! empty; cold means that the gateway's download cache is empty too, warm that another application has filled it.
//!
//! Packages come from where this machine's managers get them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::process::binary;
use crate::{copy, row};

/// How often each way is measured.
const ROUNDS: usize = 5;

/// The ways to the network, as `--network` names them.
const NETWORKS: [&str; 2] = ["host", "gateway"];

/// What the steps that fetch of one build took.
struct Fetching {
    time: Duration,
    /// Answers and bytes that came through the gateway; nothing on the host's network.
    answers: u64,
    bytes: u64,
}

/// Measures both applications or that of the manager `only`, and prints the medians with their ratios.
pub(crate) fn measure(room: &Path, fixtures: &Path, only: Option<&str>) {
    let is_asked_for = |manager: &str| only.is_none_or(|only| only == manager);
    if is_asked_for("uv") {
        let uv = room.join("uv-app");
        copy(&fixtures.join("python-voila"), &uv);
        compare("uv of Voila and what it needs", room, &uv);
    }
    if is_asked_for("npm") {
        let npm = room.join("npm-app");
        copy(&fixtures.join("node-create-react-app"), &npm);
        only_install(&npm);
        let lock = json_in(&npm.join("package-lock.json"));
        let count = lock["packages"].as_object().map_or(0, |packages| packages.len() - 1);
        compare(&format!("npm ci of {count} packages"), room, &npm);
    }
}

/// Takes the scripts out: only the installation is measured.
fn only_install(app: &Path) {
    let file = app.join("package.json");
    let mut about = json_in(&file);
    about["scripts"] = json!({ "start": "node server.js" });
    fs::write(file, about.to_string()).expect("the copy is writable");
    fs::write(app.join("server.js"), "setInterval(() => {}, 1000)\n").expect("the copy is writable");
}

fn compare(what: &str, room: &Path, app: &Path) {
    let store = room.join("fetching-store");
    // Brings what is not measured: base, runtime, package manager.
    fetch(app, &store, "preparation", "gateway");
    let mut number = 0;
    let mut times = |is_cold: bool| {
        let mut of = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            // Each goes first in turn: what one leaves to the file system is paid by the other.
            for which in [round % 2, 1 - round % 2] {
                number += 1;
                if is_cold {
                    set_downloads_aside(&store, &room.join(format!("aside-{number}")));
                }
                of[which].push(fetch(app, &store, &format!("{what} {number}"), NETWORKS[which]));
            }
        }
        of
    };
    for (temperature, is_cold, aim) in [("cold", true, "1.10"), ("warm", false, "1.00")] {
        let [host, gateway] = times(is_cold).map(|mut all| {
            all.sort_by_key(|one| one.time);
            all.swap_remove(all.len() / 2)
        });
        let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        let through = format!(
            "{}, {} answers, {:.0} MB",
            seconds(gateway.time),
            gateway.answers,
            gateway.bytes as f64 / 1e6
        );
        row(&format!("{what}, {temperature}, host's network"), &seconds(host.time), "");
        row("the same through the gateway", &through, "");
        row(
            "gateway / host, time",
            &format!("{:.2}", gateway.time.as_secs_f64() / host.time.as_secs_f64()),
            aim,
        );
    }
}

/// Empties the gateway's download cache, and takes the contents out of the store that it names: a cold download writes
/// them. All of it is moved to `aside` and not removed: for a while after thousands of files were removed, ext4 is slow
/// to make new ones, and the next build would pay for it.
fn set_downloads_aside(store: &Path, aside: &Path) {
    let records = store.join("records/download");
    let blobs = store.join("blobs/sha256");
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    fs::create_dir(aside).expect("the room is writable");
    // Nothing is there before the first download.
    for record in walkdir::WalkDir::new(&records).into_iter().filter_map(Result::ok) {
        let text = fs::read(record.path()).unwrap_or_default();
        for name in text.windows(64).filter(|name| digits(name)) {
            let name = String::from_utf8_lossy(name);
            let _ = fs::rename(blobs.join(name.as_ref()), aside.join(name.as_ref()));
        }
    }
    let _ = fs::rename(records, aside.join("records"));
}

/// Builds `app` for `subject`, and sums up its steps that fetch.
fn fetch(app: &Path, store: &Path, subject: &str, network: &str) -> Fetching {
    let plan = plan(app);
    let steps = plan["steps"].as_array().cloned().unwrap_or_default();
    let fetches = |name: &Value| steps.iter().any(|step| step["name"] == *name && step["network"] == "fetch");
    let file = app.with_extension("plan.json");
    fs::write(&file, plan.to_string()).expect("the room is writable");
    let mut command = Command::new(binary());
    command.args(["build", "--log-format", "json", "--subject", subject, "--network", network, "--store"]);
    let told = command.arg(store).arg("--plan").arg(&file).arg(app).stdin(Stdio::null()).output();
    let told = told.expect("the program can be run");
    let text = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{text}");
    let mut found = Fetching { time: Duration::ZERO, answers: 0, bytes: 0 };
    for event in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let number = |name: &str| event[name].as_u64().unwrap_or_default();
        match event["event"].as_str() {
            Some("step-ended") if fetches(&event["step"]) => {
                found.time += Duration::from_millis(number("elapsed_ms"));
            }
            Some("step-fetched") => {
                found.answers += number("answers");
                found.bytes += number("bytes");
            }
            _ => {}
        }
    }
    assert!(!found.time.is_zero(), "no step fetched: {text}");
    found
}

/// The step that makes the image's only layer.
const END: &str = "bench.end";

/// The steps of `app` that fetch with those that they need, and one that needs all that they leave and keeps nothing of
/// it: no layers are made, and no process could start.
fn plan(app: &Path) -> Value {
    let planned = Command::new(binary()).args(["plan", "--format", "json"]).arg(app).output();
    let planned = planned.expect("the program can be run");
    let mut plan: Value = serde_json::from_slice(&planned.stdout).expect("a plan is JSON");
    let steps = plan["steps"].as_array_mut().expect("a plan has steps");
    let mut needed: Vec<Value> = Vec::new();
    for step in steps.iter().rev() {
        let is_input = |other: &Value| {
            let inputs = other["inputs"].as_array().into_iter().flatten();
            inputs.into_iter().any(|input| input["step"] == step["name"])
        };
        if step["network"] == "fetch" || needed.iter().any(is_input) {
            needed.push(step.clone());
        }
    }
    needed.reverse();
    *steps = needed;
    for output in steps.iter_mut().flat_map(|step| step["outputs"].as_array_mut()).flatten() {
        output.as_object_mut().map(|output| output.remove("layer"));
    }
    let inputs: Vec<Value> = steps.iter().map(|step| json!({ "step": step["name"] })).collect();
    steps.push(json!({
        "name": END, "why": "ends the measurement", "inputs": inputs,
        "commands": [{ "shell": "mkdir -p /app && echo > /app/end" }],
        "outputs": [{ "path": "app/end", "layer": "build" }],
    }));
    plan["processes"] = json!([]);
    plan
}

fn json_in(file: &PathBuf) -> Value {
    let text = fs::read_to_string(file).expect("the fixture has it");
    serde_json::from_str(&text).expect("it is JSON")
}
