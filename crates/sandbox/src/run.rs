//! Runs a sandbox and watches it: output, limits, cancellation, end.
//!
//! One loop on the calling thread, no other threads. Whatever ends the wait, every process of the sandbox is dead
//! when [`run`] returns.

use std::ffi::OsString;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::control::Control;
use crate::disk::{self, DiskWatch};
use crate::error::SandboxError;
use crate::gateway::{self, GatewaySockets};
use crate::held;
use crate::memory::MemoryWatch;
use crate::memory_cgroup::MemoryCgroup;
use crate::message::{MESSAGE_SIZE, Message};
use crate::obstacle::{HostFacts, Obstacle};
use crate::outcome::{MemoryCount, Note, Outcome, Report, Stream, Usage};
use crate::sandbox::{Limits, Privilege, Root, Sandbox};
use crate::script::Script;
use crate::spawn::Child;
use crate::stage::Stage;
use crate::tree;

/// Between two looks at memory and processes.
const SAMPLE: Duration = Duration::from_millis(100);
/// The same when more than half of a limit is used.
const SAMPLE_CLOSE: Duration = Duration::from_millis(20);
/// How many times as long as a look takes we wait at least before the next one.
const SAMPLE_REST: u32 = 4;
/// But no longer than this: on a busy machine a look takes long because others run.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// Between two looks at how many tasks the whole host has, which is one cheap call: a fork bomb needs far less than a
/// tenth of a second to starve the machine, and real root's is bounded by nothing else.
const TASKS_CHECK: Duration = Duration::from_millis(10);
/// Without anything to sample: another process under the same control may have taken our wake-up.
const IDLE: Duration = Duration::from_secs(1);

/// Runs a process to its end and hands its output to `output` as it comes, in order per stream.
///
/// Blocks the calling thread, which has to be the one that lives as long: the sandbox dies with it.
///
/// # Errors
///
/// If the program was never started, see [`SandboxError`]. A program that fails is no error but an
/// [`Outcome`].
pub fn run(
    sandbox: &Sandbox,
    output: &mut dyn FnMut(Stream, &[u8]),
    control: &Control,
) -> Result<Report, SandboxError> {
    run_with_gateway(sandbox, output, &mut |_| {}, control)
}

/// The same for [`Network::Gateway`](crate::Network::Gateway): `serve` is handed the listening sockets on this thread,
/// about when the program starts. Connections wait in the kernel until they are accepted; once the sockets are closed
/// they are refused.
///
/// # Errors
///
/// As [`run`].
pub fn run_with_gateway(
    sandbox: &Sandbox,
    output: &mut dyn FnMut(Stream, &[u8]),
    serve: &mut dyn FnMut(GatewaySockets),
    control: &Control,
) -> Result<Report, SandboxError> {
    let script = Script::compile(sandbox)?;
    run_script(&script, sandbox, output, serve, control)
}

/// Sets a sandbox up to the last step and runs nothing in it.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn try_out(sandbox: &Sandbox) -> Result<Vec<Note>, SandboxError> {
    let script = Script::trial(sandbox)?;
    run_script(&script, sandbox, &mut |_, _| {}, &mut |_| {}, &Control::new()?).map(|report| report.notes)
}

fn run_script(
    script: &Script,
    sandbox: &Sandbox,
    output: &mut dyn FnMut(Stream, &[u8]),
    serve: &mut dyn FnMut(GatewaySockets),
    control: &Control,
) -> Result<Report, SandboxError> {
    let start = Instant::now();
    // Made before the child and dropped after it, and left out where there is none: then its memory is sampled.
    let cgroup = sandbox.limits.memory.and_then(|limit| MemoryCgroup::create(limit).ok());
    let child = Child::spawn(script).map_err(|error| with_obstacle(error, sandbox))?;
    let cgroup = cgroup.filter(|cgroup| cgroup.admit(child.pid).is_ok());
    child.release();
    let mut supervisor = Supervisor {
        child,
        limits: &sandbox.limits,
        control,
        start,
        next_sample: start,
        seen: TaskCounts::default(),
        memory: MemoryWatch::new(sandbox.limits.memory, cgroup),
        disk: DiskWatch::of(sandbox, start),
        output,
        serve,
        usage: Usage::default(),
        messages: Vec::new(),
        stopped: None,
    };
    supervisor.follow()?;
    supervisor.report(script, sandbox)
}

struct Supervisor<'a> {
    child: Child,
    limits: &'a Limits,
    control: &'a Control,
    start: Instant,
    next_sample: Instant,
    seen: TaskCounts,
    /// After the child, whose control group can only be removed when it is dead.
    memory: MemoryWatch,
    disk: Option<DiskWatch<'a>>,
    output: &'a mut dyn FnMut(Stream, &[u8]),
    serve: &'a mut dyn FnMut(GatewaySockets),
    usage: Usage,
    messages: Vec<u8>,
    /// Why we killed it, if we did.
    stopped: Option<Outcome>,
}

/// Numbers of tasks at the last sample.
#[derive(Default)]
struct TaskCounts {
    inside: u32,
    on_host: u16,
}

/// What a pipe may still give.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pipe {
    Open,
    Ended,
}

impl Supervisor<'_> {
    /// Until the first process has ended; then takes what is left in the pipes.
    fn follow(&mut self) -> Result<(), SandboxError> {
        let mut pipes = [Pipe::Open; 2];
        loop {
            if self.stopped.is_none() {
                self.check_limits();
            }
            let timeout = self.timeout();
            let mut events = vec![
                PollFd::new(&self.child.pidfd, PollFlags::IN),
                PollFd::from_borrowed_fd(self.child.report.as_fd(), PollFlags::IN),
            ];
            let watched: Vec<Stream> =
                STREAMS.into_iter().filter(|&stream| pipes[stream as usize] == Pipe::Open).collect();
            events.extend(watched.iter().map(|&stream| PollFd::new(self.child.pipe(stream), PollFlags::IN)));
            let sockets_at = events.len();
            events.extend(self.child.sockets.iter().map(|pair| PollFd::new(pair, PollFlags::IN)));
            // Once cancelled it stays readable for the others under the same control, and would keep us awake.
            if self.stopped.is_none() {
                events.extend(self.control.wake_fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
            }
            match poll(&mut events, Some(&timeout)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(SandboxError::host("wait for the sandbox's output", errno)),
            }
            let ready: Vec<bool> = events.iter().map(|event| !event.revents().is_empty()).collect();
            drop(events);
            for (&stream, ready) in watched.iter().zip(ready.iter().skip(2)) {
                if *ready {
                    pipes[stream as usize] = self.read(stream)?;
                }
            }
            if self.child.sockets.is_some() && ready.get(sockets_at) == Some(&true) {
                self.receive_sockets()?;
            }
            if ready.get(1) == Some(&true) {
                self.read_messages()?;
            }
            if ready.first() == Some(&true) {
                break;
            }
        }
        self.drain(pipes)
    }

    /// Everything is dead, so what is in the pipes is all there will be. Not until their end: a process of the
    /// host to which the program passed a pipe may hold it open for ever.
    fn drain(&mut self, mut pipes: [Pipe; 2]) -> Result<(), SandboxError> {
        for stream in STREAMS {
            let pipe = &mut pipes[stream as usize];
            while *pipe == Pipe::Open && readable(self.child.pipe(stream)) {
                *pipe = self.read(stream)?;
            }
        }
        self.read_messages()?;
        self.usage.elapsed = self.start.elapsed();
        self.usage.disk = self.disk.as_mut().map(DiskWatch::at_end);
        let too_much = self.usage.disk.and_then(|used| disk::exceeded(used, self.limits));
        self.stopped = self.stopped.or(too_much);
        Ok(())
    }

    /// One read. Output past the limit is dropped.
    fn read(&mut self, stream: Stream) -> Result<Pipe, SandboxError> {
        let mut buffer = [0u8; 65536];
        let count = match rustix::io::read(self.child.pipe(stream), &mut buffer) {
            Ok(0) => return Ok(Pipe::Ended),
            Ok(count) => count,
            Err(Errno::AGAIN | Errno::INTR) => return Ok(Pipe::Open),
            Err(errno) => return Err(SandboxError::host("read the sandbox's output", errno)),
        };
        let left = self.limits.output.map_or(u64::MAX, |limit| limit - self.usage.output);
        let deliver = count.min(usize::try_from(left).unwrap_or(usize::MAX));
        if deliver > 0 {
            self.usage.output += deliver as u64;
            (self.output)(stream, &buffer[..deliver]);
        }
        if let (true, Some(limit)) = (deliver < count, self.limits.output) {
            self.stop(Outcome::OutputExceeded { limit });
        }
        Ok(Pipe::Open)
    }

    fn receive_sockets(&mut self) -> Result<(), SandboxError> {
        let Some(pair) = self.child.sockets.take() else { return Ok(()) };
        match gateway::receive(&pair) {
            Ok(Some(sockets)) => (self.serve)(sockets),
            // The child ended before; its report says why.
            Ok(None) => {}
            Err(errno) => return Err(SandboxError::host("take over the sandbox's sockets", errno)),
        }
        Ok(())
    }

    fn read_messages(&mut self) -> Result<(), SandboxError> {
        let mut buffer = [0u8; 16 * MESSAGE_SIZE];
        loop {
            match rustix::io::read(&self.child.report, &mut buffer) {
                Ok(0) | Err(Errno::AGAIN) => return Ok(()),
                Ok(count) => self.messages.extend_from_slice(&buffer[..count]),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(SandboxError::host("read the sandbox's report", errno)),
            }
        }
    }

    fn check_limits(&mut self) {
        if self.control.is_cancelled() {
            return self.stop(Outcome::Cancelled);
        }
        for signal in self.control.take_signals() {
            self.child.pass_on(signal);
        }
        let now = Instant::now();
        if let Some(limit) = self.limits.time.filter(|&limit| now - self.start >= limit) {
            return self.stop(Outcome::TimedOut { limit });
        }
        if self.samples() && (now >= self.next_sample || self.may_have_grown()) {
            let wait = if self.sample() { SAMPLE_CLOSE } else { SAMPLE };
            // Where looking takes long, it must not keep a processor busy.
            self.next_sample = Instant::now() + wait.max((now.elapsed() * SAMPLE_REST).min(LONGEST_REST));
        }
    }

    fn samples(&self) -> bool {
        self.limits.memory.is_some() || self.limits.processes.is_some() || self.disk.is_some()
    }

    /// Whether the host has so many more tasks that the limit may be passed, should they all be ours.
    fn may_have_grown(&self) -> bool {
        let grown = tree::tasks_on_host().wrapping_sub(self.seen.on_host).cast_signed();
        self.limits
            .processes
            .is_some_and(|limit| i64::from(grown) > i64::from(limit) - i64::from(self.seen.inside))
    }

    /// Looks at the processes; whether a limit is close.
    fn sample(&mut self) -> bool {
        let on_host = tree::tasks_on_host();
        let sample = tree::sample(self.child.pid, self.limits.processes.unwrap_or(u32::MAX));
        self.seen = TaskCounts { inside: sample.tasks, on_host };
        let looks_at_files = self.memory.count() == Some(MemoryCount::Sampling) || self.disk.is_some();
        let held = if looks_at_files { held::held(&sample.processes) } else { held::HeldFiles::default() };
        self.memory.find_mounts(&sample.processes);
        let (memory, exceeded) = self.memory.look(&sample, &held);
        if let Some(outcome) = exceeded {
            self.stop(outcome);
        }
        if let Some(limit) = self.limits.processes.filter(|&limit| sample.tasks > limit) {
            self.stop(Outcome::ProcessesExceeded { limit, used: sample.tasks });
        }
        let deleted = held.deleted_bytes(|device| !self.memory.holds(device));
        let disk = self.disk.as_mut().map(|disk| disk.look(deleted, Instant::now()));
        if let Some(outcome) = disk.and_then(|used| disk::exceeded(used, self.limits)) {
            self.stop(outcome);
        }
        self.usage.memory = self.usage.memory.max(Some(memory));
        self.usage.processes = self.usage.processes.max(Some(sample.tasks));
        self.limits.memory.is_some_and(|limit| memory > limit / 2)
            || self.limits.processes.is_some_and(|limit| sample.tasks > limit / 2)
            || disk.is_some_and(|used| disk::close_to(used, self.limits))
    }

    fn stop(&mut self, why: Outcome) {
        if self.stopped.is_none() {
            self.stopped = Some(why);
            self.child.kill();
        }
    }

    fn timeout(&self) -> Timespec {
        let now = Instant::now();
        let mut wake = now + IDLE;
        if self.samples() {
            wake = wake.min(self.next_sample);
        }
        if self.limits.processes.is_some() {
            wake = wake.min(now + TASKS_CHECK);
        }
        if let Some(end) = self.limits.time.and_then(|limit| self.start.checked_add(limit)) {
            wake = wake.min(end);
        }
        let wait = if self.stopped.is_some() { IDLE } else { wake.saturating_duration_since(now) };
        // At least a millisecond, so that rounding does not make us spin.
        let wait = wait.max(Duration::from_millis(1));
        Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) }
    }

    /// The outcome, once every process has ended.
    fn report(mut self, script: &Script, sandbox: &Sandbox) -> Result<Report, SandboxError> {
        let status = self.child.wait()?;
        let mut notes = Vec::new();
        let mut outcome = None;
        let (messages, _) = self.messages.as_chunks::<MESSAGE_SIZE>();
        for message in messages.iter().filter_map(Message::decode) {
            match message {
                Message::HostProc => notes.push(Note::HostProc),
                Message::NoTerminals => notes.push(Note::NoTerminals),
                Message::Ready => outcome = outcome.or(Some(Outcome::Exited(0))),
                Message::Exited(code) => outcome = outcome.or(Some(Outcome::Exited(code))),
                Message::Signaled(signal) => outcome = outcome.or(Some(Outcome::Signaled(signal))),
                Message::NotReady(errno) => {
                    return Err(setup_error(Stage::Descriptors, None, errno, sandbox));
                }
                Message::Failed(index, errno) => {
                    let step = usize::try_from(index).ok().and_then(|index| script.steps.get(index));
                    let (stage, path) =
                        step.map_or((Stage::Start, None), |step| (step.stage, step.path.clone()));
                    return Err(setup_error(stage, path, errno, sandbox));
                }
                Message::NotExecuted(errno, candidate) => {
                    return Err(program_error(script, sandbox, errno, candidate));
                }
            }
        }
        // More output than allowed was seen even if the program ended by itself meanwhile, what it left on disk stays
        // there, and the kernel kills one process over its memory and leaves the others without its work. Any other
        // limit that came too late to kill it did not matter.
        let outcome = match (self.stopped, self.memory.refused()) {
            (
                Some(
                    exceeded @ (Outcome::OutputExceeded { .. }
                    | Outcome::DiskExceeded { .. }
                    | Outcome::FilesExceeded { .. }),
                ),
                _,
            )
            | (None | Some(Outcome::MemoryExceeded { .. }), Some(exceeded)) => Some(exceeded),
            (stopped, _) => outcome.or(stopped),
        };
        let lost = || SandboxError::Lost { signal: status.terminating_signal().unwrap_or(0) };
        let memory_count = self.memory.count();
        Ok(Report { outcome: outcome.ok_or_else(lost)?, notes, usage: self.usage, memory_count })
    }
}

const STREAMS: [Stream; 2] = [Stream::Stdout, Stream::Stderr];

impl Child {
    fn pipe(&self, stream: Stream) -> &OwnedFd {
        match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        }
    }
}

fn readable(pipe: &OwnedFd) -> bool {
    let mut events = [PollFd::new(pipe, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    rustix::io::retry_on_intr(|| poll(&mut events, Some(&now))).is_ok_and(|count| count > 0)
}

fn setup_error(stage: Stage, path: Option<PathBuf>, errno: i32, sandbox: &Sandbox) -> SandboxError {
    let source = std::io::Error::from_raw_os_error(errno);
    with_obstacle(SandboxError::Setup { stage, path, obstacle: None, source }, sandbox)
}

/// Adds what the machine says about itself.
fn with_obstacle(mut error: SandboxError, sandbox: &Sandbox) -> SandboxError {
    if let SandboxError::Setup { stage, obstacle, source, .. } = &mut error {
        let upper = match &sandbox.root {
            Root::Overlay { upper, .. } => Some(upper.as_path()),
            Root::Directory(_) => None,
        };
        let facts = HostFacts::read(sandbox.privilege == Privilege::UserNamespace, upper);
        *obstacle = Errno::from_io_error(source).and_then(|errno| Obstacle::diagnose(*stage, errno, &facts));
    }
    error
}

fn program_error(script: &Script, sandbox: &Sandbox, errno: i32, candidate: i32) -> SandboxError {
    let program = sandbox.argv.first().cloned().unwrap_or_default();
    let Some(parts) = &script.program else { return setup_error(Stage::Start, None, errno, sandbox) };
    let found = usize::try_from(candidate).ok().and_then(|index| parts.candidates.get(index));
    let path = found.map_or_else(|| program.clone(), |path| OsString::from_vec(path.as_bytes().to_vec()));
    match (errno, found) {
        (libc::ENOENT | libc::ENOTDIR, None) => {
            let by_path = program.as_encoded_bytes().contains(&b'/');
            let search_path = sandbox.env.get(std::ffi::OsStr::new("PATH")).filter(|_| !by_path).cloned();
            SandboxError::ProgramNotFound { program, search_path }
        }
        (libc::ENOENT | libc::ENOTDIR, Some(_)) => SandboxError::InterpreterNotFound { program: path },
        (libc::EACCES, _) => SandboxError::ProgramNotExecutable { program: path },
        (libc::ENOEXEC, _) => SandboxError::ProgramFormat { program: path },
        (libc::E2BIG, _) => {
            let bytes = parts.argv.iter().chain(&parts.env).map(|text| text.as_bytes_with_nul().len()).sum();
            SandboxError::ArgumentsTooLarge { program, bytes }
        }
        (_, None) => setup_error(Stage::Start, None, errno, sandbox),
        (_, Some(_)) => {
            SandboxError::Execute { program: path, source: std::io::Error::from_raw_os_error(errno) }
        }
    }
}
