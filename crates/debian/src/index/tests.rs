//! What `index` must and must not do.

use super::*;
use crate::fixtures::{index, packages};
use crate::relation;

fn candidates(index: &Index, text: &str) -> Vec<String> {
    let relations = relation::parse(text, "amd64").expect("readable");
    let found = index.candidates(&relations[0].alternatives[0]);
    found
        .into_iter()
        .map(|id| format!("{} {}", index.package(id).name(), index.package(id).version()))
        .collect()
}

#[test]
fn candidates_are_newest_first_then_providers() {
    let index =
        index("a 1\n\na 2\n\np 1\nProvides: a, q (= 3)\n\nz 1\nProvides: a (= 5)\nPriority: important");
    assert_eq!(candidates(&index, "a"), ["a 2", "a 1", "z 1", "p 1"]);
    assert_eq!(candidates(&index, "a (<< 2)"), ["a 1"]);
    assert_eq!(candidates(&index, "a (>= 3)"), ["z 1"]);
    assert_eq!(candidates(&index, "q"), ["p 1"]);
    assert_eq!(candidates(&index, "a:i386"), Vec::<String>::new());
    assert_eq!(candidates(&index, "nothing"), Vec::<String>::new());
}

#[test]
fn the_same_package_in_two_pockets_counts_once() {
    let twice =
        Index::new("amd64", vec![packages("s", "a 1"), packages("m", "a 1\n\nb 1")]).expect("an index");
    let found: Vec<PackageId> = twice.named("a").collect();
    assert_eq!(found.len(), 1);
    assert_eq!(twice.package(found[0]).pocket(), "m");
}

#[test]
fn other_architectures_are_passed_over() {
    let foreign = Index::new("arm64", vec![packages("m", "a 1")]).expect("an index");
    assert_eq!(foreign.named("a").count(), 0);
}

#[test]
fn unreadable_provides_name_the_package() {
    let error = Index::new("amd64", vec![packages("m", "a 1\nProvides: b (>= 1)")]).expect_err("not exact");
    assert_eq!(error.to_string(), "the package `a` 1 provides something unreadable: `b (>= 1)`");
}
