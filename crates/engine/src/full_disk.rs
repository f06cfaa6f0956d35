//! Whether a step failed because a disk is full: its programs tell in many words, the kernel in few.

use std::path::Path;

/// Below this many free bytes a disk counts as full: less than one block of most writers.
const FULL: u64 = 1 << 20;

/// What the C library says for `ENOSPC` and `EDQUOT`, and what Node says.
const SAID: [&str; 3] = ["No space left on device", "Disk quota exceeded", "ENOSPC"];

/// Whether a line of output says that a disk is full.
pub(crate) fn is_said(line: &str) -> bool {
    SAID.iter().any(|text| line.contains(text))
}

/// Whether the disk of `path` has no room left for this user. A program may have removed its files before it ended, so
/// what it said counts as well.
pub(crate) fn is_full(path: &Path) -> bool {
    rustix::fs::statvfs(path).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < FULL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_of_a_full_disk() {
        for line in [
            "OSError: [Errno 28] No space left on device",
            "npm error ENOSPC: no space left on device, write",
            "cp: error writing 'a': Disk quota exceeded",
        ] {
            assert!(is_said(line), "{line}");
        }
        assert!(!is_said("no space between words"));
    }

    #[test]
    fn a_disk_with_room_is_not_full() {
        assert!(!is_full(&std::env::temp_dir()));
        assert!(!is_full(Path::new("/nowhere/at/all")));
    }
}
