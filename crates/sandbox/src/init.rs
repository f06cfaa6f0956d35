//! Pid 1 of a sandbox: starts the program, passes signals on, reaps orphans, reports how the program ended.
//!
//! When it ends, the kernel kills everything left in the namespace; when the parent ends, so does it. Runs in the
//! child: no allocation, no panic, no return.
#![allow(unsafe_code)]

use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, WaitStatus};

use crate::descriptors::{CONTROL, descriptor, tell};
use crate::exec::{ExecPointers, ExecSpec};
use crate::message::Message;
use crate::syscall::{check, exit, last_errno};

/// Runs the program to its end, and ends.
pub(crate) fn main(program: &ExecSpec, pointers: &ExecPointers) -> ! {
    let result = start(program, pointers).and_then(attend);
    if let Err(errno) = result {
        tell(Message::NotExecuted(errno.raw_os_error(), -1));
    }
    exit()
}

fn start(program: &ExecSpec, pointers: &ExecPointers) -> Result<Pid, Errno> {
    // SAFETY: this process has one thread. The raw call and not `fork`, which would run handlers that the parent's
    // libraries registered, and take the allocator's locks. Without a stack given, the child goes on with a copy.
    let result = unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) };
    match result {
        0 => become_program(program, pointers),
        1.. => Pid::from_raw(result as i32).ok_or(Errno::INVAL),
        _ => Err(last_errno()),
    }
}

/// Turns this process into the program: a session of its own, no blocked signals, then `execve`.
fn become_program(program: &ExecSpec, pointers: &ExecPointers) -> ! {
    let _ = rustix::process::setsid();
    // SAFETY: an all-zero set is a valid one; the kernel only reads it. Ends by replacing the process or exiting.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
    }
    let mut answer = (Errno::NOENT, -1);
    for (index, candidate) in program.candidates.iter().enumerate() {
        // SAFETY: the pointers are to null-terminated arrays of C strings that `ExecPointers` keeps alive.
        unsafe { libc::execve(candidate.as_ptr(), pointers.argv(), pointers.env()) };
        match last_errno() {
            Errno::NOENT | Errno::NOTDIR if !exists(candidate) => {}
            // As a shell does, go on looking, but remember why in case there is no other.
            Errno::ACCESS => answer = (Errno::ACCESS, index as i32),
            errno => {
                answer = (errno, index as i32);
                break;
            }
        }
    }
    tell(Message::NotExecuted(answer.0.raw_os_error(), answer.1));
    exit()
}

fn exists(path: &std::ffi::CStr) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXISTS).is_ok()
}

/// Waits for children and signals until the program has ended.
fn attend(program: Pid) -> Result<(), Errno> {
    let children = child_signals()?;
    loop {
        if let Some(status) = reap(program)? {
            let ended = match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Message::Exited(code),
                (None, Some(signal)) => Message::Signaled(signal),
                (None, None) => continue,
            };
            tell(ended);
            return Ok(());
        }
        let mut events = [
            PollFd::from_borrowed_fd(children, PollFlags::IN),
            PollFd::from_borrowed_fd(descriptor(CONTROL), PollFlags::IN),
        ];
        match poll(&mut events, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
        if !events[0].revents().is_empty() {
            // Only wakes us; what happened is asked of `wait`.
            let _ = rustix::io::read(children, &mut [0u8; 128]);
        }
        if !events[1].revents().is_empty() {
            let mut signals = [0u8; 16];
            match rustix::io::read(descriptor(CONTROL), &mut signals) {
                // The parent is gone, and with it anyone to run for.
                Ok(0) => exit(),
                Ok(count) => signals.iter().take(count).for_each(|&signal| pass_on(program, signal)),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }
}

/// A descriptor that is readable when a child has ended. All signals are blocked since before `clone`.
fn child_signals() -> Result<BorrowedFd<'static>, Errno> {
    // SAFETY: the set is initialised by `sigemptyset`; the kernel copies it. The new descriptor lives as long as
    // this process.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, libc::SIGCHLD);
        let number = libc::signalfd(-1, &set, libc::SFD_CLOEXEC);
        check(number)?;
        Ok(BorrowedFd::borrow_raw(number))
    }
}

/// Collects everything that has ended; the program's status if it is among it.
fn reap(program: Pid) -> Result<Option<WaitStatus>, Errno> {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) if pid == program => return Ok(Some(status)),
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) => return Ok(None),
            Err(errno) => return Err(errno),
        }
    }
}

/// To the program's process group: shells do not pass signals on to what they run.
fn pass_on(program: Pid, signal: u8) {
    let (group, signal) = (-program.as_raw_nonzero().get(), i32::from(signal));
    // SAFETY: plain numbers. Right after the start the group may not be there yet, but the process is.
    unsafe {
        if libc::kill(group, signal) < 0 {
            libc::kill(-group, signal);
        }
    }
}
