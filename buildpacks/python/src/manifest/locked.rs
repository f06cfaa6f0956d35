//! Reads `uv.lock` and `poetry.lock`, as far as a plan needs them: which packages the main
//! dependencies bring, for which Python, and from where. What is installed is decided by the
//! tools that own the formats.

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{Diagnostic, Origin, RelPath, SourceTree};
use serde::Deserialize;
use toml::Spanned;

use super::{origin, parse_toml, text};

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locked {
    /// The file.
    pub(crate) path: RelPath,
    /// The Python versions it was made for.
    pub(crate) requires_python: Option<(String, Origin)>,
    /// Names of the packages that the main dependencies bring, those included.
    pub(crate) names: BTreeSet<String>,
    /// Packages that are directories of the tree, besides the project itself.
    pub(crate) local: Vec<String>,
    /// Packages that come from version control.
    pub(crate) version_control: Vec<String>,
    /// The package indexes that it names.
    pub(crate) registries: BTreeSet<String>,
    /// Whether the project itself is installed as a package.
    pub(crate) installs_project: bool,
}

/// Reads `uv.lock`; `None` when there is none.
///
/// Source: uv documentation, "The lockfile"; the format's keys as uv writes them.
pub(crate) fn uv(tree: &dyn SourceTree) -> Result<Option<Locked>, Diagnostic> {
    let path: RelPath = "uv.lock".parse().expect("a relative path");
    let Some(text) = text(tree, &path)? else {
        return Ok(None);
    };
    let file: UvFile = parse_toml(&path, &text)?;
    let is_root = |package: &UvPackage| {
        [&package.source.editable, &package.source.virtual_].iter().any(|dir| dir.as_deref() == Some("."))
    };
    let root = file.package.iter().find(|package| is_root(package));
    let others = || file.package.iter().filter(|package| !is_root(package));
    Ok(Some(Locked {
        requires_python: file
            .requires_python
            .as_ref()
            .map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted))),
        names: reachable(&file.package, root),
        local: others()
            .filter(|package| package.source.is_local())
            .map(|package| package.name.clone())
            .collect(),
        version_control: others()
            .filter(|package| package.source.git.is_some())
            .map(|package| package.name.clone())
            .collect(),
        registries: others().filter_map(|package| package.source.registry.clone()).collect(),
        installs_project: root.is_some_and(|package| package.source.editable.is_some()),
        path,
    }))
}

/// Everything that the dependencies of `root` lead to, extras included. Markers are not asked:
/// a name too many hides no missing one, since servers carry none.
fn reachable(packages: &[UvPackage], root: Option<&UvPackage>) -> BTreeSet<String> {
    let mut by_name: BTreeMap<&str, Vec<&UvPackage>> = BTreeMap::new();
    for package in packages {
        by_name.entry(&package.name).or_default().push(package);
    }
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut open: Vec<&UvDependency> = root.iter().flat_map(|root| &root.dependencies).collect();
    while let Some(dependency) = open.pop() {
        let extras = dependency.extra.iter().map(String::as_str);
        for extra in extras.chain([""]) {
            if !seen.insert((&dependency.name, extra)) {
                continue;
            }
            for package in by_name.get(dependency.name.as_str()).into_iter().flatten() {
                match extra {
                    "" => open.extend(&package.dependencies),
                    _ => open.extend(package.optional_dependencies.get(extra).into_iter().flatten()),
                }
            }
        }
    }
    seen.into_iter().map(|(name, _)| name.to_owned()).collect()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct UvFile {
    requires_python: Option<Spanned<String>>,
    #[serde(default)]
    package: Vec<UvPackage>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct UvPackage {
    name: String,
    #[serde(default)]
    source: UvSource,
    #[serde(default)]
    dependencies: Vec<UvDependency>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<UvDependency>>,
}

#[derive(Debug, Default, Deserialize)]
struct UvSource {
    registry: Option<String>,
    git: Option<String>,
    editable: Option<String>,
    #[serde(rename = "virtual")]
    virtual_: Option<String>,
    directory: Option<String>,
    path: Option<String>,
}

#[derive(Debug, Deserialize)]
struct UvDependency {
    name: String,
    #[serde(default)]
    extra: Vec<String>,
}

impl UvSource {
    fn is_local(&self) -> bool {
        [&self.editable, &self.virtual_, &self.directory, &self.path].iter().any(|place| place.is_some())
    }
}

/// Reads `poetry.lock`; `None` when there is none.
///
/// Source: poetry, `packages/locker.py`, lock versions 1.0 to 2.1.
pub(crate) fn poetry(tree: &dyn SourceTree) -> Result<Option<Locked>, Diagnostic> {
    let path: RelPath = "poetry.lock".parse().expect("a relative path");
    let Some(text) = text(tree, &path)? else {
        return Ok(None);
    };
    let file: PoetryFile = parse_toml(&path, &text)?;
    let of_type = |kind: &[&str]| {
        file.package
            .iter()
            .filter(|package| kind.contains(&package.source.kind.as_str()))
            .map(|package| package.name.clone())
            .collect()
    };
    Ok(Some(Locked {
        requires_python: file
            .metadata
            .python_versions
            .as_ref()
            .map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted))),
        names: file
            .package
            .iter()
            .filter(|package| package.is_main())
            .map(|package| package.name.to_lowercase().replace(['_', '.'], "-"))
            .collect(),
        local: of_type(&["directory", "file"]),
        version_control: of_type(&["git"]),
        registries: BTreeSet::new(),
        installs_project: false,
        path,
    }))
}

#[derive(Debug, Deserialize)]
struct PoetryFile {
    #[serde(default)]
    package: Vec<PoetryPackage>,
    #[serde(default)]
    metadata: PoetryMetadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PoetryMetadata {
    python_versions: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
struct PoetryPackage {
    name: String,
    groups: Option<Vec<String>>,
    category: Option<String>,
    #[serde(default)]
    source: PoetrySource,
}

#[derive(Debug, Default, Deserialize)]
struct PoetrySource {
    #[serde(default, rename = "type")]
    kind: String,
}

impl PoetryPackage {
    /// Whether the main group needs it. Lock version 2.0 does not say; then it counts.
    fn is_main(&self) -> bool {
        match (&self.groups, &self.category) {
            (Some(groups), _) => groups.iter().any(|group| group == "main"),
            (None, Some(category)) => category == "main",
            (None, None) => true,
        }
    }
}
