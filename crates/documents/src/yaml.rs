//! YAML as the files of package managers and platforms use it: several documents, plain scalars by
//! the core schema of YAML 1.2, merge keys of YAML 1.1, aliases up to a limit.
//!
//! Where the versions of YAML differ: `on`, `off`, `yes` and `no` are texts, `0777` is a number,
//! `1_000`, `22:22` and dates are texts. Numbers keep their spelling anyway.
//!
//! Keys are texts as they are spelled (`on`, `8080`, `~`); one that is a list or a map is broken. So
//! is a key that is there twice, as the specification says. PyYAML and Psych take the last of the two
//! in silence, js-yaml and go-yaml 3 refuse: the file is not the same everywhere.
//!
//! `<<` without quotes takes in the entries of a map or of a list of maps in its place: entries that
//! are there explicitly win, then the earlier map. Source: yaml.org/type/merge.html.
//!
//! Tags are kept out. `!!str` makes a text of anything, the other tags of the core schema say what the
//! plain scalar says; with a tag that is not YAML's own (`!Ref`, `!reset`) a scalar is a text, and
//! nothing where it is empty.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Marker, Parser, ScalarStyle, StrInput, Tag};

use crate::place::{Lines, lower, number, readable};
use crate::value::{Content, Entry, Value};
use crate::{Broken, limits};

/// Reads all documents of `text`. A text without one (empty, comments only) has none; a document
/// that is there and empty is [`Content::Null`].
///
/// Errors: the first place that is not YAML, or one of the [`limits`].
pub fn yaml(text: &str) -> Result<Vec<Value>, Broken> {
    let text = readable(text)?;
    let parser = Parser::new_from_str(text);
    let lines = Lines::new(text);
    let mut reader = Reader { parser, lines, anchors: BTreeMap::new(), aliased: 0, anchored: 0 };
    let mut documents = Vec::new();
    let mut start = 1;
    loop {
        let (event, at) = reader.next()?;
        match event {
            Event::DocumentStart(..) => {
                start = reader.line(at);
                reader.anchors.clear();
            }
            Event::StreamStart | Event::DocumentEnd => {}
            Event::StreamEnd => return Ok(documents),
            event => {
                let is_empty = is_empty(&event);
                let value = reader.value(event, at, 0)?.value;
                documents.push(if is_empty { Value { line: start, ..value } } else { value });
            }
        }
    }
}

/// A value and how much it is; see [`limits::ALIASED`].
#[derive(Clone)]
struct Weighed {
    value: Value,
    weight: usize,
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    lines: Lines<'a>,
    /// What the anchors of the document stand for; nothing for one that is too large for any alias.
    anchors: BTreeMap<usize, Option<Weighed>>,
    aliased: usize,
    anchored: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Marker), Broken> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start)),
            Some(Err(error)) => Err(broken(*error.marker(), &error.info())),
            None => Ok((Event::StreamEnd, Marker::default())),
        }
    }

    fn value(&mut self, event: Event<'a>, at: Marker, depth: usize) -> Result<Weighed, Broken> {
        if depth > limits::DEPTH {
            return Err(broken(at, "values lie too deep in each other"));
        }
        let mut line = self.line(at);
        let (anchor, content, weight) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    line = self.header(&text, at);
                }
                let weight = weight(&text);
                (anchor, scalar(&text, style, tag.as_deref()), weight)
            }
            Event::SequenceStart(_, anchor, _) => {
                let (content, weight) = self.list(depth)?;
                (anchor, content, weight)
            }
            Event::MappingStart(_, anchor, _) => {
                let (content, weight) = self.map(depth)?;
                (anchor, content, weight)
            }
            Event::Alias(anchor) => return self.alias(anchor, at),
            _ => return Err(broken(at, "the document ends within a value")),
        };
        let weighed = Weighed { value: Value { line, content }, weight };
        if anchor > 0 {
            self.anchored += weight;
            if self.anchored > limits::ANCHORED {
                return Err(broken(at, "anchors stand for too much"));
            }
            let kept = (weight <= limits::ALIASED).then(|| weighed.clone());
            self.anchors.insert(anchor, kept);
        }
        Ok(weighed)
    }

    /// The end of the text may have a line of its own for the parser.
    fn line(&self, at: Marker) -> u32 {
        number(at.line().clamp(1, self.lines.count()))
    }

    /// The line of the `|` or `>` of a block scalar. The parser names the place of its first text, or
    /// of what comes next when it has none, and that of the header at the end of the stream only.
    fn header(&self, text: &str, at: Marker) -> u32 {
        let here = self.lines.text(at.line()).chars().nth(at.col());
        let is_header = text.trim_matches('\n').is_empty() && matches!(here, Some('|' | '>'));
        let mut line = at.line();
        if !is_header {
            line = line.saturating_sub(1);
            while line > 1 && self.lines.text(line).trim().is_empty() {
                line -= 1;
            }
        }
        number(line.max(1))
    }

    fn alias(&mut self, anchor: usize, at: Marker) -> Result<Weighed, Broken> {
        let found = self.anchors.get(&anchor);
        let found = found.ok_or_else(|| broken(at, "an alias for what it is part of"))?;
        let weight = found.as_ref().map_or(limits::ALIASED + 1, |found| found.weight);
        self.aliased += weight;
        match found {
            Some(found) if self.aliased <= limits::ALIASED => {
                let content = found.value.content.clone();
                Ok(Weighed { value: Value { line: self.line(at), content }, weight })
            }
            _ => Err(broken(at, "aliases stand for too much")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<(Content, usize), Broken> {
        let (mut items, mut weight) = (Vec::new(), 1);
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok((Content::List(items), weight)),
                (event, at) => {
                    let item = self.value(event, at, depth + 1)?;
                    weight += item.weight;
                    items.push(item.value);
                }
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<(Content, usize), Broken> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines: BTreeMap<String, u32> = BTreeMap::new();
        let mut merged: Option<(usize, u32, Vec<Entry>)> = None;
        let mut weight = 1;
        loop {
            let (event, at) = match self.next()? {
                (Event::MappingEnd, _) => break,
                found => found,
            };
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, tag)
                if text == "<<" && tag.is_none());
            let (key, key_weight) = self.key(event, at, depth)?;
            let (event, value_at) = self.next()?;
            let is_empty = is_empty(&event);
            let mut value = self.value(event, value_at, depth + 1)?;
            weight += key_weight + value.weight;
            let line = self.line(at);
            if is_empty {
                // Of a value that is not there, the parser names the place of what comes next.
                value.value.line = line;
            }
            if is_merge {
                if let Some((_, first, _)) = merged {
                    return Err(repeated(at, &key, first));
                }
                merged = Some((entries.len(), line, merge(value.value, value_at)?));
            } else if let Some(first) = lines.insert(key.clone(), line) {
                return Err(repeated(at, &key, first));
            } else {
                entries.push(Entry { key, line, value: value.value });
            }
        }
        if let Some((place, _, taken)) = merged {
            let taken = taken.into_iter().filter(|entry| !lines.contains_key(&entry.key));
            entries.splice(place..place, taken.collect::<Vec<_>>());
        }
        Ok((Content::Map(entries), weight))
    }

    /// A key as it is spelled, and its weight.
    fn key(&mut self, event: Event<'a>, at: Marker, depth: usize) -> Result<(String, usize), Broken> {
        let spelling = match &event {
            Event::Scalar(text, ..) => Some(text.to_string()),
            _ => None,
        };
        let read = self.value(event, at, depth + 1)?;
        let key = match (spelling, read.value.content) {
            (Some(spelling), _) => spelling,
            (None, Content::Text(text) | Content::Number(text)) => text,
            (None, Content::Bool(value)) => value.to_string(),
            (None, Content::Null) => String::new(),
            (None, Content::List(_) | Content::Map(_)) => {
                return Err(broken(at, "a key is a list or a map and not a text"));
            }
        };
        Ok((key, read.weight))
    }
}

/// The entries that `<<` takes in: those of a map, or of the maps of a list, the first of each name.
fn merge(value: Value, at: Marker) -> Result<Vec<Entry>, Broken> {
    let wrong = || broken(at, "`<<` takes in a map or a list of maps");
    let maps = match value.content {
        Content::Map(entries) => return Ok(entries),
        Content::List(items) => items,
        _ => return Err(wrong()),
    };
    let (mut taken, mut names) = (Vec::new(), BTreeSet::new());
    for map in maps {
        let Content::Map(entries) = map.content else { return Err(wrong()) };
        for entry in entries {
            if names.insert(entry.key.clone()) {
                taken.push(entry);
            }
        }
    }
    Ok(taken)
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Content {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => match tag.suffix() {
            "bool" | "int" | "float" | "null" => plain(text),
            _ => Content::Text(text.to_owned()),
        },
        Some(_) if text.is_empty() && style == ScalarStyle::Plain => Content::Null,
        None if style == ScalarStyle::Plain => plain(text),
        Some(_) | None => Content::Text(text.to_owned()),
    }
}

/// A scalar without quotes. Source: YAML 1.2.2, 10.3.2, "Tag Resolution".
fn plain(text: &str) -> Content {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Content::Null,
        "true" | "True" | "TRUE" => Content::Bool(true),
        "false" | "False" | "FALSE" => Content::Bool(false),
        _ if is_number(text) => Content::Number(text.to_owned()),
        _ => Content::Text(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = |rest: &str, radix: u32| !rest.is_empty() && rest.chars().all(|digit| digit.is_digit(radix));
    if let Some(rest) = text.strip_prefix("0x") {
        return digits(rest, 16);
    }
    if let Some(rest) = text.strip_prefix("0o") {
        return digits(rest, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF")
        || matches!(text, ".nan" | ".NaN" | ".NAN")
        || (text.bytes().any(|byte| byte.is_ascii_digit()) && text.parse::<f64>().is_ok())
}

/// Whether the event is a value that is not there.
fn is_empty(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(text, ScalarStyle::Plain, _, _) if text.is_empty())
}

fn weight(text: &str) -> usize {
    1 + text.len() / 16
}

fn repeated(at: Marker, key: &str, first: u32) -> Broken {
    broken(at, &format!("the key `{key}` is in line {first} already"))
}

fn broken(at: Marker, reason: &str) -> Broken {
    Broken { line: number(at.line().max(1)), column: number(at.col() + 1), reason: lower(reason) }
}
