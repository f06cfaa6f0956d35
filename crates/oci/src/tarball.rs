//! Tar members as bytes: one writer with exact rules, one strict reader. Knows nothing of
//! layers, whiteouts or trees, and never touches a file system.
//!
//! The `tar` crate is not used: it writes GNU long names, accepts members that it does not understand, and keeps
//! PAX records apart from the header fields that they override.

mod error;
mod header_block;
mod limits;
mod pax;
mod read;
mod ustar;
mod write;

pub use error::TarError;
pub use limits::ArchiveLimits;
pub use write::HeaderError;

pub(crate) use header_block::MemberType;
pub(crate) use read::{ParsedMember, TarReader, below_root};
pub(crate) use ustar::{END, padding};
pub(crate) use write::{Member, MemberKind, header};

#[cfg(test)]
mod tests;
