//! The system call filter: what a process inside is refused whatever its rights.
//!
//! A deny list, because build steps run any program: an allow list breaks with each new libc. What is on it are
//! ways out (mounts, namespaces, handles), parts of the kernel that have no namespace (keys, time, modules) and parts
//! with a history of holes that build tools do without.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, sock_filter,
};

use crate::error::SandboxError;

/// System calls that fail with `EPERM` inside, with their numbers on this processor.
///
/// Beside these, `clone` and `unshare` fail with `EPERM` if they ask for a user namespace, `socket` if it asks for
/// `AF_VSOCK` (which has no network namespace), and `clone3`, whose flags a filter cannot see, with `ENOSYS`,
/// at which every C library falls back to `clone`. Calls of another architecture kill the process.
#[rustfmt::skip]
pub const DENIED_CALLS: &[(&str, i64)] = &[
    // Keys have no namespace of their own.
    ("add_key", libc::SYS_add_key), ("keyctl", libc::SYS_keyctl), ("request_key", libc::SYS_request_key),
    // Attack surface that no build needs. io_uring also reaches files past a filter.
    ("bpf", libc::SYS_bpf), ("perf_event_open", libc::SYS_perf_event_open), ("userfaultfd", libc::SYS_userfaultfd),
    ("io_uring_setup", libc::SYS_io_uring_setup), ("io_uring_enter", libc::SYS_io_uring_enter),
    ("io_uring_register", libc::SYS_io_uring_register),
    // Mounts and namespaces.
    ("mount", libc::SYS_mount), ("umount2", libc::SYS_umount2), ("pivot_root", libc::SYS_pivot_root),
    ("chroot", libc::SYS_chroot), ("open_tree", libc::SYS_open_tree), ("move_mount", libc::SYS_move_mount),
    ("fsopen", libc::SYS_fsopen), ("fsconfig", libc::SYS_fsconfig), ("fsmount", libc::SYS_fsmount),
    ("fspick", libc::SYS_fspick), ("mount_setattr", libc::SYS_mount_setattr), ("setns", libc::SYS_setns),
    // Opens a file past the root directory.
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    // The machine itself.
    ("kexec_load", libc::SYS_kexec_load), ("kexec_file_load", libc::SYS_kexec_file_load), ("reboot", libc::SYS_reboot),
    ("init_module", libc::SYS_init_module), ("finit_module", libc::SYS_finit_module),
    ("delete_module", libc::SYS_delete_module), ("swapon", libc::SYS_swapon), ("swapoff", libc::SYS_swapoff),
    ("acct", libc::SYS_acct), ("quotactl", libc::SYS_quotactl), ("syslog", libc::SYS_syslog),
    ("settimeofday", libc::SYS_settimeofday), ("clock_settime", libc::SYS_clock_settime),
    ("vhangup", libc::SYS_vhangup),
    #[cfg(target_arch = "x86_64")]
    ("iopl", libc::SYS_iopl),
    #[cfg(target_arch = "x86_64")]
    ("ioperm", libc::SYS_ioperm),
];

/// On x86-64, numbers from here on are the x32 names of the same calls, which a list of numbers does not cover.
const X32_BIT: u32 = 0x4000_0000;

/// The filter for this processor, ready for the kernel.
pub(crate) fn compile() -> Result<BpfProgram, SandboxError> {
    let architecture = std::env::consts::ARCH;
    let unknown = || SandboxError::Architecture { architecture };
    let arch = TargetArch::try_from(architecture).map_err(|_| unknown())?;
    let masked = |argument, mask: u64| rule(argument, SeccompCmpOp::MaskedEq(mask), mask);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        DENIED_CALLS.iter().map(|&(_, call)| (call, vec![])).collect();
    rules.insert(libc::SYS_clone, vec![masked(0, libc::CLONE_NEWUSER as u64)]);
    rules.insert(libc::SYS_unshare, vec![masked(0, libc::CLONE_NEWUSER as u64)]);
    rules.insert(libc::SYS_socket, vec![rule(0, SeccompCmpOp::Eq, libc::AF_VSOCK as u64)]);
    let refuse = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(|_| unknown())?;
    let mut program = prologue();
    program.extend(BpfProgram::try_from(filter).map_err(|_| unknown())?);
    Ok(program)
}

fn rule(argument: u8, operator: SeccompCmpOp, value: u64) -> SeccompRule {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
        .expect("arguments 0 to 5 exist");
    SeccompRule::new(vec![condition]).expect("a rule of one condition is not empty")
}

/// What the filter generator cannot say, as it knows only one answer: `ENOSYS` for `clone3` and for x32.
fn prologue() -> BpfProgram {
    let load_number = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    let jump_equal = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    let jump_at_least = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    let answer = (libc::BPF_RET | libc::BPF_K) as u16;
    let x32 = if cfg!(target_arch = "x86_64") { X32_BIT } else { u32::MAX };
    vec![
        sock_filter { code: load_number, jt: 0, jf: 0, k: 0 },
        sock_filter { code: jump_equal, jt: 1, jf: 0, k: libc::SYS_clone3 as u32 },
        sock_filter { code: jump_at_least, jt: 0, jf: 1, k: x32 },
        sock_filter { code: answer, jt: 0, jf: 0, k: libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32 },
    ]
}
