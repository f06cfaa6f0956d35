//! What `deb` must and must not do.

use packwright_oci::{MemoryStore, Node};

use super::error::Problem;
use super::*;
use crate::fixtures::{Deb, archive, chosen, compressed};

fn unpack_with(deb: Deb, rules: &Rules) -> Result<(Unpacked, MemoryStore), Problem> {
    let (chosen, bytes) = deb.build();
    let mut store = MemoryStore::new();
    match unpack(&chosen, bytes.as_slice(), &mut store, rules) {
        Ok(unpacked) => Ok((unpacked, store)),
        Err(error) => Err(*error.problem),
    }
}

fn paths(unpacked: &Unpacked) -> Vec<&str> {
    unpacked.tree.iter().map(|(path, _)| path.as_str()).collect()
}

fn refused(deb: Deb) -> Problem {
    unpack_with(deb, &Rules::image()).expect_err("hostile")
}

#[test]
fn files_scripts_and_lists_are_read() {
    let deb = Deb::new("a")
        .field("Depends: b")
        .control("postinst", "#!/bin/sh\n")
        .control("conffiles", "/etc/a\n")
        .control("md5sums", "x  etc/a\n")
        .control("triggers", "activate-noawait ldconfig\n")
        .dir("./")
        .dir("./etc/")
        .file("./etc/a", "content")
        .symlink("./etc/b", "a")
        .hardlink("./etc/c", "./etc/a");
    let (unpacked, store) = unpack_with(deb, &Rules::image()).expect("a good package");
    assert_eq!(paths(&unpacked), ["etc", "etc/a", "etc/b", "etc/c"]);
    let Some(Node::File { digest, size: 7 }) = unpacked.tree.get("etc/a").map(|entry| entry.node.clone())
    else {
        panic!("{:?}", unpacked.tree.get("etc/a"));
    };
    assert_eq!(store.get(&digest), Some(b"content".as_slice()));
    assert_eq!(unpacked.conffiles, ["/etc/a"]);
    assert_eq!(unpacked.scripts["postinst"], "#!/bin/sh\n");
    assert_eq!(unpacked.field("Description").as_deref(), Some("a test more of it"));
    assert_eq!(unpacked.field("Nothing"), None);
}

#[test]
fn every_compression_gives_the_same() {
    let deb = || Deb::new("a").file("./etc/a", "content");
    let trees: Vec<Tree> = ["", ".gz", ".xz", ".zst"]
        .iter()
        .map(|suffix| {
            let (chosen, bytes) = deb().build_as(suffix);
            unpack(&chosen, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image())
                .expect("a good package")
                .tree
        })
        .collect();
    assert!(trees.windows(2).all(|pair| pair[0] == pair[1]) && trees[0].len() == 2);
}

#[test]
fn an_unknown_compression_is_named() {
    let (chosen, bytes) = Deb::new("a").build_as(".lzo");
    let error =
        unpack(&chosen, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image()).expect_err("unknown");
    assert!(matches!(*error.problem, Problem::Compression { .. }), "{error:?}");
}

#[test]
fn merged_directories_move_into_usr() {
    let deb = Deb::new("a")
        .dir("./lib/")
        .file("./lib/x", "x")
        .hardlink("./lib/y", "./lib/x")
        .file("./bin/sh", "sh")
        .symlink("./sbin", "usr/sbin")
        .file("./library", "not moved");
    let (unpacked, _) = unpack_with(deb, &Rules::image()).expect("a good package");
    assert_eq!(
        paths(&unpacked),
        ["library", "usr", "usr/bin", "usr/bin/sh", "usr/lib", "usr/lib/x", "usr/lib/y"]
    );
    let Node::Hardlink { target } = &unpacked.tree.get("usr/lib/y").expect("the link").node else { panic!() };
    assert_eq!(target.as_str(), "usr/lib/x");
}

#[test]
fn one_place_by_two_names_is_refused() {
    let problem = refused(Deb::new("a").file("./bin/x", "1").file("./usr/bin/x", "2"));
    assert!(matches!(problem, Problem::Twice(_)), "{problem:?}");
}

#[test]
fn documentation_is_left_out_and_licences_stay() {
    let deb = || {
        Deb::new("a")
            .file("./usr/share/doc/a/copyright", "free")
            .file("./usr/share/doc/a/README", "read me")
            .symlink("./usr/share/doc/a-dev", "a")
            .file("./usr/share/man/man1/a.1.gz", "manual")
            .file("./usr/share/locale/de/a.mo", "texts")
            .file("./usr/share/manners/a", "not a manual")
    };
    let (image, store) = unpack_with(deb(), &Rules::image()).expect("a good package");
    let files: Vec<&str> = paths(&image).into_iter().filter(|path| path.ends_with(['a', 't', 'v'])).collect();
    assert_eq!(
        files,
        ["usr/share/doc/a", "usr/share/doc/a-dev", "usr/share/doc/a/copyright", "usr/share/manners/a"]
    );
    assert_eq!(store.iter().count(), 2);
    let (whole, _) = unpack_with(deb(), &Rules::everything()).expect("a good package");
    assert!(whole.tree.get("usr/share/man/man1/a.1.gz").is_some());
}

#[test]
fn paths_that_leave_the_root_are_refused() {
    for path in ["/etc/a", "../a", "./../a", "./etc/../../a", "./etc//a", "./etc/./a"] {
        let problem = refused(Deb::new("a").file(path, "x"));
        assert!(matches!(problem, Problem::Path(_)), "{path}: {problem:?}");
    }
    for target in ["/etc/passwd", "../a", "./etc/../../a"] {
        let problem = refused(Deb::new("a").hardlink("./a", target));
        assert!(matches!(problem, Problem::Path(_) | Problem::Hardlink { .. }), "{target}: {problem:?}");
    }
}

#[test]
fn writing_through_a_link_is_refused() {
    let problem = refused(Deb::new("a").symlink("./etc", "/tmp").file("./etc/a", "x"));
    assert!(matches!(problem, Problem::Tree(_)), "{problem:?}");
}

#[test]
fn a_path_that_comes_twice_is_refused() {
    for deb in [
        Deb::new("a").file("./a", "1").file("./a", "2"),
        Deb::new("a").file("./a", "1").file("a", "2"),
        Deb::new("a").file("./a", "1").symlink("./a", "b"),
        Deb::new("a").dir("./a/").file("./a", "2"),
    ] {
        let problem = refused(deb);
        assert!(matches!(problem, Problem::Twice(_)), "{problem:?}");
    }
}

#[test]
fn devices_pipes_and_dangling_hard_links_are_refused() {
    for kind in [tar::EntryType::Char, tar::EntryType::Block, tar::EntryType::Fifo] {
        let problem = refused(Deb::new("a").member("./dev/x", kind, "", b"", 0o600));
        assert!(matches!(problem, Problem::Unsupported { .. }), "{problem:?}");
    }
    for deb in [Deb::new("a").hardlink("./a", "./b"), Deb::new("a").dir("./d").hardlink("./a", "./d")] {
        let problem = refused(deb);
        assert!(matches!(problem, Problem::Hardlink { .. }), "{problem:?}");
    }
}

#[test]
fn a_root_that_is_no_directory_is_refused() {
    let problem = refused(Deb::new("a").symlink("./", "/tmp"));
    assert!(matches!(problem, Problem::Unsupported { .. }), "{problem:?}");
}

#[test]
fn a_truncated_package_is_refused_wherever_it_is_cut() {
    let (_, bytes) = Deb::new("a").file("./etc/a", &"content".repeat(500)).build();
    for length in [0, 7, 40, 70, 100, bytes.len() / 2, bytes.len() - 1] {
        // Listed as it came, so that only the structure can tell.
        let cut = &bytes[..length];
        let outcome = unpack(&chosen("a", "1.0", cut), cut, &mut MemoryStore::new(), &Rules::image());
        // A missing last padding byte is no loss; everything else is.
        assert!(outcome.is_err() || length == bytes.len() - 1, "cut at {length}");
        let listed = chosen("a", "1.0", &bytes);
        assert!(unpack(&listed, cut, &mut MemoryStore::new(), &Rules::image()).is_err(), "cut at {length}");
    }
}

#[test]
fn another_file_than_listed_is_refused() {
    let (listed, _) = Deb::new("a").file("./etc/a", "good").build();
    let (_, bytes) = Deb::new("a").file("./etc/a", "evil").build();
    let error =
        unpack(&listed, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image()).expect_err("tampered");
    assert!(matches!(*error.problem, Problem::NotAsListed { .. }), "{error:?}");
}

#[test]
fn another_package_than_listed_is_refused() {
    let (_, bytes) = Deb::new("b").build();
    let listed = chosen("a", "1.0", &bytes);
    let error =
        unpack(&listed, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image()).expect_err("another");
    assert!(matches!(*error.problem, Problem::OtherPackage { field: "Package", .. }), "{error:?}");
}

#[test]
fn a_malformed_outer_archive_is_refused() {
    let tar = || compressed(".gz", &tar::Builder::new(Vec::new()).into_inner().expect("in memory"));
    let format = |version: &str| ("debian-binary", version.as_bytes().to_vec());
    let cases: Vec<Vec<u8>> = vec![
        b"not an archive at all".to_vec(),
        archive(&[]),
        archive(&[format("3.0\n"), ("control.tar.gz", tar()), ("data.tar.gz", tar())]),
        archive(&[format("2.0\n"), ("data.tar.gz", tar()), ("control.tar.gz", tar())]),
        archive(&[format("2.0\n"), ("control.tar.gz", tar())]),
        archive(&[("control.tar.gz", tar()), format("2.0\n"), ("data.tar.gz", tar())]),
    ];
    for bytes in cases {
        let outcome =
            unpack(&chosen("a", "1.0", &bytes), bytes.as_slice(), &mut MemoryStore::new(), &Rules::image());
        assert!(outcome.is_err(), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn texts_for_composing_are_kept() {
    let deb = Deb::new("a").file("./usr/share/ca-certificates/mozilla/X.crt", "PEM\n").file("./etc/x", "x");
    let (unpacked, _) = unpack_with(deb, &Rules::image()).expect("a good package");
    let kept: Vec<&str> = unpacked.texts.keys().map(RelPath::as_str).collect();
    assert_eq!(kept, ["usr/share/ca-certificates/mozilla/X.crt"]);
}
