//! [`Value`]: a parsed text in which every value and every entry has its line.
//!
//! It judges nothing; readers of certain files ask it for what they expect.

/// A value and the line it starts in, counted from 1; 0 when it is in no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The line. An alias of YAML has its own line, what it stands for keeps the lines of the anchor.
    pub line: u32,
    /// What it is.
    pub content: Content,
}

/// The kinds of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Named values in the order of the text. A name is there twice in JSON only; the last one counts.
    Map(Vec<Entry>),
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// The line in which the name starts.
    pub line: u32,
    /// The value.
    pub value: Value,
}

impl From<Content> for Value {
    /// A value that is in no text: its line is 0.
    fn from(content: Content) -> Value {
        Value { line: 0, content }
    }
}

impl Entry {
    /// An entry that is in no text: its line is 0.
    pub fn new(key: impl Into<String>, content: Content) -> Entry {
        Entry { key: key.into(), line: 0, value: content.into() }
    }
}

impl Value {
    /// The entry called `key`, when this is a map that has a value for it; `null` is none.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()
            .iter()
            .rev()
            .find(|entry| entry.key == key)
            .filter(|entry| entry.value.content != Content::Null)
    }

    /// The value called `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value at the end of `keys`.
    pub fn at(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text called `key`.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::text)
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text or number as it is written: what YAML files leave without quotes.
    pub fn word(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) | Content::Number(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is the value `true`.
    pub fn is_true(&self) -> bool {
        self.content == Content::Bool(true)
    }

    /// The values of a list; none when it is none.
    pub fn items(&self) -> &[Value] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none when it is none.
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "a boolean",
            Content::Number(_) => "a number",
            Content::Text(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}
