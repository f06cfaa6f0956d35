//! Applications that share a store: a handful of the attempts that the gate makes (`tests/src/tenants.rs`).

use std::collections::BTreeSet;

use packwright_tests::tenants::{
    Attempt, Residents, VICTIMS, a_template_tells_nothing, attempts, none_changes_another,
};

fn named(names: &[&str]) -> Vec<&'static Attempt> {
    let found: Vec<_> = attempts().into_iter().filter(|attempt| names.contains(&attempt.name)).collect();
    assert_eq!(found.len(), names.len(), "{names:?}");
    found
}

/// Every kind of victim is aimed at, and no attempt aims at nothing.
#[test]
fn each_package_manager_has_its_attempts() {
    let attempts = attempts();
    let aims: BTreeSet<&str> = attempts.iter().map(|attempt| attempt.victim).collect();
    let victims: BTreeSet<&str> = VICTIMS.iter().map(|victim| victim.name).collect();
    assert_eq!(aims, victims);
    let names: BTreeSet<&str> = attempts.iter().map(|attempt| attempt.name).collect();
    assert_eq!(names.len(), attempts.len(), "names tell attempts apart");
    assert!(names.len() >= 15, "{names:?}");
}

#[test]
fn neither_npms_cache_nor_a_frameworks_reaches_another_application() {
    none_changes_another(&named(&["npm-git", "framework-cache"]), Residents::New);
}

#[test]
fn neither_uvs_cache_nor_the_answer_of_an_index_reaches_another_application() {
    none_changes_another(&named(&["pip-local-path", "pip-sdist", "other-index"]), Residents::New);
}

#[test]
fn what_a_build_made_of_a_secret_reaches_no_other_application() {
    a_template_tells_nothing();
}
