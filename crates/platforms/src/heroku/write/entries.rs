//! Entries of `app.json`.

use packwright_documents::{Content, Entry};

pub(super) fn entry(key: &str, content: Content) -> Entry {
    Entry::new(key, content)
}

pub(super) fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}
