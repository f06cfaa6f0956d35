//! What `archive` must and must not do.

use super::*;

#[test]
fn a_debian_suite_has_three_pockets() {
    let suite = Suite::debian("trixie").expect("a known suite");
    let paths: Vec<String> = suite.pockets.iter().map(Pocket::inrelease_path).collect();
    assert_eq!(
        paths,
        ["dists/trixie/InRelease", "dists/trixie-updates/InRelease", "dists/trixie-security/InRelease"]
    );
    assert_eq!(suite.keys.len(), 3);
}

#[test]
fn an_unknown_suite_says_which_are_known() {
    let error = Suite::debian("sid").expect_err("no keys");
    assert_eq!(error.to_string(), "no keys are known for the Debian suite `sid`");
    assert!(error.fix().contains("bookworm, trixie"), "{}", error.fix());
}

#[test]
fn security_has_its_own_base() {
    let suite = Suite::debian("bookworm").expect("a known suite");
    let pocket = suite.pocket("bookworm-security").expect("its security pocket");
    let mut mirror = Mirror { archive: "http://mirror.test/debian/".into(), security: None };
    assert!(matches!(mirror.base(pocket), Err(SuiteError::NoSecurityMirror { .. })));
    mirror.security = Some("http://mirror.test/security".into());
    assert_eq!(mirror.base(pocket), Ok("http://mirror.test/security"));
    assert_eq!(mirror.base(&suite.pockets[0]), Ok("http://mirror.test/debian"));
    assert!(suite.pocket("trixie").is_err());
}
