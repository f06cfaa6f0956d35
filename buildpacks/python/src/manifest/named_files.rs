//! The files that a `pyproject.toml` names and that a tool looks for when it checks or builds the project:
//! readme, licenses, and what setuptools reads values from.
//!
//! Source: PEP 621, "readme", "license"; PEP 639, "license-files"; poetry documentation, "The pyproject.toml
//! file", `readme`; setuptools documentation, "Configuring setuptools using pyproject.toml files",
//! `license-files` and "Dynamic Metadata".

use packwright_buildpack::planner::{RelPath, Selection, SourceTree, find, has};
use serde_json::Value;

use super::paths;

/// A file that is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NamedFile {
    /// Its path from the top of the tree.
    pub(crate) path: String,
    /// Whether an empty file in its place changes nothing that is installed but a description.
    pub(crate) may_be_empty: bool,
}

/// The files that the `pyproject.toml` at `pyproject` names, sorted. Paths that leave the tree are left out.
pub(crate) fn named(raw: &Value, pyproject: &RelPath) -> Vec<NamedFile> {
    let mut found = Vec::new();
    let mut add = |text: &str, may_be_empty: bool| {
        let path = paths::beside(pyproject, text).filter(|path| !path.is_empty());
        found.extend(path.map(|path| NamedFile { path, may_be_empty }));
    };
    for (pointer, key) in [
        ("/project/readme", "file"),
        ("/project/license", "file"),
        ("/tool/poetry/readme", ""),
        ("/tool/setuptools/dynamic/readme", "file"),
    ] {
        let value = raw.pointer(pointer);
        // A license may be a text: only a table names a file.
        let value = match (pointer, value) {
            ("/project/license", Some(Value::String(_))) => None,
            (_, Some(Value::Object(table))) => table.get(key),
            (_, value) => value,
        };
        texts(value).for_each(|text| add(text, true));
    }
    for pointer in ["/project/license-files", "/tool/setuptools/license-files"] {
        let value = raw.pointer(pointer);
        let tables = ["paths", "globs"].into_iter().filter_map(|key| value?.as_object()?.get(key));
        let patterns = value.into_iter().filter(|value| !value.is_object()).chain(tables);
        for pattern in patterns.flat_map(|value| texts(Some(value))) {
            // `LICENSE*` is fulfilled by `LICENSE`; other patterns stand for files that are there.
            let plain = pattern.strip_suffix('*').unwrap_or(pattern);
            if !plain.is_empty() && !plain.contains(['*', '?', '[', '{']) {
                add(plain, true);
            }
        }
    }
    let dynamic = raw.pointer("/tool/setuptools/dynamic").and_then(Value::as_object);
    for (_, value) in dynamic.into_iter().flatten().filter(|(key, _)| *key != "readme") {
        texts(value.get("file")).for_each(|text| add(text, false));
    }
    found.sort();
    found.dedup();
    found
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let one = value.and_then(Value::as_str);
    let many = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    one.into_iter().chain(many)
}

/// Patterns that choose those of `named` that are in the tree.
pub(crate) fn patterns(named: &[NamedFile], tree: &dyn SourceTree) -> Vec<String> {
    let there = named.iter().filter_map(|file| find(tree, &file.path));
    there.map(|file| Selection::literal(file.path.as_str())).collect()
}

/// Those of `named` that the tree lacks, or that an ignore file hides, and that an empty file can stand for.
pub(crate) fn absent(named: &[NamedFile], tree: &dyn SourceTree) -> Vec<String> {
    // Of a pattern only the beginning is known: any file that begins so fulfils it.
    let begins = |path: &str| tree.files().iter().any(|file| file.path.as_str().starts_with(path));
    let is_absent = |file: &&NamedFile| file.may_be_empty && !has(tree, &file.path) && !begins(&file.path);
    named.iter().filter(is_absent).map(|file| file.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_names_a_file() {
        for (text, expected) in [
            ("[project]\nreadme = \"README.md\"", "README.md"),
            (
                "[project]\nreadme = { file = \"docs/about.rst\", content-type = \"text/x-rst\" }",
                "docs/about.rst",
            ),
            ("[project]\nreadme = { text = \"hello\", content-type = \"text/plain\" }", ""),
            ("[project]\nlicense = { file = \"LICENSE\" }", "LICENSE"),
            (
                "[project]\nlicense = \"MIT\"\nlicense-files = [\"LICEN[CS]E*\", \"AUTHORS.md\", \"NOTICE*\"]",
                "AUTHORS.md NOTICE",
            ),
            ("[project]\nlicense-files = { paths = [\"COPYING\"] }", "COPYING"),
            ("[tool.poetry]\nreadme = [\"README.md\", \"CHANGES.md\"]", "CHANGES.md README.md"),
            (
                "[tool.setuptools.dynamic]\nreadme = { file = [\"README.md\"] }\ndependencies = { file = [\"needs.in\"] }",
                "README.md needs.in",
            ),
            ("[project]\nreadme = \"../README.md\"", ""),
        ] {
            let raw: toml::Value = toml::from_str(text).unwrap();
            let found = named(&serde_json::to_value(raw).unwrap(), &"pyproject.toml".parse().unwrap());
            let paths: Vec<&str> = found.iter().map(|file| file.path.as_str()).collect();
            assert_eq!(paths.join(" "), expected, "{text}");
        }
    }
}
