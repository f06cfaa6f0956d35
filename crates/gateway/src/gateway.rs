//! [`Gateway`], which belongs to one build, and [`Session`], which belongs to one step of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant, SystemTime};

use packwright_remote::{Client, ClientOptions, Wall, WallRefusal};

use crate::authority::Authority;
use crate::cache::DownloadCache;
use crate::credentials::Credentials;
use crate::error::GatewayError;
use crate::record::{Problem, Transfer};
use crate::rules::{RuleRefusal, Rules};
use crate::serving::{self, Serving, Sockets};
use crate::session_state::{GatewayState, HttpCache, SessionOptions, SessionState};

/// Settings of a gateway. The default allows public hosts, has no credentials and keeps nothing.
#[derive(Clone, Default)]
pub struct GatewayOptions {
    /// Which hosts may be reached.
    pub rules: Rules,
    /// The `Authorization` that is added to requests, by host.
    pub credentials: Credentials,
    /// The download cache; without one every request goes to its server.
    pub downloads: Option<Downloads>,
    /// Settings of the HTTP client: CA bundle, proxies, timeouts. Its `wall` is replaced by `rules`, and its `parallel`
    /// by a number of the gateway's own.
    pub client: ClientOptions,
}

/// A download cache, and how long its responses are fresh.
#[derive(Clone)]
pub struct Downloads {
    /// Where responses are kept.
    pub cache: Arc<dyn DownloadCache>,
    /// The longest that a response is served without asking the server, whatever its own lifetime; not for responses
    /// that are `immutable` (RFC 8246) or whose address contains their digest.
    pub max_age: Duration,
    /// The time at which the build began.
    pub now: SystemTime,
}

impl Downloads {
    fn start(self) -> HttpCache {
        let now = self.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        HttpCache { cache: self.cache, max_age: self.max_age, began: now, since: Instant::now() }
    }
}

/// The egress proxy of one build. Threads are started by [`Session::serve`] and end with their connections.
pub struct Gateway(Arc<GatewayState>);

/// The gateway's side of one step: the names that it asked for, the responses that it received, and what was refused.
pub struct Session(Arc<SessionState>);

/// What is said of a public address of this machine's own.
const OWN: &str = "the machine itself, by an address of its own";

/// Whether this machine has `address`: then the kernel answers it from that very address. By it, services are reached
/// that listen on all addresses, past the firewall. Sends nothing.
fn is_own(address: IpAddr) -> bool {
    let any = match address {
        IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
    };
    // Any port but 0: which one says nothing.
    let route = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect((address, 9))?;
        socket.local_addr()
    });
    route.is_ok_and(|from| from.ip() == address)
}

/// Idle connections that are kept open to each server.
const KEPT_CONNECTIONS: usize = 64;

impl Gateway {
    /// A gateway with an authority of its own. Opens no connection yet.
    ///
    /// # Errors
    ///
    /// If a certificate to trust or a proxy's address cannot be used, or no key can be made.
    pub fn new(options: GatewayOptions) -> Result<Gateway, GatewayError> {
        let rules = options.rules.clone();
        let wall = Wall::new(move |host, port, address| {
            let refusal = match rules.check(host, port, Some(address)) {
                Err(refusal) => refusal,
                Ok(()) if !rules.names_address(host, port, address) && is_own(address) => {
                    RuleRefusal::Kind(OWN)
                }
                Ok(()) => return Ok(()),
            };
            Err(WallRefusal { why: refusal.why(), fix: Some(refusal.fix(host)) })
        });
        let client = ClientOptions { wall: Some(wall), parallel: KEPT_CONNECTIONS, ..options.client };
        Ok(Gateway(Arc::new(GatewayState {
            authority: Authority::new()?,
            client: Client::new(client)?,
            rules: options.rules,
            credentials: options.credentials,
            downloads: options.downloads.map(Downloads::start),
            sessions: AtomicUsize::new(0),
        })))
    }

    /// The certificate of this build's authority, in PEM: the only one that programs in its steps need to trust.
    pub fn certificate(&self) -> &str {
        self.0.authority.certificate()
    }

    /// A session for one step.
    pub fn session(&self) -> Session {
        self.session_with(SessionOptions::default())
    }

    /// A session for one step with placeholders, or with expected contents.
    pub fn session_with(&self, options: SessionOptions) -> Session {
        Session(Arc::new(SessionState::new(Arc::clone(&self.0), options)))
    }
}

impl Session {
    /// Serves the sockets of one sandbox until the result is dropped. A step has a sandbox for each of its commands,
    /// one after the other.
    ///
    /// # Errors
    ///
    /// If the sockets cannot be used, or no thread can be started.
    pub fn serve(&self, sockets: Sockets) -> Result<Serving, GatewayError> {
        serving::serve(Arc::clone(&self.0), sockets).map_err(|source| GatewayError::Sockets { source })
    }

    /// The responses that the step has received so far, sorted, without duplicates; at most 100,000.
    pub fn transfers(&self) -> Vec<Transfer> {
        self.0.record().transfers()
    }

    /// Whether the step asked for something that is not in [`SessionOptions::expected`], or a server sent other bytes.
    /// Then the step must count as failed even if its program succeeded. [`Session::problems`] says what it was.
    pub fn is_unexpected(&self) -> bool {
        self.0.record().is_unexpected()
    }

    /// Whether [`Session::transfers`] has all that entered. It has not while answers are on their way, and not after
    /// one broke off: bytes entered that cannot be compared with anything.
    pub fn is_complete(&self) -> bool {
        self.0.record().is_complete()
    }

    /// Whether responses were not kept in the download cache because of [`SessionOptions::cache_quota`].
    pub fn is_cache_quota_exceeded(&self) -> bool {
        self.0.quota.is_exceeded()
    }

    /// The requests and connections that were refused or failed so far, sorted, without duplicates. The first 64 or so
    /// are kept, and of those that the step's kernel refused the first 16.
    pub fn problems(&self) -> Vec<Problem> {
        self.0.record().problems()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The loopback is the one address that every machine has; the other one is of a block for documents.
    ///
    /// Source: RFC 5737.
    #[test]
    fn a_machine_knows_its_own_addresses() {
        assert!(is_own(IpAddr::from([127, 0, 0, 1])));
        assert!(!is_own(IpAddr::from([198, 51, 100, 77])));
    }
}
