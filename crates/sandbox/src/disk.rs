//! How much a sandbox has written to disk, from outside: what lies in the directories that it may write to. Reads only,
//! but for directories that the program has closed to their owner, and these when it has ended.
//!
//! What lies in directories that the program has closed to their owner, or very deep, counts while it runs by how full
//! the file system is, which others change too; at its end it is counted like all else.
//!
//! A walk over a large directory takes long, so while the program runs there is one when the time for it has come, or
//! when the file system has become so much fuller that the limit may be passed, should all of it be ours.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use crate::held::{FileId, occupied};
use crate::outcome::Outcome;
use crate::sandbox::{Access, DiskUse, Limits, Mount, Root, Sandbox};

/// How deep directories are followed: each takes an open file. What is deeper counts by how full the file system is.
const DEPTH: usize = 200;

/// How many times as long as a walk takes we wait at least before the next one, and the longest such wait.
const REST: u32 = 10;
const LONGEST_REST: Duration = Duration::from_secs(10);

/// What the directories that `sandbox` may write to hold now: for [`Sandbox::disk_before`], if others than the process
/// itself have written to them.
pub fn disk_use(sandbox: &Sandbox) -> DiskUse {
    let mut walk = Walk::new(Closed::Open);
    written(sandbox).for_each(|directory| walk.tree(directory));
    walk.total
}

/// The directories of the host that a sandbox may write to.
fn written(sandbox: &Sandbox) -> impl Iterator<Item = &Path> {
    let root = match &sandbox.root {
        Root::Overlay { upper, .. } => upper,
        Root::Directory(path) => path,
    };
    let binds = sandbox.mounts.iter().filter_map(|mount| match mount {
        Mount::Bind { source, access: Access::ReadWrite, .. } => Some(source),
        _ => None,
    });
    [root].into_iter().chain(binds).map(|path| path.as_path())
}

/// Looks at the directories of one running sandbox.
#[derive(Debug)]
pub(crate) struct DiskWatch<'a> {
    sandbox: &'a Sandbox,
    /// By the last walk, without deleted files.
    last: DiskUse,
    /// Whether it left something out.
    incomplete: bool,
    /// How full the file systems were at the start and at the last walk.
    at_start: DiskUse,
    at_last: DiskUse,
    next: Instant,
}

impl<'a> DiskWatch<'a> {
    /// `None` if there is no limit to hold.
    pub(crate) fn of(sandbox: &'a Sandbox, now: Instant) -> Option<Self> {
        let limits = &sandbox.limits;
        let full = (limits.disk.is_some() || limits.files.is_some()).then(|| fullness(sandbox))?;
        let last = DiskUse::default();
        Some(Self { sandbox, last, incomplete: false, at_start: full, at_last: full, next: now })
    }

    /// What it uses now, with `deleted` bytes in files that it holds open; at least what is known from the last walk.
    pub(crate) fn look(&mut self, deleted: u64, now: Instant) -> DiskUse {
        let full = fullness(self.sandbox);
        let with = |last: DiskUse| DiskUse { bytes: last.bytes.saturating_add(deleted), ..last };
        let most = with(self.last).plus(full.less(self.at_last));
        if now >= self.next || exceeded(most, &self.sandbox.limits).is_some() {
            self.walk(Closed::LeaveOut);
            self.at_last = full;
            self.next = Instant::now() + (now.elapsed() * REST).min(LONGEST_REST);
        }
        if self.incomplete { with(self.last).at_least(full.less(self.at_start)) } else { with(self.last) }
    }

    /// What it has left, once nothing of it runs any more.
    pub(crate) fn at_end(&mut self) -> DiskUse {
        self.walk(Closed::Open);
        let full = fullness(self.sandbox);
        if self.incomplete { self.last.at_least(full.less(self.at_start)) } else { self.last }
    }

    fn walk(&mut self, closed: Closed) {
        let mut walk = Walk::new(closed);
        written(self.sandbox).for_each(|directory| walk.tree(directory));
        self.incomplete = walk.incomplete;
        self.last = walk.total.less(self.sandbox.disk_before);
    }
}

/// The limit that `used` passes.
pub(crate) fn exceeded(used: DiskUse, limits: &Limits) -> Option<Outcome> {
    let bytes = limits.disk.filter(|&limit| used.bytes > limit);
    let files = limits.files.filter(|&limit| used.files > limit);
    bytes
        .map(|limit| Outcome::DiskExceeded { limit, used: used.bytes })
        .or(files.map(|limit| Outcome::FilesExceeded { limit, used: used.files }))
}

/// Whether `used` is more than half of a limit.
pub(crate) fn close_to(used: DiskUse, limits: &Limits) -> bool {
    limits.disk.is_some_and(|limit| used.bytes > limit / 2)
        || limits.files.is_some_and(|limit| used.files > limit / 2)
}

impl DiskUse {
    fn plus(self, other: Self) -> Self {
        let (bytes, files) = (self.bytes.saturating_add(other.bytes), self.files.saturating_add(other.files));
        Self { bytes, files }
    }

    fn less(self, other: Self) -> Self {
        let (bytes, files) = (self.bytes.saturating_sub(other.bytes), self.files.saturating_sub(other.files));
        Self { bytes, files }
    }

    fn at_least(self, other: Self) -> Self {
        Self { bytes: self.bytes.max(other.bytes), files: self.files.max(other.files) }
    }
}

/// What is used of the file systems that a sandbox writes to, by everybody.
fn fullness(sandbox: &Sandbox) -> DiskUse {
    let mut seen = BTreeSet::new();
    let mut total = DiskUse::default();
    for directory in written(sandbox) {
        let Ok(device) = rustix::fs::stat(directory).map(|stat| stat.st_dev) else { continue };
        let Ok(stat) = rustix::fs::statfs(directory) else { continue };
        if seen.insert(device) {
            let blocks = stat.f_blocks.saturating_sub(stat.f_bfree);
            let bytes = blocks.saturating_mul(u64::try_from(stat.f_bsize).unwrap_or(0));
            total = total.plus(DiskUse { bytes, files: stat.f_files.saturating_sub(stat.f_ffree) });
        }
    }
    total
}

/// What to do with a directory whose own owner may not list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closed {
    LeaveOut,
    /// For the moment of the walk.
    Open,
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const LISTABLE: OFlags = DIRECTORY.union(OFlags::NOFOLLOW);

struct Walk {
    closed: Closed,
    total: DiskUse,
    incomplete: bool,
    /// Files with several names that were counted.
    linked: BTreeSet<FileId>,
}

impl Walk {
    fn new(closed: Closed) -> Self {
        Self { closed, total: DiskUse::default(), incomplete: false, linked: BTreeSet::new() }
    }

    /// A directory with everything below it, on whatever file system; a file alone. `path` is the caller's, so a link
    /// is followed there and nowhere below.
    fn tree(&mut self, path: &Path) {
        match rustix::fs::openat(CWD, path, DIRECTORY, Mode::empty()) {
            Ok(directory) => self.directory(&directory, 0),
            Err(Errno::NOTDIR) => {
                if let Ok(stat) = rustix::fs::stat(path) {
                    self.entry(&stat);
                }
            }
            Err(errno) => self.incomplete |= errno != Errno::NOENT,
        }
    }

    fn directory(&mut self, directory: &OwnedFd, depth: usize) {
        for entry in Dir::read_from(directory).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            let stat = match rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => stat,
                // The program has removed it meanwhile.
                Err(Errno::NOENT) => continue,
                Err(_) => {
                    self.total.files += 1;
                    self.incomplete = true;
                    continue;
                }
            };
            self.entry(&stat);
            if FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
                self.below(directory, name, &stat, depth);
            }
        }
    }

    fn below(&mut self, parent: &OwnedFd, name: &CStr, stat: &Stat, depth: usize) {
        if depth == DEPTH {
            self.incomplete = true;
            return;
        }
        let whole = Mode::RUSR | Mode::XUSR;
        let mode = Mode::from_raw_mode(stat.st_mode);
        let opened = match self.closed {
            Closed::Open if !mode.contains(whole) => reopened(parent, name, mode | whole),
            _ => None,
        };
        match rustix::fs::openat(parent, name, LISTABLE, Mode::empty()) {
            Ok(directory) => self.directory(&directory, depth + 1),
            Err(Errno::NOENT) => {}
            Err(_) => self.incomplete = true,
        }
        if let Some(place) = opened {
            set_mode(&place, mode);
        }
    }

    fn entry(&mut self, stat: &Stat) {
        self.total.files += 1;
        let counted_already = stat.st_nlink > 1
            && FileType::from_raw_mode(stat.st_mode) != FileType::Directory
            && !self.linked.insert((stat.st_dev, stat.st_ino));
        if !counted_already {
            self.total.bytes = self.total.bytes.saturating_add(occupied(stat));
        }
    }
}

/// A directory whose mode has been set, to be set back.
fn reopened(parent: &OwnedFd, name: &CStr, mode: Mode) -> Option<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let place = rustix::fs::openat(parent, name, flags, Mode::empty()).ok()?;
    set_mode(&place, mode).then_some(place)
}

/// Of what is open and nothing else, whatever its name stands for by now.
fn set_mode(place: &OwnedFd, mode: Mode) -> bool {
    rustix::fs::chmod(format!("/proc/self/fd/{}", place.as_raw_fd()), mode).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn walk(path: &Path, closed: Closed) -> Walk {
        let mut walk = Walk::new(closed);
        walk.tree(path);
        walk
    }

    #[test]
    fn links_count_as_entries_and_their_file_once() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("file"), vec![1; 100_000]).unwrap();
        fs::File::open(home.path().join("file")).unwrap().sync_all().unwrap();
        let alone = walk(home.path(), Closed::LeaveOut).total;
        assert!(alone.files == 1 && (100_000..200_000).contains(&alone.bytes), "{alone:?}");
        fs::hard_link(home.path().join("file"), home.path().join("link")).unwrap();
        std::os::unix::fs::symlink("/", home.path().join("symbolic")).unwrap();
        fs::File::create(home.path().join("sparse")).unwrap().set_len(1 << 40).unwrap();
        let all = walk(home.path(), Closed::LeaveOut).total;
        assert!(all.files == 4 && all.bytes < alone.bytes + 50_000, "{all:?}");
    }

    #[test]
    fn what_lies_too_deep_is_known_to_be_left_out() {
        let home = tempfile::tempdir().unwrap();
        let deep = (0..DEPTH + 3).fold(home.path().to_owned(), |path, _| path.join("d"));
        fs::create_dir_all(deep).unwrap();
        let found = walk(home.path(), Closed::LeaveOut);
        assert!(found.incomplete && found.total.files == DEPTH as u64 + 1, "{}", found.total.files);
        let missing = walk(&home.path().join("missing"), Closed::LeaveOut);
        assert!(!missing.incomplete && missing.total == DiskUse::default());
    }

    #[test]
    fn closed_directories_are_opened_at_the_end_and_closed_again() {
        let home = tempfile::tempdir().unwrap();
        let closed = home.path().join("closed");
        fs::create_dir(&closed).unwrap();
        fs::write(closed.join("file"), "").unwrap();
        let mode = |mode| fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o000);
        // Root lists it all the same.
        let root = rustix::process::geteuid().is_root();
        assert_eq!(walk(home.path(), Closed::LeaveOut).incomplete, !root);
        let found = walk(home.path(), Closed::Open);
        assert!(!found.incomplete && found.total.files == 2);
        assert_eq!(fs::metadata(&closed).unwrap().permissions().mode() & 0o777, 0o000);
        mode(0o700);
    }
}
