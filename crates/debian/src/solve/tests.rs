//! What `solve` must and must not do.

use super::*;
use crate::fixtures::{index, packages};
use crate::substituted::Substituted;

const NONE: &[Substituted] = &[];

fn run(archive: &str, requests: &[&str]) -> Result<Vec<String>, String> {
    let requests: Vec<Request> =
        requests.iter().map(|text| Request::parse(text).expect("a request")).collect();
    match solve(&index(archive), &requests, NONE) {
        Ok(solution) => {
            Ok(solution.packages.iter().map(|one| format!("{} {}", one.name, one.version)).collect())
        }
        Err(error) => Err(error.to_string()),
    }
}

fn check(archive: &str, requests: &[&str], expected: &[&str]) {
    assert_eq!(run(archive, requests).expect("a solution"), expected);
}

fn fails(archive: &str, requests: &[&str], expected: &str) {
    let error = run(archive, requests).expect_err("no solution");
    assert_eq!(error, format!("no set of packages satisfies the requests: {expected}"));
}

#[test]
fn dependencies_and_pre_dependencies_come_along() {
    check(
        "a 1\nDepends: b\nPre-Depends: c\nRecommends: d\n\nb 1\n\nc 1\n\nd 1",
        &["a"],
        &["a 1", "b 1", "c 1"],
    );
}

#[test]
fn essential_packages_come_only_when_needed() {
    check("a 1\n\nbase 1\nEssential: yes", &["a"], &["a 1"]);
}

#[test]
fn the_newest_version_wins() {
    check("a 1.9\n\na 1.10\n\na 1.10~rc1", &["a"], &["a 1.10"]);
}

#[test]
fn an_exact_version_can_be_requested() {
    check("a 1\n\na 2", &["a (= 1)"], &["a 1"]);
}

#[test]
fn an_older_version_is_taken_where_needed() {
    check("a 1\nDepends: b (<< 2)\n\nb 1\n\nb 2", &["a"], &["a 1", "b 1"]);
}

#[test]
fn versions_must_agree_between_dependents() {
    check(
        "a 1\nDepends: c\n\nb 1\nDepends: c (<= 2)\n\nc 1\n\nc 2\n\nc 3",
        &["a", "b"],
        &["a 1", "b 1", "c 2"],
    );
}

#[test]
fn the_first_alternative_is_preferred() {
    check("a 1\nDepends: b | c\n\nb 1\n\nc 1", &["a"], &["a 1", "b 1"]);
}

#[test]
fn what_is_needed_anyway_satisfies_an_alternative() {
    check("a 1\nDepends: b | c, d\n\nb 1\n\nc 1\n\nd 1\nDepends: c", &["a"], &["a 1", "c 1", "d 1"]);
}

#[test]
fn a_missing_first_alternative_is_passed_over() {
    check("a 1\nDepends: x | c\n\nc 1", &["a"], &["a 1", "c 1"]);
}

#[test]
fn an_alternative_that_cannot_be_installed_is_left() {
    check("a 1\nDepends: b | c\n\nb 1\nDepends: nowhere\n\nc 1", &["a"], &["a 1", "c 1"]);
}

#[test]
fn backtracking_goes_as_deep_as_needed() {
    let archive =
        "a 1\nDepends: b | c\n\nb 1\nDepends: d\n\nd 1\nDepends: e\n\ne 1\nConflicts: z\n\nc 1\n\nz 1";
    check(archive, &["a", "z"], &["a 1", "c 1", "z 1"]);
}

#[test]
fn an_older_version_is_tried_when_the_newest_cannot_be() {
    check("a 2\nDepends: nowhere\n\na 1\nDepends: b\n\nb 1", &["a"], &["a 1", "b 1"]);
}

#[test]
fn conflicts_are_respected_between_alternatives() {
    check("a 1\nDepends: b | c\nConflicts: b\n\nb 1\n\nc 1", &["a"], &["a 1", "c 1"]);
}

#[test]
fn breaks_apply_to_the_versions_named() {
    check("a 1\nBreaks: b (<< 2)\nDepends: b\n\nb 1\n\nb 2", &["a"], &["a 1", "b 2"]);
}

#[test]
fn a_conflict_seen_from_the_other_side_counts_too() {
    check("a 1\nDepends: b | c\n\nb 1\n\nc 1\n\nz 1\nConflicts: b", &["a", "z"], &["a 1", "c 1", "z 1"]);
}

#[test]
fn a_virtual_package_is_provided() {
    check("a 1\nDepends: mail\n\nexim 1\nProvides: mail", &["a"], &["a 1", "exim 1"]);
}

#[test]
fn a_basic_provider_is_preferred() {
    let archive = "a 1\nDepends: awk\n\ngawk 1\nProvides: awk\nPriority: optional\n\nmawk 1\nProvides: awk\nPriority: required";
    check(archive, &["a"], &["a 1", "mawk 1"]);
}

#[test]
fn a_real_package_is_preferred_to_a_provider() {
    check("a 1\nDepends: b\n\nb 1\n\nother 1\nProvides: b\nPriority: required", &["a"], &["a 1", "b 1"]);
}

#[test]
fn a_versioned_dependency_needs_a_versioned_provider() {
    let archive =
        "a 1\nDepends: v (>= 2)\n\np 1\nProvides: v\n\nq 1\nProvides: v (= 1)\n\nr 1\nProvides: v (= 2)";
    check(archive, &["a"], &["a 1", "r 1"]);
}

#[test]
fn a_package_may_conflict_with_what_it_provides() {
    check("a 1\nProvides: mta\nConflicts: mta", &["a"], &["a 1"]);
}

#[test]
fn two_exclusive_providers_cannot_be_together() {
    let archive = "a 1\nProvides: mta\nConflicts: mta\n\nb 1\nProvides: mta\nConflicts: mta";
    fails(archive, &["a", "b"], "`a` is requested; `b` is requested; a 1 excludes `mta`, which is b 1");
}

#[test]
fn cycles_are_fine() {
    check("a 1\nDepends: b\n\nb 1\nDepends: c\n\nc 1\nDepends: a", &["a"], &["a 1", "b 1", "c 1"]);
}

#[test]
fn a_dependency_on_itself_is_satisfied() {
    check("a 1\nDepends: a | b\n\nb 1", &["a"], &["a 1"]);
}

#[test]
fn requests_can_be_alternatives() {
    check("libssl3t64 3", &["libssl3 | libssl3t64"], &["libssl3t64 3"]);
}

#[test]
fn a_missing_request_is_named() {
    fails("a 1", &["b"], "`b` is requested, which no package is or provides");
}

#[test]
fn a_missing_version_names_what_is_there() {
    let archive = "a 1\nDepends: b (>= 2)\n\nb 1.9";
    fails(archive, &["a"], "`a` is requested; a 1 needs `b (>= 2)`, only b 1.9 is there");
}

#[test]
fn the_chain_to_the_missing_package_is_told() {
    let archive = "a 1\nDepends: b\n\nb 1\nDepends: c | d\n\nc 1\nDepends: gone";
    fails(
        archive,
        &["a"],
        "`a` is requested; a 1 needs `b`; b 1 needs `c | d`; c 1 needs `gone`, which no package is or provides",
    );
}

#[test]
fn contradicting_requests_are_explained() {
    fails(
        "a 1\n\na 2",
        &["a (= 1)", "a (= 2)"],
        "`a (= 1)` is requested; `a (= 2)` is requested; a 1 and a 2 cannot be together",
    );
}

#[test]
fn unrelated_packages_are_not_blamed() {
    let error =
        run("a 1\nDepends: ok | gone\n\nok 1\n\nb 1\nDepends: gone", &["a", "b"]).expect_err("no solution");
    assert!(!error.contains("a 1"), "{error}");
}

#[test]
fn a_hard_puzzle_ends() {
    // Seven pigeons and six holes: unsolvable, and exponential for naive backtracking.
    let mut archive = String::new();
    for pigeon in 0..7 {
        let holes: Vec<String> = (0..6).map(|hole| format!("p{pigeon}h{hole}")).collect();
        archive.push_str(&format!("p{pigeon} 1\nDepends: {}\n\n", holes.join(" | ")));
        for hole in 0..6 {
            let others: Vec<String> = (0..pigeon).map(|other| format!("p{other}h{hole}")).collect();
            archive.push_str(&format!("p{pigeon}h{hole} 1\nConflicts: {}\n\n", others.join(", ")));
        }
    }
    let requests: Vec<String> = (0..7).map(|pigeon| format!("p{pigeon}")).collect();
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    assert!(run(&archive, &requests).is_err());
    assert_eq!(run(&archive, &requests[..6]).expect("six fit").len(), 12);
}

#[test]
fn the_result_does_not_depend_on_any_order() {
    let main = "a 1\nDepends: x, b | c\n\nb 1\nConflicts: x2\n\nc 1";
    let security = "x1 1\nProvides: x\n\nx2 1\nProvides: x\n\nb 2\nConflicts: x1";
    let one = Index::new("amd64", vec![packages("m", main), packages("s", security)]).expect("an index");
    let other = Index::new("amd64", vec![packages("s", security), packages("m", main)]).expect("an index");
    let requests = |names: [&str; 2]| names.map(|name| Request::parse(name).expect("a request"));
    let first = solve(&one, &requests(["a", "c"]), NONE);
    let second = solve(&other, &requests(["c", "a"]), NONE);
    assert_eq!(first.expect("a solution"), second.expect("a solution"));
}

#[test]
fn substituted_packages_are_not_installed() {
    let rows = [Substituted { package: "debconf", dependents: &[], reason: "test" }];
    let index = index("a 1\nDepends: debconf (>= 0.5) | debconf-2.0\n\ndebconf 1\nDepends: perl\n\nperl 1");
    let solution = |request: &[&str]| {
        let requests: Vec<Request> =
            request.iter().map(|text| Request::parse(text).expect("a request")).collect();
        solve(&index, &requests, &rows).expect("a solution")
    };
    let without = solution(&["a"]);
    assert_eq!(without.packages.len(), 1);
    assert_eq!(without.substituted, ["debconf"]);
    let with = solution(&["a", "debconf"]);
    assert_eq!(with.packages.len(), 3);
    assert!(with.substituted.is_empty());
}

#[test]
fn a_substitute_can_be_for_one_dependent_only() {
    let rows = [Substituted { package: "tool", dependents: &["a"], reason: "test" }];
    let index = index("a 1\nDepends: tool\n\nb 1\nDepends: tool\n\ntool 1");
    let names = |request: &str| {
        let requests = [Request::parse(request).expect("a request")];
        solve(&index, &requests, &rows).expect("a solution").packages.len()
    };
    assert_eq!((names("a"), names("b")), (1, 2));
}

#[test]
fn the_standard_substitutes_give_reasons() {
    assert!(Substituted::standard().iter().all(|row| !row.reason.is_empty()));
}

#[test]
fn unreadable_dependencies_name_their_package() {
    let error = run("a 1\nDepends: b (~ 1)", &["a"]).expect_err("unreadable");
    assert_eq!(error, "the dependencies of `a` 1 cannot be read");
}

#[test]
fn requests_must_be_one_relation() {
    for text in ["", "a, b", "A", "a (1)"] {
        assert!(Request::parse(text).is_err(), "{text:?}");
    }
    assert_eq!(Request::parse("a(=1)|b").expect("a request").as_str(), "a (= 1) | b");
}
