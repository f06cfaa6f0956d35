//! A second wall: files outside of the root stay closed even to a program that gets hold of a directory there, and
//! sockets without a path that belong to the host cannot be reached. Where the kernel has no Landlock, the first wall
//! stands alone.
//!
//! The raw calls, since the `landlock` crate allocates, which a child of a process with threads must not. Runs in the
//! child, but for [`version`]: no allocation, no panic.

use std::ffi::c_long;
use std::os::fd::RawFd;

use rustix::io::Errno;

use crate::descriptors::ROOT;
use crate::syscall::check_long;

/// Moving files from directory to directory can be allowed since this version; the first one refuses it to everybody.
const FIRST: c_long = 2;

/// Source: `linux/landlock.h`, `struct landlock_ruleset_attr`; older kernels know the first fields only.
#[repr(C)]
struct Ruleset {
    files: u64,
    network: u64,
    scopes: u64,
}

/// Source: `linux/landlock.h`, `struct landlock_path_beneath_attr`.
#[repr(C, packed)]
struct PathBeneath {
    allowed: u64,
    parent: RawFd,
}

/// The version of Landlock that this kernel offers and a sandbox uses.
pub(crate) fn version() -> Option<u32> {
    const VERSION: c_long = 1;
    // SAFETY: with this flag there is no structure to read.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0usize, 0usize, VERSION) };
    u32::try_from(version).ok().filter(|_| version >= FIRST)
}

/// Allows everything beneath the root, and nothing elsewhere. What is open already stays usable.
pub(crate) fn enclose() -> Result<(), Errno> {
    let Some(version) = version() else { return Ok(()) };
    // Each version names the rights of those before it and some more; what is not named is not refused.
    let rights = match version {
        ..3 => 14,
        3..5 => 15,
        _ => 16,
    };
    // The network is a matter of namespaces. Both scopes: abstract sockets, and signals.
    let ruleset =
        Ruleset { files: (1 << rights) - 1, network: 0, scopes: if version < 6 { 0 } else { 0b11 } };
    let size: usize = match version {
        ..4 => 8,
        4..6 => 16,
        _ => 24,
    };
    // SAFETY: pointer and size are those of one structure, or of its beginning.
    let rules = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, &ruleset, size, 0) };
    check_long(rules)?;
    let below_root = PathBeneath { allowed: ruleset.files, parent: ROOT };
    const BELOW_PATH: c_long = 1;
    // SAFETY: the structure outlives the call, which reads it. The rules are ours to close.
    unsafe {
        let added = libc::syscall(libc::SYS_landlock_add_rule, rules, BELOW_PATH, &below_root, 0);
        let enclosed = check_long(added)
            .and_then(|()| check_long(libc::syscall(libc::SYS_landlock_restrict_self, rules, 0)));
        libc::close(rules as RawFd);
        enclosed
    }
}
