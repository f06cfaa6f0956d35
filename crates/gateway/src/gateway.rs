//! [`Gateway`] and [`Session`]: what belongs to one build, and what belongs to one step of it.

use std::net::{IpAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use packwright_remote::{Client, ClientOptions, Wall};

use crate::authority::Authority;
use crate::cache::DownloadCache;
use crate::credentials::Credentials;
use crate::doors::{self, Serving, Sockets};
use crate::error::GatewayError;
use crate::record::{Problem, Transfer};
use crate::visit::{Keeper, SessionOptions, Shared, Visit};
use crate::wall::{Refused, Rules};

/// What a gateway needs to know.
#[derive(Clone, Default)]
pub struct GatewayOptions {
    /// Which hosts may be reached.
    pub rules: Rules,
    /// What to say to which host.
    pub credentials: Credentials,
    /// Where answers are kept between builds.
    pub downloads: Option<Downloads>,
    /// The way to the network: whom to trust, proxies, timeouts. Its wall is replaced by `rules`.
    pub client: ClientOptions,
}

/// A download cache, and how current its answers have to be.
#[derive(Clone)]
pub struct Downloads {
    /// Where answers are kept.
    pub cache: Arc<dyn DownloadCache>,
    /// How long an answer is taken for current at most, unless it says that it never changes.
    pub max_age: Duration,
    /// The time at which the build began.
    pub now: SystemTime,
}

impl Downloads {
    fn start(self) -> Keeper {
        let now = self.now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        Keeper { cache: self.cache, max_age: self.max_age, began: now, since: Instant::now() }
    }
}

/// What the steps of one build reach. Its threads end with the connections that they serve.
pub struct Gateway(Arc<Shared>);

/// What belongs to a step: its names, what entered it, what was refused to it.
pub struct Session(Arc<Visit>);

/// What is said of a public address of this machine's own.
const OWN: &str = "the machine itself, by an address of its own";

/// Whether this machine has `address`: only then a socket can have it. By it, services are reached that listen on all
/// addresses, past the firewall.
fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

/// Connections that are kept open for each host.
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
            rules.check(host, port, Some(address)).map_err(Refused::why)?;
            match !rules.names_address(host, port, address) && is_own(address) {
                true => Err(Refused::Kind(OWN).why()),
                false => Ok(()),
            }
        });
        let client = ClientOptions { wall: Some(wall), parallel: KEPT_CONNECTIONS, ..options.client };
        Ok(Gateway(Arc::new(Shared {
            authority: Authority::new()?,
            client: Client::new(client)?,
            rules: options.rules,
            credentials: options.credentials,
            downloads: options.downloads.map(Downloads::start),
        })))
    }

    /// The certificate that programs in the steps of this build have to trust, in PEM, and no other.
    pub fn certificate(&self) -> &str {
        self.0.authority.certificate()
    }

    /// What one step reaches.
    pub fn session(&self) -> Session {
        self.session_with(SessionOptions::default())
    }

    /// What one step reaches of which more is known.
    pub fn session_with(&self, options: SessionOptions) -> Session {
        Session(Arc::new(Visit::new(Arc::clone(&self.0), options)))
    }
}

impl Session {
    /// Serves the sockets of one process until the result is dropped. A step may have several processes, one after the
    /// other.
    ///
    /// # Errors
    ///
    /// If the sockets cannot be used, or no thread can be started.
    pub fn serve(&self, sockets: Sockets) -> Result<Serving, GatewayError> {
        doors::serve(Arc::clone(&self.0), sockets).map_err(|source| GatewayError::Sockets { source })
    }

    /// What entered so far: sorted, each once.
    pub fn transfers(&self) -> Vec<Transfer> {
        self.0.record().transfers()
    }

    /// Whether the step asked for something that was not expected, or got it from a server. Whatever its program made
    /// of that, its work is not what was expected. [`Session::problems`] names it.
    pub fn is_unexpected(&self) -> bool {
        self.0.record().is_unexpected()
    }

    /// Whether [`Session::transfers`] has all that entered. It has not while answers are on their way, and not after
    /// one broke off: bytes entered that cannot be compared with anything.
    pub fn is_complete(&self) -> bool {
        self.0.record().is_complete()
    }

    /// What was refused and what failed so far: sorted, each once.
    pub fn problems(&self) -> Vec<Problem> {
        self.0.record().problems()
    }
}
