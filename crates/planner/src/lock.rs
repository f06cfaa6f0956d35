//! [`Lock`]: the plan's open requests, pinned to exact versions and digests.

use std::collections::BTreeMap;

use packwright_oci::{Digest, RelPath};
use serde::{Deserialize, Serialize};

use crate::{LayerKind, Scope, StepName};

/// The name and version of the lock format.
pub const LOCK_FORMAT: &str = "packwright.lock/1";

/// A plan's open requests with their answers. Kept in git, reviewed, and trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// [`LOCK_FORMAT`].
    pub format: String,
    /// Digest over the plan's open requests: base, packages, and the definitions and inputs of
    /// the steps that resolve. A lock answers these requests and no others.
    pub requests: Digest,
    /// The profile that decides output bytes.
    pub profile: u32,
    /// The machine architecture in Debian's terms, `amd64` for example.
    pub architecture: String,
    /// The signed indexes that answered.
    pub releases: Vec<LockedRelease>,
    /// Packages whose work is done by ours in their place, sorted.
    pub substituted: Vec<String>,
    /// The packages, sorted by name.
    pub packages: Vec<LockedPackage>,
    /// Those that no plan asks for: the image was found to lack a library. Sorted by name; what they depend on is among
    /// `packages` alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<AddedPackage>,
    /// The outputs of the steps that resolve: step, path, text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resolutions: BTreeMap<StepName, BTreeMap<RelPath, String>>,
    /// What the steps that fetch downloaded: for each step its contents, sorted by address. A step that downloaded
    /// nothing has an empty list. Empty in a lock that was made without running the steps (by the host's network, or by
    /// an older version). No image depends on it, since index documents change from day to day.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fetched: BTreeMap<StepName, Vec<LockedDownload>>,
}

/// A content that a step downloaded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedDownload {
    /// Where from, without credentials and query.
    pub address: String,
    /// Its digest.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it is a document in which versions are looked up, by the type that its server gave it. Another one may
    /// come from there, since what it leads to is compared.
    #[serde(default, skip_serializing_if = "is_no_lookup")]
    pub looks_up: bool,
}

fn is_no_lookup(looks_up: &bool) -> bool {
    !looks_up
}

/// A signed index of an archive, as it was when the lock was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRelease {
    /// The part of the archive, `trixie-updates` for example.
    pub pocket: String,
    /// Its date, in seconds since 1970.
    pub date: u64,
    /// The digest of the signed file.
    pub digest: Digest,
}

/// A package, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPackage {
    /// Its name.
    pub name: String,
    /// Its full version.
    pub version: String,
    /// `amd64`, `all`, …
    pub architecture: String,
    /// Whether the image has it, or the build only.
    pub scope: Scope,
    /// The layer it belongs to.
    pub layer: LayerKind,
    /// What asks for it.
    #[serde(default, skip_serializing_if = "AskedBy::is_plan")]
    pub asked_by: AskedBy,
    /// The part of the archive it comes from, `trixie-security` for example.
    pub pocket: String,
    /// Its path below the archive's root.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of its file.
    pub digest: Digest,
}

/// What asks for a package, directly or through what depends on it. Later ones come to what the earlier ones ask for, and
/// change nothing in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedBy {
    /// The plan. All steps have it.
    #[default]
    Plan,
    /// A file that a step fetched. Steps that fetch, and those that they build on, do not have it; later steps do.
    Downloads,
    /// A file of the finished image. No step has it.
    Image,
}

impl AskedBy {
    fn is_plan(&self) -> bool {
        *self == AskedBy::Plan
    }
}

/// A package that was added because the image lacked a library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedPackage {
    /// Its name.
    pub name: String,
    /// The file that needs it and the library, as a sentence.
    pub why: String,
}

/// Why a text is not a lock.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The text is not of the format.
    #[error("not a lock file: {0}")]
    Syntax(String),
    /// Another version of the format.
    #[error("the lock file's format is `{0}`, this program reads `{LOCK_FORMAT}`")]
    Format(String),
}

impl Lock {
    /// Reads a lock file.
    pub fn from_text(text: &str) -> Result<Lock, LockError> {
        let lock: Lock = toml::from_str(text).map_err(|error| LockError::Syntax(error.to_string()))?;
        if lock.format != LOCK_FORMAT {
            return Err(LockError::Format(lock.format));
        }
        Ok(lock)
    }

    /// The lock as TOML, in a form that diffs well.
    pub fn to_text(&self) -> String {
        let body = toml::to_string_pretty(self).expect("a lock has no value that TOML cannot hold");
        format!(
            "# Made by `packwright lock`. Keep it in version control; change it with the same command.\n{body}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = r#"
        format = "packwright.lock/1"
        requests = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        profile = 1
        architecture = "amd64"
        releases = []
        substituted = []
        packages = []
    "#;

    #[test]
    fn a_lock_without_downloads_is_read_and_looks_as_before() {
        let lock = Lock::from_text(OLD).unwrap();
        assert!(lock.fetched.is_empty());
        assert!(!lock.to_text().contains("fetched"), "{}", lock.to_text());
    }

    #[test]
    fn added_packages_come_back_as_they_were_written_and_others_look_as_before() {
        let package = |name: &str, asked_by| LockedPackage {
            name: name.to_owned(),
            version: "1".to_owned(),
            architecture: "amd64".to_owned(),
            scope: Scope::Run,
            layer: LayerKind::System,
            asked_by,
            pocket: "trixie".to_owned(),
            path: "pool/a.deb".to_owned(),
            size: 1,
            digest: Digest::of(b""),
        };
        let why = "`/app/a.so` needs `libGL.so.1`".to_owned();
        let lock = Lock {
            packages: vec![package("libc6", AskedBy::Plan), package("libgl1", AskedBy::Downloads)],
            added: vec![AddedPackage { name: "libgl1".to_owned(), why }],
            ..Lock::from_text(OLD).unwrap()
        };
        let text = lock.to_text();
        assert_eq!(Lock::from_text(&text).unwrap(), lock);
        assert_eq!(text.matches("asked_by = \"downloads\"").count(), 1, "{text}");
        assert_eq!(text.matches("asked_by").count(), 1, "{text}");
        assert!(!Lock::from_text(OLD).unwrap().to_text().contains("added"));
    }

    #[test]
    fn downloads_come_back_as_they_were_written() {
        let download = |address: &str| LockedDownload {
            address: address.to_owned(),
            digest: Digest::of(address.as_bytes()),
            size: 7,
            looks_up: address.ends_with('…'),
        };
        let fetched = BTreeMap::from([
            (
                "toy.fetch".parse().unwrap(),
                vec![download("https://a.test/a"), download("https://a.test/b?…")],
            ),
            ("toy.nothing".parse().unwrap(), Vec::new()),
        ]);
        let lock = Lock { fetched, ..Lock::from_text(OLD).unwrap() };
        let text = lock.to_text();
        assert_eq!(Lock::from_text(&text).unwrap(), lock);
        assert!(
            text.contains("[[fetched.\"toy.fetch\"]]\naddress = \"https://a.test/a\"\ndigest = \"sha256:"),
            "{text}"
        );
        assert_eq!(text.matches("looks_up = true").count(), 1, "{text}");
    }
}
