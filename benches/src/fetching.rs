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
const ROUNDS: usize = 1;

/// The ways to the network, as `--network` names them.
const NETWORKS: [&str; 2] = ["host", "gateway"];

/// What the steps that fetch of one build took.
struct Fetching {
    time: Duration,
    /// Answers and bytes that came through the gateway; nothing on the host's network.
    answers: u64,
    bytes: u64,
}

/// Measures both applications, and prints the medians with their ratios.
pub(crate) fn measure(room: &Path, fixtures: &Path) {
    let npm = room.join("npm-app");
    copy(&fixtures.join("node-create-react-app"), &npm);
    only_install(&npm);
    let lock = json_in(&npm.join("package-lock.json"));
    let count = lock["packages"].as_object().map_or(0, |packages| packages.len() - 1);
    compare(&format!("npm ci of {count} packages"), room, &npm);
    let uv = room.join("uv-app");
    copy(&fixtures.join("python-voila"), &uv);
    compare("uv of Voila and what it needs", room, &uv);
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
        for _ in 0..ROUNDS {
            for (network, times) in NETWORKS.iter().zip(&mut of) {
                if is_cold {
                    forget_downloads(&store);
                }
                number += 1;
                times.push(fetch(app, &store, &format!("{what} {number}"), network));
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

/// Empties the gateway's download cache. The contents stay; without their records nobody finds them.
fn forget_downloads(store: &Path) {
    // Nothing is there before the first download.
    let _ = fs::remove_dir_all(store.join("records/download"));
}

/// Builds `app` for `subject`, and sums up its steps that fetch.
fn fetch(app: &Path, store: &Path, subject: &str, network: &str) -> Fetching {
    let packwright = |words: &[&str]| {
        let mut command = Command::new(binary());
        command.args(words).arg("--store").arg(store).arg(app).stdin(Stdio::null());
        command.output().expect("the program can be run")
    };
    let planned = Command::new(binary())
        .args(["plan", "--format", "json"])
        .arg(app)
        .output()
        .expect("the program can be run");
    let plan: Value = serde_json::from_slice(&planned.stdout).expect("a plan is JSON");
    let steps = plan["steps"].as_array().expect("a plan has steps");
    let fetching: Vec<&Value> =
        steps.iter().filter(|step| step["network"] == "fetch").map(|step| &step["name"]).collect();
    let told = packwright(&["build", "--log-format", "json", "--subject", subject, "--network", network]);
    let text = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{text}");
    let mut found = Fetching { time: Duration::ZERO, answers: 0, bytes: 0 };
    for event in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let number = |name: &str| event[name].as_u64().unwrap_or_default();
        match event["event"].as_str() {
            Some("step-ended") if fetching.contains(&&event["step"]) => {
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

fn json_in(file: &PathBuf) -> Value {
    let text = fs::read_to_string(file).expect("the fixture has it");
    serde_json::from_str(&text).expect("it is JSON")
}
