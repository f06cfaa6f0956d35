//! Every way in which an upper directory can change what lies beneath.

use super::*;
use packwright_oci::Digest;

/// `a/` a directory, `a=x` a file with the content `x`, `a->x` a symbolic link, `a&x` a hard
/// link, `a!` a whiteout.
fn tree(lines: &[&str]) -> Tree {
    let mut tree = Tree::new();
    for line in lines {
        let (name, entry) = if let Some(name) = line.strip_suffix('/') {
            (name, Entry::dir(0o755))
        } else if let Some(name) = line.strip_suffix('!') {
            (name, Entry::whiteout())
        } else if let Some((name, target)) = line.split_once("->") {
            (name, Entry::symlink(target))
        } else if let Some((name, target)) = line.split_once('&') {
            let node = Node::Hardlink { target: target.parse().unwrap() };
            (name, Entry { node, ..Entry::dir(0o644) })
        } else {
            let (name, content) = line.split_once('=').unwrap();
            let digest = Digest::of(content.as_bytes());
            (name, Entry::file(digest, content.len() as u64, 0o644))
        };
        tree.insert(name.parse().unwrap(), entry).unwrap();
    }
    tree
}

fn captured(lines: &[&str], opaque: &[&str]) -> Captured {
    Captured {
        stripped: Vec::new(),
        tree: tree(lines),
        opaque: opaque.iter().map(|path| path.parse().unwrap()).collect(),
        skipped: Vec::new(),
    }
}

#[track_caller]
fn check(lower: &[&str], upper: &[&str], opaque: &[&str], expected: &[&str]) {
    let merged = merged(&tree(lower), &captured(upper, opaque));
    assert_eq!(merged, tree(expected));
}

#[test]
fn additions_changes_and_deletions() {
    check(&["a=1", "b=1"], &["b=2", "c=3"], &[], &["a=1", "b=2", "c=3"]);
    check(&["d/x=1", "d/y=1"], &["d/x!"], &[], &["d/y=1"]);
    check(&["d/x=1", "e=1"], &["d!"], &[], &["e=1"]);
    check(&["d/x=1", "d-e=1"], &["d!"], &[], &["d-e=1"]);
}

#[test]
fn a_deletion_of_what_was_never_there_is_nothing() {
    check(&["a=1"], &["b!", "c/d!"], &[], &["a=1", "c/"]);
}

#[test]
fn every_type_over_every_other() {
    let kinds: [&[&str]; 3] = [&["p=1"], &["p/x=1"], &["p->t"]];
    for lower in kinds {
        for upper in kinds {
            if lower != upper {
                let opaque: &[&str] = if upper == ["p/x=1"] { &["p"] } else { &[] };
                check(lower, upper, opaque, upper);
            }
        }
    }
}

#[test]
fn an_opaque_directory_hides_all_beneath() {
    check(&["d/old=1", "d/sub/x=1", "e=1"], &["d/new=1"], &["d"], &["d/new=1", "e=1"]);
    check(&["d/old=1"], &["d/new=1"], &[], &["d/new=1", "d/old=1"]);
    check(&["d/s/old=1", "d/t=1"], &["d/s/new=1"], &["d/s"], &["d/s/new=1", "d/t=1"]);
    check(&["d/x=1"], &["d/"], &["d"], &["d/"]);
    // The name is the beginning of another one.
    check(&["d/x=1", "d-e/x=1"], &["d/"], &["d"], &["d/", "d-e/x=1"]);
    // Made anew where nothing was: no difference.
    check(&["a=1"], &["d/x=1"], &["d"], &["a=1", "d/x=1"]);
}

#[test]
fn other_names_keep_the_content_of_a_file_that_was_copied_up() {
    check(&["a=1", "b&a", "c&a"], &["a=2"], &[], &["a=2", "b=1", "c&b"]);
    check(&["a=1", "b&a", "c&a"], &["a!"], &[], &["b=1", "c&b"]);
    check(&["d/a=1", "e&d/a"], &["d!"], &[], &["e=1"]);
    check(&["d/a=1", "e&d/a"], &["d/"], &["d"], &["d/", "e=1"]);
    check(&["a=1", "b&a", "c&a"], &["a=2", "b!"], &[], &["a=2", "c=1"]);
    // One of the other names was copied up.
    check(&["a=1", "b&a", "c&a"], &["b=2"], &[], &["a=1", "b=2", "c&a"]);
    // A new link to a file beneath: the kernel copies the file up with both names.
    check(&["a=1"], &["a=1", "b&a"], &[], &["a=1", "b&a"]);
}

#[test]
fn what_was_copied_up_and_not_changed_is_no_change() {
    let lower = tree(&["a=1", "d/b=1"]);
    let merged = merged(&lower, &captured(&["a=1", "d/"], &[]));
    assert!(merged.changes_from(&lower).is_empty());
}

#[test]
fn a_change_of_mode_alone_is_a_change() {
    let lower = tree(&["a=1"]);
    let mut upper = captured(&["a=1"], &[]);
    let entry = upper.tree.get("a").unwrap().clone();
    upper.tree.insert("a".parse().unwrap(), Entry { mode: 0o755, ..entry }).unwrap();
    let merged = merged(&lower, &upper);
    assert_eq!(merged.changes_from(&lower), upper.tree);
}

#[test]
fn whiteouts_go_through_directories_and_not_through_links() {
    // After usr-merge `/lib` is a link; a deletion below it is recorded at the real place.
    check(&["lib->usr/lib", "usr/lib/x=1"], &["usr/lib/x!"], &[], &["lib->usr/lib", "usr/lib/"]);
}

#[test]
fn a_part_of_a_tree() {
    let whole = tree(&["a=1", "d/x=1", "d/y&d/x", "d/z&a", "d/s/t=2", "d-e=1", "d/l->../a"]);
    let part = subtree(&whole, &"d".parse().unwrap());
    assert_eq!(part, tree(&["x=1", "y&x", "z=1", "s/t=2", "l->../a"]));
    assert_eq!(subtree(&whole, &"a".parse().unwrap()), tree(&["a=1"]));
    assert_eq!(subtree(&whole, &"d/y".parse().unwrap()), tree(&["y=1"]));
    assert_eq!(subtree(&whole, &"d/nothing".parse().unwrap()), Tree::new());
    assert_eq!(subtree(&whole, &"d/s".parse().unwrap()), tree(&["t=2"]));
}

/// Both numbers are chosen by the step; their product would take minutes here.
#[test]
fn many_opaque_directories_over_many_entries_take_no_time() {
    const MANY: usize = 20_000;
    let mut lower = Tree::new();
    let mut upper = captured(&[], &[]);
    for number in 0..MANY {
        let file = Entry::file(Digest::of(b"1"), 1, 0o644);
        lower.insert(format!("old/{number:05}/x").parse().unwrap(), file).unwrap();
        let dir: RelPath = format!("old/{number:05}").parse().unwrap();
        upper.tree.insert(dir.clone(), Entry::dir(0o755)).unwrap();
        upper.opaque.push(dir);
    }
    let began = std::time::Instant::now();
    let merged = merged(&lower, &upper);
    assert_eq!(merged.len(), MANY + 1);
    assert!(began.elapsed() < std::time::Duration::from_secs(5), "it took {:?}", began.elapsed());
}
