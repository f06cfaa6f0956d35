//! What `root` must and must not do.

use packwright_oci::{Digest, Entry, MemoryStore, Node};

use super::*;
use crate::fixtures::Deb;
use crate::rules::Rules;

fn unpacked(deb: Deb) -> Unpacked {
    let (chosen, bytes) = deb.build();
    crate::unpack(&chosen, bytes.as_slice(), &mut MemoryStore::new(), &Rules::image())
        .expect("a good package")
}

fn composed(debs: Vec<Deb>) -> Result<Root, RootError> {
    let packages: Vec<Unpacked> = debs.into_iter().map(unpacked).collect();
    compose(&packages.iter().collect::<Vec<_>>(), &Accounts::standard())
}

fn root(debs: Vec<Deb>) -> Root {
    composed(debs).expect("a root")
}

fn text(root: &Root, path: &str) -> String {
    let Some(Entry { node: Node::File { digest, .. }, .. }) = root.tree.get(path) else {
        panic!("{path} is no file: {:?}", root.tree.get(path));
    };
    String::from_utf8(root.made[digest].clone()).expect("text")
}

fn link(root: &Root, path: &str) -> String {
    match root.tree.get(path).map(|entry| &entry.node) {
        Some(Node::Symlink { target }) => target.clone(),
        other => panic!("{path} is no link: {other:?}"),
    }
}

#[test]
fn merged_directories_are_links() {
    let root = root(vec![Deb::new("a").file("./bin/x", "x").file("./lib64/ld.so", "l")]);
    assert_eq!(link(&root, "bin"), "usr/bin");
    assert_eq!(link(&root, "lib64"), "usr/lib64");
    assert!(root.tree.get("lib32").is_none());
    assert_eq!(root.tree.get("tmp").map(|entry| entry.mode), Some(0o1777));
}

#[test]
fn accounts_are_made_and_locked() {
    let root = root(vec![Deb::new("a").file("./bin/bash", "x")]);
    assert!(text(&root, "etc/passwd").starts_with("root:x:0:0:root:/root:/bin/bash\n"));
    assert!(text(&root, "etc/passwd").ends_with("app:x:1000:1000:app:/app:/bin/bash\n"));
    assert!(text(&root, "etc/group").contains("nogroup:x:65534:\n"));
    assert!(text(&root, "etc/shadow").lines().all(|line| line.ends_with(":*:::::::")));
    let shadow = root.tree.get("etc/shadow").expect("a shadow");
    assert_eq!((shadow.mode, shadow.uid, shadow.gid), (0o640, 0, 42));
}

#[test]
fn masters_of_base_passwd_are_used_and_bash_is_not_promised() {
    let root = root(vec![
        Deb::new("base-passwd")
            .file(
                "./usr/share/base-passwd/passwd.master",
                "root:*:0:0:root:/root:/bin/bash\ngames:*:5:60::/:/x\n",
            )
            .file("./usr/share/base-passwd/group.master", "root:*:0:\ngames:*:60:\n"),
    ]);
    assert!(text(&root, "etc/passwd").starts_with("root:x:0:0:root:/root:/bin/sh\ngames:x:5:60::/:/x\n"));
    assert!(text(&root, "etc/group").starts_with("root:x:0:\ngames:x:60:\n"));
}

#[test]
fn the_bundle_joins_certificates_in_the_order_of_their_names() {
    let root = root(vec![
        Deb::new("ca-certificates")
            .file("./usr/share/ca-certificates/mozilla/B.crt", "b")
            .file("./usr/share/ca-certificates/mozilla/A.crt", "a\n"),
    ]);
    assert_eq!(text(&root, "etc/ssl/certs/ca-certificates.crt"), "a\nb\n");
    assert!(text(&root, "etc/ca-certificates.conf").ends_with("mozilla/A.crt\nmozilla/B.crt\n"));
}

#[test]
fn the_best_alternative_is_linked() {
    let offer = |name: &str, priority: u32| {
        let path = format!("./usr/bin/{name}");
        let script = format!(
            "#!/bin/sh\nupdate-alternatives --install /usr/bin/awk awk /usr/bin/{name} {priority} --slave /usr/share/man/awk.1 awk.1 /usr/share/man/{name}.1\n"
        );
        Deb::new(name).file(&path, name).control("postinst", &script)
    };
    let root = root(vec![offer("gawk", 10), offer("mawk", 5)]);
    assert_eq!(link(&root, "usr/bin/awk"), "/etc/alternatives/awk");
    assert_eq!(link(&root, "etc/alternatives/awk"), "/usr/bin/gawk");
    // Its target is left out, as in dpkg when it is missing.
    assert!(root.tree.get("etc/alternatives/awk.1").is_none());
}

#[test]
fn an_alternative_whose_target_is_missing_is_not_made() {
    let script = "#!/bin/sh\nupdate-alternatives --install /usr/bin/awk awk /usr/bin/gone 5\n";
    assert!(root(vec![Deb::new("a").control("postinst", script)]).tree.get("usr/bin/awk").is_none());
}

#[test]
fn the_zone_is_utc_where_zones_are() {
    let root = root(vec![Deb::new("tzdata").file("./usr/share/zoneinfo/Etc/UTC", "z")]);
    assert_eq!(link(&root, "etc/localtime"), "/usr/share/zoneinfo/Etc/UTC");
    assert_eq!(text(&root, "etc/timezone"), "Etc/UTC\n");
}

#[test]
fn scanners_find_packages_and_the_files_that_are_there() {
    let root = root(vec![
        Deb::new("a")
            .control("md5sums", "1  bin/x\n2  usr/share/man/x.1\n")
            .file("./bin/x", "x")
            .file("./usr/share/man/x.1", "m"),
    ]);
    assert!(text(&root, "var/lib/dpkg/status.d/a").starts_with("Package: a\nVersion: 1.0\n"));
    assert_eq!(text(&root, "var/lib/dpkg/status.d/a.md5sums"), "1  bin/x\n");
}

#[test]
fn unreviewed_scripts_are_all_named() {
    let bad = |name: &str| Deb::new(name).control("postinst", "#!/bin/sh\nuseradd x\n");
    let error = composed(vec![bad("b"), bad("a"), Deb::new("c")]).expect_err("unsupported");
    assert_eq!(
        error.to_string(),
        "unsupported maintainer script: postinst of `a` (`useradd x`), postinst of `b` (`useradd x`)"
    );
    assert!(error.fix().starts_with("do without a, b"), "{}", error.fix());
}

#[test]
fn different_files_at_one_path_conflict() {
    let error = composed(vec![Deb::new("a").file("./etc/x", "1"), Deb::new("b").file("./etc/x", "2")]);
    assert_eq!(error.expect_err("a conflict").to_string(), "`etc/x` is in both `a` and `b`");
    assert!(composed(vec![Deb::new("a").file("./etc/x", "1"), Deb::new("b").file("./etc/x", "1")]).is_ok());
}

#[test]
fn a_package_may_replace_anothers_files() {
    let debs = |field: &str| {
        vec![Deb::new("a").field(field).file("./etc/x", "a"), Deb::new("b").file("./etc/x", "b")]
    };
    let root = root(debs("Replaces: b (<< 2)"));
    let Some(Node::File { digest, .. }) = root.tree.get("etc/x").map(|entry| entry.node.clone()) else {
        panic!()
    };
    assert_eq!(digest, Digest::of(b"a"));
    assert!(composed(debs("Replaces: b (<< 1)")).is_err());
}

#[test]
fn a_file_under_anothers_link_is_named() {
    let error = composed(vec![Deb::new("a").symlink("./usr/x", "y"), Deb::new("b").file("./usr/x/f", "1")]);
    assert!(matches!(error, Err(RootError::FileConflict { .. } | RootError::Blocked { .. })), "{error:?}");
}

#[test]
fn a_package_given_twice_is_refused() {
    assert_eq!(
        composed(vec![Deb::new("a"), Deb::new("a")]),
        Err(RootError::Twice { package: "a".to_owned() })
    );
}

#[test]
fn the_root_does_not_depend_on_the_order_of_packages() {
    let debs = || {
        vec![Deb::new("a").dir("./etc/d/").file("./bin/x", "x"), Deb::new("b").dir("./etc/d/"), Deb::new("c")]
    };
    let mut backwards = debs();
    backwards.reverse();
    assert_eq!(root(debs()), root(backwards));
}
