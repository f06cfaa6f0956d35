//! Addresses: read, shown, joined.

use super::*;

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

#[test]
fn addresses_are_shown_without_what_is_secret() {
    for (text, shown) in [
        ("http://host/a/b", "http://host/a/b"),
        ("HTTP://Host:80", "http://host:80/"),
        ("https://user:pass@host:444/a?sig=x", "https://host:444/a?…"),
        ("https://user@host/a#part", "https://host/a"),
        ("http://a:b%40c@host/", "http://host/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://host?q", "http://host/?…"),
    ] {
        assert_eq!(url(text).to_string(), shown, "{text}");
        assert_eq!(format!("{:?}", url(text)), shown);
    }
    assert_eq!(url("https://host/a?b=c").wire(), "https://host/a?b=c");
    assert_eq!(url("http://u:p@host/").wire(), "http://host/");
}

#[test]
fn what_is_no_address_is_refused_and_shown_without_what_is_secret() {
    for text in [
        "",
        "host",
        "host/path",
        "/path",
        "ftp://host/",
        "http://",
        "http:///x",
        "http://ho st/",
        "http://host/a b",
        "file:///etc/passwd",
        "http://user:se%zzcret@host/",
        "http://user:secret@",
        "ftp://user:secret@host/?secret",
        "http://host:99999/",
        "http://ü/",
    ] {
        let error = text.parse::<Url>().err().unwrap_or_else(|| panic!("`{text}` was taken"));
        assert!(!error.to_string().contains("cret"), "{error}");
    }
}

#[test]
fn below() {
    assert_eq!(url("http://h/debian").below("pool/x").to_string(), "http://h/debian/pool/x");
    assert_eq!(url("http://h/debian/").below("/pool/x").to_string(), "http://h/debian/pool/x");
    assert_eq!(url("http://h").below("a").to_string(), "http://h/a");
    assert_eq!(url("http://h/d?q=1").below("a b/c+d~1:2%.deb").wire(), "http://h/d/a%20b/c+d~1:2%25.deb");
    assert_eq!(url("http://h").below("x?y#z").wire(), "http://h/x%3Fy%23z");
    assert_eq!(url("http://u:p@h").below("a").basic(), url("http://u:p@h").basic());
}

/// Source of the cases: RFC 3986, section 5.4.
#[test]
fn joining() {
    let base = url("http://a/b/c/d;p?q");
    for (location, expected) in [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        (".", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g#s", "http://a/b/c/g"),
        ("https://h/x", "https://h/x"),
    ] {
        assert_eq!(base.join(location).unwrap().wire(), expected, "{location}");
    }
    assert!(base.join("ftp://g/").is_err());
    assert!(base.join("http:g").is_err());
}

#[test]
fn credentials_are_for_one_origin() {
    let base = url("http://user:pass@a/b");
    assert!(base.join("/c").unwrap().basic().is_some());
    assert!(base.join("http://a/c").unwrap().basic().is_none(), "written by the server");
    assert!(base.join("//b/c").unwrap().basic().is_none());
    assert!(url("http://a").is_same_origin(&url("http://A:80/x")));
    assert!(!url("http://a").is_same_origin(&url("https://a")));
    assert!(!url("http://a").is_same_origin(&url("http://a:81")));
    assert!(!url("http://a").is_same_origin(&url("http://b.a")));
}
