//! The same value gives the same bytes, and ambiguous documents are refused.

use super::*;

#[test]
fn keys_are_sorted_by_bytes_at_every_depth() {
    let value: Value =
        serde_json::from_str(r#"{"b": [ {"z":1, "a":"é\n"} ], "B":null, "a":{"y":0.5,"x":true}}"#).unwrap();
    assert_eq!(
        String::from_utf8(canonical_json(&value).unwrap()).unwrap(),
        r#"{"B":null,"a":{"x":true,"y":0.5},"b":[{"a":"é\n","z":1}]}"#
    );
}

#[test]
fn a_field_named_twice_is_refused() {
    let refused = strict_json::<Value>(br#"{"a":{"b":1,"b":2}}"#).unwrap_err();
    assert!(refused.to_string().contains("the field `b` is there twice"), "{refused}");
    assert!(strict_json::<Value>(br#"{"a":"x","\u0061":"y"}"#).is_err());
    assert!(strict_json::<Value>(br#"{} {}"#).is_err());
    assert!(strict_json::<Value>("[".repeat(100_000).as_bytes()).is_err());
    assert!(strict_json::<Value>(br#"[{"a":1},{"a":2}]"#).is_ok());
}
