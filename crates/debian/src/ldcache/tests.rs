//! What `ldcache` must and must not do.

use super::*;

fn library(soname: &str, machine: u16) -> Library {
    Library { soname: soname.to_owned(), machine }
}

fn path(text: &str) -> RelPath {
    text.parse().expect("a path")
}

/// Reads a cache back: soname and path, in the order of the file.
fn read(cache: &[u8]) -> Vec<(String, String)> {
    let number = |at: usize| u32::from_le_bytes(cache[at..at + 4].try_into().expect("four bytes")) as usize;
    let text = |at: usize| {
        let end = cache[at..].iter().position(|byte| *byte == 0).expect("an end");
        String::from_utf8(cache[at..at + end].to_vec()).expect("text")
    };
    assert_eq!(&cache[..20], MAGIC);
    assert_eq!(cache.len(), HEADER + number(20) * ENTRY + number(24));
    (0..number(20))
        .map(|at| HEADER + at * ENTRY)
        .map(|at| (text(number(at + 4)), text(number(at + 8))))
        .collect()
}

#[test]
fn libraries_are_listed_in_falling_order_with_their_links() {
    let mut tree = Tree::new();
    let directory = "usr/lib/x86_64-linux-gnu";
    let libraries = BTreeMap::from([
        (path(&format!("{directory}/libz.so.1.3")), library("libz.so.1", 62)),
        (path(&format!("{directory}/libz.so.10.0")), library("libz.so.10", 62)),
        (path(&format!("{directory}/libarm.so.1")), library("libarm.so.1", 183)),
        (path("usr/lib/special/libs.so.1"), library("libs.so.1", 62)),
        (path("usr/lib/unknown/libu.so.1"), library("libu.so.1", 62)),
    ]);
    for file in libraries.keys() {
        tree.insert(file.clone(), Entry::symlink("stands for a file")).expect("a place");
    }
    let cache = compose("amd64", &mut tree, &libraries, &["# special\n/usr/lib/special\n"]).expect("a cache");
    let expected = [
        ("libz.so.10", "/lib/x86_64-linux-gnu/libz.so.10"),
        ("libz.so.1", "/lib/x86_64-linux-gnu/libz.so.1"),
        ("libs.so.1", "/usr/lib/special/libs.so.1"),
    ];
    assert_eq!(read(&cache), expected.map(|(soname, path)| (soname.to_owned(), path.to_owned())));
    assert!(tree.get(&format!("{directory}/libz.so.10")).is_some());
}

#[test]
fn the_first_directory_wins() {
    let mut tree = Tree::new();
    let libraries = BTreeMap::from([
        (path("usr/lib/x86_64-linux-gnu/liba.so.1"), library("liba.so.1", 62)),
        (path("opt/lib/liba.so.1"), library("liba.so.1", 62)),
    ]);
    let cache = compose("amd64", &mut tree, &libraries, &["/opt/lib"]).expect("a cache");
    assert_eq!(read(&cache), [("liba.so.1".to_owned(), "/opt/lib/liba.so.1".to_owned())]);
}

#[test]
fn an_alternative_is_listed_under_its_own_place() {
    let mut tree = Tree::new();
    let directory = "usr/lib/x86_64-linux-gnu";
    let real = path(&format!("{directory}/blas/libblas.so.3"));
    let libraries = BTreeMap::from([(real.clone(), library("libblas.so.3", 62))]);
    let file = Entry::file(packwright_oci::Digest::of(b""), 0, 0o644);
    tree.insert(real.clone(), file).expect("a place");
    for (link, target) in [
        (format!("{directory}/libblas.so.3"), "/etc/alternatives/libblas.so.3"),
        ("etc/alternatives/libblas.so.3".to_owned(), "/usr/lib/x86_64-linux-gnu/blas/libblas.so.3"),
        (format!("{directory}/libother.so.3"), "blas/libblas.so.3"),
    ] {
        tree.insert(path(&link), Entry::symlink(target)).expect("a place");
    }
    let cache = compose("amd64", &mut tree, &libraries, &[]).expect("a cache");
    let expected = ("libblas.so.3".to_owned(), "/lib/x86_64-linux-gnu/libblas.so.3".to_owned());
    assert_eq!(read(&cache), [expected]);
}

#[test]
fn an_unknown_architecture_has_no_cache() {
    assert_eq!(compose("m68k", &mut Tree::new(), &BTreeMap::new(), &[]), None);
}

#[test]
fn names_compare_as_the_linker_does() {
    for (left, right, expected) in [
        ("liba.so.2", "liba.so.10", Ordering::Less),
        ("liba.so.1", "liba.so.1", Ordering::Equal),
        ("liba.so", "liba.so.1", Ordering::Less),
        ("lib1.so", "liba.so", Ordering::Greater),
        ("liba.so.1", "liba.so", Ordering::Greater),
    ] {
        assert_eq!(compare(left.as_bytes(), right.as_bytes()), expected, "{left} against {right}");
    }
}
