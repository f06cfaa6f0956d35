//! Reads a `package.json`: takes its fields out and reports every one that has the wrong type.

use packwright_buildpack::documents::{Content, Entry, Value};
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested, SourceTree};

use super::values::{PackageJson, TextTable};
use packwright_buildpack::files::{self, FileError};

use crate::messages;

impl PackageJson {
    /// Reads the `package.json` at `path`; `None` when there is none.
    ///
    /// Errors: all that is wrong with it.
    pub(crate) fn read(
        tree: &dyn SourceTree,
        path: &RelPath,
    ) -> Result<Option<PackageJson>, Vec<Diagnostic>> {
        let Some(text) = files::text(tree, path).map_err(|error| vec![messages::unreadable(error)])? else {
            return Ok(None);
        };
        let json = packwright_buildpack::documents::json_strict(&text).map_err(|broken| {
            let path = path.clone();
            vec![messages::unreadable(FileError::Broken { path, format: "JSON", broken })]
        })?;
        PackageJson::new(path, json).map(Some)
    }

    fn new(path: &RelPath, json: Value) -> Result<PackageJson, Vec<Diagnostic>> {
        let mut reader = Reader { path, json: &json, problems: Vec::new() };
        if !matches!(json.content, Content::Map(_)) {
            return Err(vec![messages::no_manifest(path, json.line, json.kind())]);
        }
        let manifest = PackageJson {
            path: path.clone(),
            dir: path.as_str().rsplit_once('/').and_then(|(dir, _)| dir.parse().ok()),
            name: reader.text("name"),
            main: reader.text("main"),
            is_module: json.text_of("type") == Some("module"),
            scripts: reader.table("scripts"),
            dependencies: reader.table("dependencies"),
            dev_dependencies: reader.table("devDependencies"),
            optional_dependencies: reader.table("optionalDependencies"),
            peer_dependencies: reader.table("peerDependencies"),
            engines: reader.lenient("engines"),
            volta: reader.lenient("volta"),
            package_manager: reader.text("packageManager"),
            workspaces: reader.workspaces(),
            json: Value { line: 1, content: Content::Null },
        };
        match reader.problems.is_empty() {
            true => Ok(PackageJson { json, ..manifest }),
            false => Err(reader.problems),
        }
    }
}

/// Takes fields out of a manifest and notes what is not as expected.
struct Reader<'a> {
    path: &'a RelPath,
    json: &'a Value,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn requested(&self, line: u32, value: &str) -> Requested<String> {
        Requested { value: value.to_owned(), origin: Origin::line(self.path, line) }
    }

    fn wrong(&mut self, line: u32, what: &str, wanted: &str, found: &Value) {
        self.problems.push(messages::wrong_type(self.path, line, what, wanted, found.kind()));
    }

    fn text(&mut self, key: &str) -> Option<Requested<String>> {
        let entry = self.json.entry(key)?;
        match entry.value.text() {
            Some(text) => Some(self.requested(entry.line, text)),
            None => {
                self.wrong(entry.line, &format!("`{key}`"), "a text", &entry.value);
                None
            }
        }
    }

    fn table(&mut self, key: &str) -> TextTable {
        let Some(Entry { value, line, .. }) = self.json.entry(key) else { return TextTable::new() };
        if !matches!(value.content, Content::Map(_)) {
            self.wrong(*line, &format!("`{key}`"), "a map", value);
        }
        let mut table = TextTable::new();
        for entry in value.entries() {
            match entry.value.text() {
                Some(text) => {
                    table.insert(entry.key.clone(), self.requested(entry.line, text));
                }
                None => self.wrong(entry.line, &format!("`{key}.{}`", entry.key), "a text", &entry.value),
            }
        }
        table
    }

    /// A table that tools leave alone when it has another shape; a number counts as its text.
    fn lenient(&self, key: &str) -> TextTable {
        let entries = self.json.get(key).map_or(&[][..], Value::entries);
        let text = |entry: &Entry| {
            entry.value.word().map(|text| (entry.key.clone(), self.requested(entry.line, text)))
        };
        entries.iter().filter_map(text).collect()
    }

    /// `workspaces` as a list, or as the map with `packages` that yarn 1 reads too.
    fn workspaces(&mut self) -> Option<Vec<Requested<String>>> {
        let entry = self.json.entry("workspaces")?;
        let list = match &entry.value.content {
            Content::List(_) => &entry.value,
            Content::Map(_) => entry.value.get("packages")?,
            _ => {
                self.wrong(entry.line, "`workspaces`", "a list", &entry.value);
                return None;
            }
        };
        let mut patterns = Vec::new();
        for item in list.items() {
            match item.text() {
                Some(text) => patterns.push(self.requested(item.line, text)),
                None => self.wrong(item.line, "an item of `workspaces`", "a text", item),
            }
        }
        Some(patterns)
    }
}
