//! Reads `pyproject.toml`: what the project is called, needs, and is built with.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};
use serde::Deserialize;
use toml::Spanned;

use super::document::{origin, parse_toml, text};
use super::index::{Index, SourceTable};
use super::named_files::{self, NamedFile};
use super::reference::Reference;
use crate::messages;

/// What `pyproject.toml` says that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pyproject {
    /// The file.
    pub(crate) path: RelPath,
    /// Whether there is a `[project]` table.
    pub(crate) is_project: bool,
    /// `project.name`, or poetry's.
    pub(crate) name: Option<String>,
    /// `project.requires-python`.
    pub(crate) requires_python: Option<(String, Origin)>,
    /// `project.dependencies`.
    pub(crate) dependencies: Vec<Reference>,
    /// Whether `project.dynamic` lists the dependencies.
    pub(crate) dynamic_dependencies: bool,
    /// `build-system.requires`; `None` without a `[build-system]` table.
    pub(crate) build_requires: Option<Vec<String>>,
    /// The addresses in `tool.uv.index`.
    pub(crate) uv_indexes: Vec<String>,
    /// Whether there is a `[tool.poetry]` table that says what the project needs.
    pub(crate) is_poetry: bool,
    /// Whether `tool.poetry.packages` says what the project consists of.
    poetry_packages: bool,
    /// `tool.poetry.package-mode`.
    pub(crate) poetry_package_mode: bool,
    /// `tool.poetry.dependencies.python`.
    pub(crate) poetry_python: Option<(String, Origin)>,
    /// Names in `tool.poetry.dependencies`.
    pub(crate) poetry_dependencies: Vec<String>,
    /// Whether `project.dynamic` lists anything that building needs source files for.
    is_dynamic: bool,
    /// `tool.pdm.distribution`; pdm takes a project for a package unless it says otherwise.
    pub(crate) pdm_distribution: bool,
    /// Whether there is a `[tool.pdm]` table.
    pub(crate) is_pdm: bool,
    /// The files that it names and that tools look for.
    pub(crate) named_files: Vec<NamedFile>,
    /// All of it.
    pub(crate) raw: serde_json::Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PyprojectToml {
    project: Option<Project>,
    build_system: Option<BuildSystem>,
    #[serde(default)]
    tool: Tool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Project {
    name: Option<String>,
    version: Option<String>,
    requires_python: Option<Spanned<String>>,
    #[serde(default)]
    dependencies: Vec<Spanned<String>>,
    #[serde(default)]
    dynamic: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct BuildSystem {
    #[serde(default)]
    requires: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Tool {
    #[serde(default)]
    uv: Uv,
    poetry: Option<Poetry>,
}

#[derive(Debug, Default, Deserialize)]
struct Uv {
    #[serde(default)]
    index: Vec<UvIndex>,
}

#[derive(Debug, Deserialize)]
struct UvIndex {
    url: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Poetry {
    name: Option<String>,
    packages: Option<toml::Value>,
    package_mode: Option<bool>,
    #[serde(default)]
    dependencies: toml::map::Map<String, toml::Value>,
}

/// Poetry's `python`, read a second time because only this form keeps the place.
#[derive(Debug, Deserialize)]
struct PythonOnly {
    tool: PythonTool,
}
#[derive(Debug, Deserialize)]
struct PythonTool {
    poetry: PythonPoetry,
}
#[derive(Debug, Deserialize)]
struct PythonPoetry {
    dependencies: PythonDependency,
}
#[derive(Debug, Deserialize)]
struct PythonDependency {
    python: Spanned<String>,
}

/// Reads the `pyproject.toml` at the root; `None` when there is none.
///
/// Errors: not text, not TOML, a key of the wrong type, a dependency that is no requirement.
pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<Pyproject>, Vec<Diagnostic>> {
    read_at(tree, &"pyproject.toml".parse().expect("a relative path"))
}

/// Reads the `pyproject.toml` at `path`, as [`read`] does.
pub(crate) fn read_at(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Pyproject>, Vec<Diagnostic>> {
    let path = path.clone();
    let text = match text(tree, &path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(problem) => return Err(vec![problem]),
    };
    let file: PyprojectToml = parse_toml(&path, &text).map_err(|problem| vec![problem])?;
    let raw: toml::Value = parse_toml(&path, &text).map_err(|problem| vec![problem])?;
    let raw = serde_json::to_value(raw).unwrap_or(serde_json::Value::Null);
    let mut problems = Vec::new();
    let mut dependencies = Vec::new();
    for line in file.project.iter().flat_map(|project| &project.dependencies) {
        let at = origin(&path, &text, line);
        match Reference::parse(line.as_ref(), at.clone()) {
            Ok(reference) => {
                problems.extend(super::reference::check_address(&reference, &at).err());
                dependencies.push(reference);
            }
            Err(error) => {
                problems.push(messages::requirement_unreadable(&at, line.as_ref(), &error.reason));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let poetry = file.tool.poetry.as_ref();
    let poetry_python = poetry
        .filter(|poetry| poetry.dependencies.contains_key("python"))
        .and_then(|_| toml::from_str::<PythonOnly>(&text).ok())
        .map(|only| only.tool.poetry.dependencies.python);
    Ok(Some(Pyproject {
        is_project: file.project.is_some(),
        requires_python: file
            .project
            .as_ref()
            .and_then(|project| project.requires_python.as_ref())
            .map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted))),
        dependencies,
        dynamic_dependencies: file
            .project
            .as_ref()
            .is_some_and(|project| project.dynamic.iter().any(|key| key == "dependencies")),
        build_requires: file.build_system.map(|system| system.requires),
        name: file
            .project
            .as_ref()
            .and_then(|project| project.name.clone())
            .or_else(|| poetry.and_then(|poetry| poetry.name.clone())),
        uv_indexes: file.tool.uv.index.into_iter().map(|index| index.url).collect(),
        is_dynamic: file
            .project
            .as_ref()
            .is_some_and(|project| !project.dynamic.is_empty() || project.version.is_none()),
        pdm_distribution: match (raw.pointer("/tool/pdm/distribution"), raw.pointer("/tool/pdm/package-type"))
        {
            (_, Some(kind)) => kind == "library",
            (said, None) => said.and_then(serde_json::Value::as_bool).unwrap_or(true),
        },
        is_pdm: raw.pointer("/tool/pdm").is_some(),
        named_files: named_files::named(&raw, &path),
        raw,
        poetry_packages: poetry.is_some_and(|poetry| poetry.packages.is_some()),
        is_poetry: poetry.is_some_and(|poetry| !poetry.dependencies.is_empty()),
        poetry_package_mode: poetry.and_then(|poetry| poetry.package_mode).unwrap_or(true),
        poetry_python: poetry_python.map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, &wanted))),
        poetry_dependencies: poetry
            .iter()
            .flat_map(|poetry| poetry.dependencies.keys())
            .filter(|name| *name != "python")
            .cloned()
            .collect(),
        path,
    }))
}

impl Pyproject {
    /// The indexes that it names for the tool that has no lock of its own, and whether the first
    /// takes the place of the public one.
    pub(crate) fn indexes(&self) -> (Vec<Index>, bool) {
        let mut tables: Vec<(SourceTable, bool)> = Vec::new();
        for (pointer, flag) in [("/tool/uv/index", "default"), ("/tool/pdm/source", "")] {
            for table in self.raw.pointer(pointer).and_then(serde_json::Value::as_array).into_iter().flatten()
            {
                let replaces = table.get(flag).and_then(serde_json::Value::as_bool) == Some(true);
                tables.extend(SourceTable::deserialize(table).ok().map(|table| (table, replaces)));
            }
        }
        tables.sort_by_key(|(_, replaces)| !replaces);
        let replaces = tables.first().is_some_and(|(table, said)| *said || table.replaces_public());
        (tables.into_iter().filter_map(|(table, _)| table.index()).collect(), replaces)
    }

    /// The indexes in `tool.poetry.source`.
    pub(crate) fn poetry_indexes(&self) -> Vec<Index> {
        let tables = self.raw.pointer("/tool/poetry/source").and_then(serde_json::Value::as_array);
        let tables = tables.into_iter().flatten().filter_map(|table| SourceTable::deserialize(table).ok());
        tables.filter_map(SourceTable::index).collect()
    }

    /// Whether a dependency comes from version control.
    pub(crate) fn is_versioned(&self) -> bool {
        let by_address = self
            .dependencies
            .iter()
            .any(|one| one.address.as_ref().is_some_and(|address| address.starts_with("git+")));
        let sources = self.raw.pointer("/tool/uv/sources").and_then(serde_json::Value::as_object);
        by_address || sources.into_iter().flatten().any(|(_, source)| source.get("git").is_some())
    }

    /// Whether this file alone says what the project needs.
    pub(crate) fn is_static(&self) -> bool {
        self.is_project && !self.is_dynamic
    }

    /// Whether the tree has what poetry would put into a package. Many applications never set
    /// `package-mode = false` and are always installed with `--no-root`.
    pub(crate) fn has_package(&self, tree: &dyn SourceTree) -> bool {
        let Some(name) = &self.name else { return false };
        let module = name.to_lowercase().replace(['-', '.', ' '], "_");
        self.poetry_packages
            || ["", "src/"].iter().any(|base| {
                packwright_buildpack::planner::has(tree, &format!("{base}{module}/__init__.py"))
                    || packwright_buildpack::planner::has(tree, &format!("{base}{module}.py"))
            })
    }
}
