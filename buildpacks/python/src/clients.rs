//! The clients that fetch, uv, pip and git: the variables that they read, and what they print when
//! the network fails.

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
