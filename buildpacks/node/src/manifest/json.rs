//! JSON with positions: strict for `package.json` and lock files, with comments and trailing
//! commas for the configuration files that allow them.

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::{CollectOptions, ParseOptions};

use super::value::{Content, Entry, Value};

/// Where and why a text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column, from 1.
    pub(crate) column: u32,
    /// What the reader says: lower case, no full stop.
    pub(crate) reason: String,
}

/// Reads JSON and nothing more than JSON. An empty text is broken.
pub(crate) fn parse(text: &str) -> Result<Value, Broken> {
    let strict = ParseOptions {
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
    parse_with(text, &strict)
}

/// Reads JSON with comments and trailing commas: `tsconfig.json`, `turbo.json`, `bun.lock`.
pub(crate) fn parse_with_comments(text: &str) -> Result<Value, Broken> {
    parse_with(text, &ParseOptions { allow_missing_commas: false, ..ParseOptions::default() })
}

fn parse_with(text: &str, options: &ParseOptions) -> Result<Value, Broken> {
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), options);
    let parsed = parsed.map_err(|error| Broken {
        line: number(error.line_display()),
        column: number(error.column_display()),
        reason: lower(&error.kind().to_string()),
    })?;
    match parsed.value {
        Some(value) => Ok(convert(value, &mut Lines { text, at: 0, line: 1 })),
        None => Err(Broken { line: 1, column: 1, reason: "the file is empty".to_owned() }),
    }
}

/// Counts lines while positions grow, which they do in a walk through the text.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, start: usize) -> u32 {
        let between = self.text.as_bytes().get(self.at..start).unwrap_or_default();
        self.line += number(between.iter().filter(|&&byte| byte == b'\n').count());
        self.at = self.at.max(start);
        self.line
    }
}

/// The nesting is limited by the parser.
fn convert(value: ast::Value<'_>, lines: &mut Lines<'_>) -> Value {
    let line = lines.of(ranged(&value));
    let content = match value {
        ast::Value::NullKeyword(_) => Content::Null,
        ast::Value::BooleanLit(literal) => Content::Bool(literal.value),
        ast::Value::NumberLit(literal) => Content::Number(literal.value.to_string()),
        ast::Value::StringLit(literal) => Content::Text(literal.value.into_owned()),
        ast::Value::Array(array) => {
            Content::List(array.elements.into_iter().map(|element| convert(element, lines)).collect())
        }
        ast::Value::Object(object) => {
            let entry = |property: ast::ObjectProp<'_>| {
                let line = lines.of(property.range.start);
                let key = match property.name {
                    ObjectPropName::String(literal) => literal.value.into_owned(),
                    ObjectPropName::Word(literal) => literal.value.to_string(),
                };
                Entry { key, line, value: convert(property.value, lines) }
            };
            Content::Map(object.properties.into_iter().map(entry).collect())
        }
    };
    Value { line, content }
}

fn ranged(value: &ast::Value<'_>) -> usize {
    match value {
        ast::Value::NullKeyword(literal) => literal.range.start,
        ast::Value::BooleanLit(literal) => literal.range.start,
        ast::Value::NumberLit(literal) => literal.range.start,
        ast::Value::StringLit(literal) => literal.range.start,
        ast::Value::Array(array) => array.range.start,
        ast::Value::Object(object) => object.range.start,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
