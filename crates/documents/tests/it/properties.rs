//! Properties of every text and every value.

use std::collections::BTreeSet;

use packwright_documents::{
    Content, Entry, Value, json, json_strict, json5, to_json, to_toml, to_yaml, toml, yaml,
};
use proptest::prelude::*;

use super::shown::bare;

/// Parts of texts in all the formats.
const PARTS: &[&str] = &[
    "a",
    "b: ",
    "- ",
    "? ",
    ": ",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "\t",
    " ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "|",
    ">",
    "|-\n",
    ">+2\n",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "#",
    " # c",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<: ",
    "=",
    "a = ",
    ".",
    "[[",
    "]]",
    "\\",
    "\\u00e4",
    "\\ud800",
    "1",
    "-1.5e3",
    "0x1F",
    "1979-05-27",
    "true",
    "null",
    "~",
    "//",
    "/*",
    "*/",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "ä",
    "😀",
    "\u{0}",
    "\"a\": ",
];

fn soup() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::collection::vec(prop::sample::select(PARTS), 0..60).prop_map(|parts| parts.concat()),
        any::<String>(),
    ]
}

/// JSON and what is nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"a\"",
        "\"\\n\"",
        "\"\\x\"",
        "\"\\u00e4\"",
        "\"\\uD83D\\uDE00\"",
        "\"\t\"",
        "1",
        "-1",
        "01",
        "1.",
        ".5",
        "1.5",
        "1e5",
        "1e",
        "+1",
        "true",
        "null",
        "nul",
        " ",
        "\n",
        "\u{a0}",
        "\"",
        "'",
        "//",
    ];
    prop::collection::vec(prop::sample::select(PARTS), 0..12).prop_map(|parts| parts.concat())
}

/// Texts as they are in files, and those that are hard to print.
fn text() -> impl Strategy<Value = String> {
    const HARD: &[&str] = &[
        "",
        "null",
        "true",
        "no",
        "~",
        "1",
        "1.10",
        "0x1F",
        "-",
        "- a",
        "a: b",
        "a:",
        "a #b",
        "#",
        "<<",
        "=",
        "---",
        "--- a",
        "...",
        "'''",
        "a\nb",
        "a\nb\n",
        "a\n\nb\n",
        "\n",
        "a\n\n",
        "a \nb",
        " a\nb",
        "a\n  b\n",
        "\ta\nb",
        "a\n\tb",
        "a\r\nb",
        "'\n'",
        "\"\"\"",
        "\\",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "a\u{feff}",
        "\u{ffff}",
        "😀",
        "{{ a }}",
        "# a\n# b\n",
        "|",
        "a\n---\nb\n",
        "a\n...\nb",
    ];
    prop_oneof![
        prop::sample::select(HARD).prop_map(str::to_owned),
        "[a-z][a-z0-9 ./:=$-]{0,12}",
        "[ -~\n]{0,12}",
        any::<String>(),
        Just("long ".repeat(300)),
    ]
}

fn content(with_null: bool) -> impl Strategy<Value = Content> {
    let number = prop_oneof!["0|-?[1-9][0-9]{0,9}", "-?(0|[1-9][0-9]{0,4})\\.[0-9]{1,4}(e[+-]?[0-9]{1,2})?"];
    let null = if with_null { Content::Null } else { Content::Bool(true) };
    let leaf = prop_oneof![
        Just(null),
        any::<bool>().prop_map(Content::Bool),
        number.prop_map(Content::Number),
        text().prop_map(Content::Text),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone().prop_map(Value::from), 0..5).prop_map(Content::List),
            map(inner),
        ]
    })
}

fn map(inner: impl Strategy<Value = Content>) -> impl Strategy<Value = Content> {
    prop::collection::vec((text(), inner), 0..5).prop_map(|entries| {
        let mut names = BTreeSet::new();
        let entries = entries.into_iter().filter(|(key, _)| names.insert(key.clone()));
        Content::Map(entries.map(|(key, content)| Entry::new(key, content)).collect())
    })
}

/// Whether every line is one of the text.
fn lines_are_within(value: &Value, lines: u32) -> bool {
    let is_within = |line: u32| (1..=lines).contains(&line);
    is_within(value.line)
        && value.items().iter().all(|item| lines_are_within(item, lines))
        && value.entries().iter().all(|entry| is_within(entry.line) && lines_are_within(&entry.value, lines))
}

/// Gives the value the lines it has in printed JSON, where each value has a line of its own and so
/// does the end of each that is not empty. `line` is the last one in use.
fn number_lines(value: &mut Value, line: &mut u32) {
    value.line = *line;
    match &mut value.content {
        Content::List(items) if !items.is_empty() => {
            for item in items {
                *line += 1;
                number_lines(item, line);
            }
            *line += 1;
        }
        Content::Map(entries) if !entries.is_empty() => {
            for entry in entries {
                *line += 1;
                entry.line = *line;
                number_lines(&mut entry.value, line);
            }
            *line += 1;
        }
        _ => {}
    }
}

/// The order of printed TOML: tables behind the rest, in maps that have headers.
fn tables_last(value: &Value) -> Value {
    let is_map = |value: &Value| matches!(value.content, Content::Map(_));
    let is_table =
        |value: &Value| is_map(value) || !value.items().is_empty() && value.items().iter().all(is_map);
    let content = match &value.content {
        Content::Map(entries) => {
            let (tables, plain): (Vec<Entry>, Vec<Entry>) =
                entries.iter().cloned().partition(|entry| is_table(&entry.value));
            let tables = tables.into_iter().map(|entry| Entry { value: tables_last(&entry.value), ..entry });
            Content::Map(plain.into_iter().chain(tables).collect())
        }
        Content::List(items) if is_table(value) => Content::List(items.iter().map(tables_last).collect()),
        other => other.clone(),
    };
    content.into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in soup()) {
        // CR LF counts once, and the texts have both of them alone as well.
        let lines = u32::try_from(text.replace("\r\n", "\n").matches(['\n', '\r']).count()).unwrap() + 1;
        for value in [json(&text), json_strict(&text), json5(&text), toml(&text)].into_iter().flatten() {
            prop_assert!(lines_are_within(&value, lines), "{:?}", value);
        }
        for value in yaml(&text).into_iter().flatten() {
            prop_assert!(lines_are_within(&value, lines), "{:?}", value);
        }
        for broken in [json(&text).err(), yaml(&text).err(), toml(&text).err()].into_iter().flatten() {
            prop_assert!(broken.line >= 1 && broken.line <= lines + 1 && broken.column >= 1, "{}", broken);
            prop_assert!(!broken.reason.is_empty());
        }
    }

    #[test]
    fn strict_json_is_what_others_read(text in nearly_json()) {
        let other = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(json_strict(&text).is_ok(), other);
    }

    #[test]
    fn printed_json_is_read_with_its_lines(content in content(true)) {
        let mut value = Value::from(content);
        number_lines(&mut value, &mut 1);
        let text = to_json(&value);
        prop_assert_eq!(json_strict(&text), Ok(value.clone()));
        prop_assert_eq!(json(&text.replace('\n', "\r\n")), Ok(value.clone()));
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn printed_json_is_yaml(content in content(true)) {
        let mut value = Value::from(content);
        number_lines(&mut value, &mut 1);
        let text = to_json(&value);
        // A key without a mark before it has at most 1024 characters in YAML.
        prop_assume!(text.lines().all(|line| line.len() < 1_000));
        prop_assert_eq!(yaml(&text), Ok(vec![value]));
    }

    #[test]
    fn printed_yaml_is_read(content in content(true)) {
        let value = Value::from(content);
        let text = to_yaml(&value);
        let read = yaml(&text).map(|documents| documents.iter().map(bare).collect::<Vec<_>>());
        prop_assert_eq!(read, Ok(vec![value]), "{}", text);
    }

    #[test]
    fn printed_toml_is_read(content in map(content(false))) {
        let value = Value::from(content);
        let text = to_toml(&value).unwrap();
        let read = toml(&text).map(|read| bare(&read));
        prop_assert_eq!(read, Ok(tables_last(&value)), "{}", text);
    }
}
