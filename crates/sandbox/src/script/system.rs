//! The system's part of a root: `/proc`, `/dev`, `/tmp`. A table, no decisions about the caller's mounts.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::inside::{InsidePath, path_text, text};
use super::step::{Action, IfMissing, SetupStep};
use crate::error::SandboxError;
use crate::sandbox::Limits;
use crate::stage::Stage;

/// Devices that hold nothing of the host. `tty` is missing in some containers.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

const LINKS: [(&str, &str); 5] = [
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
];

/// Parts of `/proc` that change the kernel. Real root passes their permission checks in a user namespace of its
/// own too, because the mapped id is still the host's 0.
const FROZEN: [&str; 5] = ["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"];

/// Parts of `/proc` that tell of the host, and are of no use inside. The same list as container runtimes have.
const HIDDEN: [&str; 9] = [
    "proc/acpi",
    "proc/asound",
    "proc/kcore",
    "proc/keys",
    "proc/latency_stats",
    "proc/sched_debug",
    "proc/scsi",
    "proc/timer_list",
    "proc/timer_stats",
];

/// Ids that the kernel does not give out again once it has come round, and the least `pid_max` but one.
const RESERVED_IDS: u64 = 300;

/// Since Linux 6.14 `pid_max` is the pid namespace's own. Before, a write by real root would change the host.
fn ids_are_bounded_per_namespace() -> bool {
    let name = rustix::system::uname();
    let release = name.release().to_string_lossy();
    let mut numbers =
        release.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u32>().ok());
    (numbers.next(), numbers.next()) >= (Some(6), Some(14))
}

const PLAIN: u32 = (libc::MS_NOSUID | libc::MS_NODEV) as u32;

/// Steps for the system's part; the memory limit bounds `/tmp` and `/dev/shm` each, in bytes.
pub(super) fn steps(limits: &Limits) -> Result<Vec<SetupStep>, SandboxError> {
    let mut steps = Vec::new();
    let mut add = |path: &str, action| {
        steps.push(SetupStep { stage: Stage::System, path: Some(path.into()), action });
    };
    let size = limits.memory;
    let inside = |path: &str| InsidePath::new("system mount", Path::new(path));
    add("/proc", Action::Proc(inside("/proc")?));
    if let Some(processes) = limits.processes.filter(|_| ids_are_bounded_per_namespace()) {
        let most = kernel_limit(processes) + RESERVED_IDS;
        add("/proc/sys/kernel/pid_max", Action::BoundIds(most.to_string().into_bytes()));
    }
    if let Some(memory) = size {
        let pages = (memory / rustix::param::page_size() as u64).max(1);
        add("/proc/sys/kernel/shmall", Action::BoundSegments(pages.to_string().into_bytes()));
    }
    for (paths, action) in
        [(&FROZEN[..], Action::Freeze as fn(CString) -> Action), (&HIDDEN[..], Action::Hide)]
    {
        for path in paths {
            add(&format!("/{path}"), action(text("system mount", OsStr::new(path))?));
        }
    }
    add("/dev", tmpfs(inside("/dev")?, 0o755, Some(1 << 20)));
    for device in DEVICES {
        let path = format!("/dev/{device}");
        let action = Action::Bind {
            source: path_text("device", Path::new(&path))?,
            target: inside(&path)?,
            attributes: libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC,
            if_missing: if device == "tty" { IfMissing::Skip } else { IfMissing::Fail },
        };
        add(&path, action);
    }
    add("/dev/shm", tmpfs(inside("/dev/shm")?, 0o1777, size));
    let options = c"newinstance,ptmxmode=0666,mode=0620".to_owned();
    add("/dev/pts", Action::Terminals { options, target: inside("/dev/pts")? });
    for (path, content) in LINKS {
        let content = text("link", OsStr::from_bytes(content.as_bytes()))?;
        add(path, Action::Symlink { content, target: inside(path)? });
    }
    add("/tmp", tmpfs(inside("/tmp")?, 0o1777, size));
    Ok(steps)
}

/// How many tasks the kernel itself allows. Well above the sampled limit, so that passing that one is mostly seen and
/// named instead of failing in `fork`.
pub(super) fn kernel_limit(processes: u32) -> u64 {
    u64::from(processes) * 2 + 1024
}

/// An empty file system in memory, of at most `size` bytes.
pub(super) fn tmpfs(target: InsidePath, mode: u32, size: Option<u64>) -> Action {
    let mut options = format!("mode={:o}", mode & 0o7777);
    if let Some(size) = size {
        // To the kernel, 0 is no limit.
        options.push_str(&format!(",size={}", size.max(1)));
    }
    let options = CString::new(options).expect("numbers hold no zero byte");
    Action::FileSystem { kind: c"tmpfs".to_owned(), options, flags: PLAIN, target }
}
