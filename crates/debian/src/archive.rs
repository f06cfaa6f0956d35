//! The known archives as data: suites, pockets, components and the keys that may sign them. A mirror's
//! address is a value that the caller gives; none is written here.

use serde::{Deserialize, Serialize};

/// One release of a distribution with everything needed to check what a mirror says.
///
/// An archive of the same format that is not listed by [`Suite::debian`] is the same value,
/// read from configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// `trixie`.
    pub codename: String,
    /// Areas that are merged: the release, its updates, its security fixes.
    pub pockets: Vec<Pocket>,
    /// Components whose packages are considered: `main`.
    pub components: Vec<String>,
    /// Keys one of which must have signed each pocket.
    pub keys: Vec<Key>,
}

/// One directory below `dists/` with its own signed release file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pocket {
    /// The directory's name, which its release file must give as codename or suite:
    /// `trixie-updates`.
    pub name: String,
    /// Where it is mirrored.
    pub area: Area,
}

/// The two trees a Debian mirror is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// The release and its updates.
    Archive,
    /// The security fixes, mirrored separately.
    Security,
}

/// A key whose signature is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Fingerprint of the primary key, 40 or 64 upper-case hexadecimal digits. Signatures by
    /// its signing subkeys count.
    pub fingerprint: String,
    /// The OpenPGP certificate in binary form.
    pub certificate: Vec<u8>,
}

/// Where a mirror is: URL prefixes below which `dists/` and `pool/` lie, without a closing `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mirror {
    /// The main archive.
    pub archive: String,
    /// The security archive.
    pub security: Option<String>,
}

/// Why an archive cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuiteError {
    /// The suite is not in our table.
    #[error("no keys are known for the Debian suite `{codename}`")]
    UnknownSuite {
        /// What was asked for.
        codename: String,
    },
    /// The pocket is not part of the suite.
    #[error("the suite `{codename}` has no pocket `{pocket}`")]
    UnknownPocket {
        /// The suite.
        codename: String,
        /// What was asked for.
        pocket: String,
    },
    /// A pocket lies in the security archive and the mirror has none.
    #[error("the mirror `{mirror}` has no security archive, which holds `{pocket}`")]
    NoSecurityMirror {
        /// Address of the main archive.
        mirror: String,
        /// The pocket that cannot be reached.
        pocket: String,
    },
}

impl SuiteError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            SuiteError::UnknownSuite { .. } => {
                format!(
                    "use one of {}, or configure the suite with its keys",
                    DEBIAN.map(|row| row.0).join(", ")
                )
            }
            SuiteError::UnknownPocket { .. } => "use a pocket of the suite".to_owned(),
            SuiteError::NoSecurityMirror { .. } => {
                "give the address of the security archive beside that of the main archive".to_owned()
            }
        }
    }
}

/// A key as the table below holds it.
type EmbeddedKey = (&'static str, &'static [u8]);

const BOOKWORM_AUTOMATIC: EmbeddedKey = (
    "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8",
    include_bytes!("../keys/debian-archive-bookworm-automatic.gpg"),
);
const BOOKWORM_SECURITY: EmbeddedKey = (
    "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0",
    include_bytes!("../keys/debian-archive-bookworm-security-automatic.gpg"),
);
const BOOKWORM_STABLE: EmbeddedKey = (
    "4D64FEC119C2029067D6E791F8D2585B8783D481",
    include_bytes!("../keys/debian-archive-bookworm-stable.gpg"),
);
const TRIXIE_AUTOMATIC: EmbeddedKey = (
    "04B54C3CDCA79751B16BC6B5225629DF75B188BD",
    include_bytes!("../keys/debian-archive-trixie-automatic.gpg"),
);
const TRIXIE_SECURITY: EmbeddedKey = (
    "5E04A1E3223A19A20706E20F9904613D4CCE68C6",
    include_bytes!("../keys/debian-archive-trixie-security-automatic.gpg"),
);
const TRIXIE_STABLE: EmbeddedKey =
    ("41587F7DB8C774BCCF131416762F67A0B2C39DE4", include_bytes!("../keys/debian-archive-trixie-stable.gpg"));

/// The Debian suites we hold keys for. A release is signed by the automatic keys of its
/// neighbours as well, so that clients of either know one; we accept only the suite's own.
const DEBIAN: [(&str, [EmbeddedKey; 3]); 2] = [
    ("bookworm", [BOOKWORM_AUTOMATIC, BOOKWORM_SECURITY, BOOKWORM_STABLE]),
    ("trixie", [TRIXIE_AUTOMATIC, TRIXIE_SECURITY, TRIXIE_STABLE]),
];

impl Suite {
    /// The suite of Debian with this codename: three pockets, component `main`.
    pub fn debian(codename: &str) -> Result<Suite, SuiteError> {
        let (codename, keys) = DEBIAN
            .into_iter()
            .find(|row| row.0 == codename)
            .ok_or_else(|| SuiteError::UnknownSuite { codename: codename.to_owned() })?;
        let pocket = |suffix: &str, area| Pocket { name: format!("{codename}{suffix}"), area };
        Ok(Suite {
            codename: codename.to_owned(),
            pockets: vec![
                pocket("", Area::Archive),
                pocket("-updates", Area::Archive),
                pocket("-security", Area::Security),
            ],
            components: vec!["main".to_owned()],
            keys: keys
                .map(|(fingerprint, certificate)| Key {
                    fingerprint: fingerprint.to_owned(),
                    certificate: certificate.to_vec(),
                })
                .to_vec(),
        })
    }

    /// Codenames that [`Suite::debian`] knows, oldest first.
    pub fn debian_codenames() -> Vec<&'static str> {
        DEBIAN.map(|row| row.0).to_vec()
    }

    /// The pocket of this name.
    pub fn pocket(&self, name: &str) -> Result<&Pocket, SuiteError> {
        self.pockets.iter().find(|pocket| pocket.name == name).ok_or_else(|| SuiteError::UnknownPocket {
            codename: self.codename.clone(),
            pocket: name.to_owned(),
        })
    }
}

impl Pocket {
    /// Path of the signed release file below the mirror.
    pub fn inrelease_path(&self) -> String {
        format!("dists/{}/InRelease", self.name)
    }
}

impl Mirror {
    /// The URL prefix for everything of `pocket`, without a closing `/`.
    pub fn base(&self, pocket: &Pocket) -> Result<&str, SuiteError> {
        let base = match pocket.area {
            Area::Archive => Some(&self.archive),
            Area::Security => self.security.as_ref(),
        };
        base.map(|base| base.trim_end_matches('/')).ok_or_else(|| SuiteError::NoSecurityMirror {
            mirror: self.archive.clone(),
            pocket: pocket.name.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
