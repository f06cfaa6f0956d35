//! Patterns and what nginx is told.

use super::regex;

#[test]
fn globs() {
    let cases = [
        ("assets/**", "assets/.*(?:/.*)?"),
        ("_next/static", "_next/static(?:/.*)?"),
        ("**/*.js", "(?:.*/)?[^/]*[.]js(?:/.*)?"),
        ("a?.{js,css}", "a[^/][.](?:js|css)(?:/.*)?"),
        ("a+b (1)", "a[+]b [(]1[)](?:/.*)?"),
        ("a\"b", "a[\\\"]b(?:/.*)?"),
    ];
    for (glob, expected) in cases {
        assert_eq!(regex(glob), expected, "{glob}");
    }
}
