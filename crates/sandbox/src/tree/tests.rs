//! The two `/proc` formats.

use super::*;

#[test]
fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
    let line =
        "42 (a) b (c)) S 7 42 42 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 100 4096 321 18446744073709551615 1 1";
    assert_eq!(parse_stat(line), Some(Stat { ended: false, parent: 7, threads: 9, resident_pages: 321 }));
}

#[test]
fn a_cut_line_is_no_process() {
    assert_eq!(parse_stat("42 (a) S 7 42"), None);
    assert_eq!(parse_stat(""), None);
}

#[test]
fn proportional_size_is_read_in_kilobytes() {
    assert_eq!(
        parse_proportional("00400000-7fff [rollup]\nRss:     900 kB\nPss:     321 kB\nPss_Dirty: 5 kB\n"),
        Some(321 * 1024)
    );
    assert_eq!(parse_proportional("Rss: 900 kB\n"), None);
}

#[test]
fn mappings_of_files_that_are_counted_apart_are_left_out() {
    let smaps = "\
00400000-00452000 r-xp 00000000 fd:02 173521  /usr/bin/dbus-daemon\nSize: 10 kB\nPss:   1 kB\nVmFlags: rd mr\n\
7f00-7f01 rw-s 00000000 00:01 1034            /memfd:x: y (deleted)\nPss:   20 kB\nPss_Dirty: 7 kB\n\
7f02-7f03 rw-s 00000000 00:2f 99              /dev/shm/x\nPss:   300 kB\n\
7f04-7f05 rw-p 00000000 00:00 0 \nPss:   4000 kB\n";
    let total = |apart: &Apart| parse_mappings(smaps.as_bytes(), apart);
    assert_eq!(total(&Apart::default()), Some(4321 << 10));
    let files = [(rustix::fs::makedev(0, 1), 1034)].into();
    assert_eq!(total(&Apart { files, ..Apart::default() }), Some(4301 << 10));
    let devices = [rustix::fs::makedev(0, 0x2f)].into();
    assert_eq!(total(&Apart { devices, ..Apart::default() }), Some(4021 << 10));
    assert_eq!(parse_mappings(&b"no mapping\n"[..], &Apart::default()), None);
}

#[test]
fn lists_of_children_and_the_scan_of_everything_agree() {
    let mut child =
        std::process::Command::new("sh").args(["-c", "sleep 60 & sleep 60 & wait"]).spawn().unwrap();
    let grandchildren = || {
        let mut all = scan();
        all.remove(&child.id()).unwrap_or_default()
    };
    while grandchildren().len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut listed = children(child.id(), 10).unwrap_or_else(|NotConfigured| grandchildren());
    let mut scanned = grandchildren();
    listed.sort_unstable();
    scanned.sort_unstable();
    assert_eq!(listed, scanned);
    let own = Pid::from_raw(std::process::id().cast_signed()).unwrap();
    assert!(sample(own, u32::MAX).processes.iter().any(|process| process.pid == listed[0]));
    assert_eq!(sample(own, 0).processes.len(), 1, "stops at once");
    for pid in listed {
        rustix::process::kill_process(
            Pid::from_raw(pid.cast_signed()).unwrap(),
            rustix::process::Signal::KILL,
        )
        .unwrap();
    }
    child.wait().unwrap();
}
