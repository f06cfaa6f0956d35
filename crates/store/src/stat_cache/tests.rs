//! When a time stamp proves something.

use super::*;

fn stamp(modified: (i64, i64), changed: (i64, i64)) -> Stamp {
    Stamp { device: 1, inode: 2, size: 3, modified, changed }
}

#[test]
fn only_what_is_older_than_the_coarsest_tick_is_settled() {
    let read_at = SystemTime::UNIX_EPOCH + Duration::new(1000, 500);
    assert!(stamp((997, 0), (998, 499)).is_settled(read_at));
    assert!(!stamp((998, 500), (990, 0)).is_settled(read_at));
    assert!(!stamp((990, 0), (998, 500)).is_settled(read_at));
    assert!(!stamp((2000, 0), (2000, 0)).is_settled(read_at), "from the future");
    assert!(!stamp((990, 0), (2000, 0)).is_settled(read_at));
    assert!(stamp((-5, 0), (990, 0)).is_settled(read_at), "from before 1970");
    assert!(!stamp((0, 0), (0, 0)).is_settled(SystemTime::UNIX_EPOCH));
}

/// As long as a page is not on the disk, a map that has written to it goes on without a trace.
#[test]
fn only_what_is_on_the_disk_tells_of_writes_through_maps() {
    let read_at = SystemTime::UNIX_EPOCH + Duration::new(1000, 500);
    assert!(stamp((940, 499), (998, 0)).is_written_back(read_at));
    assert!(!stamp((940, 500), (998, 0)).is_written_back(read_at));
    assert!(!stamp((965, 0), (965, 0)).is_written_back(read_at), "it may still be in memory alone");
    assert!(!stamp((2000, 0), (2000, 0)).is_written_back(read_at), "from the future");
}
