//! A value as one line of text with the lines of everything: `{a@1="x"@2}@1`.

use packwright_documents::{Broken, Content, Value};

pub(super) fn shown(value: &Value) -> String {
    let inner = match &value.content {
        Content::Null => "null".to_owned(),
        Content::Bool(value) => value.to_string(),
        Content::Number(spelling) => spelling.clone(),
        Content::Text(text) => format!("{text:?}"),
        Content::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Content::Map(entries) => {
            let entry = |entry: &packwright_documents::Entry| {
                format!("{}@{}={}", entry.key, entry.line, shown(&entry.value))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    };
    format!("{inner}@{}", value.line)
}

/// The value without lines.
pub(super) fn bare(value: &Value) -> Value {
    let content = match &value.content {
        Content::List(items) => Content::List(items.iter().map(bare).collect()),
        Content::Map(entries) => {
            let entry = |entry: &packwright_documents::Entry| packwright_documents::Entry {
                key: entry.key.clone(),
                line: 0,
                value: bare(&entry.value),
            };
            Content::Map(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    };
    content.into()
}

/// What was read or what is broken, as text.
pub(super) fn told(read: Result<Value, Broken>) -> String {
    match read {
        Ok(value) => shown(&value),
        Err(broken) => broken.to_string(),
    }
}
