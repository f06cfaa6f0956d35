//! Archives that someone made to be read in two ways, to get out of their directory, or to eat
//! the machine. Each must be refused for the right reason.

use std::io::{self, Write};

use packwright_oci::{
    ArchiveLimits, Compression, DecodedLayer, Entry, LayerError, MemoryStore, Node, PathError, TarError,
    Tree, decode_layer,
};

use crate::raw::Raw;
use crate::samples::{encode, file, one_of_everything, path};

fn read(bytes: &[u8]) -> Result<DecodedLayer, LayerError> {
    decode_layer(bytes, &mut MemoryStore::new(), &ArchiveLimits::default())
}

/// Fails unless reading `$bytes` gives an error of this shape.
macro_rules! refused {
    ($bytes:expr, $shape:pat $(if $guard:expr)?) => {
        match read(&$bytes) {
            Err($shape) $(if $guard)? => {}
            other => panic!("expected {}, got {other:?}", stringify!($shape)),
        }
    };
}

macro_rules! tar {
    ($shape:pat) => {
        LayerError::Archive($shape)
    };
}

#[test]
fn names_are_cleaned_below_the_root() {
    let prefixed = Raw::new().changed(b"passwd", b'0', b"", b"", |header| {
        header[345..349].copy_from_slice(b"/etc");
    });
    for raw in [
        Raw::new().dir("/").dir("etc").file("etc/passwd", b""),
        Raw::new().dir("/.").file("/etc/passwd", b""),
        Raw::new().dir("//").dir("/etc/").file("//etc//passwd", b""),
        Raw::new().dir("./").file("././etc/./passwd", b""),
        Raw::new().pax(&[("path", b"/etc//passwd")]).file("a", b""),
        Raw::new().member("././@LongLink", b'L', "", b"/etc/passwd\0").file("a", b""),
        prefixed,
    ] {
        let tree = read(&raw.end()).unwrap().tree;
        let paths: Vec<&str> = tree.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["etc", "etc/passwd"]);
    }
    for target in ["/bin/x", "./bin/x", "bin//x", "//bin/./x"] {
        let tree = read(&Raw::new().file("/bin/x", b"").member("y", b'1', target, b"").end()).unwrap().tree;
        assert_eq!(tree.get("y").unwrap().node, Node::Hardlink { target: path("bin/x") });
    }
    let whiteouts = read(&Raw::new().file("/a/.wh..wh..opq", b"").file("//.wh.b", b"").end()).unwrap();
    assert!(whiteouts.opaque.contains(&Some(path("a"))) && whiteouts.tree.get("b").is_some());
    refused!(Raw::new().file("bin/x", b"").file("/bin//x", b"").end(), LayerError::Duplicate { .. });
    refused!(Raw::new().dir("/").dir("./").end(), tar!(TarError::NotADirectory { .. }));
}

#[test]
fn name_that_climbs() {
    for name in ["../x", "a/../../x", "a/..", "..", "./../x", "/../x", "/a/../b", "a/../b", "//.."] {
        refused!(Raw::new().file(name, b"").end(), tar!(TarError::Name(PathError::Part { .. })));
    }
    let by_pax = Raw::new().pax(&[("path", b"a/../../x")]).file("a", b"");
    refused!(by_pax.end(), tar!(TarError::Name(_)));
    let by_long_name = Raw::new().member("././@LongLink", b'L', "", b"../x\0").file("a", b"");
    refused!(by_long_name.end(), tar!(TarError::Name(_)));
}

#[test]
fn empty_name() {
    refused!(Raw::new().file("", b"").end(), tar!(TarError::Extended { .. }));
    refused!(Raw::new().pax(&[("path", b"")]).file("a", b"").end(), tar!(TarError::Extended { .. }));
}

#[test]
fn name_with_nul_or_without_utf8() {
    let nul = Raw::new().pax(&[("path", b"a\0b")]).file("a", b"");
    refused!(nul.end(), tar!(TarError::Extended { .. }));
    let latin = Raw::new().changed(b"caf\xe9", b'0', b"", b"", |_| {});
    refused!(latin.end(), tar!(TarError::NotUtf8 { .. }));
}

#[test]
fn path_that_comes_twice() {
    refused!(Raw::new().file("a", b"1").file("a", b"2").end(), LayerError::Duplicate { .. });
    refused!(Raw::new().file("a", b"1").file("./a", b"1").end(), LayerError::Duplicate { .. });
    refused!(Raw::new().dir("a/").dir("a").end(), LayerError::Duplicate { .. });
    refused!(Raw::new().file("a", b"").member("a", b'3', "", b"").end(), LayerError::Duplicate { .. });
    refused!(Raw::new().member("a", b'6', "", b"").file("a", b"").end(), LayerError::Duplicate { .. });
    refused!(Raw::new().file(".wh.a", b"").file(".wh.a", b"").end(), LayerError::Duplicate { .. });
}

#[test]
fn file_below_a_link() {
    let through = Raw::new().member("a", b'2', "/etc", b"").file("a/passwd", b"x");
    refused!(through.end(), LayerError::Tree(_));
    let below_file = Raw::new().file("a/b", b"").file("a", b"");
    refused!(below_file.end(), LayerError::Tree(_));
}

#[test]
fn hard_link_to_elsewhere() {
    for target in ["/etc/shadow", "../x", "/../x", "dir/../file", "/", "missing", "dir", "link"] {
        let raw = Raw::new().dir("dir").member("link", b'2', "dir", b"");
        let raw = raw.member("hard", b'1', target, b"");
        refused!(raw.end(), LayerError::HardlinkTarget { target: found, .. } if found == target);
    }
    let to_itself = Raw::new().member("a", b'1', "a", b"");
    refused!(to_itself.end(), LayerError::HardlinkTarget { .. });
    let forward = Raw::new().member("a", b'1', "b", b"").file("b", b"");
    refused!(forward.end(), LayerError::HardlinkTarget { .. });
    let whiteout = Raw::new().file(".wh.a", b"").member("b", b'1', "a", b"");
    refused!(whiteout.end(), LayerError::HardlinkTarget { .. });
}

#[test]
fn content_where_none_may_be() {
    for (flag, link) in [(b'5', ""), (b'2', "x"), (b'1', "file"), (b'3', ""), (b'6', "")] {
        let raw = Raw::new().file("file", b"").member("a", flag, link, b"hidden");
        refused!(raw.end(), tar!(TarError::Content { .. }));
    }
}

/// CVE-2025-62518: one reader skips by the header's size, the other by the PAX record's.
#[test]
fn size_that_differs_between_header_and_pax() {
    let inner = Raw::new().file("hidden", b"").0;
    let larger = Raw::new().pax(&[("size", b"512")]).file("a", b"").0;
    refused!([larger, inner.clone()].concat(), tar!(TarError::Disagreement { field: "size", .. }));
    let smaller = Raw::new().pax(&[("size", b"0")]).file("a", &inner);
    refused!(smaller.end(), tar!(TarError::Disagreement { field: "size", .. }));
    let owner = Raw::new().pax(&[("uid", b"1000")]).file("a", b"");
    refused!(owner.end(), tar!(TarError::Disagreement { field: "uid", .. }));
    let same = Raw::new().pax(&[("size", b"1"), ("uid", b"0")]).file("a", b"x");
    assert!(read(&same.end()).is_ok());
}

#[test]
fn sizes_that_are_no_sizes() {
    for size in [
        &b"-0000000001\0"[..],
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"12\x00345678901",
        b"           \0",
        b"0x000000010\0",
    ] {
        let raw = Raw::new().changed(b"a", b'0', b"", b"", |header| {
            header[124..136].copy_from_slice(&size[..12]);
        });
        refused!(raw.end(), tar!(TarError::Number { field: "size", .. }));
    }
    for size in [&b"-1"[..], b"+1", b" 1", b"0x1", b"18446744073709551616", b""] {
        let raw = Raw::new().pax(&[("size", size)]).file("a", b"");
        refused!(raw.end(), tar!(TarError::Number { field: "size", .. }));
    }
    let huge = Raw::new().pax(&[("size", b"18446744073709551615")]).file("a", b"");
    refused!(huge.end(), tar!(TarError::Limit { what: "bytes", .. }));
}

#[test]
fn pax_records_that_lie_about_their_length() {
    for records in [
        &b"6 a=b\n junk"[..],
        b"99 path=x\n",
        b"5 a=b\n",
        b"0 a=b\n",
        b"7 path=\n",
        b"-6 a=b\n",
        b"06 a=b",
        b"8 path\n\n",
        b"6 =ab\n",
        b"20000000000000000000000 a=b\n",
    ] {
        let raw = Raw::new().member("PaxHeaders/x", b'x', "", records).file("a", b"");
        refused!(raw.end(), tar!(TarError::Extended { .. }));
    }
    let twice = Raw::new().pax(&[("path", b"b"), ("path", b"c")]).file("a", b"");
    refused!(twice.end(), tar!(TarError::Extended { .. }));
}

#[test]
fn extended_headers_that_pile_up() {
    let two = Raw::new().pax(&[("path", b"b")]).pax(&[("path", b"c")]).file("a", b"");
    refused!(two.end(), tar!(TarError::Extended { .. }));
    let both = Raw::new().member("L", b'L', "", b"b\0").pax(&[("path", b"c")]).file("a", b"");
    refused!(both.end(), tar!(TarError::Disagreement { .. }));
    let alone = Raw::new().file("a", b"").pax(&[("path", b"c")]);
    refused!(alone.end(), tar!(TarError::Truncated));
    let link_of_a_file = Raw::new().pax(&[("linkpath", b"c")]).file("a", b"");
    refused!(link_of_a_file.end(), tar!(TarError::Extended { .. }));
}

#[test]
fn types_that_are_not_read() {
    // Global PAX headers, sparse files, continued files, volume labels, and what nobody knows.
    for flag in *b"gSMVDN7XZ" {
        let raw = Raw::new().member("a", flag, "", b"");
        refused!(raw.end(), tar!(TarError::Type { flag: found, .. }) if found == char::from(flag));
    }
    for key in ["GNU.sparse.major", "GNU.sparse.realsize", "GNU.sparse.map"] {
        let raw = Raw::new().pax(&[(key, b"1")]).file("a", b"");
        refused!(raw.end(), tar!(TarError::Type { flag: 'S', .. }));
    }
}

#[test]
fn directory_names_on_files() {
    for name in ["a/", "a/.", ".", "./", "/", "//"] {
        refused!(Raw::new().file(name, b"").end(), tar!(TarError::NotADirectory { .. }));
    }
    refused!(Raw::new().member(".", b'2', "x", b"").end(), tar!(TarError::NotADirectory { .. }));
}

#[test]
fn broken_headers() {
    let mut flipped = Raw::new().file("a", b"x").end();
    flipped[3] ^= 1;
    refused!(flipped, tar!(TarError::Checksum { offset: 0 }));
    let v7 = Raw::new().changed(b"a", b'0', b"", b"", |header| header[257..265].fill(0));
    refused!(v7.end(), tar!(TarError::Format { offset: 0 }));
    refused!(b"\x7fELF and so on, up to a whole block".repeat(40), tar!(TarError::Checksum { .. }));
}

#[test]
fn ends_that_are_no_ends() {
    let whole = Raw::new().file("a", b"content").end();
    for length in [0, 1, 511, 512, 515, 1000, 1023, 1025, 1300] {
        refused!(whole[..length], tar!(TarError::Truncated));
    }
    // Without its closing blocks, or with only one, every reader takes it for complete.
    for length in [1024, 1536, 2047] {
        assert!(read(&whole[..length]).is_ok(), "{length}");
    }
    let mut behind = whole.clone();
    behind.extend_from_slice(&Raw::new().file("b", b"").end());
    refused!(behind, tar!(TarError::TrailingBytes));
    let mut junk = whole.clone();
    junk.push(1);
    refused!(junk, tar!(TarError::TrailingBytes));
    let lone_zero_block =
        [Raw::new().file("a", b"").0, vec![0; 512], Raw::new().file("b", b"").end()].concat();
    refused!(lone_zero_block, tar!(TarError::TrailingBytes));
    let mut padded = whole;
    padded.resize(10_240, 0);
    assert!(read(&padded).is_ok());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn broken_compression() {
    let whole = Raw::new().file("a", b"content").end();
    let good = gzip(&whole);
    assert!(read(&good).is_ok());
    assert!(read(&[gzip(&whole[..700]), gzip(&whole[700..])].concat()).is_ok());
    refused!(good[..good.len() - 9], tar!(TarError::Truncated));
    let mut checksum = good.clone();
    let last = checksum.len() - 6;
    checksum[last] ^= 1;
    refused!(checksum, tar!(TarError::Read(_)));
    refused!([good.clone(), b"junk behind the last member".to_vec()].concat(), tar!(_));
    refused!([good, gzip(b"more")].concat(), tar!(TarError::TrailingBytes));
    let zstd = zstd::bulk::compress(&whole, 3).unwrap();
    assert!(read(&zstd).is_ok());
    refused!(zstd[..zstd.len() - 3], tar!(TarError::Truncated));
    refused!([zstd, b"junk".to_vec()].concat(), tar!(_));
}

#[test]
fn more_than_the_limits() {
    let limits = ArchiveLimits::default()
        .with_entries(3)
        .with_path_length(20)
        .with_pax_size(600)
        .with_names_size(700)
        .with_total_size(10_000);
    let limited = |bytes: &[u8]| decode_layer(bytes, &mut MemoryStore::new(), &limits);
    let what = |bytes: &[u8]| match limited(bytes) {
        Err(LayerError::Archive(TarError::Limit { what, .. })) => what,
        other => panic!("expected a limit, got {other:?}"),
    };
    let three = Raw::new().dir("a").dir("b").dir("c");
    assert!(limited(&Raw(three.0.clone()).end()).is_ok());
    assert_eq!(what(&three.dir("d").end()), "members");
    assert_eq!(what(&Raw::new().dir("abcdefghijklmnopqrstu").end()), "bytes in a path");
    let pax = Raw::new().pax(&[("comment", &[b'x'; 600])]).dir("a");
    assert_eq!(what(&pax.end()), "bytes of extended header");
    let name = Raw::new().member("L", b'L', "", &[b'x'; 700]).dir("a");
    assert_eq!(what(&name.end()), "bytes of extended header");
    let attribute: &[(&str, &[u8])] = &[("SCHILY.xattr.user.a", &[b'x'; 400])];
    let attributes = Raw::new().pax(attribute).dir("a");
    assert!(limited(&Raw(attributes.0.clone()).end()).is_ok());
    let limits = limits.with_entries(4);
    let twice =
        decode_layer(attributes.pax(attribute).dir("b").end().as_slice(), &mut MemoryStore::new(), &limits);
    let names = "bytes of names and attributes";
    assert!(
        matches!(&twice, Err(LayerError::Archive(TarError::Limit { what, .. })) if *what == names),
        "{twice:?}"
    );
    assert_eq!(what(&Raw::new().file("a", &[0; 9_000]).end()), "bytes");
    // A few bytes that become many: refused before they are all unpacked.
    let bomb = gzip(&Raw::new().file("a", &vec![0; 8 << 20]).end());
    assert!(bomb.len() * 50 < 8 << 20);
    assert_eq!(what(&bomb), "bytes");
    let mut zeros = Raw::new().dir("a").end();
    zeros.resize(20_000, 0);
    assert_eq!(what(&zeros), "bytes");
}

#[test]
fn whiteouts_that_are_none() {
    for name in [".wh.", "a/.wh.", ".wh..", ".wh...", ".wh..wh.x", ".wh..wh..wh.x"] {
        refused!(Raw::new().file(name, b"").end(), LayerError::WhiteoutName { .. });
    }
    refused!(Raw::new().file(".wh.a", b"content").end(), LayerError::WhiteoutName { .. });
    refused!(Raw::new().dir(".wh.a").end(), LayerError::WhiteoutName { .. });
    refused!(Raw::new().member(".wh.a", b'2', "x", b"").end(), LayerError::WhiteoutName { .. });
    refused!(Raw::new().file(".wh.a/b", b"").end(), LayerError::WhiteoutName { .. });
}

#[test]
fn a_sink_that_stops_reading() {
    struct Lazy;
    impl packwright_oci::ContentSink for Lazy {
        fn store(&mut self, content: &mut dyn io::Read) -> io::Result<(packwright_oci::Digest, u64)> {
            let mut some = [0; 3];
            content.read_exact(&mut some)?;
            Ok((packwright_oci::Digest::of(&some), 3))
        }
    }
    let raw = Raw::new().file("a", b"content").end();
    let refused = decode_layer(raw.as_slice(), &mut Lazy, &ArchiveLimits::default());
    assert!(matches!(refused, Err(LayerError::Store { .. })), "{refused:?}");
}

#[test]
fn what_other_writers_do_is_understood() {
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(90));
    let bytes = Raw::new()
        .dir("./")
        .dir("./etc/")
        .changed(b"./etc/hosts", b'0', b"", b"x", |header| {
            // GNU tar's own format; where POSIX has the prefix it keeps times.
            header[257..265].copy_from_slice(b"ustar  \0");
            header[345..357].copy_from_slice(b"01234567012\0");
            header[108..116].copy_from_slice(b"  1750 \0");
            header[100..108].copy_from_slice(b"0100644\0");
        })
        .member("././@LongLink", b'L', "", format!("{long}\0").as_bytes())
        .file(&long[..100], b"long")
        .member("./hard", b'1', "./etc/hosts", b"")
        .member("again", b'1', "hard", b"")
        .member("dev/null", b'3', "", b"")
        .pax(&[("mtime", b"1.5"), ("atime", b"2"), ("LIBARCHIVE.xattr.user.a", b"eA"), ("comment", b"")])
        .changed(b"big", b'0', b"", b"", |header| {
            header[116] = 0x80;
            header[117..124].copy_from_slice(&[0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
        })
        .end();
    let layer = read(&bytes).unwrap();
    let names: Vec<&str> = layer.tree.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["again", "big", &long[..90], &long, "etc", "etc/hosts", "hard"]);
    let hosts = layer.tree.get("etc/hosts").unwrap();
    assert_eq!((hosts.uid, hosts.mode), (0o1750, 0o644));
    assert_eq!(layer.tree.get("big").unwrap().gid, 0x7fff_ffff);
    for link in ["hard", "again"] {
        let entry = layer.tree.get(link).unwrap();
        assert_eq!(entry.node, Node::Hardlink { target: path("etc/hosts") });
        assert_eq!(entry.uid, hosts.uid);
    }
    assert_eq!(layer.omitted.len(), 1);
    assert_eq!((layer.omitted[0].path.as_str(), layer.omitted[0].what), ("dev/null", "character device"));
    assert_eq!(layer.implied.iter().map(|path| path.as_str()).collect::<Vec<_>>(), [&long[..90]]);
}

#[test]
fn opaque_directories_hide_what_is_beneath() {
    let mut store = MemoryStore::new();
    let mut lower = Tree::new();
    for name in ["a/old", "a/sub/old", "b/old", "c/old", "d/old", "keep"] {
        lower.insert(path(name), file(&mut store, b"old", 0o644)).unwrap();
    }
    for dir in ["a", "c", "d"] {
        lower.insert(path(dir), Entry::dir(0o700).owned_by(5, 5)).unwrap();
    }
    let bytes = Raw::new()
        .dir("a")
        .file("a/.wh..wh..opq", b"")
        .file("a/new", b"")
        // Removed and made anew, and the same without a member for the directory itself.
        .file(".wh.b", b"")
        .dir("b")
        .file(".wh.c", b"")
        .file("c/new", b"")
        // Replaced, with a whiteout that says nothing more.
        .file(".wh.keep", b"")
        .file("keep", b"")
        // A parent that the layer leaves out keeps the attributes from beneath.
        .file("d/new", b"")
        .end();
    let layer = read(&bytes).unwrap();
    let seen = layer.over(lower.clone());
    let names: Vec<&str> = seen.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["a", "a/new", "b", "c", "c/new", "d", "d/new", "d/old", "keep"]);
    assert_eq!(seen.get("a").unwrap().uid, 0, "the layer's own attributes count");
    assert_eq!(seen.get("d").unwrap().uid, 5, "attributes of a left-out parent come from beneath");
    assert!(matches!(seen.get("keep").unwrap().node, Node::File { size: 0, .. }));
    let everything = read(&Raw::new().file(".wh..wh..opq", b"").file("x", b"").end()).unwrap();
    let names: Vec<String> = everything.over(lower).iter().map(|(path, _)| path.to_string()).collect();
    assert_eq!(names, ["x"]);
}

/// Any damage is either refused or leaves a tree that can be written and read again.
#[test]
fn damage_never_panics() {
    let (tree, store) = one_of_everything();
    let (whole, _) = encode(&tree, &store, Compression::None, 1);
    let mut state = 7_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut accepted = 0;
    for _ in 0..3000 {
        let mut bytes = whole.clone();
        let block = random(bytes.len() / 512) * 512;
        let header = &mut bytes[block..block + 512];
        for _ in 0..=random(3) {
            header[random(512)] = [0, 0xff, b'/', b'.', b'0' + random(8) as u8, random(256) as u8][random(6)];
        }
        if &header[257..262] == b"ustar" {
            header[148..156].fill(b' ');
            let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
            header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        if random(5) == 0 {
            bytes.truncate(random(whole.len()));
        }
        let mut contents = MemoryStore::new();
        if let Ok(layer) = decode_layer(bytes.as_slice(), &mut contents, &ArchiveLimits::default()) {
            accepted += 1;
            let (again, _) = encode(&layer.tree, &contents, Compression::None, 1);
            let mut contents = MemoryStore::new();
            let same = decode_layer(again.as_slice(), &mut contents, &ArchiveLimits::default()).unwrap();
            assert_eq!(same.tree.len(), layer.tree.len());
            assert!(encode(&same.tree, &contents, Compression::None, 1).0 == again);
        }
    }
    // Otherwise the damage is too crude to reach anything but the checksum.
    assert!((100..2900).contains(&accepted), "{accepted} were accepted");
}
