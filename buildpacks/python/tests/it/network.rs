//! Which failures of fetching are the network's: lines that the programs really printed.

use packwright_buildpack::planner::{Network, PlanOptions, Step};

use super::{MemoryTree, planned};

/// Printed when connections were refused, reset, cut or left to wait, or servers failed.
const FAILURES: &[&str] = &[
    // uv 0.13.9
    "  cause: error sending request for url (http://index.example/humanize/)",
    "  cause: Connection reset by peer (os error 104)",
    "  cause: operation timed out",
    "  cause: tls handshake eof",
    "  cause: error decoding response body for url (http://index.example/humanize/)",
    "  cause: HTTP status server error (500 Internal Server Error) for url (http://index.example/humanize/)",
    "  cause: HTTP status server error (502 Bad Gateway) for url (http://index.example/humanize/)",
    "  cause: HTTP status server error (503 Service Unavailable) for url (http://index.example/humanize/)",
    "  cause: HTTP status server error (504 Gateway Timeout) for url (http://index.example/humanize/)",
    "  cause: HTTP status client error (408 Request Timeout) for url (http://index.example/humanize/)",
    "  cause: HTTP status client error (429 Too Many Requests) for url (http://index.example/humanize/)",
    "  cause: failed to lookup address information: Temporary failure in name resolution",
    // pip 23.0 and 25.1, in its log or on standard error
    "Could not fetch URL http://index.example/uv/: connection error: HTTPConnectionPool(host='index.example', port=80): Max retries exceeded with url: /uv/ (Caused by ProtocolError('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))) - skipping",
    "Could not fetch URL http://index.example/uv/: connection error: HTTPConnectionPool(host='index.example', port=80): Max retries exceeded with url: /uv/ (Caused by ProtocolError('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))) - skipping",
    "Could not fetch URL http://index.example/uv/: connection error: HTTPConnectionPool(host='index.example', port=80): Read timed out. - skipping",
    "Could not fetch URL http://index.example/uv/: HTTPConnectionPool(host='index.example', port=80): Max retries exceeded with url: /uv/ (Caused by ResponseError('too many 503 error responses')) - skipping",
    "Could not fetch URL http://index.example/uv/: 504 Server Error: Gateway Timeout for url: http://index.example/uv/ - skipping",
    "Could not fetch URL http://index.example/uv/: 429 Client Error: Too Many Requests for url: http://index.example/uv/ - skipping",
    "Could not fetch URL https://index.example/uv/: There was a problem confirming the ssl certificate: [SSL: UNEXPECTED_EOF_WHILE_READING] EOF occurred in violation of protocol (_ssl.c:1006) - skipping",
    "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7fdc2d2985d0>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /uv/",
    "pip._vendor.urllib3.exceptions.ProtocolError: ('Connection broken: IncompleteRead(6 bytes read, 249 more expected)', IncompleteRead(6 bytes read, 249 more expected))",
    // pip 26.3
    "Could not fetch URL http://index.example/uv/: connection error: the connection was closed without a reply from the server. - skipping",
    "Could not fetch URL http://index.example/uv/: index.example didn't respond within 15.0 seconds - skipping",
    // git 2.47
    "fatal: unable to access 'http://git.example/x/': Empty reply from server",
    "fatal: unable to access 'http://git.example/x/': Recv failure: Connection reset by peer",
    "fatal: unable to access 'http://git.example/x/': The requested URL returned error: 503",
    // urllib
    "urllib.error.URLError: <urlopen error timed out>",
    "urllib.error.HTTPError: HTTP Error 503: Service Unavailable",
];

/// Printed when the same would be printed the next time.
const ANSWERS: &[&str] = &[
    "  cause: HTTP status client error (404 Not Found) for url (http://index.example/humanize-4.17.0-py3-none-any.whl)",
    "  cause: HTTP status client error (403 Forbidden) for url (http://index.example/humanize-5030.0-py3-none-any.whl)",
    "  cause: Because humanize was not found in the package registry and you require humanize==4.17.0, we can conclude that your requirements are unsatisfiable.",
    "  cause: Because humanize==4.17.0 has an invalid package format and you require humanize==4.17.0, we can conclude that your requirements are unsatisfiable.",
    "hint: An index (http://index.example/) returned a 403 Forbidden error. Check that the index URL is correct and the credentials are valid.",
    "  cause: Hash mismatch for `humanize==4.17.0`",
    "ERROR: Could not find a version that satisfies the requirement uv==0.13.9 (from versions: none)",
    "ERROR: No matching distribution found for uv==0.13.9",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "Could not fetch URL http://index.example/uv/: 404 Client Error: Not Found for url: http://index.example/uv/ - skipping",
    "Could not fetch URL https://index.example/uv/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='index.example', port=443): Max retries exceeded with url: /uv/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)'))) - skipping",
    "fatal: unable to access 'http://git.example/x/': The requested URL returned error: 404",
    "urllib.error.HTTPError: HTTP Error 404: Not Found",
    "error: command '/usr/bin/x86_64-linux-gnu-gcc' failed with exit code 1",
    "uv knows no download of Python 3.14.2 for this machine",
];

#[test]
fn failures_of_the_network_are_told_from_answers() {
    let tree = "//- /main.py\nprint()\n//- /.python-version\n3.12\n//- /requirements.txt\nflask\n\
                x @ git+https://git.example/x\n";
    let plan = planned(&MemoryTree::parse(tree), &PlanOptions::default()).unwrap();
    let fetching: Vec<_> = plan.steps.iter().filter(|step| step.network == Network::Fetch).collect();
    let names: Vec<&str> = fetching.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["python.uv", "python.version", "python.runtime", "python.resolve", "python.install"]);
    let is_transient =
        |step: &Step, line: &str| step.transient.iter().any(|text| line.contains(text.as_str()));
    // Each step knows the texts of those clients that it runs.
    for line in FAILURES {
        assert!(fetching.iter().any(|step| is_transient(step, line)), "{line}");
    }
    for step in fetching {
        for line in ANSWERS {
            assert!(!is_transient(step, line), "{}: {line}", step.name);
        }
    }
}
