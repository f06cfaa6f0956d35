//! Which versions of Python there are: those of Debian, which the kit knows, and those that uv
//! downloads.

use packwright_buildpack::releases::{self, SuiteRelease};
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
    /// The minor versions of which the index is to choose one, in falling preference; none where that is settled.
    pub(crate) candidates: Vec<&'static str>,
    /// What else the version must fulfil that uv chooses out of its list, which may be another one
    /// than [`DOWNLOADS`]: conditions of PEP 440, with commas between.
    pub(crate) bounds: Option<String>,
}

/// The versions that suites of Debian deliver, oldest first.
pub(crate) fn of_debian() -> impl DoubleEndedIterator<Item = Delivery> {
    releases::of("python").map(Delivery::of_suite)
}

/// The version when nothing asks for one: that of the default suite.
pub(crate) fn default_release() -> Delivery {
    let row = releases::in_suite("python", releases::DEFAULT_SUITE);
    Delivery::of_suite(row.expect("the default suite has a Python"))
}

/// A minor version that uv downloads.
pub(crate) struct DownloadedMinor {
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
pub(crate) const DOWNLOADS: &[DownloadedMinor] = &[
    DownloadedMinor {
        minor: (3, 8),
        name: "3.8",
        patches: &[20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2],
    },
    DownloadedMinor {
        minor: (3, 9),
        name: "3.9",
        patches: &[25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 7, 6, 5, 4, 3, 2, 1, 0],
    },
    DownloadedMinor {
        minor: (3, 10),
        name: "3.10",
        patches: &[22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 0],
    },
    DownloadedMinor {
        minor: (3, 11),
        name: "3.11",
        patches: &[18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 1],
    },
    DownloadedMinor {
        minor: (3, 12),
        name: "3.12",
        patches: &[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    },
    DownloadedMinor {
        minor: (3, 13),
        name: "3.13",
        patches: &[18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    },
    DownloadedMinor { minor: (3, 14), name: "3.14", patches: &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0] },
    DownloadedMinor { minor: (3, 15), name: "3.15", patches: &[2, 1, 0] },
];

impl Delivery {
    fn of_suite(row: &'static SuiteRelease) -> Delivery {
        let SuiteRelease { suite, line, numbers, patch, .. } = *row;
        Delivery {
            minor: numbers,
            name: line,
            suite,
            patch,
            download: None,
            candidates: Vec::new(),
            bounds: None,
        }
    }

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
        releases::in_suite("python", self.suite).map_or(self.name, |row| row.line)
    }

    /// The version that ranges and markers are tried on.
    pub(crate) fn version(&self) -> Version {
        Version::new([self.minor.0, self.minor.1, self.patch])
    }
}

impl DownloadedMinor {
    /// The delivery of the patch version `patch`; `request` is what uv is asked for.
    pub(crate) fn delivery(&self, patch: u64, request: String) -> Delivery {
        Delivery {
            minor: self.minor,
            name: self.name,
            suite: releases::DEFAULT_SUITE,
            patch,
            download: Some(request),
            candidates: Vec::new(),
            bounds: None,
        }
    }
}
