//! Whole processes: how long, and how much memory at most.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one process took.
pub(crate) struct Measured {
    pub(crate) time: Duration,
    /// Bytes of the main process's memory at its peak; steps run in processes of their own.
    pub(crate) peak: u64,
}

/// The release build of the binary.
pub(crate) fn binary() -> PathBuf {
    let here = std::env::current_exe().expect("this program has a path");
    let binary: PathBuf = here.with_file_name("packwright");
    assert!(binary.exists(), "run `cargo build --release` first: there is no {}", binary.display());
    binary
}

/// Runs the release build of the binary; it must succeed.
pub(crate) fn packwright(arguments: &[String]) -> Measured {
    let mut command = Command::new(binary());
    command.args(arguments);
    run(&mut command)
}

/// Runs `command`, which must succeed.
pub(crate) fn run(command: &mut Command) -> Measured {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        peak = high_water(&status).unwrap_or(peak).max(peak);
        match child.try_wait().expect("a child can be waited for") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(1)),
        }
    };
    let time = start.elapsed();
    assert!(ended.success(), "{command:?}: {ended}");
    Measured { time, peak }
}

/// The kernel's own record of the most memory the process ever had, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib << 10)
}

pub(crate) fn median(measured: &[Measured]) -> Duration {
    let mut times: Vec<Duration> = measured.iter().map(|one| one.time).collect();
    times.sort();
    times[times.len() / 2]
}

pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 1.0 => format!("{:.0} ms", seconds * 1e3),
        seconds => format!("{seconds:.1} s"),
    }
}
