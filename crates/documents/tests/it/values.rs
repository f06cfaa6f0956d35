//! Lookups in a value.

use packwright_documents::{Content, Entry, Value, json, yaml};

fn one(text: &str) -> Value {
    yaml(text).expect("the text is YAML").remove(0)
}

#[test]
fn the_last_of_two_names_counts_and_null_is_none() {
    let value = json("{\n \"a\": 1,\n \"a\": [\n  \"x\" ],\n \"b\": null }").unwrap();
    let entry = value.entry("a").unwrap();
    assert_eq!((entry.line, entry.value.items()[0].line), (3, 4));
    assert_eq!(value.get("b"), None);
    assert_eq!(value.entries().len(), 3);
}

#[test]
fn versions_are_as_they_are_written() {
    let value = one("version: 9.10\nquoted: '6.0'\nis: true\nnothing:\nlist:\n  - a\n  - b: 1\n");
    assert_eq!(value.get("version").and_then(Value::word), Some("9.10"));
    assert_eq!(value.get("version").and_then(Value::text), None);
    assert_eq!(value.text_of("quoted"), Some("6.0"));
    assert!(value.get("is").unwrap().is_true());
    assert_eq!(value.get("nothing"), None);
    assert_eq!(value.entry("list").unwrap().value.items()[1].line, 7);
    assert_eq!(value.get("list").unwrap().kind(), "a list");
}

#[test]
fn a_path_of_names_leads_to_a_value() {
    let value = one("a:\n  b:\n    c: x\n");
    assert_eq!(value.at(&["a", "b", "c"]).and_then(Value::text), Some("x"));
    assert_eq!(value.at(&["a", "c"]), None);
    assert_eq!(value.at(&["a", "b", "c", "d"]), None);
}

#[test]
fn what_is_in_no_text_has_no_line() {
    let entry = Entry::new("a", Content::Bool(true));
    assert_eq!((entry.line, entry.value.line), (0, 0));
    assert_eq!(Value::from(Content::Null).line, 0);
}
