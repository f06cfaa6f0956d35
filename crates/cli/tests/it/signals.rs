//! Ctrl-C and its kin while something is built.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Stage, all};

/// A build that waits for a mirror which takes the connection and says nothing, ended by
/// `signal`; gives status and standard error.
fn ended_by(signal: Signal) -> (Option<i32>, String) {
    let stage = Stage::with("//- /requirements.txt\n//- /bot.py\n");
    let mirror = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/debian", mirror.local_addr().unwrap());
    let mut command = stage.command("build");
    command.args(["--mirror", &address, "--security-mirror", &address]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // It is in the middle of things when it has asked.
    let _connection = mirror.accept().unwrap();
    let asked = Instant::now();
    kill_process(Pid::from_child(&child), signal).unwrap();
    let stderr = all(&mut child.stderr.take().unwrap());
    let status = child.wait().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    let left: Vec<_> =
        std::fs::read_dir(stage.dir.path().join(".cache/packwright/scratch")).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    (status.code(), stderr)
}

#[test]
fn a_signal_ends_the_build_at_once() {
    for (signal, status, name) in [(Signal::INT, 130, "SIGINT"), (Signal::TERM, 143, "SIGTERM")] {
        let (code, stderr) = ended_by(signal);
        assert_eq!(code, Some(status), "{stderr}");
        assert!(stderr.ends_with(&format!("error: stopped by {name}\n")), "{stderr}");
    }
}

#[test]
fn a_wait_for_another_process_is_told_and_ends_with_a_signal() {
    let stage = Stage::with("//- /index.html\nhello\n");
    let store = stage.dir.path().join("store");
    assert_eq!(stage.run(&format!("cache info --store {}", store.display())).status, 0);
    std::fs::create_dir_all(store.join("locks")).unwrap();
    let held = std::fs::File::create(store.join("locks/store")).unwrap();
    held.lock().unwrap();
    let mut command = stage.command("build");
    command.arg("--store").arg(&store).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut told = String::new();
    let mut byte = [0];
    while !told.ends_with('\n') && std::io::Read::read(&mut stderr, &mut byte).unwrap() == 1 {
        told.push(char::from(byte[0]));
    }
    let holder = std::process::id();
    assert_eq!(told, format!("waiting for the process {holder}, which is busy with the store\n"));
    let asked = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest = all(&mut stderr);
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    assert_eq!(rest, "error: stopped by SIGINT\n");
}
