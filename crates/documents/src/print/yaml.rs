//! Values as YAML in block style. It is read alike by readers of YAML 1.1 and 1.2: texts that one of
//! them would take for something else are quoted.

use crate::print::scalars::{indent, is_printable, last_of_each, number, quoted};
use crate::value::{Content, Value};

/// How long a key may be before it gets a line of its own: readers look 1024 characters ahead.
const KEY: usize = 128;

/// Words that are no texts for some reader, in small letters.
/// Source: the types `bool`, `null`, `float`, `merge` and `value` of yaml.org/type.
const WORDS: &[&str] = &[
    "", ".", "-.", "+.", "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<", ".inf",
    "+.inf", "-.inf", ".nan", "nan", "inf",
];

/// The value as one document of YAML. Texts of several lines are block scalars where these say the
/// same. Infinity and the like keep the spelling of YAML.
pub fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    node(&mut text, value, 0, After::Nothing);
    text
}

/// What a value stands behind in its line.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Nothing,
    Dash,
    Colon,
}

/// `depth` is that of the entries and items of the value.
fn node(out: &mut String, value: &Value, depth: usize, after: After) {
    match &value.content {
        Content::List(items) if !items.is_empty() => {
            if after == After::Colon {
                out.push('\n');
            }
            for (index, item) in items.iter().enumerate() {
                start(out, depth, after, index);
                out.push('-');
                node(out, item, depth + 1, After::Dash);
            }
        }
        Content::Map(entries) if !entries.is_empty() => {
            if after == After::Colon {
                out.push('\n');
            }
            for (index, entry) in last_of_each(entries).into_iter().enumerate() {
                start(out, depth, after, index);
                let mut key = String::new();
                line_text(&mut key, &entry.key);
                match key.chars().count() > KEY {
                    true => {
                        out.push_str("? ");
                        out.push_str(&key);
                        out.push('\n');
                        indent(out, depth);
                    }
                    false => out.push_str(&key),
                }
                out.push(':');
                node(out, &entry.value, depth + 1, After::Colon);
            }
        }
        _ => {
            if after != After::Nothing {
                out.push(' ');
            }
            scalar(out, value, depth.max(1));
            out.push('\n');
        }
    }
}

/// The first entry or item stands in the line of the dash before it.
fn start(out: &mut String, depth: usize, after: After, index: usize) {
    match after == After::Dash && index == 0 {
        true => out.push(' '),
        false => indent(out, depth),
    }
}

fn scalar(out: &mut String, value: &Value, depth: usize) {
    match &value.content {
        Content::Null => out.push_str("null"),
        Content::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Content::Number(spelling) => match number(spelling) {
            Some(number) => out.push_str(&number),
            None => out.push_str(&infinite(spelling)),
        },
        Content::Text(text) if is_block(text) => block(out, text, depth),
        Content::Text(text) => line_text(out, text),
        Content::List(_) => out.push_str("[]"),
        Content::Map(_) => out.push_str("{}"),
    }
}

/// What is no number with digits, as YAML spells it; between quotes when it is nothing at all.
fn infinite(spelling: &str) -> String {
    let unsigned = spelling.strip_prefix(['-', '+']).unwrap_or(spelling);
    let sign = if spelling.starts_with('-') { "-" } else { "" };
    match unsigned.trim_start_matches('.').to_lowercase().as_str() {
        "inf" | "infinity" => format!("{sign}.inf"),
        "nan" => ".nan".to_owned(),
        _ => {
            let mut text = String::new();
            line_text(&mut text, spelling);
            text
        }
    }
}

/// Whether the text is the same as a block scalar: lines without blanks at either end of the text or
/// at their own, at most one line break at the end.
fn is_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !body.ends_with('\n')
        && !body.starts_with(['\n', ' ', '\t'])
        && body.split('\n').all(|line| {
            !line.ends_with([' ', '\t']) && line.chars().all(|letter| letter == '\t' || is_printable(letter))
        })
        && !body.is_empty()
}

fn block(out: &mut String, text: &str, depth: usize) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { "|" } else { "|-" });
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
    }
}

/// The text in one line, between quotes when it has to be.
fn line_text(out: &mut String, text: &str) {
    match is_plain(text) {
        true => out.push_str(text),
        false => quoted(out, text),
    }
}

/// Whether every reader takes the letters for this text in block style.
/// Source: YAML 1.2.2, 7.3.3, "Plain Style".
fn is_plain(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let first = rest.chars().next().unwrap_or('-');
    let is_start = !matches!(
        first,
        '-' | '?'
            | ':'
            | ','
            | '['
            | ']'
            | '{'
            | '}'
            | '#'
            | '&'
            | '*'
            | '!'
            | '|'
            | '>'
            | '\''
            | '"'
            | '%'
            | '@'
            | '`'
            | ' '
    ) || text.starts_with("--") && text.chars().nth(2).is_some_and(char::is_alphanumeric);
    let is_marker = text.starts_with("...");
    is_start
        && !is_marker
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text.chars().all(is_printable)
        && !WORDS.contains(&text.to_lowercase().as_str())
        && !is_numeric(text)
}

/// Whether the text looks like a number, a date or a time in some version of YAML: more does than is.
/// Some readers take an exponent without anything before it for a number.
fn is_numeric(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let start = unsigned.strip_prefix('.').unwrap_or(unsigned);
    let exponent = start.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['-', '+']).unwrap_or(rest));
    let is_digit = |letter: char| letter.is_ascii_digit() || letter == '_';
    exponent.is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_digit))
        || start.starts_with(is_digit)
            && text.chars().all(|letter| {
                letter.is_ascii_hexdigit()
                    || matches!(letter, '.' | ',' | ':' | '_' | '+' | '-' | 'x' | 'X' | 'o' | 'O')
                    || matches!(letter, 't' | 'T' | 'z' | 'Z' | ' ')
            })
}
