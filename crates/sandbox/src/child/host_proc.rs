//! `/proc`: a fresh one, or in its place the host's, without the processes that are there already.
//!
//! Everybody may read the command line and the mounts of every process that `/proc` shows. There is no view of it with
//! some processes only, and nothing may be mounted over those to come, but each that is there can be covered by an
//! empty directory. Runs in the child: no allocation, no panic.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{FileType, Mode, OFlags, RawDir};
use rustix::io::Errno;
use rustix::mount::MountFlags;

use super::mounts::{DIRECTORY, attach, clone_tree, ensure, file_system};
use crate::descriptors::tell;
use crate::message::Message;
use crate::script::InsidePath;

const LISTABLE: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Room for a page of names.
type Buffer = [MaybeUninit<u8>; 4096];

/// A container that hides parts of its own `/proc` may not have a fresh one.
pub(super) fn proc(target: &InsidePath) -> Result<(), Errno> {
    let flags = (libc::MS_NOSUID | libc::MS_NODEV | libc::MS_NOEXEC) as u32;
    match file_system(c"proc", c"", flags, target) {
        Err(Errno::PERM) => {
            tell(Message::HostProc);
            let source = rustix::fs::open(c"/proc", DIRECTORY, Mode::empty())?;
            attach(&clone_tree(&source)?, &ensure(target, FileType::Directory)?)?;
            // What cannot be covered is seen; the message above says that it may be.
            let _ = cover_processes(&ensure(target, FileType::Directory)?);
            Ok(())
        }
        other => other,
    }
}

/// Covers all processes below `proc`, a `/proc` of this mount namespace, and their threads, which are not listed but
/// can be guessed. Not this process itself. What ends or begins meanwhile is left out.
fn cover_processes(proc: &OwnedFd) -> Result<(), Errno> {
    let mut own = [MaybeUninit::<u8>::uninit(); 16];
    // Our number is another one in the host's namespace.
    let (own, _) = rustix::fs::readlinkat_raw(proc, c"self", &mut own)?;
    let mut cover = Cover { proc, empty: None };
    let mut names: Buffer = [MaybeUninit::uninit(); 4096];
    let mut processes = RawDir::new(rustix::fs::openat(proc, c".", LISTABLE, Mode::empty())?, &mut names);
    while let Some(process) = processes.next() {
        let Ok(process) = process else { break };
        let name = process.file_name();
        if is_number(name) && name.to_bytes() != &*own {
            cover.threads(name);
            cover.one(name);
        }
    }
    Ok(())
}

fn is_number(name: &CStr) -> bool {
    name.to_bytes().iter().all(u8::is_ascii_digit)
}

struct Cover<'a> {
    proc: &'a OwnedFd,
    /// What the last one was covered with, to be cloned. It goes away when that process ends.
    empty: Option<OwnedFd>,
}

impl Cover<'_> {
    /// The threads of a process but the first.
    fn threads(&mut self, process: &CStr) {
        let tasks = rustix::fs::openat(self.proc, process, DIRECTORY, Mode::empty())
            .and_then(|process| rustix::fs::openat(&process, c"task", LISTABLE, Mode::empty()));
        let Ok(tasks) = tasks else { return };
        let mut names: Buffer = [MaybeUninit::uninit(); 4096];
        let mut tasks = RawDir::new(tasks, &mut names);
        while let Some(Ok(task)) = tasks.next() {
            if is_number(task.file_name()) && task.file_name() != process {
                self.one(task.file_name());
            }
        }
    }

    fn one(&mut self, name: &CStr) {
        let Ok(place) = self.open(name) else { return };
        let cloned = self
            .empty
            .as_ref()
            .is_some_and(|empty| clone_tree(empty).and_then(|tree| attach(&tree, &place)).is_ok());
        if !cloned && mount_empty(&place).is_ok() {
            self.empty = self.open(name).ok();
        }
    }

    fn open(&self, name: &CStr) -> Result<OwnedFd, Errno> {
        rustix::fs::openat(self.proc.as_fd(), name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())
    }
}

fn mount_empty(place: &OwnedFd) -> Result<(), Errno> {
    rustix::process::fchdir(place)?;
    let flags = MountFlags::RDONLY | MountFlags::NOEXEC | MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount(c"tmpfs", c".", c"tmpfs", flags, c"size=1,mode=555")
}
