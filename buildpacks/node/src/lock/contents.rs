//! [`LockContents`]: what a lock file says, whatever its format. Holds no rule about any format.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::RelPath;

use crate::manager::kind::PackageManager;

/// What a lock file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LockContents {
    /// The file.
    pub(crate) path: RelPath,
    /// Whose it is.
    pub(crate) manager: PackageManager,
    /// The version of its format as it is written, when it says one.
    pub(crate) format: Option<String>,
    /// Whether it names what it installs; the binary lock of bun does not.
    pub(crate) is_readable: bool,
    /// Installed packages by name.
    packages: BTreeMap<String, Vec<LockEntry>>,
    /// What the manifests asked for when the lock was made, by their directories (`` for the
    /// root): name and range. `None` where the format does not say.
    pub(crate) asked: BTreeMap<String, BTreeMap<String, String>>,
    /// Names whose ranges the lock has in another form than the manifests: overrides, patches.
    pub(crate) rewritten: Vec<String>,
    /// The programs that packages bring, by package; those of npm, bun and yarn 2 and later, since the others do
    /// not write them down.
    programs: BTreeMap<String, Vec<String>>,
    /// Packages that only development dependencies need, as far as the lock says.
    development: BTreeSet<String>,
    /// Versions by the places where npm puts them: `node_modules/ms`.
    pub(crate) placed: BTreeMap<String, String>,
}

/// One installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LockEntry {
    /// Its exact version.
    pub(crate) version: String,
    /// Whether it has install scripts.
    pub(crate) scripts: InstallScripts,
    /// Whether it depends on what packages with native code are compiled with.
    pub(crate) is_native: bool,
}

/// What packages depend on whose install scripts compile, unless they find a finished file.
const NATIVE_TOOLS: &[&str] =
    &["@mapbox/node-pre-gyp", "bindings", "cmake-js", "nan", "node-gyp", "node-pre-gyp", "prebuild-install"];

/// Packages that depend on one of [`NATIVE_TOOLS`] as on a library, or are one.
const NOT_NATIVE: &[&str] =
    &["@vercel/nft", "@npmcli/run-script", "npm", "prebuild-install", "prebuildify", "node-gyp"];

/// Whether a package is compiled when it is installed, by the names of what it depends on.
pub(super) fn is_native<'a>(name: &str, mut dependencies: impl Iterator<Item = &'a str>) -> bool {
    !NOT_NATIVE.contains(&name) && dependencies.any(|dependency| NATIVE_TOOLS.contains(&dependency))
}

/// Whether a package has scripts that run when it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstallScripts {
    /// The lock says so.
    Yes,
    /// The lock says that it has none.
    No,
    /// The format does not say.
    Unknown,
}

impl LockContents {
    pub(super) fn new(path: &RelPath, manager: PackageManager) -> LockContents {
        LockContents {
            path: path.clone(),
            manager,
            format: None,
            is_readable: true,
            packages: BTreeMap::new(),
            asked: BTreeMap::new(),
            rewritten: Vec::new(),
            programs: BTreeMap::new(),
            development: BTreeSet::new(),
            placed: BTreeMap::new(),
        }
    }

    /// A lock file that exists and does not name what it installs.
    pub(super) fn unreadable(path: &RelPath, manager: PackageManager) -> LockContents {
        LockContents { is_readable: false, ..LockContents::new(path, manager) }
    }

    pub(super) fn add(&mut self, name: &str, package: LockEntry) {
        match self.packages.get_mut(name) {
            Some(versions) if versions.contains(&package) => {}
            Some(versions) => versions.push(package),
            None => {
                self.packages.insert(name.to_owned(), vec![package]);
            }
        }
    }

    /// Notes whether a version of the package is for development alone; all must be, so that the package is.
    pub(super) fn note_development(&mut self, package: &str, is_first: bool, development: bool) {
        match development {
            true if is_first => drop(self.development.insert(package.to_owned())),
            true => {}
            false => drop(self.development.remove(package)),
        }
    }

    /// Whether only development dependencies need the package, as far as the lock says.
    pub(crate) fn is_development(&self, package: &str) -> bool {
        self.development.contains(package)
    }

    /// Notes the programs of a package. Those of its first version in the file count.
    pub(super) fn add_programs(&mut self, package: &str, names: Vec<String>) {
        if !names.is_empty() {
            self.programs.entry(package.to_owned()).or_insert(names);
        }
    }

    /// The programs that the package brings, as far as the lock says.
    pub(crate) fn programs(&self, package: &str) -> &[String] {
        self.programs.get(package).map_or(&[], Vec::as_slice)
    }

    /// The package that brings the program, as far as the lock says: one that is called alike before others.
    pub(crate) fn bringer(&self, program: &str) -> Option<&str> {
        let brings = |names: &Vec<String>| names.iter().any(|name| name == program);
        let same = self.programs.get_key_value(program).filter(|(_, names)| brings(names));
        same.or_else(|| self.programs.iter().find(|(_, names)| brings(names)))
            .map(|(package, _)| package.as_str())
    }

    /// Notes that the version of the package that was added last is native.
    pub(super) fn mark_native(&mut self, name: &str) {
        if let Some(package) = self.packages.get_mut(name).and_then(|versions| versions.last_mut()) {
            package.is_native = true;
        }
    }

    /// Whether the package is installed.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.packages.contains_key(name)
    }

    /// The exact version of the package; the first one in the file when it has several.
    pub(crate) fn version(&self, name: &str) -> Option<&str> {
        self.versions(name).first().map(|package| package.version.as_str())
    }

    /// All versions of the package.
    pub(crate) fn versions(&self, name: &str) -> &[LockEntry] {
        self.packages.get(name).map_or(&[], Vec::as_slice)
    }

    /// All packages: name and package, sorted by name.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&str, &LockEntry)> {
        self.packages.iter().flat_map(|(name, all)| all.iter().map(move |package| (name.as_str(), package)))
    }
}
