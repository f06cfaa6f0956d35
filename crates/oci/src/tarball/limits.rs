//! [`ArchiveLimits`]: how much of a foreign archive is read.

/// Limits on a foreign archive. An archive that exceeds one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveLimits {
    /// Largest number of members.
    pub entries: u64,
    /// Longest path or link text, in bytes.
    pub path_length: usize,
    /// Largest PAX header, in bytes; it is held in memory.
    pub pax_size: u64,
    /// Largest total length of paths, link texts and extended attributes, in bytes; a tree holds them
    /// in memory.
    pub names_size: u64,
    /// Largest uncompressed archive, in bytes.
    pub total_size: u64,
}

impl Default for ArchiveLimits {
    /// A million members, paths of 4096 bytes, PAX headers of 1 MiB, 256 MiB of names and 16 GiB altogether.
    fn default() -> ArchiveLimits {
        ArchiveLimits {
            entries: 1_000_000,
            path_length: 4096,
            pax_size: 1 << 20,
            names_size: 256 << 20,
            total_size: 16 << 30,
        }
    }
}

impl ArchiveLimits {
    /// The same limits with another `entries`.
    pub fn with_entries(mut self, entries: u64) -> ArchiveLimits {
        self.entries = entries;
        self
    }

    /// The same limits with another `path_length`.
    pub fn with_path_length(mut self, path_length: usize) -> ArchiveLimits {
        self.path_length = path_length;
        self
    }

    /// The same limits with another `pax_size`.
    pub fn with_pax_size(mut self, pax_size: u64) -> ArchiveLimits {
        self.pax_size = pax_size;
        self
    }

    /// The same limits with another `names_size`.
    pub fn with_names_size(mut self, names_size: u64) -> ArchiveLimits {
        self.names_size = names_size;
        self
    }

    /// The same limits with another `total_size`.
    pub fn with_total_size(mut self, total_size: u64) -> ArchiveLimits {
        self.total_size = total_size;
        self
    }
}
