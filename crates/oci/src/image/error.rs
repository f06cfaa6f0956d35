//! [`ImageError`]: why an image's documents cannot be made or read; [`Violation`]: one broken rule of the
//! specification.

use std::fmt;

use crate::digest::Digest;

/// Why an image's documents cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The document is not JSON, has a field twice, or has a field of another type than the specification's.
    #[error("the image's {document} is not valid")]
    Json {
        /// `configuration`, `manifest`, `index` or `layout`.
        document: &'static str,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// Another schema version than 2.
    #[error("the {document} has the schema version {found}, only 2 is read")]
    SchemaVersion {
        /// `manifest` or `index`.
        document: &'static str,
        /// The version as written.
        found: String,
    },
    /// A document with fields of a manifest and of an index, which two readers could take for different images.
    #[error("the document has fields of a manifest and of an index")]
    Ambiguous,
    /// A media type that the document cannot have here.
    #[error("the {document} has the media type `{found}`")]
    MediaType {
        /// `configuration`, `manifest` or `index`.
        document: &'static str,
        /// The media type.
        found: String,
    },
    /// A digest of another algorithm than SHA-256.
    #[error("the digest `{0}` is not SHA-256")]
    DigestAlgorithm(String),
    /// Bytes of another length than their descriptor says.
    #[error("{digest} has {found} bytes instead of {expected}")]
    Size {
        /// The digest of the descriptor.
        digest: Digest,
        /// The length the descriptor gives.
        expected: u64,
        /// The length there is.
        found: u64,
    },
    /// Bytes with another digest than their descriptor says.
    #[error("the content of {expected} is {found}")]
    Digest {
        /// The digest of the descriptor.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// A time that is not RFC 3339.
    #[error("`{0}` is not a time of the form 2006-01-02T15:04:05Z")]
    Time(String),
    /// A time before the year 1 or after the year 9999, in seconds since 1970.
    #[error("{0} seconds since 1970 is outside the years 1 to 9999")]
    TimeRange(i64),
    /// An environment entry without `=`.
    #[error("the configuration's environment entry `{0}` has no `=`")]
    Environment(String),
    /// An environment variable's name with `=`, which would be read as another variable.
    #[error("`{0}` cannot be the name of an environment variable")]
    EnvironmentName(String),
    /// The type of the root file system is not `layers`.
    #[error("the configuration's root file system is of type `{0}`, only `layers` is known")]
    RootFs(String),
    /// Configuration and manifest do not belong together.
    #[error("the configuration lists {config} layers, the manifest {manifest}")]
    LayerCount {
        /// Layers of the configuration.
        config: usize,
        /// Layers of the manifest.
        manifest: usize,
    },
    /// The finished image breaks rules of the specification.
    #[error("the image breaks the specification: {}", join(.0))]
    Invalid(Vec<Violation>),
}

fn join(violations: &[Violation]) -> String {
    violations.iter().map(Violation::to_string).collect::<Vec<_>>().join("; ")
}

impl ImageError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            ImageError::Size { .. } | ImageError::Digest { .. } => {
                Some("fetch it again; if that does not help, the source is damaged".to_owned())
            }
            ImageError::DigestAlgorithm(_) => Some("use an image whose digests are SHA-256".to_owned()),
            ImageError::EnvironmentName(_) => Some("give a name without `=`".to_owned()),
            ImageError::Invalid(_) | ImageError::TimeRange(_) | ImageError::Time(_) => None,
            _ => Some("use an image that follows the OCI image specification".to_owned()),
        }
    }
}

/// One broken rule of the specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The part of the image specification: `config.md, "history"`.
    pub rule: &'static str,
    /// What is wrong, with the value.
    pub found: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.found, self.rule)
    }
}
