//! `InRelease`: the signed table of contents of one pocket. Checks the signature against the
//! suite's keys, then codename and dates, and says which index files to fetch. Trusts nothing
//! outside the signed text.
//!
//! Source: RFC 9580 section 7 (cleartext signatures), the Debian wiki's "RepositoryFormat".

use std::collections::BTreeMap;

use packwright_oci::Digest;

use crate::archive::{Key, Pocket, Suite};

mod date;
#[cfg(feature = "openpgp")]
mod openpgp;
mod signature;

pub use signature::SignatureError;
use signature::Signed;

/// A release file whose signature, name and dates are good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The pocket it describes.
    pub pocket: String,
    /// Its `Suite`: `stable-updates`.
    pub suite: String,
    /// Its `Codename`.
    pub codename: String,
    /// When it was made, unix seconds.
    pub date: u64,
    /// Until when it may be believed, unix seconds. Most pockets of a stable release have none.
    pub valid_until: Option<u64>,
    /// Whether index files can be fetched by their digest.
    pub acquire_by_hash: bool,
    /// Fingerprints of the accepted keys that signed it, sorted; at least one.
    pub signed_by: Vec<String>,
    /// Digest of the whole file: what a lock records.
    pub digest: Digest,
    files: BTreeMap<String, (Digest, u64)>,
}

/// One index file to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexFile {
    /// Path below the mirror.
    pub path: String,
    /// Its name in the release file: `main/binary-amd64/Packages.xz`.
    pub name: String,
    /// What its bytes must hash to.
    pub digest: Digest,
    /// How many bytes it must have.
    pub size: u64,
}

/// Why a release file is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// No accepted key signed it.
    #[error("the release file of `{pocket}` is not signed as it must be")]
    Signature {
        /// The pocket.
        pocket: String,
        /// What is wrong.
        source: SignatureError,
    },
    /// It describes something else than what was asked for.
    #[error("the release file of `{pocket}` is that of suite `{suite}`, codename `{codename}`")]
    WrongName {
        /// The pocket asked for.
        pocket: String,
        /// The suite it names.
        suite: String,
        /// The codename it names.
        codename: String,
    },
    /// Its time is over.
    #[error("the release file of `{pocket}` expired at {valid_until} (unix seconds), now is {now}")]
    Expired {
        /// The pocket.
        pocket: String,
        /// End of its validity.
        valid_until: u64,
        /// The time given.
        now: u64,
    },
    /// It comes from the future.
    #[error("the release file of `{pocket}` is dated {date} (unix seconds), which is after {now}")]
    NotYetValid {
        /// The pocket.
        pocket: String,
        /// Its date.
        date: u64,
        /// The time given.
        now: u64,
    },
    /// A field is missing or unreadable.
    #[error("the release file of `{pocket}`: {reason}")]
    Malformed {
        /// The pocket.
        pocket: String,
        /// What is wrong.
        reason: String,
    },
    /// It does not list an index that the suite must have.
    #[error("the release file of `{pocket}` lists no `{name}`")]
    NoIndex {
        /// The pocket.
        pocket: String,
        /// The index file's name without compression suffix.
        name: String,
    },
}

impl ReleaseError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            ReleaseError::Signature { source: SignatureError::NoOpenPgp, .. } => {
                "use a build of Packwright that has the feature `openpgp`".to_owned()
            }
            ReleaseError::Signature { .. } => {
                "use a mirror of the real archive, or configure the archive's own keys".to_owned()
            }
            ReleaseError::WrongName { .. } => "check the mirror's address and the suite".to_owned(),
            ReleaseError::Expired { .. } => {
                "use a mirror that is up to date, and check this machine's clock".to_owned()
            }
            ReleaseError::NotYetValid { .. } => "check this machine's clock".to_owned(),
            ReleaseError::Malformed { .. } => "use another mirror".to_owned(),
            ReleaseError::NoIndex { .. } => {
                "check that the archive has this architecture and component".to_owned()
            }
        }
    }
}

/// Clocks differ; a release file may be this many seconds ahead.
const CLOCK_TOLERANCE: u64 = 600;

/// A release file is some 150 KB; ten times that of a big archive is enough for any.
const SIZE_LIMIT: usize = 16 << 20;

impl Release {
    /// Checks and reads the bytes of `InRelease`. `now` is in unix seconds.
    ///
    /// Errors: no good signature by a key of `suite`, another suite's file, outdated or from
    /// the future, unreadable. Without the feature `openpgp` no signature can be checked, and every file is
    /// refused with [`SignatureError::NoOpenPgp`].
    pub fn verify(bytes: &[u8], suite: &Suite, pocket: &Pocket, now: u64) -> Result<Release, ReleaseError> {
        let malformed =
            |reason: &str| ReleaseError::Malformed { pocket: pocket.name.clone(), reason: reason.to_owned() };
        if bytes.len() > SIZE_LIMIT {
            return Err(malformed("it is larger than 16 MiB"));
        }
        let signed = check_signature(bytes, &suite.keys, now)
            .map_err(|source| ReleaseError::Signature { pocket: pocket.name.clone(), source })?;
        let fields = Fields::parse(&signed.text).map_err(|reason| malformed(&reason))?;
        let named = |name: &str| fields.values.get(name).cloned().unwrap_or_default();
        let date =
            date::parse(&named("Date")).ok_or_else(|| malformed("its date is missing or unreadable"))?;
        let valid_until = match fields.values.get("Valid-Until") {
            Some(text) => {
                Some(date::parse(text).ok_or_else(|| malformed("its end of validity is unreadable"))?)
            }
            None => None,
        };
        let release = Release {
            pocket: pocket.name.clone(),
            suite: named("Suite"),
            codename: named("Codename"),
            date,
            valid_until,
            acquire_by_hash: named("Acquire-By-Hash") == "yes",
            signed_by: signed.by,
            digest: Digest::of(bytes),
            files: fields.files,
        };
        release.check_name(suite)?;
        release.check_dates(now)?;
        Ok(release)
    }

    /// The package indexes of `architecture` in the suite's components, one per component, as
    /// xz. Packages for all architectures are in the same files.
    ///
    /// Errors: an index that is not listed.
    pub fn package_indexes(&self, suite: &Suite, architecture: &str) -> Result<Vec<IndexFile>, ReleaseError> {
        suite.components.iter().map(|component| self.package_index(component, architecture)).collect()
    }

    fn package_index(&self, component: &str, architecture: &str) -> Result<IndexFile, ReleaseError> {
        let stem = format!("{component}/binary-{architecture}/Packages");
        let name = format!("{stem}.xz");
        let Some((digest, size)) = self.files.get(&name).copied() else {
            return Err(ReleaseError::NoIndex { pocket: self.pocket.clone(), name: stem });
        };
        let path = if self.acquire_by_hash {
            format!("dists/{}/{component}/binary-{architecture}/by-hash/SHA256/{}", self.pocket, digest.hex())
        } else {
            format!("dists/{}/{name}", self.pocket)
        };
        Ok(IndexFile { path, name, digest, size })
    }

    /// The index of the files of `architecture`'s packages in `component`, as gzip; `None` where the archive has none.
    pub fn contents_index(&self, component: &str, architecture: &str) -> Option<IndexFile> {
        let stem = format!("{component}/Contents-{architecture}.gz");
        let (digest, size) = self.files.get(&stem).copied()?;
        let path = match self.acquire_by_hash {
            true => format!("dists/{}/{component}/by-hash/SHA256/{}", self.pocket, digest.hex()),
            false => self.plain_path(&stem),
        };
        Some(IndexFile { path, name: stem, digest, size })
    }

    /// Where the mirror has today's file of the name `stem`, which need not be the one that this release lists.
    pub fn plain_path(&self, stem: &str) -> String {
        format!("dists/{}/{stem}", self.pocket)
    }

    fn check_name(&self, suite: &Suite) -> Result<(), ReleaseError> {
        // Debian's security pocket gives `trixie-security` as codename, others the plain one
        // with the pocket's name as suite. A class name such as `stable` alone proves nothing.
        let exact = self.codename == self.pocket;
        let by_suite = self.suite == self.pocket && self.codename == suite.codename;
        if exact || by_suite {
            return Ok(());
        }
        Err(ReleaseError::WrongName {
            pocket: self.pocket.clone(),
            suite: self.suite.clone(),
            codename: self.codename.clone(),
        })
    }

    fn check_dates(&self, now: u64) -> Result<(), ReleaseError> {
        let pocket = self.pocket.clone();
        if self.date > now.saturating_add(CLOCK_TOLERANCE) {
            return Err(ReleaseError::NotYetValid { pocket, date: self.date, now });
        }
        match self.valid_until {
            Some(valid_until) if valid_until < now => Err(ReleaseError::Expired { pocket, valid_until, now }),
            _ => Ok(()),
        }
    }
}

#[cfg(feature = "openpgp")]
fn check_signature(bytes: &[u8], keys: &[Key], now: u64) -> Result<Signed, SignatureError> {
    openpgp::verify(bytes, keys, now)
}

#[cfg(not(feature = "openpgp"))]
fn check_signature(_bytes: &[u8], _keys: &[Key], _now: u64) -> Result<Signed, SignatureError> {
    Err(SignatureError::NoOpenPgp)
}

#[derive(Default)]
struct Fields {
    values: BTreeMap<String, String>,
    files: BTreeMap<String, (Digest, u64)>,
}

impl Fields {
    fn parse(text: &str) -> Result<Fields, String> {
        let mut fields = Fields::default();
        let mut in_sha256 = false;
        for line in text.lines() {
            if line.starts_with([' ', '\t']) {
                if in_sha256 {
                    let (name, file) =
                        list_line(line).ok_or_else(|| format!("the line `{line}` is no file"))?;
                    if fields.files.insert(name.clone(), file).is_some_and(|before| before != file) {
                        return Err(format!("`{name}` is listed twice"));
                    }
                }
                continue;
            }
            if line.trim().is_empty() {
                return Err("it has more than one paragraph".to_owned());
            }
            let (name, value) =
                line.split_once(':').ok_or_else(|| format!("the line `{line}` is no field"))?;
            in_sha256 = name == "SHA256";
            if fields.values.insert(name.to_owned(), value.trim().to_owned()).is_some() {
                return Err(format!("the field `{name}` is given twice"));
            }
        }
        if fields.files.is_empty() { Err("it lists no files by SHA-256".to_owned()) } else { Ok(fields) }
    }
}

fn list_line(line: &str) -> Option<(String, (Digest, u64))> {
    let mut words = line.split_whitespace();
    let digest = Digest::from_hex(words.next()?).ok()?;
    let size = words.next()?.parse().ok()?;
    let name = words.next()?;
    words.next().is_none().then(|| (name.to_owned(), (digest, size)))
}

#[cfg(all(test, feature = "openpgp"))]
mod tests;

#[cfg(all(test, not(feature = "openpgp")))]
#[path = "release/tests/without_openpgp.rs"]
mod without_openpgp;
