//! `package.json`, and the readers of the other files in which Node projects say what they need.
//!
//! A reader takes text and gives a value with lines; what is made of it is decided elsewhere.

use std::collections::BTreeMap;

use packwright_documents::{Broken, Content, Entry, Value};
use packwright_planner::{Diagnostic, FileKind, Origin, RelPath, Requested, SourceFile, SourceTree, find};

use crate::messages;

/// Names and what they stand for, each with its line.
pub(crate) type Table = BTreeMap<String, Requested<String>>;

/// A `package.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Where it is.
    pub(crate) path: RelPath,
    /// Its directory; none for the root of the tree.
    pub(crate) dir: Option<RelPath>,
    /// `name`.
    pub(crate) name: Option<Requested<String>>,
    /// `main`.
    pub(crate) main: Option<Requested<String>>,
    /// Whether `type` is `module`.
    pub(crate) is_module: bool,
    /// `scripts`.
    pub(crate) scripts: Table,
    /// `dependencies`.
    pub(crate) dependencies: Table,
    /// `devDependencies`.
    pub(crate) dev_dependencies: Table,
    /// `optionalDependencies`.
    pub(crate) optional_dependencies: Table,
    /// `peerDependencies`.
    pub(crate) peer_dependencies: Table,
    /// `engines`.
    pub(crate) engines: Table,
    /// `volta`.
    pub(crate) volta: Table,
    /// `packageManager`, with the hash if it has one.
    pub(crate) package_manager: Option<Requested<String>>,
    /// The patterns of `workspaces`; none when there is no such field.
    pub(crate) workspaces: Option<Vec<Requested<String>>>,
    /// All of it, for fields that few ask for.
    pub(crate) json: Value,
}

/// Which of its dependencies a manifest names a package among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DependencyKind {
    /// `dependencies`.
    Normal,
    /// `optionalDependencies`.
    Optional,
    /// `devDependencies`.
    Development,
    /// `peerDependencies`.
    Peer,
}

impl Manifest {
    /// Reads the `package.json` at `path`; `None` when there is none.
    ///
    /// Errors: all that is wrong with it.
    pub(crate) fn read(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Manifest>, Vec<Diagnostic>> {
        let Some(text) = text(tree, path).map_err(|problem| vec![problem])? else { return Ok(None) };
        let json = packwright_documents::json_strict(&text)
            .map_err(|broken| vec![messages::broken_json(path, &broken)])?;
        Manifest::new(path, json).map(Some)
    }

    fn new(path: &RelPath, json: Value) -> Result<Manifest, Vec<Diagnostic>> {
        let mut reader = Reader { path, json: &json, problems: Vec::new() };
        if !matches!(json.content, Content::Map(_)) {
            return Err(vec![messages::no_manifest(path, json.line, json.kind())]);
        }
        let manifest = Manifest {
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
            true => Ok(Manifest { json, ..manifest }),
            false => Err(reader.problems),
        }
    }

    /// The range of the dependency `name` of any kind but peer, the first in the order of
    /// [`DependencyKind`].
    pub(crate) fn dependency(&self, name: &str) -> Option<&Requested<String>> {
        self.all_dependencies()
            .find(|found| found.1 == name && found.0 < DependencyKind::Peer)
            .map(|found| found.2)
    }

    /// Whether it names the dependency, of any kind but peer.
    pub(crate) fn depends_on(&self, name: &str) -> bool {
        self.dependency(name).is_some()
    }

    /// All dependencies by kind, sorted by name in each: kind, name, range.
    pub(crate) fn all_dependencies(
        &self,
    ) -> impl Iterator<Item = (DependencyKind, &str, &Requested<String>)> {
        [
            (DependencyKind::Normal, &self.dependencies),
            (DependencyKind::Optional, &self.optional_dependencies),
            (DependencyKind::Development, &self.dev_dependencies),
            (DependencyKind::Peer, &self.peer_dependencies),
        ]
        .into_iter()
        .flat_map(|(kind, table)| table.iter().map(move |(name, range)| (kind, name.as_str(), range)))
    }

    /// The script `name`, unless it is empty.
    pub(crate) fn script(&self, name: &str) -> Option<&Requested<String>> {
        self.scripts.get(name).filter(|script| !script.value.trim().is_empty())
    }

    /// The path `name` seen from the manifest, as a path of the tree: `dist/index.js` of
    /// `apps/web` is `apps/web/dist/index.js`. `None` when it leaves the tree.
    pub(crate) fn beside(&self, name: &str) -> Option<RelPath> {
        beside(self.dir.as_ref(), name)
    }

    /// The line of this file as an origin.
    pub(crate) fn line(&self, line: u32) -> Origin {
        Origin::line(&self.path, line)
    }

    /// What messages and decisions call the package: its name, or its directory.
    pub(crate) fn title(&self) -> String {
        match (&self.name, &self.dir) {
            (Some(name), _) => name.value.clone(),
            (None, Some(dir)) => dir.to_string(),
            (None, None) => "the root".to_owned(),
        }
    }
}

/// `name` from `dir`, with `.` and `..` resolved; `None` when it leaves the tree or is its root.
pub(crate) fn beside(dir: Option<&RelPath>, name: &str) -> Option<RelPath> {
    let mut parts: Vec<&str> = dir.map_or(Vec::new(), |dir| dir.as_str().split('/').collect());
    if name.starts_with('/') {
        return None;
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    parts.join("/").parse().ok()
}

/// The text of the file at `path`; `None` when there is none. A symbolic link is an error: a step
/// would be given the link and not what it points to.
pub(crate) fn text(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    if let Some(SourceFile { kind: FileKind::Symlink { target }, .. }) = find(tree, path.as_str()) {
        return Err(messages::manifest_is_link(path, target));
    }
    packwright_planner::text(tree, path.as_str()).map_err(|error| messages::unreadable(path, &error))
}

/// The configuration file at `path`, JSON with what JSON5 adds; `None` when there is none.
pub(crate) fn json_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Value>, Diagnostic> {
    let Some(text) = text(tree, path)? else { return Ok(None) };
    packwright_documents::json5(&text).map(Some).map_err(|broken| messages::broken_json(path, &broken))
}

/// The YAML file at `path`; `None` when there is none.
pub(crate) fn yaml_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Value>, Diagnostic> {
    let Some(text) = text(tree, path)? else { return Ok(None) };
    first_document(&text).map(Some).map_err(|broken| messages::broken_yaml(path, &broken))
}

/// The first document of a YAML text; nothing for a text without one.
pub(crate) fn first_document(text: &str) -> Result<Value, Broken> {
    let first = packwright_documents::yaml(text)?.into_iter().next();
    Ok(first.unwrap_or(Value { line: 1, content: Content::Null }))
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

    fn table(&mut self, key: &str) -> Table {
        let Some(Entry { value, line, .. }) = self.json.entry(key) else { return Table::new() };
        if !matches!(value.content, Content::Map(_)) {
            self.wrong(*line, &format!("`{key}`"), "a map", value);
        }
        let mut table = Table::new();
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

    /// A table that tools leave alone when it has another shape.
    fn lenient(&self, key: &str) -> Table {
        let entries = self.json.get(key).map_or(&[][..], Value::entries);
        let text = |entry: &Entry| {
            entry.value.text().map(|text| (entry.key.clone(), self.requested(entry.line, text)))
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
