//! The pinned versions of the tools that install.

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
