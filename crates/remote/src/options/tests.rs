//! Which hosts go around a proxy.

use super::*;

#[test]
fn direct_hosts() {
    let settings = |list: &str| ProxySettings { no_proxy: Some(list.to_owned()), ..ProxySettings::default() };
    for (list, host, port, direct) in [
        ("", "a.b", 80, false),
        ("*", "a.b", 80, true),
        ("b", "a.b", 80, true),
        (".b", "a.b", 80, true),
        ("*.b", "a.b", 80, true),
        ("B", "a.b", 80, true),
        ("b", "ab", 80, false),
        ("a.b", "b", 80, false),
        ("x, b ,y", "b", 80, true),
        ("b:80", "b", 80, true),
        ("b:81", "b", 80, false),
        ("127.0.0.1", "127.0.0.1", 80, true),
        ("::1", "[::1]", 80, true),
        ("[::1]:81", "[::1]", 80, false),
    ] {
        assert_eq!(settings(list).is_direct(host, port), direct, "{list} {host}:{port}");
    }
    assert!(!ProxySettings::default().is_direct("a", 80));
}

#[test]
fn passwords_of_proxies_are_not_shown() {
    let settings = ProxySettings { http: Some("http://u:secret@p".to_owned()), ..ProxySettings::default() };
    let options = ClientOptions { proxy: settings, ..ClientOptions::default() };
    assert!(!format!("{options:?}").contains("secret"));
}
