//! Looks at the processes of a sandbox from outside, through the host's `/proc`. Reads only.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

use rustix::process::Pid;

/// All descendants of a sandbox's first process, without that one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Processes, in no order.
    pub(crate) pids: Vec<u32>,
    /// Their threads, themselves included.
    pub(crate) tasks: u32,
    /// Bytes resident, pages shared by several processes counted for each.
    pub(crate) resident: u64,
}

/// One line of `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stat {
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
            sample.pids.push(pid);
            sample.tasks = sample.tasks.saturating_add(stat.threads);
            sample.resident = sample.resident.saturating_add(stat.resident_pages.saturating_mul(page_size()));
            parents.push(pid);
            if sample.tasks > at_most {
                return sample;
            }
        }
    }
    sample
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

/// Bytes resident, shared pages counted once; slower. Where the kernel does not tell, those of `stat`.
pub(crate) fn proportional(sample: &Sample) -> u64 {
    let exact = |&pid: &u32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        parse_proportional(&rollup)
    };
    let rough = |pid: &u32| read_stat(*pid).map_or(0, |stat| stat.resident_pages.saturating_mul(page_size()));
    sample.pids.iter().map(|pid| exact(pid).unwrap_or_else(|| rough(pid))).fold(0, u64::saturating_add)
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
    // A zombie has given up its memory; it still is a process.
    Some(Stat {
        parent: field(4)?.parse().ok()?,
        threads: field(20)?.parse().ok()?,
        resident_pages: field(24)?.parse::<i64>().ok()?.max(0).unsigned_abs(),
    })
}

/// Source: proc_pid_smaps(5): `Pss:  123 kB`.
fn parse_proportional(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests;
