//! What the buildpack knows by heart, as tables: Python versions and where they come from, the
//! pinned installer, requirements that bring a server. Holds no rule.

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

/// The version when nobody asks for one.
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

/// The versions that [`UV_VERSION`] knows how to download for x86_64 Linux, oldest first, without
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

/// The first versions that are published as wheels for a Python, where building an older one needs
/// libraries or fails with that Python: name, minor version of Python, version.
///
/// Source: asked of the index with `pip download --only-binary`, November 2026.
pub(crate) const WHEELS_SINCE: &[(&str, (u64, u64), [u64; 3])] = &[
    ("asyncpg", (3, 13), [0, 30, 0]),
    ("cffi", (3, 11), [1, 15, 1]),
    ("cffi", (3, 12), [1, 16, 0]),
    ("cffi", (3, 13), [1, 17, 0]),
    ("greenlet", (3, 13), [3, 1, 0]),
    ("grpcio", (3, 13), [1, 66, 2]),
    ("lxml", (3, 11), [4, 9, 1]),
    ("lxml", (3, 12), [4, 9, 3]),
    ("lxml", (3, 13), [5, 3, 0]),
    ("numpy", (3, 13), [2, 1, 0]),
    ("orjson", (3, 13), [3, 10, 7]),
    ("pandas", (3, 13), [2, 2, 3]),
    ("pillow", (3, 11), [9, 2, 0]),
    ("pillow", (3, 13), [10, 4, 0]),
    ("psycopg2-binary", (3, 11), [2, 9, 5]),
    ("psycopg2-binary", (3, 12), [2, 9, 9]),
    ("psycopg2-binary", (3, 13), [2, 9, 10]),
    ("psycopg2-binary", (3, 14), [2, 9, 11]),
    ("pydantic-core", (3, 13), [2, 20, 0]),
    ("pyyaml", (3, 13), [6, 0, 2]),
    ("scikit-learn", (3, 13), [1, 5, 2]),
    ("scipy", (3, 13), [1, 14, 1]),
    ("uvloop", (3, 13), [0, 21, 0]),
];

/// The first versions that run on a Python, of packages without compiled code: older ones import
/// modules that it has no more. Name, minor version of Python, version.
///
/// Source: the imports in the published files, November 2026; `cgi` went with Python 3.13, and Django had used it up to 4.0.
pub(crate) const RUNS_SINCE: &[(&str, (u64, u64), [u64; 3])] =
    &[("django", (3, 13), [4, 1, 0]), ("django", (3, 14), [4, 1, 0]), ("django", (3, 15), [4, 1, 0])];

/// Variables of the caller that say where a Python is downloaded from.
///
/// Source: uv documentation, "Environment variables".
pub(crate) const PYTHON_SETTINGS: &[&str] = &[
    "UV_PYTHON_INSTALL_MIRROR",
    "UV_PYTHON_DOWNLOADS_JSON_URL",
    "UV_PYTHON_CPYTHON_BUILD",
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

/// Requirements that bring what matters to a plan: name, extra (`""` for none), what they bring. Only
/// what the list of direct requirements alone does not show.
pub(crate) const BRINGS: &[(&str, &str, &str)] = &[
    ("fastapi", "standard", "uvicorn"),
    ("fastapi", "all", "uvicorn"),
    ("fastapi-cli", "standard", "uvicorn"),
    ("uvicorn-worker", "", "uvicorn"),
    ("uvicorn-worker", "", "gunicorn"),
    ("psycopg", "binary", "psycopg-binary"),
    ("psycopg", "c", "psycopg-c"),
];

/// What the programs of steps that fetch print when the network or a server fails, as opposed to
/// what was asked of it: not a page or a version that is missing, nor bytes with another hash. A
/// certificate that is not trusted is among them, since uv says it like any failed request.
///
/// Source: a server that fails in each of these ways, asked by the uv pinned here, by pip 23, 25 and
/// 26 and by git; `tests/it/network.rs` holds what they said.
pub(crate) const NETWORK_FAILURES: &[&str] = &[
    // uv. Names, connections, timeouts and TLS are the causes of the first.
    "error sending request for url",
    "error decoding response body for url",
    "HTTP status server error (5",
    "HTTP status client error (408",
    "HTTP status client error (429",
    "operation timed out",
    "tls handshake eof",
    // pip.
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Connection reset by peer",
    "Connection broken",
    "IncompleteRead",
    "Read timed out",
    "Remote end closed connection without response",
    "UNEXPECTED_EOF_WHILE_READING",
    "error responses'))",
    "500 Server Error: ",
    "502 Server Error: ",
    "503 Server Error: ",
    "504 Server Error: ",
    "429 Client Error: ",
    "the connection was closed without a reply",
    "didn't respond within",
    "not enough bytes were received",
    // git.
    "Could not resolve host",
    "Failed to connect to",
    "Empty reply from server",
    "The requested URL returned error: 429",
    "The requested URL returned error: 5",
    "unexpected disconnect while reading",
    "early EOF",
    // Python's own `urllib`, which reads a list of downloads.
    "<urlopen error timed out>",
    "HTTP Error 429",
    "HTTP Error 50",
];
