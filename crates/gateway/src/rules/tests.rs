//! Kinds of addresses, and rules that open or close.

use super::*;

fn rules(allow: &[&str], deny: &[&str]) -> Rules {
    let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    Rules { allow: parse(allow), deny: parse(deny) }
}

fn at(rules: &Rules, host: &str, address: &str) -> Result<(), RuleRefusal> {
    rules.check(host, 443, Some(address.parse().unwrap()))
}

#[test]
fn only_public_addresses_are_reached() {
    let none = Rules::default();
    for address in [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "198.18.0.5",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fd00:ec2::254",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::a9fe:a9fe",
        "2002:a00:1::1",
        "2001:0:1::1",
        "::7f00:1",
    ] {
        assert!(matches!(at(&none, "host.test", address), Err(RuleRefusal::Kind(_))), "{address}");
        let literal = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        assert!(none.check(&literal, 80, None).is_err(), "{literal}");
    }
    for address in
        ["1.1.1.1", "203.0.113.80", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::101:101"]
    {
        assert_eq!(at(&none, "host.test", address), Ok(()), "{address}");
    }
}

#[test]
fn the_machine_is_refused_by_name_too() {
    for host in ["localhost", "a.localhost", "LOCALHOST"] {
        assert!(Rules::default().check(host, 80, None).is_err(), "{host}");
    }
}

#[test]
fn a_rule_opens_a_name_an_address_or_a_port() {
    let named = rules(&["nexus.corp", "10.0.0.7:8081", "localhost"], &[]);
    assert_eq!(at(&named, "nexus.corp", "10.1.1.1"), Ok(()));
    assert_eq!(at(&named, "npm.nexus.corp", "10.1.1.1"), Ok(()));
    assert!(at(&named, "evilnexus.corp", "10.1.1.1").is_err());
    assert_eq!(named.check("10.0.0.7", 8081, None), Ok(()));
    assert!(named.check("10.0.0.7", 80, None).is_err());
    assert_eq!(named.check("any.test", 8081, Some("::ffff:10.0.0.7".parse().unwrap())), Ok(()));
    assert_eq!(at(&named, "localhost", "127.0.0.1"), Ok(()));
}

#[test]
fn denying_wins() {
    let both = rules(&["host.test"], &["host.test:443", "1.2.3.4"]);
    assert_eq!(at(&both, "host.test", "10.0.0.1"), Err(RuleRefusal::Denied));
    assert_eq!(both.check("host.test", 80, Some("10.0.0.1".parse().unwrap())), Ok(()));
    assert_eq!(at(&both, "other.test", "1.2.3.4"), Err(RuleRefusal::Denied));
}

#[test]
fn rules_are_read_and_shown() {
    for (text, shown) in [
        ("Host.test", "host.test"),
        ("*.host.test:8080", "host.test:8080"),
        ("10.0.0.1:80", "10.0.0.1:80"),
        ("::1", "::1"),
        ("[::1]:80", "[::1]:80"),
    ] {
        assert_eq!(text.parse::<HostRule>().unwrap().to_string(), shown);
    }
    for text in ["", "host:", "host:99999", "https://host.test", "a b", "host/path", "10.0.0.0/8"] {
        assert!(text.parse::<HostRule>().is_err(), "{text}");
    }
}
