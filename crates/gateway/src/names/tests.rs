//! One address for each name, and back.

use super::*;

#[test]
fn each_name_has_an_address_of_its_own() {
    let mut names = NameTable::default();
    let first = names.address_of("Host.test.").unwrap();
    let second = names.address_of("other.test").unwrap();
    assert_eq!(first, Ipv4Addr::new(198, 18, 0, 2));
    assert_eq!(second, Ipv4Addr::new(198, 18, 0, 3));
    assert_eq!(names.address_of("host.TEST"), Some(first));
    assert_eq!(names.name_of(first), Some("host.test"));
    assert_eq!(names.name_of(second), Some("other.test"));
    assert_eq!(names.name_of(Ipv4Addr::new(198, 18, 0, 4)), None);
    assert_eq!(names.name_of(RESOLVER), None);
    assert_eq!(names.name_of(Ipv4Addr::new(10, 0, 0, 1)), None);
}

#[test]
fn what_is_no_host_name_has_none() {
    let mut names = NameTable::default();
    let long = format!("{}.test", "a".repeat(64));
    for name in ["", ".", "a..b", "a b.test", "a/b", "ä.test", "host:80", "host\0", &long, &"a.".repeat(130)]
    {
        assert_eq!(names.address_of(name), None, "{name:?}");
    }
}

#[test]
fn the_last_name_is_still_inside_the_range() {
    let last = Ipv4Addr::from_bits(FIRST + MOST as u32 - 1);
    assert!(stands_for_a_name(last));
    assert!(!stands_for_a_name(Ipv4Addr::new(198, 20, 0, 0)));
}
