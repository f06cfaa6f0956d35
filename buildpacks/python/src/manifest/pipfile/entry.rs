//! [`PipfileEntry`]: one package of a Pipfile or its lock, in pipenv's words.

use serde::Deserialize;
use serde_json::Value;

/// One package.
#[derive(Debug)]
pub(super) struct PipfileEntry {
    pub(super) name: String,
    pub(super) extras: Vec<String>,
    pub(super) version: Option<String>,
    pub(super) marker: Option<String>,
    pub(super) hashes: Vec<String>,
    pub(super) editable: bool,
    pub(super) place: PackageSource,
}

/// Where it comes from.
#[derive(Debug)]
pub(super) enum PackageSource {
    /// An index.
    Index,
    /// An archive at an address.
    Address(String),
    /// A repository: `git+https://…@ref`.
    Git(String),
    /// A directory, as it is written.
    Directory(String),
}

/// An entry in the form of a table. Keys that only pipenv reads are left out.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Table {
    version: Option<String>,
    extras: Vec<String>,
    markers: Option<String>,
    hashes: Vec<String>,
    editable: bool,
    git: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    subdirectory: Option<String>,
    path: Option<String>,
    file: Option<String>,
    hg: Option<String>,
    svn: Option<String>,
    bzr: Option<String>,
}

/// Keys that are conditions: `sys_platform = "== 'win32'"`.
///
/// Source: PEP 508, "Environment Markers".
const MARKERS: &[&str] = &[
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];

impl PipfileEntry {
    /// Out of a Pipfile.
    pub(super) fn from_toml(name: &str, value: &toml::Value) -> Result<PipfileEntry, String> {
        let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
        PipfileEntry::from_json(name, &value)
    }

    /// Out of a lock; a Pipfile's values are the same but for their notation.
    pub(super) fn from_json(name: &str, value: &Value) -> Result<PipfileEntry, String> {
        let table = match value {
            Value::String(version) => Table { version: Some(version.clone()), ..Table::default() },
            Value::Object(_) => Table::deserialize(value).map_err(|error| error.to_string())?,
            _ => return Err("it is neither a version nor a table".to_owned()),
        };
        if let Some(other) = table.hg.or(table.svn).or(table.bzr) {
            return Err(format!("`{other}` is no git repository, and no other version control is supported"));
        }
        let mut conditions: Vec<String> = table.markers.iter().map(|marker| format!("({marker})")).collect();
        for key in MARKERS {
            conditions.extend(value.get(key).and_then(Value::as_str).map(|test| format!("({key} {test})")));
        }
        let place = match (table.git, table.file, table.path) {
            (Some(git), _, _) => {
                let prefix = if git.starts_with("git+") { "" } else { "git+" };
                let reference = table.reference.map(|reference| format!("@{reference}")).unwrap_or_default();
                let part = table.subdirectory.map(|dir| format!("#subdirectory={dir}")).unwrap_or_default();
                PackageSource::Git(format!("{prefix}{git}{reference}{part}"))
            }
            (_, Some(file), _) if file.contains("://") => PackageSource::Address(file),
            (_, Some(path), _) | (_, _, Some(path)) => PackageSource::Directory(path),
            _ => PackageSource::Index,
        };
        let version = table.version.filter(|version| version != "*" && !version.is_empty());
        Ok(PipfileEntry {
            name: name.to_owned(),
            extras: table.extras,
            // A bare number is that version.
            version: version.map(|version| match version.starts_with(|first: char| first.is_ascii_digit()) {
                true => format!("=={version}"),
                false => version,
            }),
            marker: (!conditions.is_empty()).then(|| conditions.join(" and ")),
            hashes: table.hashes,
            editable: table.editable,
            place,
        })
    }

    /// As PEP 508 writes it, without hashes.
    pub(super) fn line(&self) -> String {
        let mut line = self.name.clone();
        if !self.extras.is_empty() {
            line += &format!("[{}]", self.extras.join(","));
        }
        match &self.place {
            PackageSource::Address(address) | PackageSource::Git(address) => line += &format!(" @ {address}"),
            PackageSource::Directory(_) => {}
            PackageSource::Index => line += self.version.as_deref().unwrap_or_default(),
        }
        if let Some(marker) = &self.marker {
            line += &format!(" ; {marker}");
        }
        line
    }
}
