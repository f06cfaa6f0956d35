//! Starts a sandbox from the parent's side: opens the pipes, calls `clone`, and kills the child when its guard is
//! dropped.
#![allow(unsafe_code)]

use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, pidfd_send_signal, waitpid};

use crate::child;
use crate::descriptors::{ChildPipes, LOWEST};
use crate::error::SandboxError;
use crate::exec::ExecPointers;
use crate::script::Script;
use crate::stage::Stage;
use crate::syscall::last_errno;

/// A running sandbox: its first process and the parent's ends of the pipes. Dropping it kills everything in it.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) pid: Pid,
    /// Readable when the first process, and with it every other, has ended.
    pub(crate) pidfd: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
    /// [`Message`](crate::message::Message)s.
    pub(crate) report: OwnedFd,
    control: OwnedFd,
    /// Where listening sockets come from, if there will be any.
    pub(crate) sockets: Option<OwnedFd>,
    ended: bool,
}

impl Child {
    /// The child waits until it is [released](Self::release).
    ///
    /// # Errors
    ///
    /// [`SandboxError::Host`] for want of descriptors; [`SandboxError::Setup`], still without obstacle, if
    /// the namespaces are refused.
    pub(crate) fn spawn(script: &Script) -> Result<Self, SandboxError> {
        let host = |errno| SandboxError::host("open pipes", errno);
        let (stdout, stdout_end) = pair().map_err(host)?;
        let (stderr, stderr_end) = pair().map_err(host)?;
        let (report, report_end) = pair().map_err(host)?;
        let (control_end, control) = pair().map_err(host)?;
        let (sockets, sockets_end) = match script.listens() {
            true => {
                let (own, end) = socket_pair().map_err(host)?;
                (Some(own), Some(end))
            }
            false => (None, None),
        };
        for end in [&stdout, &stderr, &report, &control] {
            rustix::fs::fcntl_setfl(end, OFlags::NONBLOCK).map_err(host)?;
        }
        let stdin = rustix::fs::open(c"/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .and_then(lift)
            .map_err(|errno| SandboxError::host("open `/dev/null`", errno))?;
        let pipes = ChildPipes {
            stdin,
            stdout: stdout_end,
            stderr: stderr_end,
            report: report_end,
            control: control_end,
            sockets: sockets_end,
        };
        let pointers = ExecPointers::new(script.program.as_ref());
        let (pid, pidfd) = clone(script, &pointers, &pipes).map_err(|errno| SandboxError::Setup {
            stage: Stage::Namespaces,
            path: None,
            obstacle: None,
            source: errno.into(),
        })?;
        Ok(Self { pid, pidfd, stdout, stderr, report, control, sockets, ended: false })
    }

    /// Lets the first process go on.
    pub(crate) fn release(&self) {
        // An error means that it has ended already.
        let _ = rustix::io::write(&self.control, &[0]);
    }

    /// Kills every process of the sandbox. They may take a moment to end.
    pub(crate) fn kill(&self) {
        // An error means that it has ended already.
        let _ = pidfd_send_signal(&self.pidfd, Signal::KILL);
    }

    /// Asks pid 1 to pass a signal on. Lost if hundreds wait already.
    pub(crate) fn pass_on(&self, signal: u8) {
        let _ = rustix::io::write(&self.control, &[signal]);
    }

    /// Waits for the end of every process.
    pub(crate) fn wait(&mut self) -> Result<WaitStatus, SandboxError> {
        let answer = rustix::io::retry_on_intr(|| waitpid(Some(self.pid), WaitOptions::empty()));
        self.ended = true;
        match answer {
            Ok(Some((_, status))) => Ok(status),
            Ok(None) | Err(Errno::CHILD) => Err(SandboxError::host("wait for the sandbox", Errno::CHILD)),
            Err(errno) => Err(SandboxError::host("wait for the sandbox", errno)),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.ended {
            self.kill();
            // The sandbox is being given up, and so is its outcome.
            let _ = self.wait();
        }
    }
}

/// Reading end and writing end.
fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
    Ok((lift(read)?, lift(write)?))
}

/// Two ends over which open files can go.
fn socket_pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (own, end) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    Ok((lift(own)?, lift(end)?))
}

fn lift(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() >= LOWEST { Ok(fd) } else { rustix::io::fcntl_dupfd_cloexec(fd.as_fd(), LOWEST) }
}

/// Makes the first process, in its namespaces, with all signals blocked.
fn clone(script: &Script, pointers: &ExecPointers, pipes: &ChildPipes) -> Result<(Pid, OwnedFd), Errno> {
    let flags = script.namespaces | libc::CLONE_PIDFD | libc::SIGCHLD;
    let mut pidfd: libc::c_int = -1;
    let blocked = BlockedSignals::all();
    // SAFETY: without a stack and without CLONE_VM the new process goes on here with a copy of this thread and its
    // memory, as after `fork`. The raw call runs no `atfork` handlers; `child::main` keeps to what is allowed after
    // it, and never returns. The third argument is where the kernel puts the descriptor (CLONE_PIDFD) on every
    // architecture that the filter knows.
    let result = unsafe { libc::syscall(libc::SYS_clone, libc::c_long::from(flags), 0, &mut pidfd, 0, 0) };
    if result == 0 {
        child::main(script, pointers, pipes);
    }
    let answer = if result > 0 {
        // SAFETY: the kernel has just opened it for us, as there is a new process.
        Pid::from_raw(result as i32)
            .map(|pid| (pid, unsafe { OwnedFd::from_raw_fd(pidfd) }))
            .ok_or(Errno::INVAL)
    } else {
        Err(last_errno())
    };
    drop(blocked);
    answer
}

/// Keeps this thread from signals: until the child has reset them, it would run the caller's handlers.
struct BlockedSignals {
    before: libc::sigset_t,
}

impl BlockedSignals {
    fn all() -> Self {
        // SAFETY: both sets are valid (all zeros), and initialised by the calls.
        unsafe {
            let mut all: libc::sigset_t = std::mem::zeroed();
            let mut before: libc::sigset_t = std::mem::zeroed();
            libc::sigfillset(&mut all);
            libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
            Self { before }
        }
    }
}

impl Drop for BlockedSignals {
    fn drop(&mut self) {
        // SAFETY: the set is the one that was there before.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, ptr::null_mut()) };
    }
}
