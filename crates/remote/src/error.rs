//! [`RemoteError`]: why a download failed, whether to try later, and what to do.

use std::io;
use std::time::Duration;

use packwright_oci::Digest;

use crate::wall::WallRefusal;
use crate::{Url, UrlError};

/// Why a download failed. Addresses are shown without credentials.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The request names no address.
    #[error("there is no address to download from")]
    NoAddress,
    /// The host cannot be reached.
    #[error("cannot reach `{}`: {why}", url.origin())]
    Unreachable {
        /// What was asked for.
        url: Url,
        /// What went wrong.
        why: String,
    },
    /// The host does not answer in time.
    #[error("`{url}` gave no answer in time ({what})")]
    Timeout {
        /// What was asked for.
        url: Url,
        /// What was waited for.
        what: String,
    },
    /// The host cannot prove who it is, or speaks another TLS.
    #[error("no secure connection to `{}`: {why}", url.origin())]
    Tls {
        /// What was asked for.
        url: Url,
        /// What went wrong.
        why: String,
    },
    /// The caller's wall lets no connection to it pass.
    #[error("`{}` is refused: {refusal}", url.origin())]
    Refused {
        /// What was asked for.
        url: Url,
        /// What the wall says.
        refusal: WallRefusal,
    },
    /// An https address, and no certificates to trust.
    #[error("cannot fetch `{url}`: there are no certificates to trust")]
    NoTrust {
        /// What was asked for.
        url: Url,
    },
    /// The certificates to trust cannot be used.
    #[error("the CA bundle cannot be used: {why}")]
    CaBundle {
        /// What is wrong with it.
        why: String,
    },
    /// The proxy's address cannot be used.
    #[error("the proxy for {scheme} cannot be used")]
    Proxy {
        /// For which addresses.
        scheme: &'static str,
        /// What is wrong with its address.
        source: UrlError,
    },
    /// The host answers with something else than the content.
    #[error("`{url}` answers with status {status}")]
    Status {
        /// What was asked for, after redirects.
        url: Url,
        /// The HTTP status code.
        status: u16,
        /// How long the host asks to wait.
        retry_after: Option<Duration>,
    },
    /// A redirect that is not followed.
    #[error("`{url}` redirects to {to}: {why}")]
    Redirect {
        /// The address that redirects.
        url: Url,
        /// Where to.
        to: String,
        /// Why it is not followed.
        why: String,
    },
    /// The answer is no HTTP.
    #[error("`{url}` answers with something that is not HTTP: {why}")]
    Protocol {
        /// What was asked for.
        url: Url,
        /// What is wrong with it.
        why: String,
    },
    /// The connection ended before the content did.
    #[error("the download of `{url}` was cut off after {received} bytes")]
    CutOff {
        /// What was asked for.
        url: Url,
        /// How many bytes came.
        received: u64,
    },
    /// More bytes than may be taken.
    #[error("`{url}` has more than the {max} bytes that are allowed")]
    TooLarge {
        /// What was asked for.
        url: Url,
        /// The most that may be taken.
        max: u64,
    },
    /// Another length than expected.
    #[error("`{url}` has {found} bytes, {expected} were expected")]
    Size {
        /// What was asked for.
        url: Url,
        /// The expected length in bytes.
        expected: u64,
        /// The length in bytes that came or was announced.
        found: u64,
    },
    /// Other bytes than expected.
    #[error("`{url}` has the digest {found}, {expected} was expected")]
    Digest {
        /// What was asked for.
        url: Url,
        /// The expected digest.
        expected: Digest,
        /// The digest of what came.
        found: Digest,
    },
    /// What came could not be kept.
    #[error("cannot keep what was downloaded")]
    Sink {
        /// What the sink said.
        source: io::Error,
    },
    /// The caller wants no more.
    #[error("the download was stopped")]
    Cancelled,
    /// Several requests or addresses failed.
    #[error("{}", listed(errors))]
    Several {
        /// Why, in the order of the requests and their addresses; never empty.
        errors: Vec<RemoteError>,
    },
}

impl RemoteError {
    /// Whether the same request may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            RemoteError::Unreachable { .. } | RemoteError::Timeout { .. } | RemoteError::CutOff { .. } => {
                true
            }
            // 408 Request Timeout, 425 Too Early, 429 Too Many Requests.
            RemoteError::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            // One that will not go away is one too many.
            RemoteError::Several { errors } => errors.iter().all(RemoteError::is_transient),
            _ => false,
        }
    }

    /// How long the host asks to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            RemoteError::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        let fix = match self {
            RemoteError::Unreachable { url, .. } => {
                return Some(format!(
                    "check the network, the address `{}` and the proxy settings",
                    url.origin()
                ));
            }
            RemoteError::Timeout { .. } | RemoteError::CutOff { .. } => {
                "check the network and try again, or choose another mirror"
            }
            RemoteError::Tls { .. } => {
                "when a proxy of your network replaces certificates, add its certificate to the CA \
                 bundle of this machine"
            }
            RemoteError::NoTrust { .. } | RemoteError::CaBundle { .. } => {
                "install the package ca-certificates, or name a PEM bundle in SSL_CERT_FILE"
            }
            RemoteError::Proxy { .. } => "correct the proxy's address: http://[user:password@]host:port",
            RemoteError::Status { status: 401 | 403 | 407, .. } => {
                "check the credentials and that they allow this download"
            }
            RemoteError::Status { status: 404 | 410, .. } => {
                "check the address; a mirror may no longer have this version: update the lock, or name \
                 a snapshot"
            }
            RemoteError::Status { .. } if self.is_transient() => "try again later, or choose another mirror",
            RemoteError::Status { .. } | RemoteError::Redirect { .. } | RemoteError::Protocol { .. } => {
                "check the address, or choose another mirror"
            }
            RemoteError::Size { .. } | RemoteError::Digest { .. } => {
                "the mirror may be in the middle of an update: try again later, or choose another one"
            }
            RemoteError::Several { errors } => {
                let mut fixes: Vec<String> = Vec::new();
                for fix in errors.iter().filter_map(RemoteError::fix) {
                    if !fixes.contains(&fix) {
                        fixes.push(fix);
                    }
                }
                return (!fixes.is_empty()).then(|| fixes.join("; "));
            }
            RemoteError::Refused { refusal, .. } => return refusal.fix.clone(),
            RemoteError::NoAddress
            | RemoteError::TooLarge { .. }
            | RemoteError::Sink { .. }
            | RemoteError::Cancelled => return None,
        };
        Some(fix.to_owned())
    }
}

fn listed(errors: &[RemoteError]) -> String {
    errors.iter().map(RemoteError::to_string).collect::<Vec<_>>().join("\n")
}

/// What the client library says, as our facts.
pub(crate) fn from_ureq(url: &Url, error: ureq::Error) -> RemoteError {
    let url = url.clone();
    match error {
        ureq::Error::Timeout(what) => RemoteError::Timeout { url, what: what.to_string() },
        ureq::Error::HostNotFound => {
            RemoteError::Unreachable { url, why: "the host name is not known".to_owned() }
        }
        ureq::Error::ConnectionFailed => {
            RemoteError::Unreachable { url, why: "the connection failed".to_owned() }
        }
        ureq::Error::ConnectProxyFailed(why) => {
            RemoteError::Unreachable { url, why: format!("the proxy says: {why}") }
        }
        ureq::Error::Tls(why) => RemoteError::Tls { url, why: why.to_owned() },
        ureq::Error::Rustls(error) => RemoteError::Tls { url, why: error.to_string() },
        ureq::Error::Io(error) => from_io(url, error),
        other => RemoteError::Protocol { url, why: other.to_string() },
    }
}

fn from_io(url: Url, error: io::Error) -> RemoteError {
    if let Some(refused) = error.get_ref().and_then(|inner| inner.downcast_ref::<WallRefusal>()) {
        return RemoteError::Refused { url, refusal: refused.clone() };
    }
    // rustls reports a bad certificate through the stream it reads from.
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(tls) = tls {
        return RemoteError::Tls { url, why: tls.to_string() };
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            RemoteError::Timeout { url, what: error.to_string() }
        }
        io::ErrorKind::InvalidData => RemoteError::Protocol { url, why: error.to_string() },
        _ => RemoteError::Unreachable { url, why: error.to_string() },
    }
}
