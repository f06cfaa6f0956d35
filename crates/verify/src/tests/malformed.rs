//! Damaged ELF files: whatever they say, reading ends and nothing panics.

use std::io::Cursor;

use super::kit::Elf;
use crate::elf;
use crate::ld_cache;

fn sample() -> Vec<u8> {
    let sample = Elf {
        soname: "libx.so",
        rpath: "/a:/b",
        requires: &[("libc.so.6", "GLIBC_2.2.5"), ("libm.so.6", "GLIBC_2.29")],
        offers: &["X_1", "X_2"],
        ..Elf::PROGRAM
    };
    sample.bytes()
}

fn read(bytes: &[u8]) -> Option<elf::Elf> {
    elf::read(Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn a_whole_file_is_read_whole() {
    let elf = read(&sample()).unwrap();
    assert_eq!(elf.interpreter.as_deref(), Some("/lib64/ld-linux-x86-64.so.2"));
    assert_eq!(
        (elf.needed, elf.rpath),
        (vec!["libc.so.6".to_owned()], vec!["/a".to_owned(), "/b".to_owned()])
    );
    assert_eq!(elf.requires.len(), 2);
    assert_eq!(elf.offers.len(), 2);
    // The test's own program, as a linker made it.
    let own = std::env::current_exe().unwrap();
    let size = std::fs::metadata(&own).unwrap().len();
    let own = elf::read(std::fs::File::open(own).unwrap(), size).unwrap();
    assert!(own.needed.iter().any(|name| name.starts_with("libc.so")), "{:?}", own.needed);
    assert!(own.requires.iter().any(|(_, version)| version.starts_with("GLIBC_")), "{:?}", own.requires);
}

#[test]
fn truncated_and_changed_files_give_a_value_or_nothing() {
    let sample = sample();
    for length in 0..sample.len() {
        read(&sample[..length]);
    }
    for at in 0..sample.len() {
        for value in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut changed = sample.clone();
            changed[at] = value;
            read(&changed);
            // Two fields at once: sizes and places that only together lead out of the file.
            let other = (at * 31 + 7) % changed.len();
            changed[other] = !value;
            read(&changed);
        }
    }
}

#[test]
fn a_damaged_cache_gives_what_can_be_read() {
    let mut bytes = b"glibc-ld.so.cache1.1".to_vec();
    bytes.extend_from_slice(&[0xff; 28 + 24]);
    for length in 0..bytes.len() {
        assert!(ld_cache::parse(&bytes[..length]).is_empty());
    }
    assert!(ld_cache::parse(b"").is_empty());
}
