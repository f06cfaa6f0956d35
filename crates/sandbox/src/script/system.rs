//! The system's part of a root: `/proc`, `/dev`, `/tmp`. A table, no decisions about the caller's mounts.

use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::{Action, IfMissing, Inside, Script, most_tasks, path_text, text};
use crate::error::{SandboxError, Stage};
use crate::sandbox::Limits;

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

impl Script {
    /// Steps for the system's part; the memory limit bounds `/tmp` and `/dev/shm` each, in bytes.
    pub(super) fn system(&mut self, limits: &Limits) -> Result<(), SandboxError> {
        let size = limits.memory;
        let inside = |path: &str| Inside::new("system mount", Path::new(path));
        self.system_step("/proc", Action::Proc(inside("/proc")?));
        if let Some(processes) = limits.processes.filter(|_| ids_are_bounded_per_namespace()) {
            let most = most_tasks(processes) + RESERVED_IDS;
            self.system_step("/proc/sys/kernel/pid_max", Action::BoundIds(most.to_string().into_bytes()));
        }
        for (paths, action) in
            [(&FROZEN[..], Action::Freeze as fn(CString) -> Action), (&HIDDEN[..], Action::Hide)]
        {
            for path in paths {
                self.system_step(&format!("/{path}"), action(text("system mount", OsStr::new(path))?));
            }
        }
        self.system_step("/dev", tmpfs(inside("/dev")?, 0o755, Some(1 << 20)));
        for device in DEVICES {
            let path = format!("/dev/{device}");
            let action = Action::Bind {
                source: path_text("device", Path::new(&path))?,
                target: inside(&path)?,
                attributes: libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NOEXEC,
                if_missing: if device == "tty" { IfMissing::Skip } else { IfMissing::Fail },
            };
            self.system_step(&path, action);
        }
        self.system_step("/dev/shm", tmpfs(inside("/dev/shm")?, 0o1777, size));
        let options = c"newinstance,ptmxmode=0666,mode=0620".to_owned();
        self.system_step("/dev/pts", Action::Terminals { options, target: inside("/dev/pts")? });
        for (path, content) in LINKS {
            let content = text("link", OsStr::from_bytes(content.as_bytes()))?;
            self.system_step(path, Action::Symlink { content, target: inside(path)? });
        }
        self.system_step("/tmp", tmpfs(inside("/tmp")?, 0o1777, size));
        Ok(())
    }

    fn system_step(&mut self, path: &str, action: Action) {
        self.push(Stage::System, Some(Path::new(path)), action);
    }
}

/// An empty file system in memory, of at most `size` bytes.
pub(super) fn tmpfs(target: Inside, mode: u32, size: Option<u64>) -> Action {
    let mut options = format!("mode={:o}", mode & 0o7777);
    if let Some(size) = size {
        // To the kernel, 0 is no limit.
        options.push_str(&format!(",size={}", size.max(1)));
    }
    let options = CString::new(options).expect("numbers hold no zero byte");
    Action::FileSystem { kind: c"tmpfs".to_owned(), options, flags: PLAIN, target }
}
