//! Overlaying and taking differences, on trees small enough to read.

use super::*;

fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

fn file(content: &str) -> Entry {
    Entry::file(Digest::of(content.as_bytes()), content.len() as u64, 0o644)
}

fn tree(entries: &[(&str, Entry)]) -> Tree {
    let mut tree = Tree::new();
    for (name, entry) in entries {
        tree.insert(path(name), entry.clone()).unwrap();
    }
    tree
}

#[test]
fn parents_are_made_once_and_first() {
    let tree = tree(&[("a/b/c", file("1")), ("a/b-d", file("2"))]);
    let paths: Vec<&str> = tree.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["a", "a/b", "a/b-d", "a/b/c"]);
    let below: Vec<&str> = tree
        .below(&path("a/b"))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(below, ["a/b/c"]);
}

#[test]
fn a_file_cannot_hold_files() {
    let mut tree = tree(&[("a", file("1"))]);
    assert!(matches!(
        tree.insert(path("a/b"), file("2")),
        Err(TreeError::ParentIsNotADirectory { .. })
    ));
}

#[test]
fn changes_then_overlay_is_identity() {
    let lower = tree(&[
        ("keep/me", file("same")),
        ("gone/deep/file", file("x")),
        ("type", file("was a file")),
        ("other/was-dir/file", file("y")),
        ("links/first", file("l")),
    ]);
    let mut upper = tree(&[
        ("keep/me", file("same")),
        ("keep/new", file("new")),
        ("type/now-dir", file("z")),
        ("other/was-dir", Entry::symlink("../keep")),
        ("links/first", file("l")),
    ]);
    let hardlink = Entry {
        node: Node::Hardlink {
            target: path("links/first"),
        },
        ..file("l")
    };
    upper.insert(path("links/second"), hardlink).unwrap();
    let layer = upper.changes_from(&lower);
    assert!(layer.get("keep/me").is_none());
    assert_eq!(
        layer.get("gone").map(|entry| &entry.node),
        Some(&Node::Whiteout)
    );
    assert!(layer.get("gone/deep").is_none());
    // The first name lies in the layer below, so the second becomes a file of its own.
    assert_eq!(layer.get("links/second"), Some(&file("l")));
    let applied = lower.overlaid(&layer);
    upper.insert(path("links/second"), file("l")).unwrap();
    assert_eq!(applied, upper);
}
