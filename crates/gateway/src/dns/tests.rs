//! Questions as programs send them, and as attackers do.

use super::*;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 9);

fn query(name: &str, kind: u16) -> Vec<u8> {
    let mut bytes = vec![0xab, 0xcd, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1];
    for label in name.split('.').filter(|label| !label.is_empty()) {
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    // EDNS, as resolvers of today send it.
    bytes.extend_from_slice(&[0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn ask(bytes: &[u8]) -> (Option<Vec<u8>>, Vec<String>) {
    let mut asked = Vec::new();
    let answer = answer(bytes, &mut |name| {
        asked.push(name.to_owned());
        if name.ends_with("denied.test") { Lookup::Unknown } else { Lookup::Address(ADDRESS) }
    });
    (answer, asked)
}

#[test]
fn an_address_is_answered_and_nothing_else_is() {
    let (answer, asked) = ask(&query("Host.test", 1));
    let answer = answer.unwrap();
    assert_eq!(asked, ["Host.test"]);
    assert_eq!(&answer[..8], [0xab, 0xcd, 0x85, 0x80, 0, 1, 0, 1]);
    assert_eq!(&answer[8..12], [0; 4], "no additional record");
    assert!(answer.ends_with(&ADDRESS.octets()));
    for kind in [28, 65, 15, 16, 12] {
        let (answer, _) = ask(&query("host.test", kind));
        let answer = answer.unwrap();
        assert_eq!((answer[3], answer[7]), (0x80, 0), "no error and no record of type {kind}");
    }
}

#[test]
fn a_name_that_is_denied_does_not_exist() {
    for kind in [1, 28] {
        let (answer, _) = ask(&query("x.denied.test", kind));
        assert_eq!(answer.unwrap()[3] & 0x0f, NAME_ERROR);
    }
}

#[test]
fn broken_questions_are_answered_as_such_or_not_at_all() {
    assert_eq!(ask(b"").0, None);
    assert_eq!(ask(&[0; 11]).0, None);
    let mut answer = query("host.test", 1);
    answer[2] |= 0x80;
    assert_eq!(ask(&answer).0, None, "answers are not answered");
    for (at, value) in [(5, 0), (5, 2), (12, 0xc0), (12, 200)] {
        let mut bytes = query("host.test", 1);
        bytes[at] = value;
        let (answer, asked) = ask(&bytes);
        assert_eq!(answer.unwrap()[3] & 0x0f, FORMAT_ERROR);
        assert!(asked.is_empty());
    }
    let whole = query("host.test", 1);
    for end in HEADER..whole.len() {
        ask(&whole[..end]);
    }
    let mut update = query("host.test", 1);
    update[2] = 0x28;
    assert_eq!(ask(&update).0.unwrap()[3] & 0x0f, NOT_IMPLEMENTED);
}

#[test]
fn labels_that_are_no_text_are_no_names() {
    let (_, asked) = ask(&query("a b.test", 1));
    assert_eq!(asked, ["a\u{fffd}b.test"]);
}
