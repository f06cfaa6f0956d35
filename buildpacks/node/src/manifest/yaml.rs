//! YAML with positions, as far as the files of package managers use it: one document, plain
//! scalars by the core schema, aliases up to a limit.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::json::Broken;
use super::value::{Content, Entry, Value};

/// How deep values may lie in each other.
const DEPTH: usize = 64;

/// How many values aliases may stand for, all together.
const ALIASED: usize = 20_000;

/// Reads the first document of `text`. An empty text is nothing.
pub(crate) fn parse(text: &str) -> Result<Value, Broken> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: BTreeMap::new(), aliased: 0 };
    loop {
        let (event, at) = reader.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Ok(Value { line: 1, content: Content::Null });
            }
            event => return reader.value(event, at, 0),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: BTreeMap<usize, Value>,
    aliased: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Marker), Broken> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(error)) => Err(broken(*error.marker(), error.info())),
            None => Ok((Event::StreamEnd, Marker::default())),
        }
    }

    fn value(&mut self, event: Event<'a>, at: Marker, depth: usize) -> Result<Value, Broken> {
        if depth > DEPTH {
            return Err(broken(at, "values lie too deep in each other"));
        }
        let line = line(at);
        let (anchor, content) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                (anchor, if plain { plain_scalar(&text) } else { Content::Text(text.into_owned()) })
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(depth)?),
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor) else {
                    return Err(broken(at, "an alias within its own anchor"));
                };
                self.aliased += size(value);
                if self.aliased > ALIASED {
                    return Err(broken(at, "aliases stand for too many values"));
                }
                return Ok(Value { line, content: value.content.clone() });
            }
            _ => return Err(broken(at, "the document ends within a value")),
        };
        let value = Value { line, content };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Content, Broken> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, at) => items.push(self.value(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content, Broken> {
        let mut entries = Vec::new();
        loop {
            let (event, at) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Content::Map(entries)),
                found => found,
            };
            let key = match self.value(event, at, depth + 1)?.content {
                Content::Text(text) | Content::Number(text) => text,
                Content::Bool(value) => value.to_string(),
                Content::Null => String::new(),
                Content::List(_) | Content::Map(_) => return Err(broken(at, "a key is no text")),
            };
            let (event, value_at) = self.next()?;
            let value = self.value(event, value_at, depth + 1)?;
            entries.push(Entry { key, line: line(at), value });
        }
    }
}

/// A scalar without quotes, by the core schema. Numbers keep their spelling: `1.10` is a version
/// more often than not.
fn plain_scalar(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ if text.parse::<f64>().is_ok() && text.bytes().any(|byte| byte.is_ascii_digit()) => {
            Content::Number(text.to_owned())
        }
        _ => Content::Text(text.to_owned()),
    }
}

fn size(value: &Value) -> usize {
    let items: usize = value.items().iter().map(size).sum();
    let entries: usize = value.entries().iter().map(|entry| size(&entry.value)).sum();
    1 + items + entries
}

fn line(at: Marker) -> u32 {
    u32::try_from(at.line().max(1)).unwrap_or(u32::MAX)
}

fn broken(at: Marker, reason: &str) -> Broken {
    let column = u32::try_from(at.col() + 1).unwrap_or(u32::MAX);
    Broken { line: line(at), column, reason: reason.to_owned() }
}
