//! Which versions of Python there are: what the suites of Debian have, and what uv downloads.

use pep440_rs::Version;

/// A minor version of Python that can be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Major and minor number.
    pub(crate) minor: (u64, u64),
    /// The same as people write it.
    pub(crate) name: &'static str,
    /// The Debian suite that has it, or in which it is used.
    pub(crate) suite: &'static str,
    /// The third number: what the suite had when this table was written, or what uv brings.
    /// Only ranges and markers are tried on it; what is delivered is known when the plan is
    /// pinned.
    pub(crate) patch: u64,
    /// What uv is asked for when Debian does not have it: `3.12` or `3.12.4`.
    pub(crate) download: Option<String>,
    /// What else the version must fulfil that uv chooses out of its list, which may be another one
    /// than [`DOWNLOADS`]: conditions of PEP 440, with commas between.
    pub(crate) bounds: Option<String>,
}

/// The versions that Debian delivers, oldest first.
pub(crate) const DELIVERIES: &[Delivery] = &[
    Delivery { minor: (3, 11), name: "3.11", suite: "bookworm", patch: 2, download: None, bounds: None },
    Delivery { minor: (3, 13), name: "3.13", suite: "trixie", patch: 5, download: None, bounds: None },
];

/// The version when nothing asks for one.
pub(crate) const DEFAULT: &Delivery = &DELIVERIES[1];

/// A minor version that uv downloads.
pub(crate) struct Download {
    /// Major and minor number.
    pub(crate) minor: (u64, u64),
    /// The same as people write it.
    pub(crate) name: &'static str,
    /// The third numbers, the newest first.
    pub(crate) patches: &'static [u64],
}

/// The versions that [`UV_VERSION`](crate::pins::UV_VERSION) knows how to download for x86_64 Linux, oldest first, without
/// those before the first release.
///
/// Source: `uv python list --only-downloads --all-versions`.
pub(crate) const DOWNLOADS: &[Download] = &[
    Download {
        minor: (3, 8),
        name: "3.8",
        patches: &[20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2],
    },
    Download {
        minor: (3, 9),
        name: "3.9",
        patches: &[25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 7, 6, 5, 4, 3, 2, 1, 0],
    },
    Download {
        minor: (3, 10),
        name: "3.10",
        patches: &[22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 0],
    },
    Download {
        minor: (3, 11),
        name: "3.11",
        patches: &[18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 1],
    },
    Download {
        minor: (3, 12),
        name: "3.12",
        patches: &[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    },
    Download {
        minor: (3, 13),
        name: "3.13",
        patches: &[18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    },
    Download { minor: (3, 14), name: "3.14", patches: &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0] },
    Download { minor: (3, 15), name: "3.15", patches: &[2, 1, 0] },
];

impl Delivery {
    /// The interpreter in every root.
    pub(crate) fn interpreter(&self) -> String {
        match self.download {
            None => self.bootstrap(),
            Some(_) => format!("/opt/python/bin/python{}", self.name),
        }
    }

    /// The interpreter of the suite: it brings uv, and reads what later Pythons can read.
    pub(crate) fn bootstrap(&self) -> String {
        format!("/usr/bin/python{}", self.suite_name())
    }

    /// The Python that the suite has.
    pub(crate) fn suite_name(&self) -> &'static str {
        DELIVERIES.iter().find(|one| one.suite == self.suite).unwrap_or(DEFAULT).name
    }

    /// The version that ranges and markers are tried on.
    pub(crate) fn version(&self) -> Version {
        Version::new([self.minor.0, self.minor.1, self.patch])
    }
}

impl Download {
    /// The delivery of the patch version `patch`; `request` is what uv is asked for.
    pub(crate) fn delivery(&self, patch: u64, request: String) -> Delivery {
        Delivery {
            minor: self.minor,
            name: self.name,
            suite: DEFAULT.suite,
            patch,
            download: Some(request),
            bounds: None,
        }
    }
}
