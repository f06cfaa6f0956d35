//! Where links lead.

use super::*;

/// The tree of `dir/sub/file` with these links, and the first of them.
fn check(links: &[(&str, &str)]) -> LinkTarget {
    let mut places: BTreeMap<RelPath, PathKind> =
        [("dir", PathKind::Dir), ("dir/sub", PathKind::Dir), ("dir/sub/file", PathKind::File)]
            .into_iter()
            .map(|(path, place)| (path.parse().unwrap(), place))
            .collect();
    for (path, target) in links {
        places.insert(path.parse().unwrap(), PathKind::Link((*target).to_owned()));
    }
    let (path, target) = links[0];
    resolve(&places, &path.parse().unwrap(), target)
}

#[test]
fn inside() {
    for target in ["dir", "dir/", "./dir/sub/file", "dir//sub", "dir/../dir", ".", "dir/sub/../.."] {
        assert_eq!(check(&[("l", target)]), LinkTarget::Inside, "{target}");
    }
    assert_eq!(check(&[("dir/sub/l", "../../dir")]), LinkTarget::Inside);
    assert_eq!(check(&[("l", "m/file"), ("m", "dir/sub")]), LinkTarget::Inside);
}

#[test]
fn outside() {
    for target in ["/", "/dir", "..", "../x", "dir/../..", "missing/../..", "./..//"] {
        assert_eq!(check(&[("l", target)]), LinkTarget::Outside, "{target}");
    }
    assert_eq!(check(&[("dir/l", "../..")]), LinkTarget::Outside);
    // By its text alone the first one stays inside.
    assert_eq!(check(&[("l", "dir/m/../.."), ("dir/m", "..")]), LinkTarget::Outside);
    assert_eq!(check(&[("l", "m"), ("m", "/etc")]), LinkTarget::Outside);
}

#[test]
fn nowhere() {
    for target in ["x", "dir/x", "dir/sub/file/x", "dir/sub/file/"] {
        assert_eq!(check(&[("l", target)]), LinkTarget::Missing, "{target}");
    }
    assert_eq!(check(&[("l", "m"), ("m", "x")]), LinkTarget::Missing);
}

#[test]
fn round() {
    assert_eq!(check(&[("l", "l")]), LinkTarget::Loop);
    assert_eq!(check(&[("l", "m"), ("m", "l")]), LinkTarget::Loop);
    assert_eq!(check(&[("l", "l/x")]), LinkTarget::Loop);
    assert_eq!(check(&[("l", "dir/../l/../l")]), LinkTarget::Loop);
}
