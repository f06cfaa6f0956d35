//! [`Table`]: a strict view of a map in a document. A value of the wrong type is reported, and so is every key
//! that the reader did not ask for.

use std::cell::RefCell;
use std::collections::BTreeSet;

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{Diagnostic, FileWeight, Origin, RelPath, Requested};

use crate::dir_view::problem;

/// A document that is being read, and what there is to say about it.
pub(crate) struct Document {
    path: RelPath,
    /// The beginning of the diagnostics' codes.
    platform: &'static str,
    weight: FileWeight,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

/// A map of a document. When it is dropped, the keys that were not asked for are reported.
pub(crate) struct Table<'a> {
    document: &'a Document,
    value: &'a Value,
    /// Where it is in the document: `services[2]`; empty for the document itself.
    place: String,
    known: RefCell<BTreeSet<String>>,
    open: bool,
}

impl Document {
    /// A document of `platform` in the file `path`.
    pub(crate) fn new(platform: &'static str, path: &RelPath, weight: FileWeight) -> Document {
        Document { path: path.clone(), platform, weight, diagnostics: RefCell::default() }
    }

    /// The document's outermost map. Anything else there is reported; an empty document is not.
    pub(crate) fn table<'a>(&'a self, value: &'a Value) -> Option<Table<'a>> {
        match &value.content {
            Content::Map(_) => Some(self.of(value, String::new())),
            Content::Null => None,
            _ => {
                self.wrong(value, "the file", "a map");
                None
            }
        }
    }

    fn of<'a>(&'a self, value: &'a Value, place: String) -> Table<'a> {
        Table { document: self, value, place, known: RefCell::default(), open: false }
    }

    /// The line `line` of the file.
    pub(crate) fn line(&self, line: u32) -> Origin {
        Origin::line(&self.path, line)
    }

    /// Adds a diagnostic.
    pub(crate) fn say(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Says that a value cannot be used: an error where the file decides, a warning where it
    /// gives hints. `message` follows the line's place.
    pub(crate) fn refuse(&self, line: u32, message: &str, fix: &str) {
        let origin = self.line(line);
        let code = format!("{}/value", self.platform);
        self.say(problem(self.weight, &code, format!("{origin}: {message}")).fix(fix).at(origin));
    }

    /// Says that something is understood and has no effect on the image.
    pub(crate) fn without_effect(&self, line: u32, what: &str, why: &str) {
        let origin = self.line(line);
        let code = format!("{}/without-effect", self.platform);
        self.say(Diagnostic::info(&code, format!("{origin}: {what} has no effect")).why(why).at(origin));
    }

    fn wrong(&self, value: &Value, what: &str, wanted: &str) {
        let origin = self.line(value.line);
        let message = format!("{origin}: {what} is {}, not {wanted}", value.kind());
        let code = format!("{}/type", self.platform);
        self.say(problem(self.weight, &code, message).fix(format!("write {wanted} there")).at(origin));
    }

    /// What there is to say, in the order of the lines.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        let mut diagnostics = self.diagnostics.into_inner();
        let line = |diagnostic: &Diagnostic| match &diagnostic.at {
            Some(Origin::File { line, .. }) => *line,
            _ => None,
        };
        diagnostics.sort_by_key(line);
        diagnostics
    }
}

impl<'a> Table<'a> {
    /// The line in which it starts.
    pub(crate) fn origin(&self) -> Origin {
        self.document.line(self.value.line)
    }

    /// The document it is in.
    pub(crate) fn document(&self) -> &'a Document {
        self.document
    }

    /// The raw value of `key`; `null` is none.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of `key`, for its line; one whose value is `null` is none.
    pub(crate) fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.known.borrow_mut().insert(key.to_owned());
        self.value.entry(key)
    }

    /// Whether the map has `key`, with any value, `null` too.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.known.borrow_mut().insert(key.to_owned());
        self.value.entries().iter().any(|entry| entry.key == key)
    }

    /// A text; numbers and booleans are taken as they are written, for formats without quotes.
    pub(crate) fn text(&self, key: &str) -> Option<Requested<String>> {
        let value = self.value(key)?;
        match scalar(value) {
            Some(text) => Some(self.document.requested(text, value.line)),
            None => {
                self.document.wrong(value, &self.named(key), "a text");
                None
            }
        }
    }

    /// A boolean.
    pub(crate) fn flag(&self, key: &str) -> Option<Requested<bool>> {
        let value = self.value(key)?;
        match &value.content {
            Content::Bool(flag) => Some(Requested { value: *flag, origin: self.document.line(value.line) }),
            _ => {
                self.document.wrong(value, &self.named(key), "`true` or `false`");
                None
            }
        }
    }

    /// A whole number that is not negative; a text that is one counts.
    pub(crate) fn number(&self, key: &str) -> Option<Requested<u64>> {
        let value = self.value(key)?;
        match value.word().and_then(|word| word.parse().ok()) {
            Some(number) => Some(Requested { value: number, origin: self.document.line(value.line) }),
            None => {
                self.document.wrong(value, &self.named(key), "a whole number");
                None
            }
        }
    }

    /// A list of texts; one text alone is a list of one.
    pub(crate) fn texts(&self, key: &str) -> Vec<Requested<String>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        if let Some(text) = scalar(value) {
            return vec![self.document.requested(text, value.line)];
        }
        let Content::List(items) = &value.content else {
            self.document.wrong(value, &self.named(key), "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (number, item) in items.iter().enumerate() {
            match scalar(item) {
                Some(text) => texts.push(self.document.requested(text, item.line)),
                None => self.document.wrong(item, &format!("{}[{number}]", self.named(key)), "a text"),
            }
        }
        texts
    }

    /// A map.
    pub(crate) fn table(&self, key: &str) -> Option<Table<'a>> {
        let value = self.value(key)?;
        self.as_table(value, self.place_of(key))
    }

    /// A list of maps.
    pub(crate) fn tables(&self, key: &str) -> Vec<Table<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let Content::List(items) = &value.content else {
            self.document.wrong(value, &self.named(key), "a list of maps");
            return Vec::new();
        };
        let place = self.place_of(key);
        let items = items.iter().enumerate();
        items.filter_map(|(number, item)| self.as_table(item, format!("{place}[{number}]"))).collect()
    }

    /// A map of maps, by name, in the order of the file.
    pub(crate) fn named_tables(&self, key: &str) -> Vec<(String, Table<'a>)> {
        self.table(key).map(|table| table.all_tables()).unwrap_or_default()
    }

    /// All entries of this map as maps by name; an entry without a value is an empty map.
    pub(crate) fn all_tables(&self) -> Vec<(String, Table<'a>)> {
        let entries = self.entries();
        let table = |entry: &'a Entry| {
            let place = self.place_of(&entry.key);
            let table = match &entry.value.content {
                Content::Null => Some(self.document.of(&entry.value, place)),
                _ => self.as_table(&entry.value, place),
            };
            Some((entry.key.clone(), table?))
        };
        entries.iter().filter_map(table).collect()
    }

    /// A map of texts, numbers and booleans, in the order of the file.
    pub(crate) fn pairs(&self, key: &str) -> Vec<(String, Requested<String>)> {
        self.table(key).map(|table| table.all_pairs()).unwrap_or_default()
    }

    /// All entries of this map as texts; `null` is an empty text.
    pub(crate) fn all_pairs(&self) -> Vec<(String, Requested<String>)> {
        let mut pairs = Vec::new();
        for entry in self.entries() {
            let text = match &entry.value.content {
                Content::Null => Some(""),
                _ => scalar(&entry.value),
            };
            match text {
                Some(text) => pairs.push((entry.key.clone(), self.document.requested(text, entry.line))),
                None => self.document.wrong(&entry.value, &self.named(&entry.key), "a text"),
            }
        }
        pairs
    }

    /// All entries; every key counts as asked for.
    pub(crate) fn entries(&self) -> &'a [Entry] {
        let entries = self.value.entries();
        self.known.borrow_mut().extend(entries.iter().map(|entry| entry.key.clone()));
        entries
    }

    /// Keys that are the platform's affair alone: they change nothing here and are not reported.
    pub(crate) fn leave(&self, keys: &[&str]) {
        self.known.borrow_mut().extend(keys.iter().map(|&key| key.to_owned()));
    }

    /// Leaves all other keys to the platform, for maps with more keys than are known here.
    pub(crate) fn leave_rest(mut self) {
        self.open = true;
    }

    fn as_table(&self, value: &'a Value, place: String) -> Option<Table<'a>> {
        match &value.content {
            Content::Map(_) => Some(self.document.of(value, place)),
            _ => {
                self.document.wrong(value, &format!("`{place}`"), "a map");
                None
            }
        }
    }

    fn place_of(&self, key: &str) -> String {
        match self.place.as_str() {
            "" => key.to_owned(),
            place => format!("{place}.{key}"),
        }
    }

    fn named(&self, key: &str) -> String {
        format!("`{}`", self.place_of(key))
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        if self.open {
            return;
        }
        let known = self.known.borrow();
        for entry in self.value.entries().iter().filter(|entry| !known.contains(&entry.key)) {
            let origin = self.document.line(entry.line);
            let place = self.place_of(&entry.key);
            let code = format!("{}/unknown-key", self.document.platform);
            let message = format!("{origin}: `{place}` is no key that is known");
            let diagnostic = match self.document.weight {
                FileWeight::Decides => Diagnostic::warning(&code, message),
                FileWeight::Hints => Diagnostic::info(&code, message),
            };
            let near = known.iter().find(|known| known.to_lowercase() == entry.key.to_lowercase());
            let fix = match near {
                Some(near) => format!("write `{near}`"),
                None => "check the spelling; the platform may ignore it too".to_owned(),
            };
            self.document.say(diagnostic.fix(fix).at(origin));
        }
    }
}

impl Document {
    fn requested(&self, text: &str, line: u32) -> Requested<String> {
        Requested { value: text.to_owned(), origin: self.line(line) }
    }
}

/// A value without parts, as it is written.
fn scalar(value: &Value) -> Option<&str> {
    match &value.content {
        Content::Text(text) | Content::Number(text) => Some(text),
        Content::Bool(true) => Some("true"),
        Content::Bool(false) => Some("false"),
        Content::Null | Content::List(_) | Content::Map(_) => None,
    }
}
