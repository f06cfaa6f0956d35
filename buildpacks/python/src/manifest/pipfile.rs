//! Reads `Pipfile` and `Pipfile.lock`. The lock becomes a list of exact requirements. The hash that
//! pipenv writes into the lock shows whether the lock was made for this Pipfile.
//!
//! Source: pipenv documentation, "Pipfile & Pipfile.lock"; pipenv, `utils/pipfile.py`,
//! `calculate_hash`; plette, `Pipfile.get_hash`.

mod entry;

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};
use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;

use super::document::{origin, parse_toml, text};
use super::exact::{Exact, Pinned};
use super::index::{Index, SourceTable};
use super::json::{self, DENSE};
use super::local::Local;
use super::locked::Locked;
use super::names::normalised;
use super::reference::Reference;
use crate::messages;
use entry::{PackageSource, PipfileEntry};

/// What a Pipfile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pipfile {
    /// The file.
    pub(crate) path: RelPath,
    /// `requires.python_full_version`, or `python_version`.
    pub(crate) python: Option<(String, Origin)>,
    /// `[packages]` as requirements.
    pub(crate) requirements: Vec<String>,
    /// The same, read; those with a name.
    pub(crate) listed: Vec<Reference>,
    /// Directories of the tree.
    pub(crate) local: Vec<Local>,
    /// Whether a package comes from version control.
    pub(crate) versioned: bool,
    /// Whether `[pipenv]` allows versions before their release.
    pub(crate) prereleases: bool,
    /// The indexes besides the public one.
    pub(crate) indexes: Vec<Index>,
    /// Whether the first of them takes the place of the public one.
    pub(crate) replaces_public: bool,
    /// Its digests, as the versions of pipenv compute them for the given sources.
    raw: Value,
    /// Markers of packages by normalised name, for a lock that left them out.
    markers: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct PipfileToml {
    #[serde(default)]
    source: Vec<SourceTable>,
    #[serde(default)]
    packages: BTreeMap<String, Spanned<toml::Value>>,
    #[serde(default)]
    requires: Requires,
    #[serde(default)]
    pipenv: Settings,
}

#[derive(Default, Deserialize)]
struct Requires {
    python_version: Option<Spanned<String>>,
    python_full_version: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    allow_prereleases: bool,
}

/// Reads the `Pipfile` at the root; `None` when there is none.
///
/// Errors: not TOML; an entry of `[packages]` that cannot be used.
pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<Pipfile>, Vec<Diagnostic>> {
    let path: RelPath = "Pipfile".parse().expect("a relative path");
    let Some(text) = text(tree, &path).map_err(|problem| vec![problem])? else {
        return Ok(None);
    };
    let file: PipfileToml = parse_toml(&path, &text).map_err(|problem| vec![problem])?;
    let raw: toml::Value = parse_toml(&path, &text).map_err(|problem| vec![problem])?;
    let raw = serde_json::to_value(raw).unwrap_or(Value::Null);
    let place = |wanted: &Spanned<String>| (wanted.as_ref().clone(), origin(&path, &text, wanted));
    let requires = &file.requires;
    let python = requires.python_full_version.as_ref().or(requires.python_version.as_ref()).map(place);
    let sources = file.source.len();
    let indexes: Vec<Index> = file.source.into_iter().filter_map(SourceTable::index).collect();
    let mut pipfile = Pipfile {
        python: python.filter(|(wanted, _)| wanted != "*"),
        requirements: Vec::new(),
        listed: Vec::new(),
        local: Vec::new(),
        versioned: false,
        prereleases: file.pipenv.allow_prereleases,
        replaces_public: sources > 0 && sources == indexes.len(),
        indexes,
        raw,
        markers: BTreeMap::new(),
        path,
    };
    let mut problems = Vec::new();
    for (name, value) in &file.packages {
        let at = origin(&pipfile.path, &text, value);
        match PipfileEntry::from_toml(name, value.as_ref()) {
            Ok(entry) => problems.extend(pipfile.add(tree, &entry, &at).err().into_iter().flatten()),
            Err(reason) => problems.push(messages::requirement_unreadable(&at, name, &reason)),
        }
    }
    if problems.is_empty() { Ok(Some(pipfile)) } else { Err(problems) }
}

impl Pipfile {
    fn add(
        &mut self,
        tree: &dyn SourceTree,
        entry: &PipfileEntry,
        at: &Origin,
    ) -> Result<(), Vec<Diagnostic>> {
        if let Some(marker) = &entry.marker {
            self.markers.insert(normalised(&entry.name), marker.clone());
        }
        if let PackageSource::Directory(dir) = &entry.place {
            let dir = directory(dir, at).map_err(|problem| vec![problem])?;
            let local = Local::read(tree, dir, entry.editable, at)?;
            self.listed.extend(local.dependencies.iter().cloned());
            self.local.push(local);
            return Ok(());
        }
        let line = entry.line();
        let reference = Reference::parse(&line, at.clone())
            .map_err(|error| vec![messages::requirement_unreadable(at, &line, &error.reason)])?;
        super::reference::check_address(&reference, at).map_err(|problem| vec![problem])?;
        self.versioned |= matches!(entry.place, PackageSource::Git(_));
        self.requirements.push(line);
        self.listed.push(reference);
        Ok(())
    }

    /// The digests that pipenv may have written for this Pipfile. `sources` stand in for those
    /// that it does not name.
    fn digests(&self, sources: &Value) -> BTreeSet<String> {
        let part = |name: &str| self.raw.get(name).cloned().unwrap_or_else(|| json!({}));
        let packages = |name: &str, fold: bool| match part(name) {
            Value::Object(map) if fold => {
                Value::Object(map.into_iter().map(|(name, value)| (normalised(&name), value)).collect())
            }
            other => other,
        };
        let mut digests = BTreeSet::new();
        for fold in [false, true] {
            let mut data = json!({
                "_meta": {
                    "sources": self.raw.get("source").unwrap_or(sources),
                    "requires": part("requires"),
                },
                "default": packages("packages", fold),
                "develop": packages("dev-packages", fold),
            });
            digests.insert(json::digest(&data, DENSE));
            // Versions since 2022 count categories of one's own too.
            for (name, _) in self.raw.as_object().into_iter().flatten() {
                if !SECTIONS.contains(&name.as_str()) {
                    data[name.as_str()] = packages(name, fold);
                }
            }
            digests.insert(json::digest(&data, DENSE));
        }
        digests
    }
}

/// Tables of a Pipfile that are no categories of packages.
const SECTIONS: &[&str] =
    &["source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop"];

/// `Pipfile.lock`, as far as it matters.
#[derive(Deserialize)]
struct LockFile {
    #[serde(rename = "_meta", default)]
    meta: Meta,
    #[serde(default)]
    default: BTreeMap<String, Value>,
}

#[derive(Default, Deserialize)]
struct Meta {
    #[serde(default)]
    hash: BTreeMap<String, String>,
    #[serde(default)]
    sources: Value,
    #[serde(default)]
    requires: BTreeMap<String, String>,
}

/// Reads the `Pipfile.lock` at the root; `None` when there is none.
///
/// Errors: not JSON; out of step with the Pipfile; a package without exact version.
pub(crate) fn read_lock(
    tree: &dyn SourceTree,
    pipfile: Option<&Pipfile>,
) -> Result<Option<Exact>, Vec<Diagnostic>> {
    let path: RelPath = "Pipfile.lock".parse().expect("a relative path");
    let Some(text) = text(tree, &path).map_err(|problem| vec![problem])? else {
        return Ok(None);
    };
    let file: LockFile = serde_json::from_str(&text).map_err(|error| {
        vec![messages::broken_json(&path, error.line(), error.column(), &error.to_string())]
    })?;
    let at = |needle: &str| Origin::line(&path, line_of(&text, &format!("\"{needle}\"")));
    if let (Some(pipfile), Some(hash)) = (pipfile, file.meta.hash.get("sha256"))
        && !pipfile.digests(&file.meta.sources).contains(hash)
    {
        let remedy = "run `pipenv lock` and commit Pipfile.lock";
        return Err(vec![messages::lock_outdated(&at("sha256"), &pipfile.path, remedy)]);
    }
    let sources: Vec<SourceTable> = serde_json::from_value(file.meta.sources.clone()).unwrap_or_default();
    let count = sources.len();
    let indexes: Vec<Index> = sources.into_iter().filter_map(SourceTable::index).collect();
    let python = file.meta.requires.get("python_full_version").or(file.meta.requires.get("python_version"));
    let mut locked = Locked::new(path.clone());
    locked.requires_python =
        python.filter(|wanted| *wanted != "*").map(|wanted| (format!("=={wanted}.*"), at("requires")));
    let mut exact = Exact {
        locked,
        pinned: Vec::new(),
        versioned: Vec::new(),
        local: Vec::new(),
        replaces_public: count > 0 && count == indexes.len(),
        indexes,
    };
    let mut problems = Vec::new();
    for (name, value) in &file.default {
        let here = at(name);
        match PipfileEntry::from_json(name, value) {
            Ok(entry) => {
                let marker = pipfile.and_then(|file| file.markers.get(&normalised(name)));
                problems.extend(add(&mut exact, tree, entry, marker, &here).err().into_iter().flatten());
            }
            Err(reason) => problems.push(messages::requirement_unreadable(&here, name, &reason)),
        }
    }
    if problems.is_empty() { Ok(Some(exact)) } else { Err(problems) }
}

fn add(
    exact: &mut Exact,
    tree: &dyn SourceTree,
    mut entry: PipfileEntry,
    marker: Option<&String>,
    at: &Origin,
) -> Result<(), Vec<Diagnostic>> {
    let name = normalised(&entry.name);
    // pipenv drops the marker of a package that is not for the machine it ran on.
    if entry.marker.is_none() {
        entry.marker = marker.cloned();
    }
    exact.locked.names.insert(name.clone());
    let line = entry.line();
    if !matches!(entry.place, PackageSource::Directory(_)) {
        let reference = Reference::parse(&line, at.clone())
            .map_err(|error| vec![messages::requirement_unreadable(at, &line, &error.reason)])?;
        super::reference::check_address(&reference, at).map_err(|problem| vec![problem])?;
        if matches!(entry.place, PackageSource::Index)
            && entry.version.as_deref().is_none_or(|one| !one.starts_with("=="))
        {
            // Such an entry is harmless when it is for another system.
            let linux = super::marker_environment(&crate::releases::default_release());
            if !reference.applies(&linux) {
                exact.locked.names.remove(&name);
                return Ok(());
            }
            return Err(vec![messages::lock_without_version(at, &entry.name)]);
        }
    }
    match &entry.place {
        PackageSource::Directory(dir) => {
            let dir = directory(dir, at).map_err(|problem| vec![problem])?;
            exact.local.push(Local::read(tree, dir, entry.editable, at)?);
        }
        PackageSource::Git(_) => exact.versioned.push(line),
        PackageSource::Index | PackageSource::Address(_) => exact.pinned.push(Pinned {
            version: entry.version.clone().unwrap_or_default(),
            hashes: entry.hashes.clone(),
            name,
            line,
        }),
    }
    Ok(())
}

/// A directory of the tree; `None` for its root.
fn directory(dir: &str, at: &Origin) -> Result<Option<RelPath>, Diagnostic> {
    let root = "Pipfile".parse().expect("a relative path");
    super::paths::directory(&root, dir, at)
}

/// The line, from 1, on which `needle` first stands.
fn line_of(text: &str, needle: &str) -> u32 {
    text.lines().position(|line| line.contains(needle)).map_or(1, |index| index as u32 + 1)
}
