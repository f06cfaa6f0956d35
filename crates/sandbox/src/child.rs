//! The first process of a sandbox, from `clone` to [`init`](crate::init): carries out a compiled script.
//!
//! It is a copy of one thread of a process that may have had many, so it must not allocate, lock, panic or
//! return: another thread may have held the allocator's lock at the moment of the copy. It uses system calls
//! without memory of their own (`rustix`'s raw ones, and `libc`'s thin wrappers), on data that the parent prepared.
#![allow(unsafe_code)]

mod confine;
mod mounts;

use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Signal};

use crate::script::{Action, Script};
use crate::spawn::{Pipes, Pointers};

/// Where the child keeps what it has open. Standard input, output and error are 0 to 2.
pub(crate) const REPORT: RawFd = 3;
/// Bytes from the parent, each the number of a signal; its end means that the parent is gone.
pub(crate) const CONTROL: RawFd = 4;
/// The root directory, once there is one.
pub(crate) const ROOT: RawFd = 5;
const FIRST_FREE: RawFd = 6;

/// What the child tells the parent: a kind and two numbers that belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    /// Preparing the descriptors failed with this error number.
    NotReady(i32),
    /// The step with this index failed with this error number.
    Failed(i32, i32),
    /// The script went through and there was no program to run.
    Ready,
    /// The program could not be executed: error number, and index of the candidate that exists, or -1.
    NotExecuted(i32, i32),
    /// Like the note of this name.
    HostProc,
    /// Like the note of this name.
    NoTerminals,
    /// The program ended with this status.
    Exited(i32),
    /// The program was killed by this signal.
    Signaled(i32),
}

/// Messages are shorter than `PIPE_BUF`, so they arrive whole.
pub(crate) const MESSAGE_SIZE: usize = 12;

impl Message {
    pub(crate) fn encode(self) -> [u8; MESSAGE_SIZE] {
        let numbers = match self {
            Self::NotReady(errno) => [0, errno, 0],
            Self::Failed(step, errno) => [1, step, errno],
            Self::Ready => [2, 0, 0],
            Self::NotExecuted(errno, candidate) => [3, errno, candidate],
            Self::HostProc => [4, 0, 0],
            Self::NoTerminals => [5, 0, 0],
            Self::Exited(code) => [6, code, 0],
            Self::Signaled(signal) => [7, signal, 0],
        };
        let mut bytes = [0; MESSAGE_SIZE];
        for (chunk, number) in bytes.chunks_exact_mut(4).zip(numbers) {
            chunk.copy_from_slice(&number.to_ne_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8; MESSAGE_SIZE]) -> Option<Self> {
        let [a, b, c] =
            [0, 4, 8].map(|at| i32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        Some(match a {
            0 => Self::NotReady(b),
            1 => Self::Failed(b, c),
            2 => Self::Ready,
            3 => Self::NotExecuted(b, c),
            4 => Self::HostProc,
            5 => Self::NoTerminals,
            6 => Self::Exited(b),
            7 => Self::Signaled(b),
            _ => return None,
        })
    }
}

/// Ends the process when dropped, so that a panic cannot unwind into the parent's code.
struct NoWayBack;

impl Drop for NoWayBack {
    fn drop(&mut self) {
        exit();
    }
}

/// Everything the first process does. Never returns.
pub(crate) fn main(script: &Script, pointers: &Pointers, pipes: &Pipes) -> ! {
    let _no_way_back = NoWayBack;
    if let Err(errno) = prepare(pipes) {
        // The report pipe may not be in its place yet.
        let bytes = Message::NotReady(errno.raw_os_error()).encode();
        let _ = rustix::io::write(&pipes.report, &bytes);
        exit();
    }
    for (index, step) in script.steps.iter().enumerate() {
        if let Err(errno) = carry_out(&step.action) {
            tell(Message::Failed(index as i32, errno.raw_os_error()));
            exit();
        }
    }
    match &script.program {
        Some(program) => crate::init::main(program, pointers),
        None => {
            tell(Message::Ready);
            exit();
        }
    }
}

/// Dies with the parent; keeps nothing open but the pipes; resets all signal handlers.
fn prepare(pipes: &Pipes) -> Result<(), Errno> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let places = [
        (pipes.stdin.as_raw_fd(), 0, 0),
        (pipes.stdout.as_raw_fd(), 1, 0),
        (pipes.stderr.as_raw_fd(), 2, 0),
        (pipes.report.as_raw_fd(), REPORT, libc::O_CLOEXEC),
        (pipes.control.as_raw_fd(), CONTROL, libc::O_CLOEXEC),
        (pipes.stdin.as_raw_fd(), ROOT, libc::O_CLOEXEC),
    ];
    for (from, to, flags) in places {
        // SAFETY: `from` is open and above all of `to` (see `Pipes`), so nothing in use is replaced; the parent's
        // objects that own the replaced numbers are never dropped in this process.
        check(unsafe { libc::dup3(from, to, flags) })?;
    }
    // SAFETY: the owners of the closed numbers are never dropped in this process.
    check_long(unsafe { libc::syscall(libc::SYS_close_range, FIRST_FREE, u32::MAX, 0) })?;
    for signal in 1..=64 {
        // SAFETY: all zeros is a valid `sigaction` with the default disposition and an empty mask. The call fails
        // for signals that cannot be changed, which are the ones that need no change.
        unsafe {
            let action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
    Ok(())
}

fn carry_out(action: &Action) -> Result<(), Errno> {
    match action {
        Action::Write { path, content } => write(path, content),
        Action::Loopback => confine::bring_up_loopback(),
        Action::Hostname(name) => rustix::system::sethostname(name),
        Action::PrivateMounts => mounts::make_private(),
        Action::OverlayRoot { lowers, upper, work } => mounts::overlay_root(lowers, upper, work),
        Action::DirectoryRoot(path) => mounts::directory_root(path),
        Action::FileSystem { kind, options, flags, target } => {
            mounts::file_system(kind, options, *flags, target)
        }
        Action::Proc(target) => mounts::proc(target),
        Action::Terminals { options, target } => mounts::terminals(options, target),
        Action::Bind { source, target, attributes, if_missing } => {
            mounts::bind(source, target, *attributes, *if_missing)
        }
        Action::Symlink { content, target } => mounts::symlink(content, target),
        Action::BoundIds(most) => mounts::bound_ids(most),
        Action::Freeze(path) => mounts::freeze(path),
        Action::Hide(path) => mounts::hide(path),
        Action::Enter => mounts::enter(),
        Action::WorkingDirectory(path) => mounts::working_directory(path),
        Action::Umask(mask) => {
            rustix::process::umask(Mode::from_raw_mode(*mask));
            Ok(())
        }
        Action::Limit { resource, soft, hard } => confine::limit(*resource, *soft, *hard),
        Action::DropGroups => rustix::thread::set_thread_groups(&[]),
        Action::DropBoundingCapabilities { keep } => confine::drop_bounding(*keep),
        Action::Identity { uid, gid } => confine::become_user(*uid, *gid),
        Action::DropCapabilities { keep } => confine::drop_capabilities(*keep),
        Action::NoNewPrivileges => {
            // Keeps the program from reading this process's memory or files; `exec` lifts it for the program.
            rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
            // A change of user id has disarmed it.
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            rustix::thread::set_no_new_privs(true)
        }
        Action::Filter(program) => confine::install_filter(program),
    }
}

fn write(path: &CStr, content: &[u8]) -> Result<(), Errno> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, content).map(drop)
}

/// Sends a message to the parent. If it is gone, so is the need to tell.
pub(crate) fn tell(message: Message) {
    let _ = rustix::io::write(descriptor(REPORT), &message.encode());
}

/// One of the constants above as a descriptor.
pub(crate) fn descriptor(number: RawFd) -> BorrowedFd<'static> {
    // SAFETY: `prepare` has opened the constants' numbers and nothing ever closes them in this process.
    unsafe { BorrowedFd::borrow_raw(number) }
}

/// Puts an open file into the place of [`ROOT`].
fn set_root(root: OwnedFd) -> Result<(), Errno> {
    // SAFETY: both numbers are open; `ROOT` is owned by no Rust object.
    check(unsafe { libc::dup3(root.as_raw_fd(), ROOT, libc::O_CLOEXEC) })
}

pub(crate) fn check(result: i32) -> Result<(), Errno> {
    check_long(result.into())
}

pub(crate) fn check_long(result: i64) -> Result<(), Errno> {
    if result < 0 { Err(last_errno()) } else { Ok(()) }
}

/// Why the last call through `libc` failed; only to be asked if it did.
pub(crate) fn last_errno() -> Errno {
    // SAFETY: the location is this thread's own; the child's only thread inherited it with its memory.
    Errno::from_raw_os_error(unsafe { *libc::__errno_location() })
}

/// Ends the process and with it everything in the namespace, running no destructor and flushing nothing of the
/// parent's.
pub(crate) fn exit() -> ! {
    // SAFETY: always safe; nothing after it runs.
    unsafe { libc::_exit(0) }
}

#[cfg(test)]
mod tests;
