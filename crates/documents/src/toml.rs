//! Reads TOML by the grammar and rules of the `toml` crate, which implements version 1.1. Text that only 1.0
//! refuses (a line break in an inline table, for example) is accepted.
//!
//! Dotted keys and the headers of tables become maps in maps, arrays of tables lists of maps. Entries
//! are in the order of the text, a table where it is first named; one that is named by its children
//! first, and by a header of its own later, is where that header is. The line of a table with a header
//! is the header's. Dates and times become texts as they are spelled. A text of several lines has LF
//! between them, also where the file has CR LF.

use std::ops::Range;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};
use toml_parser::{ErrorSink, Source};

use crate::place::{Lines, number, readable};
use crate::value::{Content, Entry, Value};
use crate::{Broken, limits};

const TOO_DEEP: &str = "values lie too deep in each other";

/// Reads TOML; an empty text is an empty map.
///
/// Errors: the first place that is not TOML, or one of the [`limits`]. A key that is there twice is
/// broken, as the specification says; the reason names the line of the first.
pub fn toml(text: &str) -> Result<Value, Broken> {
    let text = &*readable(text)?.replace("\r\n", "\n");
    let lines = Lines::new(text);
    // The parser limits each kind of nesting and not their product.
    if let Some(at) = TableBuilder::of(text, None).too_deep {
        return Err(lines.broken(at, TOO_DEEP));
    }
    match DeTable::parse(text) {
        Ok(table) => Reader { text, lines: &lines }.root(table.into_inner()),
        Err(error) => {
            let at = error.span().map_or(text.len(), |span| span.start);
            match error.message() == "duplicate key" {
                true => Err(lines.broken(at, &duplicate(text, &lines, error.span()))),
                false => Err(lines.broken(at, error.message())),
            }
        }
    }
}

/// Makes values of what the parser found.
struct Reader<'a> {
    text: &'a str,
    lines: &'a Lines<'a>,
}

impl Reader<'_> {
    fn root(&self, table: DeTable<'_>) -> Result<Value, Broken> {
        Ok(Value { line: 1, content: self.map(table, 0)? })
    }

    fn map(&self, table: DeTable<'_>, depth: usize) -> Result<Content, Broken> {
        let mut entries: Vec<(usize, Entry)> = Vec::new();
        for (key, value) in table {
            let start = key.span().start;
            let line = self.lines.line(start);
            let value = self.value(value, start, depth + 1)?;
            entries.push((start, Entry { key: key.into_inner().into_owned(), line, value }));
        }
        entries.sort_by_key(|(start, _)| *start);
        Ok(Content::Map(entries.into_iter().map(|(_, entry)| entry).collect()))
    }

    /// `key` is where the key of the value starts: tables without a text of their own, which dotted
    /// keys and headers imply, have no other place.
    fn value(&self, value: Spanned<DeValue<'_>>, key: usize, depth: usize) -> Result<Value, Broken> {
        let span = value.span();
        let start = if span.is_empty() { key } else { span.start };
        // A list of tables lies deeper than its header says.
        if depth > limits::DEPTH {
            return Err(self.lines.broken(start, TOO_DEEP));
        }
        let spelling = || self.text.get(span.clone()).unwrap_or_default().to_owned();
        let content = match value.into_inner() {
            DeValue::String(text) => Content::Text(text.into_owned()),
            DeValue::Integer(_) | DeValue::Float(_) => Content::Number(spelling()),
            DeValue::Boolean(value) => Content::Bool(value),
            DeValue::Datetime(_) => Content::Text(spelling()),
            DeValue::Array(array) => {
                let items = array.into_iter().map(|item| self.value(item, start, depth + 1));
                Content::List(items.collect::<Result<_, _>>()?)
            }
            DeValue::Table(table) => self.map(table, depth)?,
        };
        Ok(Value { line: self.lines.line(start), content })
    }
}

/// What is said about a key that is there twice.
fn duplicate(text: &str, lines: &Lines<'_>, span: Option<Range<usize>>) -> String {
    let span = span.unwrap_or_default();
    let key = text.get(span.clone()).unwrap_or_default();
    match first(text, lines, span.start) {
        Some(line) => format!("the key `{key}` is in line {line} already"),
        None => format!("the key `{key}` is there already"),
    }
}

/// The line of the first key with the path that ends at the byte `at`; `None` when it is within an
/// inline table, most often of one line.
fn first(text: &str, lines: &Lines<'_>, at: usize) -> Option<u32> {
    let found = TableBuilder::of(text, Some(at)).found?;
    let before = text.get(..found.statement)?;
    let (table, _) = DeTable::parse_recoverable(before);
    let root = Reader { text: before, lines }.root(table.into_inner()).ok()?;
    let mut line = None;
    let mut place = &root;
    for key in &found.path {
        while let Some(last) = place.items().last() {
            place = last;
        }
        let entry = place.entries().iter().find(|entry| &entry.key == key)?;
        (place, line) = (&entry.value, Some(entry.line));
    }
    line
}

/// What the events of a text say without the rules for tables.
struct TableBuilder<'a> {
    source: Source<'a>,
    /// Depth and keys of the last header, keys of the present line.
    header: Vec<Event>,
    keys: Vec<Event>,
    /// The start of the present line or header.
    statement: usize,
    in_header: bool,
    is_dotted: bool,
    /// The arrays and inline tables that are open: depth and number of keys.
    open: Vec<(usize, usize)>,
    /// Where the limit is passed.
    too_deep: Option<usize>,
    /// The byte whose key is looked for.
    wanted: Option<usize>,
    found: Option<OpenTable>,
}

/// A key outside inline tables.
struct OpenTable {
    /// The keys from the top to it.
    path: Vec<String>,
    /// Where its line starts.
    statement: usize,
}

impl<'a> TableBuilder<'a> {
    fn of(text: &'a str, wanted: Option<usize>) -> TableBuilder<'a> {
        let source = Source::new(text);
        let mut walk = TableBuilder {
            source,
            header: Vec::new(),
            keys: Vec::new(),
            statement: 0,
            in_header: false,
            is_dotted: false,
            open: Vec::new(),
            too_deep: None,
            wanted,
            found: None,
        };
        let tokens = source.lex().into_vec();
        let mut receiver = |event: Event| walk.event(event);
        let depth = number(limits::DEPTH) + 1;
        let mut limited = RecursionGuard::new(&mut receiver, depth);
        let mut ignored: Option<toml_parser::ParseError> = None;
        parse_document(&tokens, &mut limited, &mut ignored as &mut dyn ErrorSink);
        walk
    }

    fn event(&mut self, event: Event) {
        let start = event.span().start();
        match event.kind() {
            EventKind::StdTableOpen | EventKind::ArrayTableOpen => {
                (self.in_header, self.statement) = (true, start);
                self.header.clear();
                self.keys.clear();
                self.open.clear();
            }
            EventKind::StdTableClose | EventKind::ArrayTableClose => self.in_header = false,
            EventKind::KeySep => self.is_dotted = true,
            EventKind::SimpleKey => {
                let is_dotted = std::mem::take(&mut self.is_dotted);
                self.key(event, start, is_dotted);
                self.measure(start);
            }
            EventKind::ArrayOpen => self.opened(start, 1),
            EventKind::InlineTableOpen => self.opened(start, 0),
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                self.open.pop();
            }
            EventKind::Scalar => self.measure(start),
            _ => {}
        }
    }

    /// `keys` is how much deeper what is within lies, before any key.
    fn opened(&mut self, start: usize, keys: usize) {
        self.measure(start);
        self.open.push((self.depth(), keys));
    }

    fn measure(&mut self, start: usize) {
        if self.depth() > limits::DEPTH {
            self.too_deep.get_or_insert(start);
        }
    }

    fn key(&mut self, event: Event, start: usize, is_dotted: bool) {
        if self.in_header {
            self.header.push(event);
        } else if let Some((_, keys)) = self.open.last_mut() {
            *keys = if is_dotted { *keys + 1 } else { 1 };
            return;
        } else {
            if !is_dotted {
                self.keys.clear();
                self.statement = start;
            }
            self.keys.push(event);
        }
        if self.wanted == Some(start) {
            let path = self.header.iter().chain(&self.keys).map(|key| self.decoded(*key)).collect();
            self.found = Some(OpenTable { path, statement: self.statement });
        }
    }

    /// How deep the present value lies, lists of tables aside.
    fn depth(&self) -> usize {
        match self.open.last() {
            Some((depth, keys)) => depth + keys,
            None => self.header.len() + self.keys.len(),
        }
    }

    fn decoded(&self, key: Event) -> String {
        let mut decoded = std::borrow::Cow::Borrowed("");
        let mut ignored: Option<toml_parser::ParseError> = None;
        if let Some(raw) = self.source.get(key) {
            raw.decode_key(&mut decoded, &mut ignored as &mut dyn ErrorSink);
        }
        decoded.into_owned()
    }
}
