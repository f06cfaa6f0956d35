//! The grammars of values.

use super::*;

#[test]
fn assignments() {
    let expected = Assignment { name: "A_1".to_owned(), value: "b=c".to_owned() };
    assert_eq!(assignment("A_1=b=c"), Ok(expected));
    assert!(assignment("EMPTY=").is_ok());
    for text in ["A", "=b", "1A=b", "A-B=c", "A=\0"] {
        assert!(assignment(text).is_err(), "{text:?}");
    }
}

#[test]
fn secrets() {
    let from = |text: &str| secret(text).map(|found| found.from);
    assert_eq!(from("TOKEN"), Ok(SecretFrom::Variable("TOKEN".to_owned())));
    assert_eq!(from("TOKEN=env:MY_TOKEN"), Ok(SecretFrom::Variable("MY_TOKEN".to_owned())));
    assert_eq!(from("TOKEN=/run/token"), Ok(SecretFrom::File("/run/token".into())));
    assert_eq!(from("TOKEN=./env:odd"), Ok(SecretFrom::File("./env:odd".into())));
    for text in ["", "a-b", "TOKEN=", "TOKEN=env:"] {
        assert!(secret(text).is_err(), "{text:?}");
    }
}

#[test]
fn durations_and_sizes() {
    assert_eq!(duration("30m"), Ok(Duration::from_secs(1800)));
    assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
    for text in ["", "30", "m", "1.5h", "+3s", "99999999999999999d"] {
        assert!(duration(text).is_err(), "{text:?}");
    }
    assert_eq!(size("4096"), Ok(4096));
    assert_eq!(size("2G"), Ok(2 << 30));
    assert_eq!(size("10GiB"), Ok(10 << 30));
    for text in ["", "G", "1.5G", "-1", "5X", "iB", "5iB", "99999999999T"] {
        assert!(size(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_name_goes_where_none_was_written() {
    let named = |text: &str, name: &str| output(text).unwrap().named(Some(name)).unwrap().to_string();
    assert_eq!(named("oci:out", "me/app:v1"), "oci:out:v1");
    assert_eq!(named("oci:out:v0", "me/app:v1"), "oci:out:v0");
    assert_eq!(named("oci:out", "host:5000/app"), "oci:out:latest");
    assert_eq!(named("docker-archive:x.tar", "me/app"), "docker-archive:x.tar:me/app:latest");
    assert_eq!(output("oci:out").unwrap().named(None).unwrap().to_string(), "oci:out:latest");
}
