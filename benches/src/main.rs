//! Measures Packwright against its aims, a peer and the machine, and prints a table for
//! `benches/README.md`.
//!
//! `cargo build --release && cargo run --release -p packwright-benches`; with the word `gateway` what concerns that
//! alone, with `closing-check` what that check costs, with `gateway-file` or `gateway-packages` a part of the first. `gateway-file ADDRESS` fetches a large file of a server
//! too; `gateway-packages uv` and `gateway-packages npm` are one of the two.
//!
//! Whole processes are measured by their median; ratios are taken within one run. It needs what
//! a build needs (a mirror, a package index), and compares with buildah where that is installed.
#![allow(clippy::print_stdout, reason = "it prints its result")]

mod closing;
mod fetching;
mod gateway;
mod large;
mod peer;
mod process;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use packwright::planner::PlanOptions;
use packwright::{Catalog, Source};
use process::{Measured, median, packwright, seconds};

/// How often the quick things are measured.
const ROUNDS: usize = 15;

/// How often a build from nothing is measured.
const COLD_ROUNDS: usize = 3;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("benches are a folder of the house");
    let fixture = root.join("fixtures/python-fastapi");
    // Lower case only: buildah takes the path for the name of a repository.
    let name = format!("packwright-benches-{}", std::process::id());
    let room = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempdir().expect("a temporary directory");
    let app = room.path().join("app");
    copy(&fixture, &app);

    println!("Machine: {}\n", machine());
    println!("| What | Figure | Aim |\n|---|---|---|");
    match std::env::args().nth(1).as_deref() {
        Some("gateway") => {
            gateway::measure(room.path(), None);
            return fetching::measure(room.path(), &root.join("fixtures"), None);
        }
        Some("gateway-file") => return gateway::measure(room.path(), std::env::args().nth(2).as_deref()),
        Some("gateway-packages") => {
            let only = std::env::args().nth(2);
            return fetching::measure(room.path(), &root.join("fixtures"), only.as_deref());
        }
        Some("closing-check") => return closing_check(room.path(), &root.join("fixtures")),
        _ => {}
    }
    let plan = plan_time(&app);
    row("plan in process, scan included, median", &format!("{:.2} ms", plan.as_secs_f64() * 1e3), "2 ms");

    let cold: Vec<Measured> = (0..COLD_ROUNDS)
        .map(|round| {
            let store = room.path().join(format!("store-{round}"));
            packwright(&build(&app, &store, &room.path().join(format!("cold-{round}.oci"))))
        })
        .collect();
    row("build from nothing, median", &seconds(median(&cold)), "25 s");
    let peak = cold.iter().map(|one| one.peak).max().unwrap_or_default();
    row("its peak memory", &format!("{:.0} MB", peak as f64 / 1e6), "250 MB");

    let store = room.path().join("store-0");
    let output = room.path().join("cold-0.oci");
    let again = build(&app, &store, &output);
    let noop: Vec<Measured> = (0..ROUNDS).map(|_| packwright(&again)).collect();
    row("no-op rebuild, median", &seconds(median(&noop)), "150 ms");
    let edit: Vec<Measured> = (0..ROUNDS)
        .map(|round| {
            fs::write(app.join("shop/note.py"), format!("ROUND = {round}\n")).expect("the copy is writable");
            packwright(&again)
        })
        .collect();
    row("rebuild after an edit of one file, median", &seconds(median(&edit)), "400 ms");
    row(
        "compressed image",
        &format!("{:.1} MB", blobs(&room.path().join("cold-1.oci")) as f64 / 1e6),
        "45 MB",
    );
    closing::measure("python-fastapi", &app, &store, &output, median(&cold), ROUNDS);
    large::measure(room.path());
    gateway::measure(room.path(), None);
    fetching::measure(room.path(), &root.join("fixtures"), None);
    peer::compare(room.path(), &app, median(&noop), median(&edit));
}

/// What the closing check costs an application of Python and one of Node. `PACKWRIGHT_BENCHES_ROUNDS` says how often
/// each rebuild is measured, where it shall be less than usual.
fn closing_check(room: &Path, fixtures: &Path) {
    let rounds = std::env::var("PACKWRIGHT_BENCHES_ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    for name in ["python-fastapi", "node-next"] {
        let app = room.join(name);
        copy(&fixtures.join(name), &app);
        let (store, output) = (room.join(format!("store-{name}")), room.join(format!("{name}.oci")));
        let cold = packwright(&build(&app, &store, &output));
        closing::measure(name, &app, &store, &output, cold.time, rounds.unwrap_or(ROUNDS));
    }
}

fn row(what: &str, figure: &str, aim: &str) {
    println!("| {what} | {figure} | {aim} |");
}

fn build(app: &Path, store: &Path, output: &Path) -> Vec<String> {
    let text = |path: &Path| path.to_str().expect("temporary paths are UTF-8").to_owned();
    ["build", &text(app), "-o", &format!("oci:{}", text(output)), "--store", &text(store)]
        .map(str::to_owned)
        .to_vec()
}

/// Median of one scan and one plan of a directory in the page cache.
fn plan_time(app: &Path) -> Duration {
    let catalog = Catalog::default();
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            let source = Source::dir(app).expect("the fixture can be scanned");
            let plan = catalog.plan(&source, &PlanOptions::default());
            assert!(plan.is_ok(), "the fixture can be planned");
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

/// Sum of the blobs of a layout.
fn blobs(layout: &Path) -> u64 {
    let dir = layout.join("blobs/sha256");
    let entries = fs::read_dir(dir).expect("a layout has blobs");
    entries.map(|entry| entry.and_then(|entry| entry.metadata()).map_or(0, |found| found.len())).sum()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the copy can be made");
    for entry in fs::read_dir(from).expect("the fixture can be read") {
        let entry = entry.expect("the fixture can be read");
        let target: PathBuf = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).expect("the copy can be made")),
        }
    }
}

fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.split(':').nth(1)).unwrap_or("?").trim().to_owned()
    };
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{}, {cores} cores, Linux {}", field("model name"), kernel.trim())
}
