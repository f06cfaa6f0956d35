//! Which version of the package manager: asked for, or the line that the lock file was made by.

use std::fmt;

use packwright_buildpack::documents::Value;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested};

use super::berry::BerrySettings;
use super::kind::PackageManager;
use crate::lock::contents::LockContents;
use crate::manifest::PackageJson;
use crate::messages;
use crate::version::range::Range;

/// A wanted version of a package manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ManagerVersion {
    /// The npm that the build has anyway.
    Delivered,
    /// This one; its archive must have the hash, when there is one.
    Exact {
        /// The version.
        version: String,
        /// The hash of the archive in the registry.
        hash: Option<Hash>,
    },
    /// The newest that satisfies the range.
    Range(String),
    /// A file of the source tree.
    File(RelPath),
}

/// A hash as `packageManager` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hash {
    /// `sha1`, `sha224`, `sha256`, `sha384` or `sha512`.
    pub(crate) algorithm: String,
    /// The digits.
    pub(crate) hex: String,
}

impl fmt::Display for ManagerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManagerVersion::Delivered => Ok(()),
            ManagerVersion::Exact { version, .. } => f.write_str(version),
            ManagerVersion::Range(range) => f.write_str(range),
            ManagerVersion::File(path) => write!(f, "from {path}"),
        }
    }
}

/// A package manager that a manifest names with or without a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedManager {
    pub(super) manager: PackageManager,
    pub(super) version: Option<ManagerVersion>,
    pub(super) text: Requested<String>,
}

/// Reads the value of `packageManager`: `pnpm@10.1.0+sha512.…`. A range in place of a version is
/// taken as well.
pub(super) fn parse_package_manager(text: &Requested<String>) -> Result<NamedManager, Diagnostic> {
    let value = text.value.trim();
    let (name, version) = match value.split_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (value, None),
    };
    let manager = installs_with(name).ok_or_else(|| messages::unknown_manager(text, name))?;
    let Some(version) = version else {
        return Ok(NamedManager { manager, version: None, text: text.clone() });
    };
    let (number, hash) = match version.split_once('+') {
        Some((number, hash)) => {
            (number, Some(parse_hash(hash).ok_or_else(|| messages::bad_manager_version(text, version))?))
        }
        None => (version, None),
    };
    let wanted = match (Range::exact(number), hash) {
        (Some(_), hash) => ManagerVersion::Exact { version: number.to_owned(), hash },
        (None, None) if is_range(number) => ManagerVersion::Range(number.to_owned()),
        (None, _) => return Err(messages::bad_manager_version(text, version)),
    };
    Ok(NamedManager { manager: line_of(manager, &wanted), version: Some(wanted), text: text.clone() })
}

/// Reads one value of `devEngines.packageManager`; `None` for a manager that is not known and
/// whose absence is no failure.
pub(super) fn parse_dev_engine(
    root: &PackageJson,
    value: &Value,
) -> Result<Option<NamedManager>, Diagnostic> {
    let Some(name) = value.entry("name") else { return Ok(None) };
    let origin = root.line(name.line);
    let text = name.value.text().unwrap_or_default().to_owned();
    let range = value.text_of("version").map(str::trim).filter(|range| !range.is_empty());
    let shown = range.map_or(text.clone(), |range| format!("{text}@{range}"));
    let said = Requested { value: shown, origin };
    let Some(manager) = installs_with(&text) else {
        return match value.text_of("onFail") {
            Some("ignore" | "warn") => Ok(None),
            _ => Err(messages::unknown_manager(&said, &text)),
        };
    };
    let wanted = match range {
        None => None,
        Some(range) if Range::exact(range).is_some() => {
            Some(ManagerVersion::Exact { version: range.to_owned(), hash: None })
        }
        Some(range) if is_range(range) => Some(ManagerVersion::Range(range.to_owned())),
        Some(range) => return Err(messages::bad_manager_version(&said, range)),
    };
    let manager = wanted.as_ref().map_or(manager, |wanted| line_of(manager, wanted));
    Ok(Some(NamedManager { manager, version: wanted, text: said }))
}

fn installs_with(name: &str) -> Option<PackageManager> {
    match name {
        "npm" => Some(PackageManager::Npm),
        "pnpm" => Some(PackageManager::Pnpm),
        "yarn" => Some(PackageManager::Yarn),
        "bun" => Some(PackageManager::Bun),
        _ => None,
    }
}

/// yarn from version 2 on is another program.
fn line_of(manager: PackageManager, wanted: &ManagerVersion) -> PackageManager {
    let is_new = match wanted {
        ManagerVersion::Exact { version, .. } => {
            Range::exact(version).is_some_and(|(major, _, _)| major >= 2)
        }
        ManagerVersion::Range(range) => {
            let lowest = Range::parse(range).and_then(|range| range.span());
            lowest.is_some_and(|((major, _, _), _)| major >= 2)
        }
        _ => false,
    };
    if manager == PackageManager::Yarn && is_new { PackageManager::Berry } else { manager }
}

/// Whether npm would read the text as a range of versions, and not as a tag or an address.
fn is_range(text: &str) -> bool {
    Range::parse(text).is_some()
}

fn parse_hash(text: &str) -> Option<Hash> {
    let (algorithm, hex) = text.split_once('.')?;
    let digits = match algorithm {
        "sha1" => 40,
        "sha224" => 56,
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return None,
    };
    let valid = hex.len() == digits && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    valid.then(|| Hash { algorithm: algorithm.to_owned(), hex: hex.to_ascii_lowercase() })
}

/// The version to use, from the first of these that has one: a file in the repository, the manager
/// named in the manifest, `engines`, the format of the lock, the newest line known.
pub(super) fn wanted(
    manager: PackageManager,
    named: &[NamedManager],
    root: &PackageJson,
    locked: Option<&LockContents>,
    berry: Option<&BerrySettings>,
) -> Result<Requested<ManagerVersion>, Diagnostic> {
    if let Some(release) = berry.and_then(|settings| settings.release.as_ref()) {
        return Ok(Requested {
            value: ManagerVersion::File(release.value.clone()),
            origin: release.origin.clone(),
        });
    }
    for found in named.iter().filter(|found| found.manager == manager) {
        if let Some(version) = &found.version {
            return Ok(Requested { value: version.clone(), origin: found.text.origin.clone() });
        }
    }
    if manager == PackageManager::Npm {
        let origin = Origin::Default("the npm that the build has".to_owned());
        return Ok(Requested { value: ManagerVersion::Delivered, origin });
    }
    let line = line(manager, locked)?;
    let Some(engine) = root.engines.get(manager.name()) else {
        return Ok(Requested { value: ManagerVersion::Range(line.value), origin: line.origin });
    };
    let range =
        Range::parse(&engine.value).ok_or_else(|| messages::bad_manager_version(engine, &engine.value))?;
    // What both allow; `engines` alone when the lock was made by another line.
    let both = Range::parse(&line.value).map(|line| range.both(&line)).filter(|both| !both.is_empty());
    // yarn 1 and later yarns read no lock of each other, and are two packages.
    let of_other_kind = Range::parse(">=2").is_some_and(|later| range.both(&later).is_empty());
    if manager == PackageManager::Berry && of_other_kind {
        return Err(messages::other_yarn(engine, &line));
    }
    let value = both.map_or_else(|| engine.value.clone(), |both| both.to_string());
    Ok(Requested { value: ManagerVersion::Range(value), origin: engine.origin.clone() })
}

/// The line of versions that wrote the lock's format, or the current one.
fn line(manager: PackageManager, locked: Option<&LockContents>) -> Result<Requested<String>, Diagnostic> {
    let format = locked.and_then(|locked| locked.format.as_deref());
    let range = match (manager, format) {
        (PackageManager::Npm, _) => "*",
        (PackageManager::Pnpm, Some("5.1" | "5.2" | "5.3")) => "^6",
        (PackageManager::Pnpm, Some("5.4")) => "^7",
        (PackageManager::Pnpm, Some("6.0" | "6.1")) => "^8",
        (PackageManager::Pnpm, Some("9.0") | None) => "^10",
        (PackageManager::Yarn, _) => "^1.22",
        (PackageManager::Berry, Some("4")) => "^2.4",
        (PackageManager::Berry, Some("5")) => "~3.1",
        (PackageManager::Berry, Some("6" | "7")) => "^3.2",
        (PackageManager::Berry, Some("8" | "9" | "10") | None) => "^4",
        (PackageManager::Bun, _) => "^1",
        (manager, Some(format)) => {
            let path = locked.map(|locked| locked.path.clone());
            return Err(messages::unknown_lock_format(path.as_ref(), manager, format));
        }
    };
    let origin = match locked {
        Some(locked) => Origin::file(&locked.path),
        None => Origin::Default(format!("the current {}", manager.name())),
    };
    Ok(Requested { value: range.to_owned(), origin })
}
