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
        // Ranges are of addresses, not of names; one of another family holds nothing.
        ("10.0.0.0/8", "10.255.0.1", 80, true),
        ("10.0.0.0/8", "11.0.0.1", 80, false),
        ("x, 192.168.4.0/22", "192.168.7.255", 80, true),
        ("x, 192.168.4.0/22", "192.168.8.0", 80, false),
        ("10.1.2.3/32", "10.1.2.3", 80, true),
        ("10.1.2.3/32", "10.1.2.2", 80, false),
        ("0.0.0.0/0", "8.8.8.8", 80, true),
        ("0.0.0.0/0", "[::1]", 80, false),
        ("10.0.0.0/8", "10.example", 80, false),
        ("fd00::/8", "[fd12::1]", 80, true),
        ("fd00::/8", "[fe80::1]", 80, false),
        ("::/0", "[fe80::1]", 80, true),
        ("10.0.0.0/33", "10.0.0.1", 80, false),
        ("10.0.0.0/", "10.0.0.1", 80, false),
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
