//! Programs that run to their end, with all they said.

use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that any program may take. Nothing here is meant to take that long; it keeps a
/// program that hangs from hanging the tests.
const LONGEST: Duration = Duration::from_secs(900);

/// A program that ended.
#[derive(Debug)]
pub struct Finished {
    /// How it was called.
    pub line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// Runs `command` to its end, with nothing on its standard input.
pub fn finish(command: &mut Command) -> Finished {
    let line = format!("{command:?}");
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{line}: {error}"));
    let stdout = read_all(child.stdout.take().expect("it is a pipe"));
    let stderr = read_all(child.stderr.take().expect("it is a pipe"));
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > LONGEST {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{line}: does not end");
        }
        thread::sleep(Duration::from_millis(5));
    };
    Finished { line, status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn read_all(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

impl Finished {
    /// The exit status; 128 and the number of the signal when one ended it.
    pub fn code(&self) -> i32 {
        code(self.status)
    }

    /// Its standard output as text.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Its standard error as text.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// All of it, for the message of a test that fails.
    pub fn story(&self) -> String {
        format!("{}\n{}\n{}{}", self.line, self.status, self.stdout(), self.stderr())
    }

    /// Demands that it went well.
    #[track_caller]
    pub fn ok(self) -> Finished {
        assert!(self.status.success(), "{}", self.story());
        self
    }

    /// Demands that it ended with `code` and said each of `says` on standard error.
    #[track_caller]
    pub fn failed<T: AsRef<str>>(self, code: i32, says: &[T]) -> Finished {
        assert_eq!(self.code(), code, "{}", self.story());
        let stderr = self.stderr();
        for text in says {
            assert!(stderr.contains(text.as_ref()), "does not say `{}`:\n{}", text.as_ref(), self.story());
        }
        self
    }
}

/// The exit status as a shell tells it.
pub fn code(status: ExitStatus) -> i32 {
    status.code().or(status.signal().map(|signal| 128 + signal)).expect("it ended")
}

/// Tells people something even when the test passes: what tests print is captured, this is not.
pub fn say(text: &str) {
    // Nobody listens: nothing to do about it.
    let _ = writeln!(std::io::stderr(), "packwright-tests: {text}");
}

/// Calls `look` until it gives something; fails when nothing came for `patience`.
#[track_caller]
pub fn wait_for<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < patience, "waited {patience:?} for {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
