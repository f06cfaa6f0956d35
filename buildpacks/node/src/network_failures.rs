//! By which of its lines a tool is known to have failed for the network's or a server's sake, so
//! that another try may go well. What was asked for wrongly must not be among them: a package that
//! is not there, a password that is refused, a digest or a certificate that is not right.
//!
//! Observed: each tool against a server that answers with each status, hangs, resets, and closes
//! early; its lines are those of the tests.

use crate::manager::kind::PackageManager;

/// What the network's errors are called by Node, and by the HTTP clients of programs for it. A
/// name that is not known stands here too: a resolver that is not there looks the same.
const NODE: &[&str] = &[
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

/// What npm says when a server fails; older ones say `npm ERR!` before it.
const NPM: &[&str] = &["code E408", "code E429", "code E500", "code E502", "code E503", "code E504"];

const PNPM: &[&str] = &["ERR_PNPM_FETCH_408", "ERR_PNPM_FETCH_429", "ERR_PNPM_FETCH_5"];

/// yarn 1.
const YARN: &[&str] = &["Request failed \"408", "Request failed \"429", "Request failed \"5"];

/// yarn 2 and later.
const BERRY: &[&str] = &[
    "Response Code: 408",
    "Response Code: 429",
    "Response Code: 5",
    "The server aborted pending request",
    "Timeout awaiting '",
];

/// bun has names of its own for errors; they stand before what it was doing.
const BUN: &[&str] = &[
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
];

/// What pip says, which brings npm. A page of an index that a server fails to give is passed over
/// by it without a word, after tries of its own.
const PIP: &[&str] = &[
    "429 Client Error",
    " Server Error: ",
    "HTTP error 429",
    "HTTP error 5",
    "Connection aborted",
    "Connection broken",
    "ConnectTimeoutError",
    "Failed to establish a new connection",
    "Read timed out",
    "Temporary failure in name resolution",
];

/// The texts of a step that runs npm.
pub(crate) fn of_npm() -> Vec<String> {
    texts(&[NODE, NPM])
}

/// The texts of a step that runs pip.
pub(crate) fn of_pip() -> Vec<String> {
    texts(&[PIP])
}

/// The texts of a step that runs `manager`.
pub(crate) fn of(manager: PackageManager) -> Vec<String> {
    match manager {
        PackageManager::Npm => of_npm(),
        PackageManager::Pnpm => texts(&[NODE, PNPM]),
        PackageManager::Yarn => texts(&[NODE, YARN]),
        PackageManager::Berry => texts(&[NODE, BERRY]),
        PackageManager::Bun => texts(&[NODE, BUN]),
    }
}

fn texts(lists: &[&[&str]]) -> Vec<String> {
    lists.iter().flat_map(|list| list.iter().map(|&text| text.to_owned())).collect()
}

#[cfg(test)]
mod tests;
