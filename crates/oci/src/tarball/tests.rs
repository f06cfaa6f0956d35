//! Where ustar ends and PAX begins.

use std::collections::BTreeMap;

use super::ustar::{OCTAL_11, field};
use super::*;

fn header_of(path: &str, kind: MemberKind<'_>, uid: u32, mtime: u64) -> Vec<u8> {
    let xattrs = BTreeMap::new();
    header(&Member { path, kind, mode: 0o644, uid, gid: 0, mtime, xattrs: &xattrs }).unwrap()
}

/// The member as the reader sees it; its content is not there.
fn received(header: &[u8]) -> ParsedMember {
    let limits = ArchiveLimits::default().with_total_size(u64::MAX);
    TarReader::new(header, limits).next().unwrap().unwrap()
}

fn has_pax(header: &[u8]) -> bool {
    header[field::TYPE] == b'x'
}

#[test]
fn paths_use_name_then_prefix_then_pax() {
    let part = |length: usize| "p".repeat(length);
    for (path, pax) in [
        (part(100), false),
        (part(101), true),
        (format!("{}/{}", part(155), part(100)), false),
        (format!("{}/{}", part(156), part(99)), true),
        (format!("{}/{}", part(10), part(101)), true),
        (format!("{}/{}/{}", part(60), part(60), part(60)), false),
        ("é".to_owned(), true),
    ] {
        let header = header_of(&path, MemberKind::File { size: 0 }, 0, 0);
        assert_eq!(has_pax(&header), pax, "{path}");
        assert_eq!(received(&header).path.unwrap().as_str(), path);
    }
    // The slash of a directory counts.
    for (length, pax) in [(99, false), (100, true)] {
        let header = header_of(&part(length), MemberKind::Dir, 0, 0);
        assert_eq!(has_pax(&header), pax, "{length}");
        assert_eq!(received(&header).path.unwrap().as_str(), part(length));
    }
    let nested = format!("{}/{}", part(155), part(99));
    assert!(!has_pax(&header_of(&nested, MemberKind::Dir, 0, 0)));
    for (length, pax) in [(100, false), (101, true)] {
        let header = header_of("a", MemberKind::Symlink(&part(length)), 0, 0);
        assert_eq!(has_pax(&header), pax, "{length}");
        assert_eq!(received(&header).link, part(length));
    }
}

#[test]
fn numbers_use_octal_then_pax() {
    for (size, pax) in [(OCTAL_11, false), (OCTAL_11 + 1, true), (u64::MAX >> 1, true)] {
        let header = header_of("a", MemberKind::File { size }, 0, 0);
        assert_eq!(has_pax(&header), pax, "{size}");
        assert_eq!(received(&header).size, size);
    }
    for (uid, pax) in [(2_097_151, false), (2_097_152, true), (u32::MAX, true)] {
        let header = header_of("a", MemberKind::Dir, uid, 0);
        assert_eq!(has_pax(&header), pax, "{uid}");
        assert_eq!(received(&header).uid, uid);
    }
    let xattrs = BTreeMap::new();
    let member = |mtime| Member {
        path: "a",
        kind: MemberKind::Dir,
        mode: 0o755,
        uid: 0,
        gid: 0,
        mtime,
        xattrs: &xattrs,
    };
    assert!(header(&member(OCTAL_11)).is_ok());
    assert_eq!(header(&member(OCTAL_11 + 1)), Err(HeaderError::Time(OCTAL_11 + 1)));
}

#[test]
fn records_count_their_own_length() {
    for length in (1..120).chain(970..1010) {
        let records = BTreeMap::from([("k".to_owned(), vec![b'v'; length])]);
        let bytes = pax::encode(&records);
        assert_eq!(pax::decode(&bytes), Ok(records), "{length}");
    }
}
