//! A control group for one sandbox, in which the kernel holds the limit on memory: it counts whatever its processes
//! take, hidden or not, and kills when nothing can be given back any more.
//!
//! A group is made next to or below the caller's own (see [`place`]); the caller itself is never moved. It is locked as
//! long as its sandbox runs, so that whoever makes the next one knows those that a killed process has left, and removes
//! them. No process can be left in a group: the sandbox's pid namespace ends before.

mod place;

use std::fs;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::Pid;

pub use place::{CgroupVersion, MemoryCgroups, NoMemoryCgroup};

/// Names of groups begin so; the caller's process id and a number follow.
const PREFIX: &str = "packwright-";

/// A group that is made can be taken for one that was left, before it is locked.
const TRIES: usize = 10;

/// The most pages that one allocation can be refused for by killing a process: for more, the kernel gives an error.
const ALLOCATION_PAGES: u64 = 8;

/// How often and how long its removal waits for the kernel to let go of the processes that have ended.
const REMOVALS: usize = 50;
const REMOVAL_PAUSE: Duration = Duration::from_millis(10);

/// Makes a control group with a limit on memory, as [`run`](crate::run) does for a sandbox that has one, and removes it
/// again. Where there is none, the limit is held by looking at the processes (see [`MemoryCount`](crate::MemoryCount)).
///
/// # Errors
///
/// Why there is none.
pub fn memory_cgroups() -> Result<MemoryCgroups, NoMemoryCgroup> {
    let place = find()?;
    MemoryCgroup::create_in(&place, u64::MAX)?;
    Ok(place)
}

/// One sandbox's group. Removed when dropped, by when its processes have to be dead.
#[derive(Debug)]
pub(crate) struct MemoryCgroup {
    version: CgroupVersion,
    path: PathBuf,
    /// Locked.
    directory: OwnedFd,
}

impl MemoryCgroup {
    /// A group of at most `limit` bytes, without swap.
    pub(crate) fn create(limit: u64) -> Result<Self, NoMemoryCgroup> {
        Self::create_in(&find()?, limit)
    }

    fn create_in(place: &MemoryCgroups, limit: u64) -> Result<Self, NoMemoryCgroup> {
        remove_left(&place.directory);
        let group = Self::make(place)?;
        group.bound(limit).map_err(|errno| refused("set the limit of", &group.path, errno))?;
        Ok(group)
    }

    fn make(place: &MemoryCgroups) -> Result<Self, NoMemoryCgroup> {
        let mut tries = 0;
        let pid = rustix::process::getpid().as_raw_nonzero();
        let mut names = (0_u64..).map(|number| place.directory.join(format!("{PREFIX}{pid}-{number}")));
        loop {
            let path = names.next().expect("there are more numbers than groups");
            match rustix::fs::mkdir(&path, Mode::RWXU) {
                Ok(()) => {}
                Err(Errno::EXIST) => continue,
                Err(errno) => return Err(refused("make the control group", &path, errno)),
            }
            tries += 1;
            match open_directory(&path)
                .and_then(|directory| lock(directory, FlockOperation::NonBlockingLockShared))
            {
                Ok(directory) => return Ok(Self { version: place.version, path, directory }),
                Err(errno) => {
                    let _ = rustix::fs::rmdir(&path);
                    if tries == TRIES {
                        return Err(refused("open the control group", &path, errno));
                    }
                }
            }
        }
    }

    /// What a kernel lacks besides the limit itself makes it less strict, and no less a limit.
    fn bound(&self, limit: u64) -> Result<(), Errno> {
        let limit = limit.min(i64::MAX as u64).to_string();
        match self.version {
            CgroupVersion::One => {
                self.write("memory.limit_in_bytes", &limit)?;
                // Memory and swap together. Where that is not counted, nothing of it is swapped.
                if self.write("memory.memsw.limit_in_bytes", &limit).is_err() {
                    let _ = self.write("memory.swappiness", "0");
                }
                // Inherited: where it is 1, a group that is full waits for ever.
                let _ = self.write("memory.oom_control", "0");
            }
            CgroupVersion::Two => {
                self.write("memory.max", &limit)?;
                let _ = self.write("memory.swap.max", "0");
                let _ = self.write("memory.oom.group", "1");
                // To move a process takes the right to write here as well.
                if let Some(parent) = self.path.parent() {
                    rustix::fs::open(
                        parent.join("cgroup.procs"),
                        OFlags::WRONLY | OFlags::CLOEXEC,
                        Mode::empty(),
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Moves a process in, which has one thread. What it has in memory by then is counted where it was.
    pub(crate) fn admit(&self, pid: Pid) -> Result<(), Errno> {
        self.write("cgroup.procs", &pid.as_raw_nonzero().to_string())
    }

    /// Bytes that cannot be given back: pages of processes and files in memory, without those that the kernel keeps of
    /// files on disk. `None` if the group has lost its controller.
    pub(crate) fn in_use(&self) -> Option<u64> {
        let names = match self.version {
            CgroupVersion::One => ["total_rss", "total_shmem"],
            CgroupVersion::Two => ["anon", "shmem"],
        };
        let text = self.read("memory.stat")?;
        Some(names.iter().filter_map(|name| value(&text, name)).fold(0, u64::saturating_add))
    }

    /// The most bytes that were ever counted, if the kernel has killed a process because there were no more.
    ///
    /// It also kills processes of a group when the whole machine, or a group above, is full; then this one's limit need
    /// not have been met.
    pub(crate) fn overrun(&self) -> Option<u64> {
        let number = |file: &str| self.read(file)?.trim().parse::<u64>().ok();
        let (killed, full, most) = match self.version {
            CgroupVersion::One => {
                let killed = value(&self.read("memory.oom_control")?, "oom_kill")?;
                // What the kernel asks for at once, and does not get, may be some pages.
                let near = ALLOCATION_PAGES * rustix::param::page_size() as u64;
                let with_swap = number("memory.memsw.max_usage_in_bytes").unwrap_or(0);
                let most = number("memory.max_usage_in_bytes")?.max(with_swap);
                (killed > 0, most.saturating_add(near) >= number("memory.limit_in_bytes")?, most)
            }
            CgroupVersion::Two => {
                let events = self.read("memory.events")?;
                let most = number("memory.peak").unwrap_or(0);
                (value(&events, "oom_kill")? > 0, value(&events, "oom")? > 0, most)
            }
        };
        (killed && full).then_some(most)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Errno> {
        let file =
            rustix::fs::openat(&self.directory, name, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
        rustix::io::write(&file, text.as_bytes()).map(drop)
    }

    fn read(&self, name: &str) -> Option<String> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let mut file = fs::File::from(rustix::fs::openat(&self.directory, name, flags, Mode::empty()).ok()?);
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        Some(text)
    }
}

impl Drop for MemoryCgroup {
    fn drop(&mut self) {
        for _ in 0..REMOVALS {
            match rustix::fs::rmdir(&self.path) {
                Err(Errno::BUSY) => std::thread::sleep(REMOVAL_PAUSE),
                // What cannot be removed now is removed by the next one to make a group.
                _ => return,
            }
        }
    }
}

fn find() -> Result<MemoryCgroups, NoMemoryCgroup> {
    let text = |path: &str| {
        fs::read(path).map_err(|source| NoMemoryCgroup::Refused { action: "read", path: path.into(), source })
    };
    let read = |path: &Path| fs::read_to_string(path).ok();
    place::choose(&text("/proc/self/cgroup")?, &text("/proc/self/mountinfo")?, &read)
}

/// Removes the groups of processes that were killed: nobody holds their locks.
fn remove_left(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if !entry.file_name().to_str().is_some_and(is_name) {
            continue;
        }
        let path = entry.path();
        let left =
            open_directory(&path).and_then(|found| lock(found, FlockOperation::NonBlockingLockExclusive));
        if left.is_ok() {
            let _ = rustix::fs::rmdir(&path);
        }
    }
}

fn is_name(name: &str) -> bool {
    let numbers = name.strip_prefix(PREFIX).and_then(|numbers| numbers.split_once('-'));
    let is_number = |text: &str| text.parse::<u64>().is_ok();
    numbers.is_some_and(|(pid, number)| is_number(pid) && is_number(number))
}

fn open_directory(path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(CWD, path, flags, Mode::empty())
}

/// Locks a directory that is still there.
fn lock(directory: OwnedFd, how: FlockOperation) -> Result<OwnedFd, Errno> {
    rustix::fs::flock(&directory, how)?;
    rustix::fs::statat(&directory, "cgroup.procs", AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(directory)
}

fn refused(action: &'static str, path: &Path, errno: Errno) -> NoMemoryCgroup {
    NoMemoryCgroup::Refused { action, path: path.to_owned(), source: errno.into() }
}

/// The number after `name` in a file of lines with a name and a number.
fn value(text: &str, name: &str) -> Option<u64> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.filter(|(found, _)| *found == name).find_map(|(_, number)| number.trim().parse().ok())
}

#[cfg(test)]
mod tests;
