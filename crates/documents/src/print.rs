//! Values as texts of JSON, YAML and TOML, for files that people go on with: two spaces, entries in
//! their order, a line break at the end.
//!
//! What is read from a text that was printed equals the value that was printed, lines aside, with
//! these exceptions: of two entries with one name the last is printed; a number is printed in a
//! spelling that every reader takes for the same number (`0x1F` as `31`, `1_000` as `1000`, `007` as
//! `7`); TOML puts the tables of a table behind its other entries.

pub(crate) mod scalars;
mod toml;
mod yaml;

use crate::print::scalars::{indent, last_of_each, number, quoted};
use crate::value::{Content, Value};

pub use toml::to_toml;
pub use yaml::to_yaml;

/// The value as JSON. A number that JSON has no spelling for (`.inf`, `nan`) becomes a text.
pub fn to_json(value: &Value) -> String {
    let mut text = String::new();
    json(&mut text, value, 0);
    text.push('\n');
    text
}

fn json(out: &mut String, value: &Value, depth: usize) {
    match &value.content {
        Content::Null => out.push_str("null"),
        Content::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Content::Number(spelling) => match number(spelling) {
            Some(number) => out.push_str(&number),
            None => quoted(out, spelling),
        },
        Content::Text(text) => quoted(out, text),
        Content::List(items) if items.is_empty() => out.push_str("[]"),
        Content::Map(entries) if entries.is_empty() => out.push_str("{}"),
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "[" } else { "," });
                line(out, depth + 1);
                json(out, item, depth + 1);
            }
            line(out, depth);
            out.push(']');
        }
        Content::Map(entries) => {
            for (index, entry) in last_of_each(entries).into_iter().enumerate() {
                out.push_str(if index == 0 { "{" } else { "," });
                line(out, depth + 1);
                quoted(out, &entry.key);
                out.push_str(": ");
                json(out, &entry.value, depth + 1);
            }
            line(out, depth);
            out.push('}');
        }
    }
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    indent(out, depth);
}
