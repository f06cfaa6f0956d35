//! The files that the first process of a sandbox has open, by fixed numbers, and what it does with them. Runs in
//! the child but for [`ChildPipes`]: no allocation, no panic.
#![allow(unsafe_code)]

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use rustix::io::Errno;

use crate::message::Message;
use crate::syscall::check;

/// Where the child keeps what it has open. Standard input, output and error are 0 to 2.
pub(crate) const REPORT: RawFd = 3;
/// Bytes from the parent, each the number of a signal; its end means that the parent is gone.
pub(crate) const CONTROL: RawFd = 4;
/// The root directory, once there is one.
pub(crate) const ROOT: RawFd = 5;
/// The first number that is closed.
pub(crate) const FIRST_FREE: RawFd = 6;

/// Above all these numbers: the parent opens its pipes from here on, so that moving them replaces none in use.
pub(crate) const LOWEST: i32 = 16;

/// The child's ends of the pipes. All numbers are above those that the child moves them to.
#[derive(Debug)]
pub(crate) struct ChildPipes {
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
    pub(crate) report: OwnedFd,
    pub(crate) control: OwnedFd,
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
pub(crate) fn set_root(root: OwnedFd) -> Result<(), Errno> {
    // SAFETY: both numbers are open; `ROOT` is owned by no Rust object.
    check(unsafe { libc::dup3(root.as_raw_fd(), ROOT, libc::O_CLOEXEC) })
}
