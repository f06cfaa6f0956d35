//! What the readers make of texts, lines above all.

use super::*;
use crate::manifest::{json, yaml};

#[test]
fn json_has_lines_and_the_last_of_two_names_counts() {
    let value = json::parse("{\n \"a\": 1,\n \"a\": [\n  \"x\" ],\n \"b\": null }").unwrap();
    let entry = value.entry("a").unwrap();
    assert_eq!((entry.line, entry.value.items()[0].line), (3, 4));
    assert_eq!(value.get("b"), None);
    assert!(json::parse("{ \"a\": 1, }").is_err());
    assert!(json::parse("// a\n{}").is_err());
    assert!(json::parse_with_comments("// a\n{ \"a\": [1, 2,], }").is_ok());
}

#[test]
fn nesting_has_a_limit_in_both_formats() {
    assert!(json::parse(&"[".repeat(100_000)).is_err());
    assert!(yaml::parse(&"[".repeat(100_000)).is_err());
    let deep: String = (0..200).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert_eq!(yaml::parse(&deep).unwrap_err().reason, "values lie too deep in each other");
}

#[test]
fn yaml_keeps_versions_as_they_are_written() {
    let value =
        yaml::parse("version: 9.0\nquoted: '6.0'\nis: true\nnothing:\nlist:\n  - a\n  - b: 1\n").unwrap();
    assert_eq!(value.get("version").and_then(Value::word), Some("9.0"));
    assert_eq!(value.text_of("quoted"), Some("6.0"));
    assert!(value.get("is").unwrap().is_true());
    assert_eq!(value.get("nothing"), None);
    assert_eq!(value.entry("list").unwrap().value.items()[1].line, 7);
    assert_eq!(yaml::parse("").unwrap().content, Content::Null);
}

#[test]
fn yaml_aliases_stand_for_values_up_to_a_limit() {
    let value = yaml::parse("a: &a [1, 2]\nb: *a\n").unwrap();
    assert_eq!(value.get("b").unwrap().items().len(), 2);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{inner}]\n");
    }
    assert_eq!(yaml::parse(&bomb).unwrap_err().reason, "aliases stand for too many values");
}

#[test]
fn broken_texts_have_a_place() {
    let broken = yaml::parse("a: 1\nb: [\n").unwrap_err();
    assert_eq!(broken.line, 3);
    let broken = json::parse("{\n  \"a\" 1 }").unwrap_err();
    assert_eq!((broken.line, broken.column), (2, 7));
}
