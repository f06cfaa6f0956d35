//! [`Entries`]: a map that a writer builds, with its entries in the order of the file.

use packwright_documents::{Content, Entry, Value};

/// A map that is being written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Entries(Vec<Entry>);

impl Entries {
    /// Adds a text.
    pub(crate) fn text(&mut self, key: &str, text: impl Into<String>) -> &mut Entries {
        self.put(key, Content::Text(text.into()))
    }

    /// Adds a text, where there is one.
    pub(crate) fn maybe(&mut self, key: &str, text: Option<&str>) -> &mut Entries {
        if let Some(text) = text {
            self.text(key, text);
        }
        self
    }

    /// Adds a number.
    pub(crate) fn number(&mut self, key: &str, number: u64) -> &mut Entries {
        self.put(key, Content::Number(number.to_string()))
    }

    /// Adds `true` or `false`.
    pub(crate) fn flag(&mut self, key: &str, flag: bool) -> &mut Entries {
        self.put(key, Content::Bool(flag))
    }

    /// Adds a list of texts.
    pub(crate) fn texts<T: Into<String>>(
        &mut self,
        key: &str,
        texts: impl IntoIterator<Item = T>,
    ) -> &mut Entries {
        self.put(
            key,
            Content::List(texts.into_iter().map(|text| Content::Text(text.into()).into()).collect()),
        )
    }

    /// Adds a map, unless it is empty.
    pub(crate) fn map(&mut self, key: &str, map: Entries) -> &mut Entries {
        if !map.0.is_empty() {
            self.put(key, map.content());
        }
        self
    }

    /// Adds a list of maps, unless it is empty.
    pub(crate) fn maps(&mut self, key: &str, maps: Vec<Entries>) -> &mut Entries {
        if !maps.is_empty() {
            self.put(key, Content::List(maps.into_iter().map(|map| map.content().into()).collect()));
        }
        self
    }

    /// Adds anything.
    pub(crate) fn put(&mut self, key: &str, content: Content) -> &mut Entries {
        self.0.push(Entry::new(key, content));
        self
    }

    /// Whether nothing was added.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The map.
    pub(crate) fn content(self) -> Content {
        Content::Map(self.0)
    }

    /// The map as a document.
    pub(crate) fn value(self) -> Value {
        self.content().into()
    }
}
