//! JSON in three degrees: strict as in `package.json` and lock files, with comments and trailing
//! commas as in `tsconfig.json`, and what JSON5 adds.
//!
//! An empty text is broken in all of them. Names may repeat, as `JSON.parse` of JavaScript and most
//! readers allow: all entries are kept in order, and [`Value::entry`] gives the last.

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions};

use crate::place::{Lines, readable};
use crate::value::{Content, Entry, Value};
use crate::{Broken, limits};

/// JSON and nothing more. Source: RFC 8259.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads JSON with comments and trailing commas, often called JSONC: `tsconfig.json`, `turbo.json`,
/// `bun.lock`, `railpack.json`.
///
/// Errors: the first place that is not JSONC, or one of the [`limits`].
pub fn json(text: &str) -> Result<Value, Broken> {
    parse(
        text,
        &ParseOptions { allow_comments: true, allow_trailing_commas: true, ..STRICT },
        Letters::Blanks,
    )
}

/// Reads JSON and nothing more than JSON: `package.json`, files that machines write.
///
/// Errors: the first place that is not JSON, or one of the [`limits`].
pub fn json_strict(text: &str) -> Result<Value, Broken> {
    parse(text, &STRICT, Letters::Strict)
}

/// Reads JSON and what JSON5 adds: comments, trailing commas, names without quotes, single quotes,
/// hexadecimal numbers and the like. Numbers keep their spelling here too (`0xFF`, `+1`, `.5`).
///
/// Errors: the first place that is not JSON5, or one of the [`limits`].
pub fn json5(text: &str) -> Result<Value, Broken> {
    parse(text, &ParseOptions { allow_missing_commas: false, ..ParseOptions::default() }, Letters::Any)
}

/// Which characters may stand where. The parser itself minds neither control characters between
/// quotes nor blanks of Unicode elsewhere.
#[derive(Clone, Copy, PartialEq)]
enum Letters {
    /// As RFC 8259 has it.
    Strict,
    /// Any blanks, but no control characters between quotes.
    Blanks,
    /// Anything.
    Any,
}

fn parse(text: &str, options: &ParseOptions, letters: Letters) -> Result<Value, Broken> {
    let text = readable(text)?;
    let lines = Lines::new(text);
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), options);
    let parsed = parsed.map_err(|error| lines.broken(error.range().start, &error.kind().to_string()))?;
    if letters == Letters::Strict
        && let Some(at) = strange_blank(text)
    {
        return Err(lines.broken(at, "a blank that JSON does not know"));
    }
    match parsed.value {
        Some(value) => Reader { lines, letters }.value(value, 0),
        None => Err(lines.broken(0, "the file is empty")),
    }
}

/// The first blank outside quotes that is none for RFC 8259.
fn strange_blank(text: &str) -> Option<usize> {
    let (mut is_within, mut is_escaped) = (false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_within,
            '"' => is_within = !is_within,
            ' ' | '\t' | '\n' | '\r' => {}
            letter if !is_within && letter.is_whitespace() => return Some(at),
            _ => {}
        }
    }
    None
}

struct Reader<'a> {
    lines: Lines<'a>,
    letters: Letters,
}

impl Reader<'_> {
    fn value(&self, value: ast::Value<'_>, depth: usize) -> Result<Value, Broken> {
        let start = value.start();
        if depth > limits::DEPTH {
            return Err(self.lines.broken(start, "values lie too deep in each other"));
        }
        let content = match value {
            ast::Value::NullKeyword(_) => Content::Null,
            ast::Value::BooleanLit(literal) => Content::Bool(literal.value),
            ast::Value::NumberLit(literal) => Content::Number(literal.value.to_owned()),
            ast::Value::StringLit(literal) => Content::Text(self.text(literal)?),
            ast::Value::Array(array) => {
                let items = array.elements.into_iter().map(|element| self.value(element, depth + 1));
                Content::List(items.collect::<Result<_, _>>()?)
            }
            ast::Value::Object(object) => {
                let entries = object.properties.into_iter().map(|property| self.entry(property, depth));
                Content::Map(entries.collect::<Result<_, _>>()?)
            }
        };
        Ok(Value { line: self.lines.line(start), content })
    }

    fn entry(&self, property: ast::ObjectProp<'_>, depth: usize) -> Result<Entry, Broken> {
        let line = self.lines.line(property.range.start);
        let key = match property.name {
            ObjectPropName::String(literal) => self.text(literal)?,
            ObjectPropName::Word(literal) => literal.value.to_owned(),
        };
        Ok(Entry { key, line, value: self.value(property.value, depth + 1)? })
    }

    fn text(&self, literal: ast::StringLit<'_>) -> Result<String, Broken> {
        if self.letters != Letters::Any
            && let Some(at) = self.lines.control(literal.range.start..literal.range.end)
        {
            return Err(self.lines.broken(at, "a control character in a text"));
        }
        Ok(literal.value.into_owned())
    }
}
