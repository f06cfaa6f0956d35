//! Requests, responses, and the progress reported between them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use packwright_oci::Digest;

use crate::{RemoteError, Url};

/// One thing to download.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Where it is, in the order to ask. The same bytes are expected from each.
    pub urls: Vec<Url>,
    /// Which bytes to accept.
    pub expect: Expect,
    /// Further header fields. They are sent to the hosts of `urls` and not across a redirect to
    /// another one.
    pub headers: Vec<(String, String)>,
}

/// Which bytes to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    /// Their exact length in bytes, when it is known.
    pub size: Option<u64>,
    /// Their digest, when it is known.
    pub digest: Option<Digest>,
    /// The most bytes to take, known or not.
    pub max: u64,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The address that answered, after redirects.
    pub url: Url,
    /// Length in bytes.
    pub size: u64,
    /// The digest of the bytes.
    pub digest: Digest,
}

/// What happens during a download. `request` is the position in the list of requests.
#[derive(Debug)]
pub enum Progress<'a> {
    /// Bytes begin to come.
    Started {
        /// Which request.
        request: usize,
        /// From where, after redirects.
        url: &'a Url,
        /// How many there will be in all, when it is known.
        size: Option<u64>,
    },
    /// Some bytes came.
    Received {
        /// Which request.
        request: usize,
        /// How many.
        bytes: u64,
    },
    /// What came so far is of no use; it will come again.
    Restarted {
        /// Which request.
        request: usize,
        /// How many bytes are lost.
        lost: u64,
    },
    /// A try failed, another one follows.
    Retrying {
        /// Which request.
        request: usize,
        /// Why the last try failed.
        error: &'a RemoteError,
        /// The pause before the next one.
        pause: Duration,
    },
    /// All bytes came and were checked.
    Finished {
        /// Which request.
        request: usize,
    },
}

/// How the caller watches over downloads.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Once it is true, downloads end with [`RemoteError::Cancelled`] within a tenth of a
    /// second, except while a name is resolved or a connection is made.
    pub cancel: &'a AtomicBool,
    /// Called with the progress, from several threads.
    pub progress: &'a (dyn Fn(Progress<'_>) + Sync),
}

impl Request {
    /// A request for what is at `url`.
    pub fn new(url: Url, expect: Expect) -> Request {
        Request { urls: vec![url], expect, headers: Vec::new() }
    }
}

impl Expect {
    /// Whatever comes, up to `max` bytes.
    pub fn at_most(max: u64) -> Expect {
        Expect { size: None, digest: None, max }
    }

    /// Exactly these bytes.
    pub fn exactly(digest: Digest, size: u64) -> Expect {
        Expect { size: Some(size), digest: Some(digest), max: size }
    }

    /// The most bytes to take.
    pub(crate) fn limit(&self) -> u64 {
        self.size.map_or(self.max, |size| size.min(self.max))
    }
}

impl Watch<'_> {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values may be secret.
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Request")
            .field("urls", &self.urls)
            .field("expect", &self.expect)
            .field("headers", &names)
            .finish()
    }
}
