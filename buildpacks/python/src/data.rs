//! What the buildpack knows by heart, as tables: Python versions and where they come from, the
//! pinned installer, packages that only exist as source. Holds no rule.

use pep440_rs::Version;

/// A minor version of Python that can be delivered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Major and minor number.
    pub(crate) minor: (u64, u64),
    /// The same as people write it.
    pub(crate) name: &'static str,
    /// The Debian suite that has it.
    pub(crate) suite: &'static str,
    /// The third number that the suite had when this table was written. Only ranges are tried
    /// on it; what is delivered is known when the plan is pinned.
    pub(crate) patch: u64,
}

/// The versions that can be delivered, oldest first.
pub(crate) const DELIVERIES: &[Delivery] = &[
    Delivery { minor: (3, 11), name: "3.11", suite: "bookworm", patch: 2 },
    Delivery { minor: (3, 13), name: "3.13", suite: "trixie", patch: 5 },
];

/// The version when nobody asks for one.
pub(crate) const DEFAULT: &Delivery = &DELIVERIES[1];

impl Delivery {
    /// The interpreter in every root.
    pub(crate) fn interpreter(&self) -> String {
        format!("/usr/bin/python{}", self.name)
    }

    /// The version that ranges and markers are tried on.
    pub(crate) fn version(&self) -> Version {
        Version::new([self.minor.0, self.minor.1, self.patch])
    }
}

/// The version of uv that installs.
pub(crate) const UV_VERSION: &str = "0.13.9";

/// SHA-256 of the wheels of [`UV_VERSION`] that pip may choose on Linux with glibc: x86_64,
/// aarch64 for glibc 2.28 and newer, aarch64 for older.
pub(crate) const UV_HASHES: &[&str] = &[
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
    "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
];

/// The version of poetry that reads `poetry.lock`. Its own dependencies are resolved.
pub(crate) const POETRY_VERSION: &str = "2.5.1";

/// Variables of the caller that choose the package index, the way to it and the credentials for
/// it. None of them chooses which bytes are installed: hashes do.
pub(crate) const INDEX_SETTINGS: &[&str] = &[
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_INDEX_*",
    "UV_EXTRA_INDEX_URL",
    "UV_HTTP_*",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// A requirement that is published as source only, and what its build and its use need.
pub(crate) struct SourceOnly {
    /// Normalised name.
    pub(crate) name: &'static str,
    /// Debian packages for its build, besides the compiler.
    pub(crate) build: &'static [&'static str],
    /// Debian packages that it loads when it runs.
    pub(crate) run: &'static [&'static str],
}

/// Well-known requirements without wheels for Linux. Wheels are the norm, so everything else is
/// planned without a compiler.
pub(crate) const SOURCE_ONLY: &[SourceOnly] = &[
    SourceOnly { name: "mysqlclient", build: &["libmariadb-dev", "pkgconf"], run: &["libmariadb3"] },
    SourceOnly { name: "psycopg2", build: &["libpq-dev"], run: &["libpq5"] },
    SourceOnly { name: "pycairo", build: &["libcairo2-dev", "pkgconf"], run: &["libcairo2"] },
    SourceOnly { name: "uwsgi", build: &[], run: &[] },
];

/// Requirements that bring a server with them: name, extra (`""` for none), server. Only what
/// the list of direct requirements alone does not show.
pub(crate) const BRINGS_SERVER: &[(&str, &str, &str)] = &[
    ("fastapi", "standard", "uvicorn"),
    ("fastapi", "all", "uvicorn"),
    ("fastapi-cli", "standard", "uvicorn"),
    ("uvicorn-worker", "", "uvicorn"),
    ("uvicorn-worker", "", "gunicorn"),
];

/// What uv, pip and poetry print when the network or an index fails, as opposed to what was asked
/// of it. Found by cutting connections under the versions pinned here.
pub(crate) const NETWORK_FAILURES: &[&str] = &[
    "error sending request for url",
    "HTTP status server error",
    "429 Too Many Requests",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Read timed out",
    "Connection broken",
];
