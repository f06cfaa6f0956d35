//! How much memory a sandbox uses, from outside: pages that its processes have, memory files that they hold open, and
//! what lies on the file systems in memory that belong to it alone. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

use crate::held::{FileId, HeldFiles};
use crate::tree::{self, Apart, Process, Sample};

/// The file systems in memory of one sandbox, once they are known.
#[derive(Debug, Default)]
pub(crate) struct SandboxMemory {
    mounts: Option<MemoryMounts>,
}

impl SandboxMemory {
    /// Looks for the file systems through one of `processes`, unless they are known already.
    pub(crate) fn look(&mut self, processes: &[Process]) {
        if self.mounts.is_none() {
            self.mounts = processes.iter().find_map(|process| MemoryMounts::of(process.pid));
        }
    }

    /// Whether files of this device are in memory, and counted with it.
    pub(crate) fn holds(&self, device: u64) -> bool {
        self.mounts.as_ref().is_some_and(|mounts| mounts.roots.contains_key(&device))
    }

    /// Bytes in use, of which shared pages may be counted for each process that has them.
    pub(crate) fn rough(&self, sample: &Sample, held: &HeldFiles) -> u64 {
        sample.resident.saturating_add(self.unmapped(held))
    }

    /// The same with all that is shared counted once; slower.
    pub(crate) fn exact(&self, processes: &[Process], held: &HeldFiles) -> u64 {
        let files: BTreeSet<FileId> = held.memory.keys().copied().collect();
        let devices = self.mounts.iter().flat_map(|mounts| mounts.roots.keys().copied()).collect();
        tree::proportional(processes, &Apart { files, devices }).saturating_add(self.unmapped(held))
    }

    /// Bytes in files, whether they are mapped or not.
    fn unmapped(&self, held: &HeldFiles) -> u64 {
        let files = held.memory.values().fold(0, |sum: u64, bytes| sum.saturating_add(*bytes));
        self.mounts.as_ref().map_or(files, |mounts| mounts.used().saturating_add(files))
    }
}

/// By device.
#[derive(Debug)]
struct MemoryMounts {
    roots: BTreeMap<u64, OwnedFd>,
}

impl MemoryMounts {
    /// Those that a process sees and this one does not. `None` if it has ended, or has not begun: only the program
    /// itself may be looked at by its caller.
    fn of(pid: u32) -> Option<Self> {
        let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, format!("/proc/{pid}/root"), directory, Mode::empty()).ok()?;
        let mounts = |pid: &str| Some(memory_mounts(&fs::read(format!("/proc/{pid}/mountinfo")).ok()?));
        let of_the_host: BTreeSet<u64> = mounts("self")?.into_iter().map(|(device, _)| device).collect();
        let mut roots = BTreeMap::new();
        for (device, path) in mounts(&pid.to_string())? {
            let flags = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
            let Ok(place) = rustix::fs::openat2(&root, path, directory, Mode::empty(), flags) else {
                continue;
            };
            // One that another mount covers cannot be reached by the program either.
            let uncovered = rustix::fs::fstat(&place).is_ok_and(|stat| stat.st_dev == device);
            if uncovered && !of_the_host.contains(&device) {
                roots.insert(device, place);
            }
        }
        Some(Self { roots })
    }

    fn used(&self) -> u64 {
        let each = self.roots.values().filter_map(|root| rustix::fs::fstatfs(root).ok());
        let used = each.map(|stat| {
            let blocks = stat.f_blocks.saturating_sub(stat.f_bfree);
            blocks.saturating_mul(u64::try_from(stat.f_bsize).unwrap_or(0))
        });
        used.fold(0, u64::saturating_add)
    }
}

/// Device and place of each file system in memory.
///
/// Source: proc_pid_mountinfo(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`.
fn memory_mounts(mountinfo: &[u8]) -> Vec<(u64, PathBuf)> {
    let lines = mountinfo.split(|&byte| byte == b'\n');
    lines.filter_map(memory_mount).collect()
}

fn memory_mount(line: &[u8]) -> Option<(u64, PathBuf)> {
    let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
    let separator = words.iter().position(|word| *word == b"-")?;
    (*words.get(separator + 1)? == b"tmpfs").then_some(())?;
    let (major, minor) = std::str::from_utf8(words.get(2)?).ok()?.split_once(':')?;
    let device = rustix::fs::makedev(major.parse().ok()?, minor.parse().ok()?);
    Some((device, OsString::from_vec(unescaped(words.get(4)?)).into()))
}

/// Blanks, tabs, line ends and backslashes are written as `\` and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(|_| byte == b'\\') {
            Some(escaped) => {
                plain.push(escaped);
                rest = &tail[3..];
            }
            None => {
                plain.push(byte);
                rest = tail;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_in_memory_are_found_in_the_kernels_list() {
        let mountinfo = b"\
36 35 98:0 / / rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n\
40 36 0:47 / /dev/shm rw,nosuid - tmpfs tmpfs rw,size=1k\n\
41 36 0:48 /tmpfs /a\\040b\\134 rw shared:1 master:2 - tmpfs x rw\n\
42 36 0:49 / /- rw - overlay tmpfs rw\n";
        let device = |minor| rustix::fs::makedev(0, minor);
        assert_eq!(
            memory_mounts(mountinfo),
            [(device(47), PathBuf::from("/dev/shm")), (device(48), PathBuf::from("/a b\\"))]
        );
    }
}
