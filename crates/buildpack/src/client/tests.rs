//! Lines that the tools print, observed against a server that fails in each way: npm 6, 8 and 11,
//! pnpm 9 and 10, yarn 1.22, 3.8 and 4.12, bun 1.3, pip 23.

use super::*;

/// Whether a step that runs `client` is tried again when this is its line.
fn is_transient(client: &Client, line: &str) -> bool {
    let mut step = crate::step::step("x.fetch", "fetches");
    client.equip(&mut step);
    step.transient.iter().any(|text| line.contains(text))
}

/// Each tool's lines of failures that may pass.
const PASSING: &[(&Client, &[&str])] = &[
    (
        &NPM,
        &[
            "npm error code ECONNRESET",
            "npm ERR! code E503",
            "npm error code E429",
            "npm error code ENOTFOUND",
            "npm error network timeout at: http://registry/toy",
            "npm ERR! network request to http://registry/toy.tgz failed, reason: Socket timeout",
            "npm ERR! invalid json response body at http://registry/toy reason: Invalid response body while trying to fetch http://registry/toy: aborted",
        ],
    ),
    (
        &PNPM,
        &[
            " ERR_PNPM_FETCH_503  GET http://registry/toy: Service Unavailable - 503",
            " ERR_PNPM_FETCH_429  GET http://registry/toy: Too Many Requests - 429",
            " ERR_PNPM_META_FETCH_FAIL  GET http://registry/toy: request to http://registry/toy failed, reason: read ECONNRESET",
            " ECONNRESET  aborted",
            " ERR_PNPM_BROKEN_METADATA_JSON  Invalid response body while trying to fetch http://registry/toy: aborted",
        ],
    ),
    (
        &YARN,
        &[
            "ResponseError: Request failed \"503 Service Unavailable\"",
            "error Error: http://registry/toy.tgz: Request failed \"429 Too Many Requests\"",
            "error Error: http://registry/toy: ESOCKETTIMEDOUT",
            "error Error: aborted",
        ],
    ),
    (
        &YARN_BERRY,
        &[
            "➤ YN0001: │ Error [ERR_SOCKET_CLOSED_BEFORE_CONNECTION]: Socket closed before the connection was established",
            "➤ YN0001: │ RequestError: read ECONNRESET",
            "➤ YN0001: │ RequestError: socket hang up",
            "➤ YN0001: │ RequestError: Timeout awaiting 'socket' for 1500ms",
            "➤ YN0001: │ ReadError: The server aborted pending request",
            "➤ YN0035: │   Response Code: 503 (Service Unavailable)",
            "➤ YN0035: │   Response Code: 429 (Too Many Requests)",
        ],
    ),
    (
        &BUN,
        &[
            "error: GET http://registry/toy - 503",
            "error: GET http://registry/toy/-/toy-1.0.0.tgz - 429",
            "error: ConnectionClosed downloading package manifest toy",
            "error: ConnectionRefused downloading tarball toy@1.0.0",
        ],
    ),
    (
        &PIP,
        &[
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'ProtocolError('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))': /toy/",
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'ReadTimeoutError(\"HTTPConnectionPool: Read timed out. (read timeout=2.0)\")': /toy/",
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<object>: Failed to establish a new connection: [Errno 111] Connection refused')': /toy/",
            "ERROR: HTTP error 503 while getting http://index/toy.whl",
        ],
    ),
];

/// Each tool's lines of failures that stay.
const STAYING: &[(&Client, &[&str])] = &[
    (
        &NPM,
        &[
            "npm error code E401",
            "npm error 401 Unauthorized - GET http://registry/toy - x",
            "npm error code E404",
            "npm error 404 Not Found - GET http://registry/toy-5.0.3.tgz - x",
            "npm error code EINTEGRITY",
            "npm ERR! code Z_DATA_ERROR",
            "npm error code ETARGET",
            "npm error code E403",
            "npm error code SELF_SIGNED_CERT_IN_CHAIN",
        ],
    ),
    (
        &PNPM,
        &[
            " ERR_PNPM_FETCH_401  GET http://registry/toy: Unauthorized - 401",
            " ERR_PNPM_FETCH_404  GET http://registry/toy: Not Found - 404",
            " WARN  GET http://registry/toy.tgz error (ERR_PNPM_TARBALL_INTEGRITY). Will retry in 50 milliseconds. 1 retries left.",
            " ERR_PNPM_TARBALL_INTEGRITY  Got unexpected checksum for \"http://registry/toy.tgz\"",
            " ERR_PNPM_META_FETCH_FAIL  GET https://registry/toy: request to https://registry/toy failed, reason: self-signed certificate",
            " ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with \"frozen-lockfile\"",
        ],
    ),
    (
        &YARN,
        &[
            "error Error: http://registry/toy.tgz: Request failed \"404 Not Found\"",
            "error Error: http://registry/toy: x",
            "error Error: incorrect data check",
            "error http://registry/toy.tgz: Integrity check failed for \"toy\"",
        ],
    ),
    (
        &YARN_BERRY,
        &[
            "➤ YN0035: │ toy@npm:1.0.0: The remote server failed to provide the requested resource",
            "➤ YN0035: │   Response Code: 404 (Not Found)",
            "➤ YN0035: │   Request Retry Count: 5 (can be increased via httpRetry)",
            "➤ YN0041: │ toy@npm:1.0.0: Invalid authentication (as an anonymous user)",
            "➤ YN0018: │ toy@npm:1.0.0: The remote archive doesn't match the expected checksum",
            "➤ YN0001: │ ZlibError: zlib: incorrect data check",
            "➤ YN0001: │ RequestError: unable to get local issuer certificate",
        ],
    ),
    (
        &BUN,
        &[
            "error: GET http://registry/toy - 401",
            "error: GET http://registry/toy - 404",
            "error: IntegrityCheckFailed extracting tarball from toy",
        ],
    ),
    (
        &PIP,
        &[
            "ERROR: Could not find a version that satisfies the requirement toy==1.0.0 (from versions: none)",
            "ERROR: HTTP error 404 while getting http://index/toy.whl",
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
        ],
    ),
];

#[test]
fn failures_that_may_pass_are_told_from_those_that_stay() {
    for (cases, expected) in [(PASSING, true), (STAYING, false)] {
        for (client, lines) in cases {
            for line in *lines {
                assert_eq!(is_transient(client, line), expected, "{}: {line}", client.name);
            }
        }
    }
}

#[test]
fn no_row_holds_an_address_or_a_refusal() {
    for client in CLIENTS {
        let texts = client.transient.iter().flat_map(|list| list.iter());
        for text in texts.chain(client.settings) {
            assert!(!text.contains("://"), "{}: {text}", client.name);
        }
        for refusal in ["404 Not Found", "410 Gone", "401 Unauthorized", "checksum mismatch", "E404"] {
            let mut texts = client.transient.iter().flat_map(|list| list.iter());
            assert!(!texts.any(|text| refusal.contains(text)), "{}: {refusal}", client.name);
        }
    }
}
