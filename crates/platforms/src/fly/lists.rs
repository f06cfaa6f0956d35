//! Lists in `fly.toml`: one map alone counts as a list of one.

use packwright_documents::Content;

use crate::table::Table;

/// A list of maps; one map alone is a list of one.
pub(super) fn many<'a>(table: &Table<'a>, key: &str) -> Vec<Table<'a>> {
    match table.value(key).map(|value| &value.content) {
        Some(Content::Map(_)) => table.table(key).into_iter().collect(),
        _ => table.tables(key),
    }
}
