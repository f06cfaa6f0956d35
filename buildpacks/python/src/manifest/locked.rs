//! Reads `uv.lock` and `poetry.lock`, as far as a plan needs them: which packages the main
//! dependencies bring, for which Python, and from where. The tools that own the formats
//! decide what is installed.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree};
use pep440_rs::Version;
use serde::Deserialize;
use toml::Spanned;

use super::document::{origin, parse_toml, text};
use super::groups;
use super::names::normalised;
use super::wheels;
use crate::releases::Delivery;

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
    pub(crate) local: Vec<LockedDirectory>,
    /// Packages that are archives in the tree.
    pub(crate) archives: Vec<String>,
    /// Packages that come from version control.
    pub(crate) version_control: Vec<String>,
    /// The package indexes that it names.
    pub(crate) registries: BTreeSet<String>,
    /// Groups of dependencies that uv installs without being asked and that are not for development.
    pub(crate) groups: Vec<String>,
    /// Whether the project itself is installed as a package.
    pub(crate) installs_project: bool,
    /// The chosen member of a workspace, when it is not the project at the root.
    pub(crate) member: Option<LockedDirectory>,
    /// Names of the published files of each package.
    files: BTreeMap<String, Vec<String>>,
}

/// A package in a directory of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LockedDirectory {
    /// Its name.
    pub(crate) name: String,
    /// The directory as the lock file writes it.
    pub(crate) dir: String,
    /// Whether the chosen project needs it.
    pub(crate) needed: bool,
    /// Whether it is built and installed, or only a place for dependencies.
    pub(crate) builds: bool,
}

impl Locked {
    /// A lock file without packages.
    pub(crate) fn new(path: RelPath) -> Locked {
        Locked {
            path,
            requires_python: None,
            names: BTreeSet::new(),
            local: Vec::new(),
            archives: Vec::new(),
            version_control: Vec::new(),
            registries: BTreeSet::new(),
            groups: Vec::new(),
            installs_project: false,
            member: None,
            files: BTreeMap::new(),
        }
    }

    /// Notes that the package `name` is published as `files`.
    pub(crate) fn add_files<'a>(&mut self, name: &str, files: impl IntoIterator<Item = &'a str>) {
        let known = self.files.entry(name.to_owned()).or_default();
        known.extend(files.into_iter().map(str::to_owned));
    }

    /// Whether it names published files.
    pub(crate) fn has_files(&self) -> bool {
        self.files.values().any(|files| !files.is_empty())
    }

    /// The needed packages that are published without a wheel for `delivery`, by name.
    pub(crate) fn without_wheel(&self, delivery: &Delivery) -> Vec<&str> {
        let lacking = self.files.iter().filter(|(name, files)| {
            !files.is_empty()
                && self.names.contains(*name)
                && !wheels::any_fits(files.iter().map(String::as_str), delivery)
        });
        lacking.map(|(name, _)| name.as_str()).collect()
    }

    /// Those of [`Locked::without_wheel`] that can be built, by name: what has wheels for other platforms and no
    /// source, as pywin32 has, is for those platforms alone.
    pub(crate) fn built_from_source(&self, delivery: &Delivery) -> Vec<&str> {
        let has_source = |name: &&str| {
            self.files.get(*name).is_some_and(|files| files.iter().any(|file| !wheels::is_wheel(file)))
        };
        self.without_wheel(delivery).into_iter().filter(has_source).collect()
    }
}

impl Locked {
    /// The version of a package that the main dependencies bring, as the names of its files tell.
    pub(crate) fn version(&self, name: &str) -> Option<Version> {
        let file = self.files.get(name).filter(|_| self.names.contains(name))?.first()?;
        let file = file.split(['#', '?']).next()?.rsplit('/').next()?;
        let version = match file.strip_suffix(".whl") {
            Some(wheel) => wheel.split('-').nth(1)?,
            None => file.strip_suffix(".tar.gz")?.rsplit_once('-')?.1,
        };
        version.parse().ok()
    }
}

/// The members of the workspace that `uv.lock` holds, besides the project at the root.
pub(crate) fn uv_members(tree: &dyn SourceTree) -> Vec<LockedDirectory> {
    match uv(tree, None) {
        Ok(Some(locked)) => locked.local,
        _ => Vec::new(),
    }
}

/// Reads `uv.lock`; `None` when there is none. `app` is the name or the directory of the member
/// that is wanted.
///
/// Source: uv documentation, "The lockfile"; the format's keys as uv writes them.
pub(crate) fn uv(tree: &dyn SourceTree, app: Option<&str>) -> Result<Option<Locked>, Diagnostic> {
    let path: RelPath = "uv.lock".parse().expect("a relative path");
    let Some(text) = text(tree, &path)? else {
        return Ok(None);
    };
    let file: UvFile = parse_toml(&path, &text)?;
    let is_root = |package: &UvPackage| package.source.dir() == Some(".");
    let others = || file.package.iter().filter(|package| !is_root(package));
    let members = || others().filter(|package| package.source.dir().is_some());
    let app = app.map(|app| app.trim_start_matches("./").trim_end_matches('/'));
    let chosen = app.and_then(|app| {
        members().find(|member| member.name == normalised(app) || member.source.dir() == Some(app))
    });
    let at_root = file.package.iter().find(|package| is_root(package));
    // A workspace may have nothing but members; a single one is meant.
    let only = || {
        let mut all = members();
        all.next().filter(|_| all.next().is_none())
    };
    let root = match chosen {
        Some(member) => Some(member),
        None => at_root.or_else(|| only().filter(|_| app.is_none())),
    };
    let dir = root.and_then(|root| root.source.dir()).filter(|dir| *dir != ".");
    let groups = groups::installed(tree, dir);
    let names = reachable(&file.package, root, &groups);
    let place = |package: &UvPackage| {
        Some(LockedDirectory {
            dir: package.source.dir()?.to_owned(),
            needed: names.contains(&package.name) || root.is_some_and(|root| root.name == package.name),
            builds: package.source.virtual_.is_none(),
            name: package.name.clone(),
        })
    };
    let member = root.filter(|root| !is_root(root)).and_then(place);
    let mut locked = Locked {
        requires_python: file
            .requires_python
            .as_ref()
            .map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted))),
        local: others().filter_map(place).collect(),
        archives: others()
            .filter(|package| package.source.path.is_some() && names.contains(&package.name))
            .map(|package| package.name.clone())
            .collect(),
        version_control: others()
            .filter(|package| package.source.git.is_some() && names.contains(&package.name))
            .map(|package| package.name.clone())
            .collect(),
        registries: others().filter_map(|package| package.source.registry.clone()).collect(),
        groups,
        installs_project: member.is_none() && root.is_some_and(|package| package.source.editable.is_some()),
        member,
        ..Locked::new(path)
    };
    for package in &file.package {
        let published = package.wheels.iter().chain(&package.sdist);
        let files: Vec<&str> = published
            .filter_map(|file| file.url.as_deref().or(file.filename.as_deref()).or(file.path.as_deref()))
            .collect();
        locked.add_files(&package.name, files);
    }
    locked.names = names;
    Ok(Some(locked))
}

/// Everything that the dependencies of `root` lead to, extras included. Markers are not asked:
/// a name too many hides no missing one, since servers carry none.
fn reachable(packages: &[UvPackage], root: Option<&UvPackage>, groups: &[String]) -> BTreeSet<String> {
    let mut by_name: BTreeMap<&str, Vec<&UvPackage>> = BTreeMap::new();
    for package in packages {
        by_name.entry(&package.name).or_default().push(package);
    }
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut open: Vec<&UvDependency> = root.iter().flat_map(|root| &root.dependencies).collect();
    let of_group = |name: &String| root.and_then(|root| root.dev_dependencies.get(name));
    open.extend(groups.iter().filter_map(of_group).flatten());
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
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<UvDependency>>,
    #[serde(default)]
    wheels: Vec<UvPublished>,
    sdist: Option<UvPublished>,
}

#[derive(Debug, Deserialize)]
struct UvPublished {
    url: Option<String>,
    filename: Option<String>,
    path: Option<String>,
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
    fn dir(&self) -> Option<&str> {
        [&self.editable, &self.virtual_, &self.directory].into_iter().find_map(|dir| dir.as_deref())
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
    let of_type = |kind: &'static str| {
        file.package.iter().filter(move |package| package.source.kind == kind && package.is_main())
    };
    let names = |packages: &mut dyn Iterator<Item = &PoetryPackage>| -> Vec<String> {
        packages.map(|package| package.name.clone()).collect()
    };
    let mut locked = Locked {
        requires_python: file
            .metadata
            .python_versions
            .as_ref()
            .map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted))),
        names: file
            .package
            .iter()
            .filter(|package| package.is_main())
            .map(|package| normalised(&package.name))
            .collect(),
        local: of_type("directory")
            .map(|package| LockedDirectory {
                name: package.name.clone(),
                dir: package.source.url.clone(),
                needed: true,
                builds: true,
            })
            .collect(),
        archives: names(&mut of_type("file")),
        version_control: names(&mut of_type("git")),
        ..Locked::new(path)
    };
    for package in &file.package {
        let name = normalised(&package.name);
        // Before lock version 2.0 the files stood in a table of their own.
        let old = file.metadata.files.get(&package.name);
        let files = package.files.iter().chain(old.into_iter().flatten());
        locked.add_files(&name, files.map(|file| file.file.as_str()));
    }
    Ok(Some(locked))
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
    #[serde(default)]
    files: BTreeMap<String, Vec<PoetryFileName>>,
}

#[derive(Debug, Deserialize)]
struct PoetryFileName {
    file: String,
}

#[derive(Debug, Deserialize)]
struct PoetryPackage {
    name: String,
    groups: Option<Vec<String>>,
    category: Option<String>,
    #[serde(default)]
    source: PoetrySource,
    #[serde(default)]
    files: Vec<PoetryFileName>,
}

#[derive(Debug, Default, Deserialize)]
struct PoetrySource {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    url: String,
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
