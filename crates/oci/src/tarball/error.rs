//! [`TarError`]: why a foreign archive is refused.

use std::io;

use crate::PathError;

/// Why a foreign archive is refused.
#[derive(Debug, thiserror::Error)]
pub enum TarError {
    /// The bytes cannot be read, or their compression is broken.
    #[error("the archive cannot be read")]
    Read(#[source] io::Error),
    /// The archive ends inside a member, or is empty.
    #[error("the archive ends too early")]
    Truncated,
    /// Something follows the closing zero block.
    #[error("the archive goes on after its end")]
    TrailingBytes,
    /// A header's checksum is wrong.
    #[error("the header at byte {offset} has a wrong checksum")]
    Checksum {
        /// Where the header starts in the uncompressed archive.
        offset: u64,
    },
    /// Neither a POSIX nor a GNU header.
    #[error("the header at byte {offset} is neither ustar nor GNU")]
    Format {
        /// Where the header starts in the uncompressed archive.
        offset: u64,
    },
    /// A number field holds no number.
    #[error("`{member}` has no readable {field}")]
    Number {
        /// The member's name.
        member: String,
        /// The field's name.
        field: &'static str,
    },
    /// A type flag that is no file, directory, link or device, or a sparse file.
    #[error("`{member}` has the type {flag:?}, which is not read")]
    Type {
        /// The member's name.
        member: String,
        /// The type flag.
        flag: char,
    },
    /// A name with `..`.
    #[error("the name of a member is not a plain path below the root")]
    Name(#[from] PathError),
    /// A name, link or owner that is not UTF-8.
    #[error("the name or link of `{member}` is not UTF-8")]
    NotUtf8 {
        /// The member's name with the broken parts replaced.
        member: String,
    },
    /// The name ends in a slash or is that of the root, but the member is not a directory.
    #[error("`{member}` ends in a slash or names the root, but is not a directory")]
    NotADirectory {
        /// The member's name.
        member: String,
    },
    /// A PAX header or GNU long name that cannot be read.
    #[error("the extended header of `{member}` is broken: {problem}")]
    Extended {
        /// The member's name, or that of the extended header itself.
        member: String,
        /// What is wrong.
        problem: String,
    },
    /// Header and PAX record disagree, so readers would disagree too.
    #[error("`{member}` has one {field} in its header and another in its PAX record")]
    Disagreement {
        /// The member's name.
        member: String,
        /// The field's name.
        field: &'static str,
    },
    /// A member that is not a file has content.
    #[error("`{member}` is not a file but claims to have content")]
    Content {
        /// The member's name.
        member: String,
    },
    /// The archive exceeds one of its [`ArchiveLimits`](super::ArchiveLimits).
    #[error("the archive has more than {limit} {what}")]
    Limit {
        /// What is limited, with its unit.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}

impl From<io::Error> for TarError {
    fn from(error: io::Error) -> TarError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => TarError::Truncated,
            _ => TarError::Read(error),
        }
    }
}
