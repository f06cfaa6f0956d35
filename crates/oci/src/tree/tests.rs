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
    let below: Vec<&str> = tree.below(&path("a/b")).map(|(path, _)| path.as_str()).collect();
    assert_eq!(below, ["a/b/c"]);
}

#[test]
fn a_file_cannot_hold_files() {
    let mut tree = tree(&[("a", file("1"))]);
    assert!(matches!(tree.insert(path("a/b"), file("2")), Err(TreeError::ParentIsNotADirectory { .. })));
    let before = tree.clone();
    assert!(tree.insert(path("a/b/c/d"), file("2")).is_err());
    assert_eq!(tree, before, "a refused path leaves nothing behind");
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
    let hardlink = Entry { node: Node::Hardlink { target: path("links/first") }, ..file("l") };
    upper.insert(path("links/second"), hardlink).unwrap();
    let layer = upper.changes_from(&lower);
    assert!(layer.get("keep/me").is_none());
    assert_eq!(layer.get("gone").map(|entry| &entry.node), Some(&Node::Whiteout));
    assert!(layer.get("gone/deep").is_none());
    // The first name did not change, but a link needs it in its own layer.
    assert_eq!(layer.get("links/first"), Some(&file("l")));
    assert_eq!(lower.overlaid(&layer), upper);
}

#[test]
fn a_replaced_file_lives_on_under_its_other_names() {
    let link = |target: &str, content: &str| Entry {
        node: Node::Hardlink { target: path(target) },
        ..file(content)
    };
    let mut lower = tree(&[("a", file("old")), ("b", link("a", "old")), ("c", link("a", "old"))]);
    let seen = lower.clone().overlaid(&tree(&[("a", file("new"))]));
    let expected = tree(&[("a", file("new")), ("b", file("old")), ("c", link("b", "old"))]);
    assert_eq!(seen, expected);
    assert!(lower.remove(&path("a")));
    assert_eq!(lower, tree(&[("b", file("old")), ("c", link("b", "old"))]));
    assert!(!lower.remove(&path("a")));
    let one = lower.filter(|path, _| path.as_str() == "c");
    assert_eq!(one, tree(&[("c", file("old"))]));
}

#[test]
fn a_link_follows_its_changed_file_into_the_layer() {
    let link = |content: &str| Entry { node: Node::Hardlink { target: path("a") }, ..file(content) };
    let lower = tree(&[("a", file("old")), ("b", link("old"))]);
    let upper = tree(&[("a", file("new")), ("b", link("new"))]);
    let layer = upper.changes_from(&lower);
    assert_eq!(layer, upper);
    assert_eq!(lower.overlaid(&layer), upper);
}

#[test]
fn a_written_down_tree_must_be_a_tree() {
    let whole = tree(&[("a/b", file("1"))]);
    let json = serde_json::to_string(&whole).unwrap();
    assert_eq!(serde_json::from_str::<Tree>(&json).unwrap(), whole);
    let mut entries = BTreeMap::from(whole);
    entries.remove("a");
    assert!(matches!(Tree::try_from(entries), Err(TreeError::NoParent { .. })));
    let link = Entry { node: Node::Hardlink { target: path("x") }, ..file("1") };
    let entries = BTreeMap::from([(path("a"), link)]);
    assert!(matches!(Tree::try_from(entries), Err(TreeError::NoTarget { .. })));
}
