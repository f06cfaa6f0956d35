//! Values as texts of JSON, YAML and TOML, for files that people go on with: two spaces, entries in
//! their order, a line break at the end.
//!
//! What is read from a text that was printed equals the value that was printed, lines aside, with
//! these exceptions: of two entries with one name the last is printed; a number is printed in a
//! spelling that every reader takes for the same number (`0x1F` as `31`, `1_000` as `1000`, `007` as
//! `7`); TOML puts the tables of a table behind its other entries.

mod toml;
mod yaml;

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::value::{Content, Entry, Value};

pub use toml::to_toml;
pub use yaml::to_yaml;

/// A value that a format has no spelling for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("TOML cannot say {what} at `{path}`")]
pub struct Unprintable {
    /// Where it is: names and positions from 0, with dots between.
    pub path: String,
    /// What it is: `nothing`, a kind of value, a number in its spelling.
    pub what: String,
}

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

fn indent(out: &mut String, depth: usize) {
    (0..depth).for_each(|_| out.push_str("  "));
}

/// The text between double quotes as JSON, YAML and TOML read it: in all three the named escapes and
/// those of four digits mean the same.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_printable(letter) => out.push(letter),
            // All that is not printable has four digits.
            letter => {
                write!(out, "\\u{:04x}", u32::from(letter)).expect("a string takes all that is written")
            }
        }
    }
    out.push('"');
}

/// Whether the character may be in a text as it is, in YAML 1.1 and 1.2 and without moving a line.
/// Source: YAML 1.2.2, 5.1, "Character Set".
fn is_printable(letter: char) -> bool {
    match letter {
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        ' '..='~' => true,
        letter => letter >= '\u{a0}',
    }
}

/// The entries in order, without those whose name comes again.
fn last_of_each(entries: &[Entry]) -> Vec<&Entry> {
    let mut names = BTreeSet::new();
    let mut kept: Vec<&Entry> = entries.iter().rev().filter(|entry| names.insert(&entry.key)).collect();
    kept.reverse();
    kept
}

/// A spelling of the number that JSON, YAML 1.1 and 1.2 and TOML take for the same number; `None`
/// when there is none.
fn number(spelling: &str) -> Option<String> {
    let (sign, digits) = match spelling.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", spelling.strip_prefix('+').unwrap_or(spelling)),
    };
    let digits = digits.replace('_', "");
    for (prefix, radix) in [("0x", 16), ("0X", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = digits.strip_prefix(prefix) {
            let is_unsigned = digits.chars().all(|digit| digit.is_digit(radix));
            let value = is_unsigned.then(|| u128::from_str_radix(digits, radix).ok())?;
            return value.map(|value| format!("{sign}{value}"));
        }
    }
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits.as_str(), None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let all = [whole, fraction.unwrap_or_default()];
    if !all.iter().all(|text| are_digits(text)) || all.iter().all(|text| text.is_empty()) {
        return None;
    }
    let mut number = format!("{sign}{}", zeroless(whole));
    if let Some(fraction) = fraction {
        number.push('.');
        number.push_str(if fraction.is_empty() { "0" } else { fraction });
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !are_digits(digits) {
            return None;
        }
        number.push('e');
        number.push_str(exponent);
    }
    Some(number)
}

/// The digits without zeros in front of them.
fn zeroless(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    }
}
