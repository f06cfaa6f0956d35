//! Looks at the processes of a sandbox from outside, through the host's `/proc`. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Read};

use rustix::process::Pid;

/// All descendants of a sandbox's first process, without that one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// In no order.
    pub(crate) processes: Vec<Process>,
    /// Their threads, themselves included.
    pub(crate) tasks: u32,
    /// Bytes resident, pages shared by several processes counted for each.
    pub(crate) resident: u64,
}

/// One process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    /// The task below whose number `/proc` shows its memory and files: the first one, or where that has ended before
    /// the others, one that lives.
    pub(crate) pid: u32,
    pub(crate) threads: u32,
}

/// One line of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
    /// Whether it has ended and given up its memory; it still is there.
    ended: bool,
    parent: u32,
    threads: u32,
    resident_pages: u64,
}

/// Looks once. Processes that start or end meanwhile may be missed.
///
/// Stops as soon as there are more than `at_most` tasks, so that looking at a fork bomb is not a race against it.
pub(crate) fn sample(first: Pid, at_most: u32) -> Sample {
    let first = first.as_raw_nonzero().get().unsigned_abs();
    let mut all = None;
    let mut sample = Sample::default();
    let mut parents = vec![first];
    while let Some(parent) = parents.pop() {
        let children = match &mut all {
            None => children(parent, at_most.saturating_sub(sample.tasks)).unwrap_or_else(|NotConfigured| {
                let everything = all.insert(scan());
                everything.remove(&parent).unwrap_or_default()
            }),
            // Taken out, so that even a torn view of the tree has no circles.
            Some(everything) => everything.remove(&parent).unwrap_or_default(),
        };
        for pid in children {
            let Some(stat) = read_stat(pid) else { continue };
            let living = (stat.ended && stat.threads > 1).then(|| living_thread(pid)).flatten();
            let (through, resident_pages) =
                living.map_or((pid, stat.resident_pages), |(thread, stat)| (thread, stat.resident_pages));
            sample.processes.push(Process { pid: through, threads: stat.threads });
            sample.tasks = sample.tasks.saturating_add(stat.threads);
            sample.resident = sample.resident.saturating_add(resident_pages.saturating_mul(page_size()));
            parents.push(pid);
            if sample.tasks > at_most {
                return sample;
            }
        }
    }
    sample
}

/// A thread of a process whose first thread has ended. The memory and the files are that of all, and the first one shows
/// none any more.
fn living_thread(pid: u32) -> Option<(u32, Stat)> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    threads
        .filter_map(|thread| thread.file_name().to_str()?.parse().ok())
        .filter_map(|thread| Some((thread, read_stat(thread)?)))
        .find(|(_, stat)| !stat.ended)
}

/// The kernel was built without lists of children (CONFIG_PROC_CHILDREN).
struct NotConfigured;

/// The children of all threads of a process, or somewhat more than `enough` of them; none if it has ended.
///
/// Not all of them: the kernel takes quadratic time for tens of thousands.
fn children(pid: u32, enough: u32) -> Result<Vec<u32>, NotConfigured> {
    let mut children = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
        let mut list = String::new();
        // A number takes two to eight bytes with its blank.
        let most = 8 * (u64::from(enough) + 2);
        let read = fs::File::open(thread.path().join("children"))
            .and_then(|file| file.take(most).read_to_string(&mut list));
        match read {
            // What follows the last blank is cut off.
            Ok(_) => {
                let whole = list.rsplit_once(' ').map_or("", |(whole, _)| whole);
                children.extend(whole.split(' ').filter_map(|pid| pid.parse::<u32>().ok()));
            }
            // The thread has ended, unless it is still there.
            Err(_) if !thread.path().exists() => {}
            Err(_) => return Err(NotConfigured),
        }
        if children.len() > enough as usize {
            break;
        }
    }
    Ok(children)
}

/// Every process of the machine by its parent.
fn scan() -> BTreeMap<u32, Vec<u32>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()) {
        if let Some(stat) = read_stat(pid) {
            children.entry(stat.parent).or_default().push(pid);
        }
    }
    children
}

/// Bytes resident, shared pages counted once and those of `apart` left out; slower. Where the kernel does not tell,
/// those of `stat`.
pub(crate) fn proportional(processes: &[Process], apart: &Apart) -> u64 {
    let exact = |pid: u32| {
        if apart.is_empty() {
            return parse_proportional(&fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?);
        }
        parse_mappings(BufReader::new(fs::File::open(format!("/proc/{pid}/smaps")).ok()?), apart)
    };
    let rough = |pid: u32| read_stat(pid).map_or(0, |stat| stat.resident_pages.saturating_mul(page_size()));
    let each = processes.iter().map(|process| exact(process.pid).unwrap_or_else(|| rough(process.pid)));
    each.fold(0, u64::saturating_add)
}

/// Files in memory that are counted elsewhere, whether they are mapped or not.
#[derive(Debug, Default)]
pub(crate) struct Apart {
    /// By device and inode.
    pub(crate) files: BTreeSet<(u64, u64)>,
    /// All files of these devices.
    pub(crate) devices: BTreeSet<u64>,
}

impl Apart {
    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.devices.is_empty()
    }

    fn contains(&self, device: u64, inode: u64) -> bool {
        self.devices.contains(&device) || self.files.contains(&(device, inode))
    }
}

/// Processes and threads of the whole machine, modulo 65536: cheap, and good enough to see that something grows.
pub(crate) fn tasks_on_host() -> u16 {
    rustix::system::sysinfo().procs
}

fn page_size() -> u64 {
    rustix::param::page_size() as u64
}

fn read_stat(pid: u32) -> Option<Stat> {
    // Long enough for the name and 52 numbers.
    let mut buffer = [0u8; 2048];
    let count = fs::File::open(format!("/proc/{pid}/stat")).ok()?.read(&mut buffer).ok()?;
    parse_stat(&String::from_utf8_lossy(&buffer[..count]))
}

/// Source: proc_pid_stat(5). The name may hold spaces and parentheses, so fields are counted from the last one.
fn parse_stat(line: &str) -> Option<Stat> {
    let (_, rest) = line.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3);
    Some(Stat {
        ended: matches!(*field(3)?, "Z" | "X"),
        parent: field(4)?.parse().ok()?,
        threads: field(20)?.parse().ok()?,
        resident_pages: field(24)?.parse::<i64>().ok()?.max(0).unsigned_abs(),
    })
}

/// Source: proc_pid_smaps(5): `Pss:  123 kB`.
fn parse_proportional(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    kilobytes(line)
}

/// Source: proc_pid_smaps(5). Each mapping begins with the line it has in proc_pid_maps(5):
/// `00400000-00452000 r-xp 00000000 08:02 173521 /usr/bin/dbus-daemon`.
fn parse_mappings(smaps: impl BufRead, apart: &Apart) -> Option<u64> {
    let (mut total, mut counts) = (0u64, true);
    for line in smaps.split(b'\n') {
        let line = line.ok()?;
        let line = String::from_utf8_lossy(&line);
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("Pss:") if counts => total = total.saturating_add(kilobytes(line.strip_prefix("Pss:")?)?),
            Some(first) if !first.ends_with(':') => {
                let (major, minor) = words.nth(2)?.split_once(':')?;
                let number = |text| u32::from_str_radix(text, 16).ok();
                let device = rustix::fs::makedev(number(major)?, number(minor)?);
                counts = !apart.contains(device, words.next()?.parse().ok()?);
            }
            _ => {}
        }
    }
    Some(total)
}

fn kilobytes(text: &str) -> Option<u64> {
    text.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests;
