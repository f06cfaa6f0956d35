//! [`Profile`]: the numbered rules that decide output bytes. A published profile never changes;
//! a better rule makes a new number, so that an old image can still be rebuilt bit for bit.

use serde::{Deserialize, Serialize};

/// A set of rules from a tree to bytes.
///
/// | Rule | V1 |
/// |---|---|
/// | order | directories before their content, then byte order of paths; in a directory whiteouts come first |
/// | names | no leading `./`, directories end in `/`; ustar where name and link are ASCII and fit, else one PAX header with only the needed records, sorted by key |
/// | owners | numeric, user and group names empty, device numbers 0 |
/// | times | mtime is the epoch, no atime, no ctime |
/// | hard links | the first name in order holds the content; all names carry the attributes of the tree's file |
/// | end | two zero blocks, no further padding |
/// | gzip | libdeflate level 6; each MiB of tar is one member with MTIME 0, no flags, OS 255 |
/// | zstd | libzstd level 3; each 4 MiB of tar is one frame with its content size and no checksum |
/// | JSON | keys in byte order, no spaces |
///
/// The compressors' versions are part of the profile: they are pinned by Cargo.lock and held by
/// golden digests in the tests. Blocks are cut by length alone, so neither the number of threads
/// nor the sizes of reads reach the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
#[non_exhaustive]
pub enum Profile {
    /// The first set of rules.
    V1,
}

/// A profile number this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("profile {number} is not known, the newest known one is {}", Profile::CURRENT.number())]
pub struct UnknownProfile {
    /// The number that was asked for.
    pub number: u32,
}

impl UnknownProfile {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        Some("use a newer packwright, or ask for a known profile".to_owned())
    }
}

impl Profile {
    /// The profile that is used unless the caller asks for another one.
    pub const CURRENT: Profile = Profile::V1;

    /// The number of the profile, as labels, lock files and provenance record it.
    pub const fn number(self) -> u32 {
        match self {
            Profile::V1 => 1,
        }
    }

    /// The time every member carries unless `SOURCE_DATE_EPOCH` says otherwise, in seconds since
    /// 1970. Not 0, because zip archives (and Python's zipimport) cannot hold times before 1980.
    pub const fn epoch(self) -> u64 {
        match self {
            Profile::V1 => 315_532_800, // 1980-01-01T00:00:00Z
        }
    }

    pub(crate) const fn gzip_level(self) -> i32 {
        match self {
            Profile::V1 => 6,
        }
    }

    pub(crate) const fn gzip_block(self) -> usize {
        match self {
            Profile::V1 => 1 << 20,
        }
    }

    pub(crate) const fn zstd_level(self) -> i32 {
        match self {
            Profile::V1 => 3,
        }
    }

    pub(crate) const fn zstd_block(self) -> usize {
        match self {
            Profile::V1 => 4 << 20,
        }
    }
}

impl TryFrom<u32> for Profile {
    type Error = UnknownProfile;

    fn try_from(number: u32) -> Result<Profile, UnknownProfile> {
        match number {
            1 => Ok(Profile::V1),
            _ => Err(UnknownProfile { number }),
        }
    }
}

impl From<Profile> for u32 {
    fn from(profile: Profile) -> u32 {
        profile.number()
    }
}
