//! Where links lead.

use super::*;

/// The tree of `dir/sub/file` with these links, and the first of them.
fn check(links: &[(&str, &str)]) -> Leads {
    let mut places: BTreeMap<RelPath, Place> =
        [("dir", Place::Dir), ("dir/sub", Place::Dir), ("dir/sub/file", Place::File)]
            .into_iter()
            .map(|(path, place)| (path.parse().unwrap(), place))
            .collect();
    for (path, target) in links {
        places.insert(path.parse().unwrap(), Place::Link((*target).to_owned()));
    }
    let (path, target) = links[0];
    leads(&places, &path.parse().unwrap(), target)
}

#[test]
fn inside() {
    for target in ["dir", "dir/", "./dir/sub/file", "dir//sub", "dir/../dir", ".", "dir/sub/../.."] {
        assert_eq!(check(&[("l", target)]), Leads::Inside, "{target}");
    }
    assert_eq!(check(&[("dir/sub/l", "../../dir")]), Leads::Inside);
    assert_eq!(check(&[("l", "m/file"), ("m", "dir/sub")]), Leads::Inside);
}

#[test]
fn outside() {
    for target in ["/", "/dir", "..", "../x", "dir/../..", "missing/../..", "./..//"] {
        assert_eq!(check(&[("l", target)]), Leads::Outside, "{target}");
    }
    assert_eq!(check(&[("dir/l", "../..")]), Leads::Outside);
    // By its text alone the first one stays inside.
    assert_eq!(check(&[("l", "dir/m/../.."), ("dir/m", "..")]), Leads::Outside);
    assert_eq!(check(&[("l", "m"), ("m", "/etc")]), Leads::Outside);
}

#[test]
fn nowhere() {
    for target in ["x", "dir/x", "dir/sub/file/x", "dir/sub/file/"] {
        assert_eq!(check(&[("l", target)]), Leads::Nowhere, "{target}");
    }
    assert_eq!(check(&[("l", "m"), ("m", "x")]), Leads::Nowhere);
}

#[test]
fn round() {
    assert_eq!(check(&[("l", "l")]), Leads::Round);
    assert_eq!(check(&[("l", "m"), ("m", "l")]), Leads::Round);
    assert_eq!(check(&[("l", "l/x")]), Leads::Round);
    assert_eq!(check(&[("l", "dir/../l/../l")]), Leads::Round);
}
