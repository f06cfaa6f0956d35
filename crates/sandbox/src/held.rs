//! What processes hold through open files alone: memory files (`memfd_create`) and files that are deleted. Neither is
//! in a process's resident pages, nor below any directory. Reads the host's `/proc` only.

use std::collections::BTreeMap;
use std::fs;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};

use crate::syscall;
use crate::tree::Process;

/// Device and inode: one file, however many processes have it open.
pub(crate) type FileId = (u64, u64);

/// Files without a name, with the bytes that each occupies. A sparse file occupies what was written to it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct HeldFiles {
    /// In memory, on no file system that a directory shows.
    pub(crate) memory: BTreeMap<FileId, u64>,
    /// Deleted while open, on any file system.
    pub(crate) deleted: BTreeMap<FileId, u64>,
}

impl HeldFiles {
    /// Bytes in deleted files of the devices that `counts` takes.
    pub(crate) fn deleted_bytes(&self, counts: impl Fn(u64) -> bool) -> u64 {
        let deleted = self.deleted.iter().filter(|((device, _), _)| counts(*device));
        deleted.fold(0, |sum, (_, bytes)| sum.saturating_add(*bytes))
    }
}

/// What `processes` have open. What they open or close meanwhile may be missed.
///
/// Not seen is what no process has open: a file on its way through a socket, and one that is only mapped.
pub(crate) fn held(processes: &[Process]) -> HeldFiles {
    let mut held = HeldFiles::default();
    for process in processes {
        add(&mut held, &format!("/proc/{}/fd", process.pid));
        if process.threads > 1 {
            for thread in threads(process.pid) {
                // A thread may have a table of open files for itself.
                if thread != process.pid && !syscall::share_files(process.pid, thread) {
                    add(&mut held, &format!("/proc/{thread}/fd"));
                }
            }
        }
    }
    held
}

fn threads(pid: u32) -> impl Iterator<Item = u32> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn add(held: &mut HeldFiles, directory: &str) {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // A process that has ended has nothing open.
    let Ok(directory) = rustix::fs::openat(CWD, directory, flags, Mode::empty()) else { return };
    for entry in Dir::read_from(&directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        // Of the file itself: the entry is a link to it that leads to it even where no path does.
        let Ok(stat) = rustix::fs::statat(&directory, name, AtFlags::empty()) else { continue };
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink > 0 {
            continue;
        }
        let in_memory = rustix::fs::readlinkat(&directory, name, Vec::new())
            .is_ok_and(|text| text.as_bytes().starts_with(b"/memfd:"));
        let files = if in_memory { &mut held.memory } else { &mut held.deleted };
        files.insert((stat.st_dev, stat.st_ino), occupied(&stat));
    }
}

/// Bytes that a file occupies, in units of 512 as the kernel counts them.
pub(crate) fn occupied(stat: &Stat) -> u64 {
    u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn memory_files_and_deleted_files_are_told_apart() {
        let memory = rustix::fs::memfd_create("held", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        let mut memory = fs::File::from(memory);
        memory.write_all(&[1; 100_000]).unwrap();
        memory.set_len(1 << 40).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut deleted = fs::File::create(directory.path().join("deleted")).unwrap();
        deleted.write_all(&[1; 50_000]).unwrap();
        deleted.sync_all().unwrap();
        let id = |file: &fs::File| file.metadata().map(|found| (found.dev(), found.ino())).unwrap();
        let processes = [Process { pid: std::process::id(), threads: 1 }];
        let named = held(&processes);
        assert_eq!(named.deleted.get(&id(&deleted)), None, "it has a name");
        fs::remove_file(directory.path().join("deleted")).unwrap();
        let held = held(&processes);
        assert!((100_000..200_000).contains(&held.memory[&id(&memory)]), "{held:?}");
        assert!(held.deleted[&id(&deleted)] >= 50_000, "{held:?}");
    }

    #[test]
    #[allow(unsafe_code)]
    fn files_of_a_thread_with_a_table_of_its_own_are_seen() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            // SAFETY: what this thread opens from here on is closed by this thread.
            unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::FILES) }.unwrap();
            let memory = rustix::fs::memfd_create("own", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
            let memory = fs::File::from(memory);
            sender.send(memory.metadata().map(|found| (found.dev(), found.ino())).unwrap()).unwrap();
            let _ = stopped.recv();
        });
        let id = receiver.recv().unwrap();
        let processes = [Process { pid: std::process::id(), threads: 2 }];
        assert!(held(&processes).memory.contains_key(&id));
        stop.send(()).unwrap();
        thread.join().unwrap();
    }
}
