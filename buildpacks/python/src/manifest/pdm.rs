//! Reads `pdm.lock`. The packages of its default group become a list of exact requirements. The
//! hash that pdm writes into the lock shows whether the lock was made for this `pyproject.toml`.
//!
//! Source: pdm, `project/lockfile/pdmlock.py` (lock version 4.x), `project/project_file.py`,
//! `content_hash`.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};
use pep508_rs::MarkerTree;
use serde::Deserialize;
use serde_json::{Value, json};
use toml::Spanned;

use super::document::{origin, parse_toml, text};
use super::exact::{Exact, Pinned};
use super::index::SourceTable;
use super::json::{self, SPACED};
use super::local::Local;
use super::locked::Locked;
use super::names::normalised;
use super::pyproject::Pyproject;
use super::reference::Reference;
use crate::messages;

#[derive(Deserialize)]
struct PdmLockToml {
    metadata: Metadata,
    #[serde(default)]
    package: Vec<Spanned<PdmPackage>>,
}

#[derive(Deserialize)]
struct Metadata {
    lock_version: Option<Spanned<String>>,
    content_hash: Option<Spanned<String>>,
    #[serde(default)]
    strategy: Vec<String>,
    #[serde(default)]
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    requires_python: Option<Spanned<String>>,
}

#[derive(Deserialize)]
struct PdmPackage {
    name: String,
    version: Option<String>,
    #[serde(default)]
    extras: Vec<String>,
    groups: Option<Vec<String>>,
    marker: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    files: Vec<PdmFile>,
    git: Option<String>,
    revision: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    subdirectory: Option<String>,
    url: Option<String>,
    path: Option<String>,
    #[serde(default)]
    editable: bool,
    hg: Option<String>,
    svn: Option<String>,
    bzr: Option<String>,
}

#[derive(Deserialize)]
struct PdmFile {
    file: Option<String>,
    url: Option<String>,
    hash: Option<String>,
}

/// What of `pyproject.toml` the hash is about, and where pdm finds its packages.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    source: Vec<SourceTable>,
}

/// Reads the `pdm.lock` at the root; `None` when there is none.
///
/// Errors: not TOML; another lock version; out of step with `pyproject.toml`; a package that
/// comes from where nothing can be fetched.
pub(crate) fn read(
    tree: &dyn SourceTree,
    pyproject: Option<&Pyproject>,
) -> Result<Option<Exact>, Vec<Diagnostic>> {
    let path: RelPath = "pdm.lock".parse().expect("a relative path");
    let Some(text) = text(tree, &path).map_err(|problem| vec![problem])? else {
        return Ok(None);
    };
    let file: PdmLockToml = parse_toml(&path, &text).map_err(|problem| vec![problem])?;
    if let Some(version) = &file.metadata.lock_version
        && !version.as_ref().starts_with("4.")
    {
        let at = origin(&path, &text, version);
        return Err(vec![messages::lock_version_unknown(
            &at,
            version.as_ref(),
            "run `pdm lock` with pdm 2.8 or newer",
        )]);
    }
    let mut settings = Settings::default();
    if let Some(pyproject) = pyproject {
        let raw = &pyproject.raw;
        if let Some(hash) = &file.metadata.content_hash
            && !digests(raw).iter().any(|digest| *hash.as_ref() == format!("sha256:{digest}"))
        {
            let at = origin(&path, &text, hash);
            let remedy = "run `pdm lock` and commit pdm.lock";
            return Err(vec![messages::lock_outdated(&at, &pyproject.path, remedy)]);
        }
        settings =
            raw.pointer("/tool/pdm").and_then(|table| Settings::deserialize(table).ok()).unwrap_or_default();
    }
    let count = settings.source.len();
    // A source called `pypi` takes the public index's place.
    let replaces_public = settings.source.iter().any(|source| source.replaces_public());
    let indexes: Vec<_> = settings.source.into_iter().filter_map(SourceTable::index).collect();
    let mut locked = Locked::new(path.clone());
    locked.requires_python = file
        .metadata
        .targets
        .iter()
        .find_map(|target| target.requires_python.as_ref())
        .map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted)));
    let mut exact = Exact {
        locked,
        pinned: Vec::new(),
        versioned: Vec::new(),
        local: Vec::new(),
        replaces_public: replaces_public && count > 0 && !indexes.is_empty(),
        indexes,
    };
    let packages: Vec<(&PdmPackage, Origin)> =
        file.package.iter().map(|package| (package.as_ref(), origin(&path, &text, package))).collect();
    let inherited = file.metadata.strategy.iter().any(|flag| flag == "inherit_metadata");
    let needed = match inherited {
        true => Needed::of_groups(&packages),
        false => Needed::reachable(&packages, pyproject),
    };
    let mut problems = Vec::new();
    for (at, (package, here)) in packages.iter().enumerate() {
        if let Some(marker) = needed.marker(at) {
            problems.extend(add(&mut exact, tree, package, &marker, here).err().into_iter().flatten());
        }
    }
    if problems.is_empty() { Ok(Some(exact)) } else { Err(problems) }
}

/// The digests that versions of pdm write for a `pyproject.toml`.
fn digests(raw: &Value) -> Vec<String> {
    let at = |pointer: &str, otherwise: Value| raw.pointer(pointer).cloned().unwrap_or(otherwise);
    let mut groups: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for pointer in ["/dependency-groups", "/tool/pdm/dev-dependencies"] {
        for (name, items) in raw.pointer(pointer).and_then(Value::as_object).into_iter().flatten() {
            let items = items.as_array().cloned().unwrap_or_default();
            groups.entry(normalised(name)).or_default().extend(items);
        }
    }
    let mut data = json!({
        "sources": at("/tool/pdm/source", json!([])),
        "dependencies": at("/project/dependencies", json!([])),
        "dev-dependencies": groups,
        "optional-dependencies": at("/project/optional-dependencies", json!({})),
        "requires-python": at("/project/requires-python", json!("")),
        "resolution": at("/tool/pdm/resolution", json!({})),
    });
    let newest = json::digest(&data, SPACED);
    // Before pdm 2.17 (2024) only the overrides counted, and groups were not normalised.
    let members = data.as_object_mut().expect("it is made as an object above");
    members.remove("resolution");
    members.insert("overrides".to_owned(), at("/tool/pdm/resolution/overrides", json!({})));
    let newer = json::digest(&data, SPACED);
    data["dev-dependencies"] = at("/tool/pdm/dev-dependencies", json!({}));
    vec![newest, newer, json::digest(&data, SPACED)]
}

/// Which packages production needs, and under which condition.
struct Needed(BTreeMap<usize, MarkerTree>);

impl Needed {
    /// Locks since pdm 2.11 (2023) say it of each package.
    fn of_groups(packages: &[(&PdmPackage, Origin)]) -> Needed {
        let default = |package: &PdmPackage| match &package.groups {
            Some(groups) => groups.iter().any(|group| group == "default"),
            None => true,
        };
        let marker = |package: &PdmPackage| package.marker.as_deref().and_then(|text| text.parse().ok());
        let of = packages.iter().enumerate().filter(|(_, (package, _))| default(package));
        Needed(of.map(|(at, (package, _))| (at, marker(package).unwrap_or(MarkerTree::TRUE))).collect())
    }

    /// Older ones do not: what the project's dependencies lead to, with the conditions on the way.
    fn reachable(packages: &[(&PdmPackage, Origin)], pyproject: Option<&Pyproject>) -> Needed {
        let mut needed: BTreeMap<usize, MarkerTree> = BTreeMap::new();
        let roots = pyproject.iter().flat_map(|file| file.dependencies.iter().cloned());
        let mut open: Vec<(Reference, MarkerTree)> = roots.map(|root| (root, MarkerTree::TRUE)).collect();
        while let Some((reference, under)) = open.pop() {
            let mut condition = reference.marker;
            condition.and(under);
            let name = normalised(reference.name.as_ref());
            for (at, (package, here)) in packages.iter().enumerate() {
                let extras = package.extras.iter();
                let asked = extras.clone().all(|extra| {
                    reference.extras.iter().any(|known| normalised(known.as_ref()) == normalised(extra))
                });
                if normalised(&package.name) != name || !asked {
                    continue;
                }
                let before = needed.get(&at).cloned().unwrap_or(MarkerTree::FALSE);
                let mut now = before.clone();
                now.or(condition.clone());
                if now == before {
                    continue;
                }
                needed.insert(at, now.clone());
                let next =
                    package.dependencies.iter().filter_map(|line| Reference::parse(line, here.clone()).ok());
                open.extend(next.map(|next| (next, now.clone())));
            }
        }
        Needed(needed)
    }

    fn marker(&self, at: usize) -> Option<String> {
        let marker = self.0.get(&at)?;
        Some(marker.try_to_string().unwrap_or_default())
    }
}

fn add(
    exact: &mut Exact,
    tree: &dyn SourceTree,
    package: &PdmPackage,
    marker: &str,
    at: &Origin,
) -> Result<(), Vec<Diagnostic>> {
    let name = normalised(&package.name);
    exact.locked.names.insert(name.clone());
    let files = package.files.iter().filter_map(|file| file.file.as_deref().or(file.url.as_deref()));
    exact.locked.add_files(&name, files);
    // The same version without its extra stands beside it.
    if !package.extras.is_empty() {
        return Ok(());
    }
    if let Some(other) = package.hg.as_ref().or(package.svn.as_ref()).or(package.bzr.as_ref()) {
        return Err(vec![messages::requirement_scheme(at, other)]);
    }
    let condition = if marker.is_empty() { String::new() } else { format!(" ; {marker}") };
    if let Some(dir) = &package.path {
        let root = "pdm.lock".parse().expect("a relative path");
        let dir = super::paths::directory(&root, dir, at).map_err(|problem| vec![problem])?;
        // The project itself may stand in its own lock.
        if dir.is_some() {
            exact.local.push(Local::read(tree, dir, package.editable, at)?);
        }
        return Ok(());
    }
    if let Some(git) = &package.git {
        let reference = package.revision.as_ref().or(package.reference.as_ref());
        let reference = reference.map(|reference| format!("@{reference}")).unwrap_or_default();
        let part =
            package.subdirectory.as_ref().map(|dir| format!("#subdirectory={dir}")).unwrap_or_default();
        let line = format!("{name} @ git+{git}{reference}{part}{condition}");
        let parsed = Reference::parse(&line, at.clone())
            .map_err(|error| vec![messages::requirement_unreadable(at, &line, &error.reason)])?;
        super::reference::check_address(&parsed, at).map_err(|problem| vec![problem])?;
        exact.versioned.push(line);
        return Ok(());
    }
    let version = match (&package.url, &package.version) {
        (Some(url), _) => format!(" @ {url}"),
        (None, Some(version)) => format!("=={version}"),
        (None, None) => return Err(vec![messages::lock_without_version(at, &package.name)]),
    };
    exact.pinned.push(Pinned {
        line: format!("{name}{version}{condition}"),
        name,
        version,
        hashes: package.files.iter().filter_map(|file| file.hash.clone()).collect(),
    });
    Ok(())
}
