//! [`PackageJson`]: a `package.json` as values that remember their lines. What follows from them is
//! decided elsewhere.

use std::collections::BTreeMap;

use packwright_buildpack::documents::Value;
use packwright_buildpack::planner::{Origin, RelPath, Requested};

/// The file without which there is no package.
pub(crate) const FILE: &str = "package.json";

/// The manifests in other forms that pnpm alone reads, each with whether the file says by itself that it is one:
/// `package.yaml` is Haskell's as well. Source: pnpm's documentation, "package.json".
pub(crate) const OTHER_FORMS: &[(&str, bool)] = &[("package.json5", true), ("package.yaml", false)];

/// Names and what they stand for, each with its line.
pub(crate) type TextTable = BTreeMap<String, Requested<String>>;

/// A `package.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageJson {
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
    pub(crate) scripts: TextTable,
    /// `dependencies`.
    pub(crate) dependencies: TextTable,
    /// `devDependencies`.
    pub(crate) dev_dependencies: TextTable,
    /// `optionalDependencies`.
    pub(crate) optional_dependencies: TextTable,
    /// `peerDependencies`.
    pub(crate) peer_dependencies: TextTable,
    /// `engines`.
    pub(crate) engines: TextTable,
    /// `volta`.
    pub(crate) volta: TextTable,
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

impl PackageJson {
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

    /// The package in a list of packages: its title, and its directory where it has one.
    pub(crate) fn described(&self) -> String {
        match &self.dir {
            Some(dir) => format!("{} ({dir})", self.title()),
            None => self.title(),
        }
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
