//! The first process of a sandbox, from `clone` to [`init`](crate::init): carries out a compiled script.
//!
//! It is a copy of one thread of a process that may have had many, so it must not allocate, lock, panic or
//! return: another thread may have held the allocator's lock at the moment of the copy. It uses system calls
//! without memory of their own (`rustix`'s raw ones, and `libc`'s thin wrappers), on data that the parent prepared.
#![allow(unsafe_code)]

mod confine;
mod host_proc;
mod landlock;
mod mounts;
mod network;
mod refusals;

use std::ffi::CStr;
use std::os::fd::AsRawFd;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Signal};
use rustix::thread::UnshareFlags;

use crate::command_line;
use crate::descriptors::{CONTROL, ChildPipes, FIRST_FREE, REPORT, ROOT, SOCKETS, descriptor, tell};
use crate::exec::ExecPointers;
use crate::message::Message;
use crate::script::{Action, Script};
use crate::syscall::{check, check_long, exit};

pub(crate) use landlock::version as landlock_version;

/// Ends the process when dropped, so that a panic cannot unwind into the parent's code.
struct ExitOnDrop;

impl Drop for ExitOnDrop {
    fn drop(&mut self) {
        exit();
    }
}

/// Everything the first process does. Never returns.
pub(crate) fn main(script: &Script, pointers: &ExecPointers, pipes: &ChildPipes) -> ! {
    let _exit_on_drop = ExitOnDrop;
    if let Err(errno) = prepare(pipes) {
        // The report pipe may not be in its place yet.
        let bytes = Message::NotReady(errno.raw_os_error()).encode();
        let _ = rustix::io::write(&pipes.report, &bytes);
        exit();
    }
    wait_for_release();
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
fn prepare(pipes: &ChildPipes) -> Result<(), Errno> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let places = [
        (pipes.stdin.as_raw_fd(), 0, 0),
        (pipes.stdout.as_raw_fd(), 1, 0),
        (pipes.stderr.as_raw_fd(), 2, 0),
        (pipes.report.as_raw_fd(), REPORT, libc::O_CLOEXEC),
        (pipes.control.as_raw_fd(), CONTROL, libc::O_CLOEXEC),
        (pipes.stdin.as_raw_fd(), ROOT, libc::O_CLOEXEC),
        (pipes.sockets.as_ref().unwrap_or(&pipes.stdin).as_raw_fd(), SOCKETS, libc::O_CLOEXEC),
    ];
    for (from, to, flags) in places {
        // SAFETY: `from` is open and above all of `to` (see `ChildPipes`), so nothing in use is replaced; the parent's
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

/// Until the parent has put this process where it belongs: what it takes from here on is counted. Ends if the parent
/// has.
fn wait_for_release() {
    loop {
        match rustix::io::read(descriptor(CONTROL), &mut [0u8; 1]) {
            Ok(1) => return,
            Err(Errno::INTR) => {}
            _ => exit(),
        }
    }
}

fn carry_out(action: &Action) -> Result<(), Errno> {
    match action {
        Action::Write { path, content } => write(path, content),
        Action::BlankCommandLine(ranges) => {
            command_line::blank(ranges);
            Ok(())
        }
        Action::OwnCgroups => {
            // SAFETY: this process has one thread, and no descriptor is involved.
            unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWCGROUP) }
        }
        Action::Loopback => network::bring_up_loopback(),
        Action::RouteToSelf => network::route_to_self(),
        Action::Listen { ports, resolver } => network::listen(ports, *resolver),
        Action::Hostname(name) => rustix::system::sethostname(name),
        Action::PrivateMounts => mounts::make_private(),
        Action::OverlayRoot { lowers, upper, work } => mounts::overlay_root(lowers, upper, work),
        Action::DirectoryRoot(path) => mounts::directory_root(path),
        Action::FileSystem { kind, options, flags, target } => {
            mounts::file_system(kind, options, *flags, target)
        }
        Action::Proc(target) => host_proc::proc(target),
        Action::Terminals { options, target } => mounts::terminals(options, target),
        Action::Bind { source, target, attributes, if_missing } => {
            mounts::bind(source, target, *attributes, *if_missing)
        }
        Action::Symlink { content, target } => mounts::symlink(content, target),
        Action::BoundIds(most) => mounts::bound(c"pid_max", most),
        Action::BoundSegments(most) => mounts::bound(c"shmall", most),
        Action::Freeze(path) => mounts::freeze(path),
        Action::Hide(path) => mounts::hide(path),
        Action::Enter => mounts::enter(),
        Action::Input => own_input(),
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
        Action::Landlock => {
            // One wall is better than no build.
            let _ = landlock::enclose();
            Ok(())
        }
        Action::Filter(program) => confine::install_filter(program),
    }
}

/// Replaces the host's `/dev/null` as standard input by that of the root, which can be opened anew by its name.
fn own_input() -> Result<(), Errno> {
    let nothing = rustix::fs::open(c"/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    // SAFETY: both numbers are open; the one that is replaced is owned by no Rust object that is ever dropped here.
    check(unsafe { libc::dup2(nothing.as_raw_fd(), 0) })
}

fn write(path: &CStr, content: &[u8]) -> Result<(), Errno> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, content).map(drop)
}
