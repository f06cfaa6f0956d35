//! What can be wrong with a package file.

use std::io;

use packwright_oci::{Digest, PathError, TreeError};

/// Why a package file cannot be unpacked.
#[derive(Debug, thiserror::Error)]
#[error("the package `{package}` {version} cannot be unpacked")]
pub struct DebError {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// What is wrong.
    #[source]
    pub problem: Box<Problem>,
}

/// What is wrong with a package file.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The file cannot be read or decompressed, or a content cannot be stored.
    #[error("{what} failed")]
    Io {
        /// What was being done.
        what: String,
        /// What the reader or the sink said.
        source: io::Error,
    },
    /// The outer archive is malformed.
    #[error("the outer archive is malformed: {0}")]
    Ar(String),
    /// The package format is not 2.
    #[error("its format is `{version}`, not 2")]
    Format {
        /// The format it states.
        version: String,
    },
    /// A member is compressed in a way we do not know.
    #[error("`{member}` is compressed in an unknown way")]
    Compression {
        /// Name of the member.
        member: String,
    },
    /// The bytes are not those listed in the index.
    #[error("it is not the file the index lists: {found_size} bytes {found}, expected {size} bytes {digest}")]
    NotAsListed {
        /// Expected digest.
        digest: Digest,
        /// Expected size in bytes.
        size: u64,
        /// Digest of what came.
        found: Digest,
        /// Size of what came.
        found_size: u64,
    },
    /// The control paragraph is that of another package.
    #[error("its `{field}` is `{found}`, the index says `{expected}`")]
    OtherPackage {
        /// The field that differs.
        field: &'static str,
        /// From the index.
        expected: String,
        /// In the package.
        found: String,
    },
    /// A path that could leave the root.
    #[error("it has a path that could leave the root")]
    Path(#[from] PathError),
    /// A path is not UTF-8.
    #[error("it has a path that is not UTF-8: `{0}`")]
    NotUtf8(String),
    /// A path comes twice.
    #[error("`{0}` is in it twice")]
    Twice(String),
    /// A member that a root cannot hold.
    #[error("`{path}` is {what}")]
    Unsupported {
        /// The path.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// A hard link to something that is not an earlier file of the package.
    #[error("`{path}` is a hard link to `{target}`, which is not an earlier file of the package")]
    Hardlink {
        /// The link.
        path: String,
        /// Where it points.
        target: String,
    },
    /// Two members contradict each other.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// Something is larger than any package has it.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What.
        what: String,
        /// The limit.
        limit: u64,
    },
}

impl DebError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match &*self.problem {
            Problem::NotAsListed { .. } => "fetch it again; if it stays so, use another mirror".to_owned(),
            Problem::Io { .. } => "fetch it again, and check that there is space".to_owned(),
            _ => format!("leave out `{}`, or use an OCI image as the base", self.package),
        }
    }
}

impl Problem {
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Problem {
        let what = what.into();
        |source| Problem::Io { what, source }
    }
}
