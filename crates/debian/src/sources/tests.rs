//! What `sources` must and must not do.

use super::*;

const DEB822: &str = "\
Types: deb
# a comment in between
URIs: http://mirror.test/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.test/debian-security
Suites: bookworm-security
Components: main
";

const THIRD_PARTY: &str = "\
Types: deb
URIs: https://node.test/node_20.x
Suites: nodistro
Components: main
";

fn mirror_of(files: &[(&str, &str)]) -> Option<FoundMirror> {
    let entries: Vec<SourceEntry> =
        files.iter().flat_map(|(file, text)| parse(file, text).expect("a readable list")).collect();
    debian_mirror(&entries)
}

#[test]
fn both_archives_are_found_with_their_lines() {
    let found = mirror_of(&[("node.sources", THIRD_PARTY), ("debian.sources", DEB822)]).expect("a mirror");
    assert_eq!(found.mirror.archive, "http://mirror.test/debian");
    assert_eq!(found.mirror.security.as_deref(), Some("http://mirror.test/debian-security"));
    assert_eq!(found.archive_origin, "debian.sources:3");
    assert_eq!(found.security_origin.as_deref(), Some("debian.sources:9"));
}

#[test]
fn one_line_format_with_options() {
    let text = "\
# deb http://off.test/debian trixie main
deb cdrom:[Debian GNU/Linux 13]/ trixie main
deb [arch=amd64 signed-by=/x.gpg] https://third.test/apt cloud-sdk-trixie main
deb mirror+file:/etc/apt/mirrors.txt trixie main
deb-src http://src.test/debian trixie main
deb [ trusted=no ] http://one.test/debian stable main contrib # a remark
deb http://sec.test/security stable-security main
";
    let found = mirror_of(&[("/etc/apt/sources.list", text)]).expect("a mirror");
    assert_eq!(found.mirror.archive, "http://one.test/debian");
    assert_eq!(found.archive_origin, "/etc/apt/sources.list:6");
    assert_eq!(found.mirror.security.as_deref(), Some("http://sec.test/security"));
}

#[test]
fn third_parties_and_disabled_stanzas_are_no_mirror() {
    assert_eq!(mirror_of(&[("node.sources", THIRD_PARTY)]), None);
    let disabled = DEB822.replace("Types: deb\n", "Types: deb\nEnabled: no\n");
    assert_eq!(mirror_of(&[("debian.sources", &disabled)]), None);
    assert_eq!(mirror_of(&[("a.list", "deb http://m.test/debian trixie contrib\n")]), None);
    assert_eq!(mirror_of(&[("a.list", "deb http://m.test/flat ./\n")]), None);
}

#[test]
fn only_the_archive_may_be_there() {
    let found = mirror_of(&[("a.list", "deb http://m.test/debian trixie main")]).expect("a mirror");
    assert_eq!(found.mirror.security, None);
}

#[test]
fn malformed_lists_name_file_and_line() {
    let cases = [
        ("a.list", "\ndebian http://m.test x main", "a.list:2: an entry must begin with `deb` or `deb-src`"),
        ("a.list", "deb http://m.test", "a.list:1: an entry needs an address and a suite"),
        ("a.list", "deb [arch=amd64 http://m.test x", "a.list:1: `[` is not closed"),
        ("a.sources", "Types: deb\nURIs http://m.test\n", "a.sources:2: a field needs a colon"),
        ("a.sources", "Types: deb\nSuites: trixie\n", "a.sources:3: the stanza above has no `URIs`"),
        ("a.sources", "Types: deb\nTypes: deb\n", "a.sources:2: a field is given twice"),
        ("a.sources", " main\n", "a.sources:1: a continuation line follows no field"),
    ];
    for (file, text, expected) in cases {
        assert_eq!(parse(file, text).expect_err(text).to_string(), expected);
    }
}
