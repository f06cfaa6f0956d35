//! Printed values.

use packwright_documents::{Content, Entry, Unprintable, json, to_json, to_toml, to_yaml};

#[test]
fn yaml_is_in_block_style() {
    let value = json(
        r#"{"name": "web", "env": {"A": "b c", "EMPTY": ""}, "ports": ["8080:80", 80], "none": [], "map": {},
            "list": [{"a": 1, "b": [2]}, [3, [4]], {}], "script": "a\n  b\n", "cut": "a\nb", "is": null}"#,
    );
    let wanted = "\
name: web
env:
  A: b c
  EMPTY: \"\"
ports:
  - \"8080:80\"
  - 80
none: []
map: {}
list:
  - a: 1
    b:
      - 2
  - - 3
    - - 4
  - {}
script: |
  a
    b
cut: |-
  a
  b
is: null
";
    assert_eq!(to_yaml(&value.unwrap()), wanted);
}

#[test]
fn yaml_quotes_what_some_reader_takes_for_something_else() {
    for text in [
        "",
        "~",
        "null",
        "NULL",
        "true",
        "Yes",
        "no",
        "on",
        "OFF",
        "y",
        "N",
        "=",
        "<<",
        "1",
        "-1",
        "+1",
        "0x1F",
        "0o7",
        "0777",
        "e1",
        "-.E+1",
        ".",
        "1_000",
        "1e5",
        "1.",
        ".5",
        ".inf",
        "-.INF",
        ".NaN",
        "22:22",
        "190:20:30",
        "2020-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43",
        "1,000",
        "- a",
        "-",
        "---",
        "--- a",
        "...",
        "? a",
        "?",
        ": a",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a",
        "\"a",
        "%a",
        "@a",
        "`a",
        "[a",
        "{a",
        "]",
        "}",
        ",a",
        " a",
        "a ",
        "a\tb",
        "\u{85}",
        "\u{2028}",
        "\u{feff}a",
        "\u{7f}",
        "\u{0}",
    ] {
        let printed = to_yaml(&Content::Text(text.to_owned()).into());
        assert!(printed.starts_with('"'), "{text:?} as {printed}");
    }
    for text in [
        "a",
        "a b",
        "a-b",
        "--flag",
        "-flag",
        "a:b",
        "http://a.b/c?d=e#f",
        "$PORT",
        "${A:-b}",
        "a, b",
        "a'b",
        "(a)",
        "ä",
        "日本",
        "😀",
        "/a/b",
        "./a",
        "../a",
        "a=b",
        "nope",
        "python -m a --bind :$PORT",
        "v1.2.3",
        "node20",
    ] {
        let printed = to_yaml(&Content::Text(text.to_owned()).into());
        assert_eq!(printed, format!("{text}\n"));
    }
}

#[test]
fn json_has_two_spaces() {
    let value = json(r#"{"a": [1, {"b": "\u0000\n\"ä\u2028"}], "c": [], "d": {}, "a\\": null}"#).unwrap();
    let wanted = "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"\\u0000\\n\\\"ä\\u2028\"\n    }\n  ],\n  \
        \"c\": [],\n  \"d\": {},\n  \"a\\\\\": null\n}\n";
    assert_eq!(to_json(&value), wanted);
}

#[test]
fn toml_has_headers() {
    let value = json(
        r#"{"app": "x", "env": {"A": "1"}, "kill": 5.0, "services": [{"port": 80, "checks": [{"path": "/"}]}, {}],
            "build": {"deep": {"args": {"a b": "c\nd"}}}, "mixed": [1, {"a": 2, "b": {}}], "none": [], "map": {}}"#,
    );
    let wanted = "\
app = \"x\"
kill = 5.0
mixed = [1, { a = 2, b = {} }]
none = []

[env]
A = \"1\"

[[services]]
port = 80

[[services.checks]]
path = \"/\"

[[services]]

[build.deep.args]
\"a b\" = '''
c
d'''

[map]
";
    assert_eq!(to_toml(&value.unwrap()).unwrap(), wanted);
}

#[test]
fn toml_has_no_nothing() {
    let value = json(r#"{"a": {"b": [1, {"c": null}]}}"#).unwrap();
    let unprintable = Unprintable { path: "a.b.1.c".to_owned(), what: "nothing".to_owned() };
    assert_eq!(unprintable.to_string(), "TOML cannot say nothing at `a.b.1.c`");
    assert_eq!(to_toml(&value), Err(unprintable));
    assert!(to_toml(&Content::List(Vec::new()).into()).is_err());
}

#[test]
fn numbers_have_the_spelling_that_all_readers_know() {
    for (spelling, yaml, json, toml) in [
        ("1.10", "1.10", "1.10", Some("1.10")),
        ("0xFF", "255", "255", Some("255")),
        ("0o17", "15", "15", Some("15")),
        ("0777", "777", "777", Some("777")),
        ("+1_000.5", "1000.5", "1000.5", Some("1000.5")),
        (".5", "0.5", "0.5", Some("0.5")),
        ("5.", "5.0", "5.0", Some("5.0")),
        ("-0", "-0", "-0", Some("-0")),
        ("1E+05", "1e+05", "1e+05", Some("1e+05")),
        ("-.Inf", "-.inf", "\"-.Inf\"", Some("-inf")),
        ("nan", ".nan", "\"nan\"", Some("nan")),
        ("a: b", "\"a: b\"", "\"a: b\"", None),
    ] {
        let number = Content::Number(spelling.to_owned());
        assert_eq!(to_yaml(&number.clone().into()), format!("{yaml}\n"));
        assert_eq!(to_json(&number.clone().into()), format!("{json}\n"));
        let map = Content::Map(vec![Entry::new("a", number)]).into();
        assert_eq!(to_toml(&map).ok(), toml.map(|toml| format!("a = {toml}\n")));
    }
}
