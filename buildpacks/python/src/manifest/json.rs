//! JSON as Python's `json.dumps(…, sort_keys=True)` writes it: pdm and pipenv hash that text to
//! tell whether a lock file belongs to its manifest.

use packwright_buildpack::planner::Digest;
use serde_json::Value;

/// What stands between members, and between a key and its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Separators(pub(crate) &'static str, pub(crate) &'static str);

/// Python's default.
pub(crate) const SPACED: Separators = Separators(", ", ": ");

/// `separators=(",", ":")`.
pub(crate) const DENSE: Separators = Separators(",", ":");

/// The SHA-256 of `value` as Python would write it, in hexadecimal digits.
pub(crate) fn digest(value: &Value, separators: Separators) -> String {
    let mut out = String::new();
    write(value, separators, &mut out);
    Digest::of(out.as_bytes()).hex()
}

fn write(value: &Value, separators: Separators, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push_str(separators.0);
                }
                write_string(key, out);
                out.push_str(separators.1);
                write(member, separators, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(separators.0);
                }
                write(item, separators, out);
            }
            out.push(']');
        }
        Value::String(text) => write_string(text, out),
        other => out.push_str(&other.to_string()),
    }
}

/// `ensure_ascii`: everything else as `\uXXXX`, in two halves above the first plane.
fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for symbol in text.chars() {
        match symbol {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(symbol),
            _ => {
                for half in symbol.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{half:04x}"));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_python_writes_it() {
        let value = serde_json::json!({"b": [1, true, null, {}], "a": "é\"\\\n😀\u{7f}"});
        let mut out = String::new();
        write(&value, SPACED, &mut out);
        let expected = "{\"a\": \"\\u00e9\\\"\\\\\\n\\ud83d\\ude00\\u007f\", \"b\": [1, true, null, {}]}";
        assert_eq!(out, expected);
    }
}
