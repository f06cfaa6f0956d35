//! What `essential` must and must not add.

use super::*;
use crate::fixtures::index;
use crate::{Request, Substituted, solve};

#[test]
fn the_table_is_in_order_and_can_be_read() {
    assert!(UNSAID.windows(2).all(|pair| pair[0].package < pair[1].package));
    for row in UNSAID {
        assert!(!row.reason.is_empty());
        for need in row.needs {
            assert!(
                crate::relation::parse(need, "amd64").is_ok_and(|relations| relations.len() == 1),
                "{need}"
            );
        }
    }
}

#[test]
fn essential_packages_come_with_those_that_need_them() {
    let index =
        index("git 1\n\ngrep 1\nEssential: yes\n\nsed 1\nEssential: yes\n\ntar 1\nEssential: yes\n\nother 1");
    let names = |request: &str| -> Vec<String> {
        let request = Request::parse(request).expect("a request");
        let solution = solve(&index, &[request], Substituted::standard()).expect("solvable");
        solution.packages.into_iter().map(|package| package.name).collect()
    };
    assert_eq!(names("git"), ["git", "grep", "sed"]);
    assert_eq!(names("other"), ["other"]);
}

#[test]
fn one_that_is_missing_is_named() {
    let request = Request::parse("git").expect("a request");
    let error = solve(&index("git 1\n\ngrep 1"), &[request], Substituted::standard()).expect_err("missing");
    assert!(error.to_string().contains("git 1 needs `sed`, which no package is or provides"), "{error}");
}
