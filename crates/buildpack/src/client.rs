//! The clients of package registries and repositories: one row each, with the variables that choose
//! where bytes come from, the texts by which a broken network is known, the cache, and the
//! variables that make it quiet and let it trust the host's certificates.
//!
//! No row holds an address, and none of the variables chooses *which* bytes are installed: digests
//! do. A registry's refusal is in no list of texts: a package that is not there, a password that is
//! refused, a digest or certificate that is not right would be refused again.

use packwright_planner::{Cache, Step};

use crate::step::{CERTIFICATES, path};

/// Variables that say how to reach the network at all, which every client obeys.
pub const PROXIES: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
];

/// What the operating system calls failures of the network, whatever program passes it on.
///
/// Source: glibc, `strerror(3)` and `gai_strerror(3)`.
pub const NETWORK_FAILURES: &[&str] =
    &["Connection reset by peer", "Connection timed out", "Temporary failure in name resolution"];

/// The client of one ecosystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The program.
    pub name: &'static str,
    /// The caller's variables that it obeys, besides [`PROXIES`]; `PREFIX_*` means all with that prefix.
    pub settings: &'static [&'static str],
    /// Texts by which it tells that the network or a server failed, besides [`NETWORK_FAILURES`].
    pub transient: &'static [&'static [&'static str]],
    /// What it is always told.
    pub environment: &'static [(&'static str, &'static str)],
    /// Where it keeps what it downloaded.
    pub cache: Option<CacheRow>,
    /// Its credentials among these settings, with the addresses that they are for, as `Step::credentials` has them.
    pub credentials: &'static [(&'static str, &'static [&'static str])],
}

/// The cache of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheRow {
    /// Its name, which is the last part of its path too.
    pub name: &'static str,
    /// The variable that says where it is.
    pub variable: &'static str,
}

impl CacheRow {
    /// Its place, absolute.
    pub fn place(&self) -> String {
        format!("/packwright/cache/{}", self.name)
    }
}

impl Client {
    /// Adds to `step` what it needs to run this client with network. What is there already is not
    /// added twice, and a variable that is set keeps its value.
    pub fn equip(&self, step: &mut Step) {
        add(&mut step.settings, self.settings);
        add(&mut step.settings, PROXIES);
        add(&mut step.transient, NETWORK_FAILURES);
        self.transient.iter().for_each(|texts| add(&mut step.transient, texts));
        for (name, value) in self.environment {
            step.environment.entry((*name).to_owned()).or_insert_with(|| (*value).to_owned());
        }
        if let Some(cache) = &self.cache {
            cache.give(step);
        }
        for (name, addresses) in self.credentials {
            step.bind(name, addresses.iter().map(|address| (*address).to_owned()));
        }
    }
}

impl CacheRow {
    /// Lets `step` use this cache.
    pub fn give(&self, step: &mut Step) {
        let place = self.place();
        if !step.caches.iter().any(|cache| cache.name == self.name) {
            let path = path(place.trim_start_matches('/'));
            step.caches.push(Cache { name: self.name.to_owned(), path });
        }
        step.environment.entry(self.variable.to_owned()).or_insert(place);
    }
}

fn add(list: &mut Vec<String>, more: &[&str]) {
    for text in more {
        if !list.iter().any(|known| known == text) {
            list.push((*text).to_owned());
        }
    }
}

/// pip, of Debian's wheel.
///
/// Source of the texts of pip, uv, git and urllib: a server that fails in each of these ways, asked by
/// uv 0.13, pip 23, 25 and 26, and git.
pub const PIP: Client = Client {
    name: "pip",
    settings: &["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"],
    transient: &[&[
        "Failed to establish a new connection",
        "Connection broken",
        "Connection aborted",
        "ConnectTimeoutError",
        "IncompleteRead",
        "Read timed out",
        "Remote end closed connection without response",
        "UNEXPECTED_EOF_WHILE_READING",
        "error responses'))",
        "500 Server Error: ",
        "502 Server Error: ",
        "503 Server Error: ",
        "504 Server Error: ",
        "429 Client Error",
        "HTTP error 429",
        "HTTP error 5",
        "the connection was closed without a reply",
        "didn't respond within",
        "not enough bytes were received",
    ]],
    environment: &[],
    cache: None,
    credentials: &[],
};

/// Where uv's named indexes are set.
const OF_UV: &[&str] = &["${UV_INDEX}", "${UV_DEFAULT_INDEX}"];

/// uv. What it unpacked or built it takes out of its cache unchecked.
pub const UV: Client = Client {
    name: "uv",
    settings: &["UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_*", "UV_EXTRA_INDEX_URL", "UV_HTTP_*"],
    transient: &[&[
        "error sending request for url",
        "error decoding response body for url",
        "HTTP status server error (5",
        "HTTP status client error (408",
        "HTTP status client error (429",
        "operation timed out",
        "tls handshake eof",
        "<urlopen error timed out>",
        "HTTP Error 429",
        "HTTP Error 50",
    ]],
    environment: &[("UV_NO_PROGRESS", "1"), ("SSL_CERT_FILE", CERTIFICATES)],
    cache: Some(CacheRow { name: "uv", variable: "UV_CACHE_DIR" }),
    credentials: &[("UV_INDEX_*_USERNAME", OF_UV), ("UV_INDEX_*_PASSWORD", OF_UV)],
};

/// git, as other clients call it.
pub const GIT: Client = Client {
    name: "git",
    settings: &[],
    transient: &[&[
        "Could not resolve host",
        "Failed to connect to",
        "Empty reply from server",
        "The requested URL returned error: 429",
        "The requested URL returned error: 5",
        "unexpected disconnect while reading",
        "early EOF",
    ]],
    environment: &[("GIT_SSL_CAINFO", CERTIFICATES), ("GIT_TERMINAL_PROMPT", "0")],
    cache: None,
    credentials: &[],
};

/// What the network's errors are called by Node, and by the HTTP clients of programs for it. A
/// name that is not known stands here too: a resolver that is not there looks the same.
const OF_NODE: &[&str] = &[
    "EAI_AGAIN",
    "ECONNABORTED",
    "ECONNREFUSED",
    "ECONNRESET",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "ERR_SOCKET_CLOSED",
    "ERR_SOCKET_CONNECTION_TIMEOUT",
    "ERR_SOCKET_TIMEOUT",
    "ERR_STREAM_PREMATURE_CLOSE",
    "ESOCKETTIMEDOUT",
    "ETIMEDOUT",
    "UND_ERR_BODY_TIMEOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_SOCKET",
    "Client network socket disconnected",
    "Premature close",
    "Socket timeout",
    "network timeout at: ",
    "socket hang up",
    // A body that ended early: `Error: aborted`, and as the end of a longer message.
    ": aborted",
];

/// npm's variables, which the other package managers of Node read too.
const OF_NPM: &[&str] = &[
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "NPM_CONFIG_PROXY",
    "npm_config_proxy",
    "NPM_CONFIG_HTTPS_PROXY",
    "npm_config_https_proxy",
    "NPM_CONFIG_NOPROXY",
    "npm_config_noproxy",
];

/// What every npm is told: whom to trust, and to be quiet.
const QUIET_NPM: &[(&str, &str)] = &[
    ("NODE_EXTRA_CA_CERTS", CERTIFICATES),
    ("npm_config_audit", "false"),
    ("npm_config_fund", "false"),
    ("npm_config_progress", "false"),
    ("npm_config_update_notifier", "false"),
];

/// npm. It checks by digest what it takes out of its cache. Older ones say `npm ERR!` before their
/// texts.
///
/// Source of the texts of Node's package managers: each tool against a server that answers with each
/// status, hangs, resets, and closes early.
pub const NPM: Client = Client {
    name: "npm",
    settings: OF_NPM,
    transient: &[OF_NODE, &["code E408", "code E429", "code E500", "code E502", "code E503", "code E504"]],
    environment: QUIET_NPM,
    cache: Some(CacheRow { name: "npm", variable: "npm_config_cache" }),
    credentials: &[],
};

/// pnpm.
pub const PNPM: Client = Client {
    name: "pnpm",
    settings: OF_NPM,
    transient: &[OF_NODE, &["ERR_PNPM_FETCH_408", "ERR_PNPM_FETCH_429", "ERR_PNPM_FETCH_5"]],
    environment: QUIET_NPM,
    cache: Some(CacheRow { name: "pnpm", variable: "npm_config_store_dir" }),
    credentials: &[],
};

/// yarn 1.
pub const YARN: Client = Client {
    name: "yarn",
    settings: OF_NPM,
    transient: &[OF_NODE, &["Request failed \"408", "Request failed \"429", "Request failed \"5"]],
    environment: QUIET_NPM,
    cache: Some(CacheRow { name: "yarn", variable: "YARN_CACHE_FOLDER" }),
    credentials: &[],
};

/// Where the registry of yarn 2 and later is set.
const OF_YARN: &[&str] = &["${YARN_NPM_REGISTRY_SERVER}"];

/// yarn 2 and later.
pub const YARN_BERRY: Client = Client {
    name: "yarn",
    settings: OF_NPM,
    transient: &[
        OF_NODE,
        &[
            "Response Code: 408",
            "Response Code: 429",
            "Response Code: 5",
            "The server aborted pending request",
            "Timeout awaiting '",
        ],
    ],
    environment: QUIET_NPM,
    cache: Some(CacheRow { name: "yarn-berry", variable: "YARN_GLOBAL_FOLDER" }),
    credentials: &[("YARN_NPM_AUTH_TOKEN", OF_YARN), ("YARN_NPM_AUTH_IDENT", OF_YARN)],
};

/// Where bun's registry is set.
const OF_BUN: &[&str] = &["${BUN_CONFIG_REGISTRY}"];

/// bun has names of its own for errors; they stand before what it was doing.
pub const BUN: Client = Client {
    name: "bun",
    settings: OF_NPM,
    transient: &[
        OF_NODE,
        &[
            "ConnectionClosed downloading",
            "ConnectionRefused downloading",
            "ConnectionTimedOut downloading",
            "FailedToOpenSocket downloading",
            "Timeout downloading",
            " - 408",
            " - 429",
            " - 500",
            " - 502",
            " - 503",
            " - 504",
        ],
    ],
    environment: QUIET_NPM,
    cache: Some(CacheRow { name: "bun", variable: "BUN_INSTALL_CACHE_DIR" }),
    credentials: &[("BUN_CONFIG_TOKEN", OF_BUN)],
};

/// The go command. `go.sum` and the checksum database say which bytes a module has; what lies in the
/// module cache is not checked again by every command, so only builds of one application share it.
///
/// Source: Go Modules Reference, "Environment variables"; texts of `net`, `net/http` and `cmd/go`.
pub const GO: Client = Client {
    name: "go",
    settings: &["GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOVCS", "GOAUTH"],
    transient: &[&[
        "i/o timeout",
        "connection refused",
        "connection reset by peer",
        "connection timed out",
        "network is unreachable",
        "no route to host",
        "no such host",
        "server misbehaving",
        "TLS handshake timeout",
        "Client.Timeout exceeded",
        "http2: server sent GOAWAY",
        "stream error: stream ID",
        "unexpected EOF",
        ": 408 Request Timeout",
        ": 429 Too Many Requests",
        ": 500 Internal Server Error",
        ": 502 Bad Gateway",
        ": 503 Service Unavailable",
        ": 504 Gateway Timeout",
    ]],
    environment: &[("GOTELEMETRY", "off"), ("SSL_CERT_FILE", CERTIFICATES)],
    cache: Some(CacheRow { name: "go-modules", variable: "GOMODCACHE" }),
    credentials: &[],
};

/// All rows.
pub const CLIENTS: &[&Client] = &[&PIP, &UV, &GIT, &NPM, &PNPM, &YARN, &YARN_BERRY, &BUN, &GO];

#[cfg(test)]
mod tests;
