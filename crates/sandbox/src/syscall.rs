//! Results of system calls through `libc`, and the end of a process without destructors. No allocation, no panic:
//! the child uses it.
#![allow(unsafe_code)]

use rustix::io::Errno;

/// The error of a call that gave `result`, if that is negative.
pub(crate) fn check(result: i32) -> Result<(), Errno> {
    check_long(result.into())
}

/// The same for calls that give a `long`.
pub(crate) fn check_long(result: i64) -> Result<(), Errno> {
    if result < 0 { Err(last_errno()) } else { Ok(()) }
}

/// Why the last call through `libc` failed; only to be asked if it did.
pub(crate) fn last_errno() -> Errno {
    // SAFETY: the location is this thread's own; the child's only thread inherited it with its memory.
    Errno::from_raw_os_error(unsafe { *libc::__errno_location() })
}

/// Whether two tasks, by their numbers in the caller's namespace, have one table of open files. No if the kernel does
/// not say.
pub(crate) fn share_files(one: u32, other: u32) -> bool {
    /// As `linux/kcmp.h` has it.
    const KCMP_FILES: libc::c_long = 2;
    // SAFETY: takes five numbers and no memory.
    unsafe { libc::syscall(libc::SYS_kcmp, one, other, KCMP_FILES, 0, 0) == 0 }
}

/// Ends the process and with it everything in the namespace, running no destructor and flushing nothing of the
/// parent's.
pub(crate) fn exit() -> ! {
    // SAFETY: always safe; nothing after it runs.
    unsafe { libc::_exit(0) }
}
