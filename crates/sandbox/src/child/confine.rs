//! Loss of privilege, step by step: ids, capabilities, limits, the system call filter, and the loopback interface.
//!
//! Runs in the child: no allocation, no panic.

use rustix::io::Errno;
use rustix::process::{Gid, Resource, Rlimit, Uid};
use rustix::thread::{CapabilitySet, CapabilitySets};
use seccompiler::sock_filter;

use crate::syscall::{check, check_long};

pub(super) fn bring_up_loopback() -> Result<(), Errno> {
    // SAFETY: plain system call; the result is checked.
    let socket = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
    check(socket)?;
    // SAFETY: all zeros is a valid `ifreq`; name and flags are the fields that the request reads; the kernel
    // copies the structure before it returns. The socket is ours to close.
    unsafe {
        let mut request: libc::ifreq = std::mem::zeroed();
        for (place, byte) in request.ifr_name.iter_mut().zip(b"lo") {
            *place = *byte as libc::c_char;
        }
        request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
        let result = check(libc::ioctl(socket, libc::SIOCSIFFLAGS as _, &request));
        libc::close(socket);
        result
    }
}

/// Sets a limit, or the inherited one if that is lower.
pub(super) fn limit(resource: Resource, soft: u64, hard: u64) -> Result<(), Errno> {
    let most = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let limit = Rlimit { current: Some(soft.min(most)), maximum: Some(hard.min(most)) };
    rustix::process::setrlimit(resource, limit)
}

pub(super) fn drop_bounding(keep: u64) -> Result<(), Errno> {
    for capability in 0..64u32 {
        if keep & (1 << capability) != 0 {
            continue;
        }
        // SAFETY: takes two numbers and no memory.
        let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
        match check(result) {
            // Past the last capability this kernel knows.
            Err(Errno::INVAL) => break,
            other => other?,
        }
    }
    Ok(())
}

/// All three ids of each kind, so that none of them is a way back.
pub(super) fn become_user(uid: u32, gid: u32) -> Result<(), Errno> {
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)
}

pub(super) fn drop_capabilities(keep: u64) -> Result<(), Errno> {
    rustix::thread::clear_ambient_capability_set()?;
    let had = rustix::thread::capabilities(None)?.permitted;
    let kept = CapabilitySet::from_bits_retain(keep) & had;
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    rustix::thread::set_capabilities(None, sets)
}

pub(super) fn install_filter(program: &[sock_filter]) -> Result<(), Errno> {
    /// As `linux/filter.h` has it.
    #[repr(C)]
    struct Program {
        length: libc::c_ushort,
        first: *const sock_filter,
    }
    let program = Program { length: program.len() as libc::c_ushort, first: program.as_ptr() };
    // SAFETY: pointer and length are those of one slice, which outlives the call; the kernel copies it.
    check_long(unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program) })
}
