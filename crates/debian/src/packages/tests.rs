//! What `packages` must and must not do.

use super::*;
use crate::archive::Area;
use crate::fixtures::compressed;

const TEXT: &str = "\
Package: libssl3
Version: 3.0-1
Architecture: amd64
Maintainer: somebody
Depends: libc6 (>= 2.34),
 debconf | debconf-2.0
Breaks: x (<< 1)
Provides: libssl (= 3.0)
Filename: pool/main/o/openssl/libssl3_3.0-1_amd64.deb
Size: 12
SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
Description: a library
 with a long
 description

Package: b
Version: 1
Architecture: all
Priority: required
Installed-Size: 7
Filename: pool/b.deb
Size: 1
SHA256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
";

fn parse(text: &str) -> Result<Packages, PackagesError> {
    Packages::parse("Packages", "trixie", text.as_bytes())
}

fn listed(bytes: &[u8]) -> (IndexFile, Pocket) {
    let file = IndexFile {
        path: "dists/trixie/Packages.xz".to_owned(),
        name: "main/binary-amd64/Packages.xz".to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    };
    (file, Pocket { name: "trixie".to_owned(), area: Area::Archive })
}

#[test]
fn needed_fields_are_kept() {
    let packages = parse(TEXT).expect("a readable index");
    let all: Vec<Package<'_>> = packages.iter().collect();
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].name(), all[0].version(), all[0].architecture()), ("libssl3", "3.0-1", "amd64"));
    assert_eq!((all[0].pocket(), all[0].size(), all[0].priority()), ("trixie", 12, 4));
    let depends: Vec<String> =
        all[0].depends("amd64").expect("readable").iter().map(ToString::to_string).collect();
    assert_eq!(depends, ["libc6 (>= 2.34)", "debconf | debconf-2.0"]);
    assert_eq!(all[0].conflicts("amd64").expect("readable").len(), 1);
    assert_eq!((all[1].priority(), all[1].installed_kib()), (0, Some(7)));
}

#[test]
fn a_listed_file_is_decompressed_and_read() {
    let bytes = compressed(".xz", TEXT.as_bytes());
    let (file, pocket) = listed(&bytes);
    assert_eq!(Packages::read(&file, &pocket, &bytes).expect("a readable index").len(), 2);
}

#[test]
fn a_changed_file_is_refused_before_it_is_read() {
    let mut bytes = compressed(".xz", TEXT.as_bytes());
    let (file, pocket) = listed(&bytes);
    *bytes.last_mut().expect("not empty") ^= 1;
    let error = Packages::read(&file, &pocket, &bytes).expect_err("tampered");
    assert!(matches!(error, PackagesError::NotAsListed { .. }), "{error}");
    bytes.pop();
    assert!(matches!(Packages::read(&file, &pocket, &bytes), Err(PackagesError::NotAsListed { .. })));
}

#[test]
fn a_listed_file_that_is_no_xz_is_refused() {
    let (file, pocket) = listed(b"not xz");
    let error = Packages::read(&file, &pocket, b"not xz").expect_err("not xz");
    assert!(matches!(error, PackagesError::Decompress { .. }), "{error}");
    let mut bytes = compressed(".xz", TEXT.as_bytes());
    bytes.truncate(bytes.len() - 20);
    let (file, pocket) = listed(&bytes);
    let error = Packages::read(&file, &pocket, &bytes).expect_err("truncated");
    assert!(matches!(error, PackagesError::Decompress { .. }), "{error}");
}

#[test]
fn malformed_paragraphs_name_line_and_reason() {
    for (from, to, expected) in [
        ("Size: 12\n", "", "`Packages` line 14: the paragraph above has no `Size`"),
        ("Size: 12\n", "Size: x\n", "`Packages` line 15: the size of `libssl3` is not a number"),
        ("Size: 12\n", "Size: 12\nSize: 12\n", "`Packages` line 11: the field `Size` is given twice"),
        ("Size: 12\n", "Size 12\n", "`Packages` line 10: a field needs a colon"),
        (
            "pool/main/o",
            "pool/../../o",
            "`Packages` line 15: `pool/../../o/openssl/libssl3_3.0-1_amd64.deb` has the part `..`",
        ),
        ("Package: libssl3", "Package: LIB", "`Packages` line 15: `LIB` is not a package name"),
        ("SHA256: e3", "SHA256: E3", "sha256:<64 lowercase hex digits>"),
        ("Version: 3.0-1", "Version: 3 0", "`Packages` line 15: `3 0` is not a Debian version"),
    ] {
        let error = parse(&TEXT.replacen(from, to, 1)).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn an_empty_index_has_no_packages() {
    assert!(parse("").expect("a readable index").is_empty());
    assert!(parse("\n\n\n").expect("a readable index").is_empty());
}
