//! Programs that run while a test looks at them, and the web they serve.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::command::{code, wait_for};

/// How long an application may take until it is there: it may have to be built first, on a busy
/// machine.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The promise: an application ends this soon after SIGTERM.
pub const PROMPT: Duration = Duration::from_secs(2);

/// A program that runs. It is killed when dropped.
pub struct Running {
    line: String,
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Running {
    /// Starts `command`.
    pub fn start(command: &mut Command) -> Running {
        let line = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stdout.take().expect("it is a pipe"), Arc::clone(&said));
        listen(child.stderr.take().expect("it is a pipe"), Arc::clone(&said));
        Running { line, child, said }
    }

    /// All that it said so far, on standard output and standard error.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// Its process.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Waits until it says `text`.
    #[track_caller]
    pub fn wait_for_text(&mut self, text: &str, patience: Duration) {
        let start = Instant::now();
        loop {
            // Asked first, so that what it said last is heard.
            let ended = self.child.try_wait().unwrap();
            if self.said().contains(text) {
                return;
            }
            // Output may still be on its way from a program that has just ended.
            let patience = if ended.is_some() { Duration::from_secs(2).min(patience) } else { patience };
            assert!(
                start.elapsed() < patience,
                "does not say `{text}` ({ended:?}):\n{}\n{}",
                self.line,
                self.said()
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until something listens on `port`.
    #[track_caller]
    pub fn wait_for_port(&mut self, port: u16) {
        wait_for(&format!("port {port} of {}", self.line), PATIENCE, || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("ended ({status}) before it listened on {port}:\n{}\n{}", self.line, self.said());
            }
            TcpStream::connect(address(port)).ok()
        });
    }

    /// Sends `signal` to the program alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits until it ends, at most `longest`.
    #[track_caller]
    pub fn ends_within(&mut self, longest: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < longest, "runs after {longest:?}:\n{}\n{}", self.line, self.said());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether SIGTERM ends it in the promised time. It has to be by its own doing: not killed.
    #[track_caller]
    fn ends_promptly(&mut self) -> bool {
        self.signal(Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < PROMPT {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_ne!(code(status), 128 + 9, "it was killed:\n{}\n{}", self.line, self.said());
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }

    /// Demands that SIGTERM ends it in the promised time, by its own doing: not killed.
    #[track_caller]
    pub fn ends_on_sigterm(&mut self) -> i32 {
        self.signal(Signal::TERM);
        let code = code(self.ends_within(PROMPT));
        assert_ne!(code, 128 + 9, "it was killed:\n{}\n{}", self.line, self.said());
        code
    }

    /// Lets it end by itself.
    #[track_caller]
    pub fn ends_well(&mut self, patience: Duration) {
        let status = self.ends_within(patience);
        assert!(status.success(), "{status}\n{}\n{}", self.line, self.said());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            // It has just ended when this fails.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// How often an application is started to see it end in the promised time: where tests, compilers
/// and servers share two processors, one late end tells about the machine. An application that
/// does not hear the signal is late every time.
const CHANCES: usize = 3;

/// Demands that what `start` starts ends soon after SIGTERM; `look` waits until it is there, and
/// looks at it.
#[track_caller]
pub fn ends_in_time(start: impl Fn() -> Running, look: impl Fn(&mut Running)) {
    for chance in 1..=CHANCES {
        let mut running = start();
        look(&mut running);
        if running.ends_promptly() {
            return;
        }
        assert!(chance < CHANCES, "runs after {PROMPT:?}:\n{}\n{}", running.line, running.said());
    }
}

fn listen(from: impl Read + Send + 'static, said: Arc<Mutex<String>>) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            said.lock().unwrap().push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    });
}

fn address(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A port on which nothing listens; never the same twice. Outside of what the system gives out
/// by itself, so that nobody takes it in the meantime.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = (std::process::id() % 100) as u16 * 100;
    loop {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::SeqCst)) % 10_000;
        if TcpListener::bind(address(port)).is_ok() {
            return port;
        }
    }
}

/// An answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What came after the head.
    pub body: String,
}

/// Asks the server on `port` for `path`.
pub fn get(port: u16, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address(port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // HTTP/1.0: the body ends with the connection and comes in one piece.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n").unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) =
        text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to GET {path}: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap_or_else(|| panic!("no status: {head}")), body: body.to_owned() }
}
