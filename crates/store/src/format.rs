//! Constants of the format on disk. A change to the layout of a store or to the times of its files needs a new
//! [`FORMAT`], since stores of earlier versions would be misread.

/// The first line of `format`.
pub const FORMAT: &str = "packwright-store 1";

/// Modification time of all files and directories in roots, in seconds since 1970:
/// 1980-01-01T00:00:00Z, the earliest that zip archives can hold.
pub const FILE_TIME: i64 = 315_532_800;

/// Mode of contents that are not executable.
pub(crate) const PLAIN: u32 = 0o444;

/// Mode of the executable copies of contents.
pub(crate) const EXECUTABLE: u32 = 0o555;
