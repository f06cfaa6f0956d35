//! Values as TOML: tables with headers, lists of tables as arrays of tables, all other lists and the
//! maps within them inline.

use crate::print::scalars::{Unprintable, last_of_each, number, quoted};
use crate::value::{Content, Entry, Value};

/// The value as TOML. The tables of a table stand behind its other entries, as the format needs it;
/// among both the order is kept. Texts of several lines are printed as such where they need no escape.
///
/// Errors: nothing (`null`), a number that TOML cannot spell, a value that is no map at the top.
pub fn to_toml(value: &Value) -> Result<String, Unprintable> {
    let Content::Map(entries) = &value.content else { return Err(unprintable(&[], value.kind())) };
    let mut text = String::new();
    table(&mut text, entries, &mut Vec::new(), Header::None)?;
    Ok(text)
}

/// How a table begins.
#[derive(Clone, Copy, PartialEq)]
enum Header {
    None,
    Table,
    Item,
}

fn table(
    out: &mut String,
    entries: &[Entry],
    path: &mut Vec<String>,
    header: Header,
) -> Result<(), Unprintable> {
    let entries = last_of_each(entries);
    let (tables, plain): (Vec<&Entry>, Vec<&Entry>) =
        entries.into_iter().partition(|entry| is_table(&entry.value));
    // A table that has nothing but tables is named by these.
    let is_implied = header == Header::Table && plain.is_empty() && !tables.is_empty();
    if header != Header::None && !is_implied {
        if !out.is_empty() {
            out.push('\n');
        }
        let (open, close) = if header == Header::Item { ("[[", "]]") } else { ("[", "]") };
        out.push_str(open);
        for (index, name) in path.iter().enumerate() {
            if index > 0 {
                out.push('.');
            }
            key(out, name);
        }
        out.push_str(close);
        out.push('\n');
    }
    for entry in plain {
        path.push(entry.key.clone());
        key(out, &entry.key);
        out.push_str(" = ");
        inline(out, &entry.value, path)?;
        out.push('\n');
        path.pop();
    }
    for entry in tables {
        path.push(entry.key.clone());
        match &entry.value.content {
            Content::Map(entries) => table(out, entries, path, Header::Table)?,
            _ => {
                for item in entry.value.items() {
                    table(out, item.entries(), path, Header::Item)?;
                }
            }
        }
        path.pop();
    }
    Ok(())
}

/// Whether the value gets headers: a map, or a list of nothing but maps.
fn is_table(value: &Value) -> bool {
    let is_map = |value: &Value| matches!(value.content, Content::Map(_));
    is_map(value) || (!value.items().is_empty() && value.items().iter().all(is_map))
}

fn inline(out: &mut String, value: &Value, path: &mut Vec<String>) -> Result<(), Unprintable> {
    match &value.content {
        Content::Null => return Err(unprintable(path, value.kind())),
        Content::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Content::Number(spelling) => match number(spelling).or_else(|| infinite(spelling)) {
            Some(number) => out.push_str(&number),
            None => return Err(unprintable(path, spelling)),
        },
        Content::Text(text) => string(out, text),
        Content::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                path.push(index.to_string());
                inline(out, item, path)?;
                path.pop();
            }
            out.push(']');
        }
        Content::Map(entries) => {
            for (index, entry) in last_of_each(entries).into_iter().enumerate() {
                out.push_str(if index == 0 { "{ " } else { ", " });
                path.push(entry.key.clone());
                key(out, &entry.key);
                out.push_str(" = ");
                inline(out, &entry.value, path)?;
                path.pop();
            }
            out.push_str(if entries.is_empty() { "{}" } else { " }" });
        }
    }
    Ok(())
}

fn infinite(spelling: &str) -> Option<String> {
    let unsigned = spelling.strip_prefix(['-', '+']).unwrap_or(spelling);
    let sign = if spelling.starts_with('-') { "-" } else { "" };
    match unsigned.trim_start_matches('.').to_lowercase().as_str() {
        "inf" | "infinity" => Some(format!("{sign}inf")),
        "nan" => Some("nan".to_owned()),
        _ => None,
    }
}

fn key(out: &mut String, name: &str) {
    let is_bare =
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    match is_bare {
        true => out.push_str(name),
        false => quoted(out, name),
    }
}

/// A literal text of several lines where nothing in it needs an escape, else a text with escapes.
fn string(out: &mut String, text: &str) {
    let is_literal = text.contains('\n')
        && !text.contains("'''")
        && !text.ends_with('\'')
        && text
            .chars()
            .all(|letter| matches!(letter, '\n' | '\t') || crate::print::scalars::is_printable(letter));
    match is_literal {
        true => {
            out.push_str("'''\n");
            out.push_str(text);
            out.push_str("'''");
        }
        false => quoted(out, text),
    }
}

fn unprintable(path: &[String], what: &str) -> Unprintable {
    Unprintable { path: path.join("."), what: what.to_owned() }
}
