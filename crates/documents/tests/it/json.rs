//! JSON, with comments, and JSON5.

use packwright_documents::{json, json_strict, json5};

use super::shown::told;

#[test]
fn everything_has_its_line() {
    let text = "{\n \"a\": 1.10,\n \"b\":\n  [\n   true, null,\n   \"x\"\n  ], \"c\": {}\n}";
    let wanted = "{a@2=1.10@2, b@3=[true@5, null@5, \"x\"@6]@4, c@7={}@7}@1";
    assert_eq!(told(json_strict(text)), wanted);
    assert_eq!(told(json(&text.replace('\n', "\r\n"))), wanted);
    assert_eq!(told(json(&text.replace('\n', "\r"))), wanted);
    assert_eq!(told(json5(&format!("\u{feff}{text}"))), wanted);
}

#[test]
fn comments_and_trailing_commas_are_for_those_who_ask() {
    let text = "// a\n{ /* \n */ \"b\": [1, 2,],\n}";
    assert_eq!(told(json(text)), "{b@3=[1@3, 2@3]@3}@2");
    assert_eq!(told(json_strict(text)), "line 1, column 1: comments are not allowed");
    assert!(json_strict("[1,]").is_err());
}

#[test]
fn json5_is_for_those_who_ask() {
    let text = "{a: 'x', b: +.5, c: 0xFF}";
    assert_eq!(told(json5(text)), "{a@1=\"x\"@1, b@1=+.5@1, c@1=0xFF@1}@1");
    assert_eq!(told(json(text)), "line 1, column 2: expected string for object property");
    assert!(json("['x']").is_err());
    assert!(json("[0xFF]").is_err());
    assert!(json5("[1 2]").is_err());
}

#[test]
fn broken_texts_have_a_place() {
    for (text, wanted) in [
        ("", "line 1, column 1: the file is empty"),
        ("\n// a", "line 1, column 1: the file is empty"),
        ("{\n  \"a\" 1 }", "line 2, column 7: expected colon after the string or word in object property"),
        ("[\"ä\"\r\n,,]", "line 2, column 2: unexpected comma"),
        ("{\"a\": 1} x", "line 1, column 10: text cannot contain more than one JSON value"),
        ("[\n\"a\nb\"]", "line 2, column 3: a control character in a text"),
        ("{\"a\tb\": 1}", "line 1, column 4: a control character in a text"),
    ] {
        assert_eq!(told(json(text)), wanted, "{text:?}");
    }
}
