//! What `relation` must and must not do.

use super::*;

fn check(text: &str, expected: &[&str]) {
    let relations = parse(text, "amd64").expect("a readable field");
    let written: Vec<String> = relations.iter().map(ToString::to_string).collect();
    assert_eq!(written, expected, "{text}");
}

#[test]
fn fields_are_read_as_written() {
    check("libc6 (>= 2.38), libtinfo6 (>= 6)", &["libc6 (>= 2.38)", "libtinfo6 (>= 6)"]);
    check("debconf (>= 0.5) | debconf-2.0", &["debconf (>= 0.5) | debconf-2.0"]);
    check("python3:any, perl:native", &["python3:any", "perl:native"]);
    check("a(<<1),b(>>2)|c,", &["a (<< 1)", "b (>> 2) | c"]);
    check("a\n , b", &["a", "b"]);
    check("", &[]);
}

#[test]
fn architecture_lists_and_profiles_decide() {
    check("a [amd64], b [!amd64], c [i386 arm64], d [!i386], e [linux-any]", &["a", "d", "e"]);
    check("a [i386] | b", &["b"]);
    check("a <!nocheck>, b <cross>, c <stage1> <!nodoc>", &["a", "c"]);
}

#[test]
fn malformed_parts_are_named() {
    for text in ["a b", "A", "a (>= )", "a (~ 1)", "a (>= 1", "a |", "a (= 1) (= 2)", "-a", "a:", "a/b"] {
        let error = parse(text, "amd64").expect_err(text);
        assert!(error.to_string().contains("is not a dependency"), "{error}");
    }
}

#[test]
fn provided_names_need_a_version_to_satisfy_one() {
    let relation = parse("x (>= 2)", "amd64").expect("a readable field");
    let x = relation[0].alternatives[0];
    assert!(!x.accepts_provided(None));
    assert!(!x.accepts_provided(Some("1")));
    assert!(x.accepts_provided(Some("2")));
    assert!(x.accepts("2.1") && !x.accepts("1.9"));
}

#[test]
fn a_foreign_qualifier_fits_only_its_own_architecture() {
    let relation = parse("x:i386, y:amd64, z:any", "amd64").expect("a readable field");
    let fits: Vec<bool> = relation.iter().map(|r| r.alternatives[0].is_for("amd64")).collect();
    assert_eq!(fits, [false, true, true]);
}
