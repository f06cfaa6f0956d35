//! How much memory a sandbox uses, and whether that is too much: as its control group says, or where none can be had,
//! from outside. Then it is the pages that its processes have, memory files that they hold open, and what lies on the
//! file systems in memory that belong to it alone. Moves nobody and kills nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

use crate::held::{FileId, HeldFiles};
use crate::memory_cgroup::MemoryCgroup;
use crate::mountinfo;
use crate::outcome::{MemoryCount, Outcome};
use crate::tree::{self, Apart, Process, Sample};

/// Looks at the memory of one running sandbox.
#[derive(Debug)]
pub(crate) struct MemoryWatch {
    limit: Option<u64>,
    /// The sandbox is in it.
    cgroup: Option<MemoryCgroup>,
    /// Who counts.
    count: Option<MemoryCount>,
    /// The file systems in memory, once they are known.
    mounts: Option<MemoryMounts>,
}

impl MemoryWatch {
    pub(crate) fn new(limit: Option<u64>, cgroup: Option<MemoryCgroup>) -> Self {
        let by = if cgroup.is_some() { MemoryCount::Cgroup } else { MemoryCount::Sampling };
        Self { limit, cgroup, count: limit.map(|_| by), mounts: None }
    }

    /// Who counts; `None` without a limit.
    pub(crate) fn count(&self) -> Option<MemoryCount> {
        self.count
    }

    /// Looks for the file systems through one of `processes`, unless they are known already.
    pub(crate) fn find_mounts(&mut self, processes: &[Process]) {
        if self.mounts.is_none() {
            self.mounts = processes.iter().find_map(|process| MemoryMounts::of(process.pid));
        }
    }

    /// Whether files of this device are in memory, and counted with it.
    pub(crate) fn holds(&self, device: u64) -> bool {
        self.mounts.as_ref().is_some_and(|mounts| mounts.roots.contains_key(&device))
    }

    /// Bytes in use, and the outcome if they are too many.
    pub(crate) fn look(&mut self, sample: &Sample, held: &HeldFiles) -> (u64, Option<Outcome>) {
        let Some(limit) = self.limit else { return (sample.resident, None) };
        if self.count == Some(MemoryCount::Cgroup) {
            if let Some(used) = self.cgroup.as_ref().and_then(MemoryCgroup::in_use) {
                return (used, self.refused());
            }
            // Whoever owns the groups above has taken the controller away.
            self.count = Some(MemoryCount::Sampling);
        }
        let mut used = self.rough(sample, held);
        if used > limit {
            // Counts shared pages once per process; before it is too much, the exact and slower count.
            used = self.exact(&sample.processes, held);
        }
        (used, (used > limit).then_some(Outcome::MemoryExceeded { limit, used }))
    }

    /// The outcome if the kernel has killed a process over the limit.
    pub(crate) fn refused(&self) -> Option<Outcome> {
        let limit = self.limit?;
        let used = self.cgroup.as_ref()?.overrun()?;
        Some(Outcome::MemoryExceeded { limit, used: used.max(limit) })
    }

    /// Bytes in use, of which shared pages may be counted for each process that has them.
    fn rough(&self, sample: &Sample, held: &HeldFiles) -> u64 {
        sample.resident.saturating_add(self.unmapped(held))
    }

    /// The same with all that is shared counted once; slower.
    fn exact(&self, processes: &[Process], held: &HeldFiles) -> u64 {
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
fn memory_mounts(mountinfo: &[u8]) -> Vec<(u64, PathBuf)> {
    let in_memory = mountinfo::mounts(mountinfo).filter(|mount| mount.kind == b"tmpfs");
    in_memory.map(|mount| (mount.device, mount.target)).collect()
}
