//! What the format of a store on disk fixes for all time: its name and the times of its files. A change here makes
//! stores of earlier versions unreadable, so it needs a new [`FORMAT`].

/// The first line of `format`.
pub const FORMAT: &str = "packwright-store 1";

/// Modification time of all files and directories in roots, in seconds since 1970:
/// 1980-01-01T00:00:00Z, the earliest that zip archives can hold.
pub const FILE_TIME: i64 = 315_532_800;
