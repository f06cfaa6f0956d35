//! Tar members as bytes: one writer with exact rules, one strict reader. Knows nothing of
//! layers, whiteouts or trees, and never touches a file system.
//!
//! Own code and not the `tar` crate, which writes GNU long names, reads what it cannot
//! understand leniently, and keeps PAX records apart from the header they overrule.

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
pub(crate) use read::{ParsedMember, TarReader};
pub(crate) use ustar::{END, padding};
pub(crate) use write::{Member, MemberKind, header};

#[cfg(test)]
mod tests;
