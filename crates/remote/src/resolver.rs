//! [`DnsCache`]: host names and their addresses. A name is looked up once, however many threads ask for it at the same
//! time, and kept for [`KEPT`]; a failure for [`FAILURE_KEPT`]. The caller's [`Wall`] is asked each time an address is
//! given out, so that no address is connected to that was not checked.
//!
//! Without it, a build of forty packages asks for the same name seventy times within a fraction of a second, and one
//! reply that is dropped costs five seconds.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

use crate::Wall;

/// How long a look-up holds.
const KEPT: Duration = Duration::from_secs(600);

/// How long a failed look-up holds at most. It holds no longer than it took: one that failed at once costs little, and
/// a download that is tried again a second later must be able to succeed.
const FAILURE_KEPT: Duration = Duration::from_secs(5);

/// Most names that are remembered.
const MOST_NAMES: usize = 10_000;

/// Host names and their addresses, shared by all agents of a client.
pub(crate) struct DnsCache<R = DefaultResolver> {
    lookup: R,
    /// Locked for a moment alone, and never while a name is looked up.
    known: Mutex<BTreeMap<String, Arc<Name>>>,
}

/// Locked while the name is looked up.
type Name = Mutex<Option<Known>>;

/// What the last look-up of a name gave.
struct Known {
    outcome: Result<Vec<SocketAddr>, Failure>,
    /// When it ended.
    at: Instant,
    /// How long it holds from then on.
    kept: Duration,
}

/// A failure that can be told more than once.
enum Failure {
    NotFound,
    Timeout(Timeout),
    Io(io::ErrorKind, String),
}

impl Failure {
    /// `None` for what is no matter of the name.
    fn of(error: &Error) -> Option<Failure> {
        match error {
            Error::HostNotFound => Some(Failure::NotFound),
            Error::Timeout(what) => Some(Failure::Timeout(*what)),
            Error::Io(error) => Some(Failure::Io(error.kind(), error.to_string())),
            _ => None,
        }
    }

    fn error(&self) -> Error {
        match self {
            Failure::NotFound => Error::HostNotFound,
            Failure::Timeout(what) => Error::Timeout(*what),
            Failure::Io(kind, why) => Error::Io(io::Error::new(*kind, why.clone())),
        }
    }
}

impl Known {
    /// Whether it answers somebody who asks since `asked`. Who waited for the end of a look-up takes what it gave,
    /// however late he comes to read it.
    fn answers(&self, asked: Instant) -> bool {
        self.at >= asked || self.at.elapsed() < self.kept
    }

    fn addresses(&self) -> Result<Vec<SocketAddr>, Error> {
        self.outcome.as_ref().map(Vec::clone).map_err(Failure::error)
    }
}

impl<R: Resolver> DnsCache<R> {
    pub(crate) fn new(lookup: R) -> DnsCache<R> {
        DnsCache { lookup, known: Mutex::default() }
    }

    /// The addresses of the host of `uri`. Waits for one look-up at most, its own or another's.
    fn addresses(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let key = format!("{}:{}", uri.host().unwrap_or_default().to_ascii_lowercase(), port(uri));
        let asked = Instant::now();
        let name = self.name(key);
        // Held during the look-up: others that ask for the same name wait for its answer.
        let mut known = unpoisoned(&name);
        if let Some(known) = known.as_ref().filter(|known| known.answers(asked)) {
            return known.addresses();
        }
        let begin = Instant::now();
        let found = self.lookup.resolve(uri, config, timeout);
        let at = Instant::now();
        let (outcome, kept) = match found {
            Ok(found) => (Ok(found.iter().copied().collect()), KEPT),
            Err(error) => match Failure::of(&error) {
                Some(failure) => (Err(failure), failure_kept(at - begin)),
                None => return Err(error),
            },
        };
        known.insert(Known { outcome, at, kept }).addresses()
    }

    /// What is known of a name. When there are too many, all are forgotten but those that somebody asks for just now.
    fn name(&self, key: String) -> Arc<Name> {
        let mut known = unpoisoned(&self.known);
        if known.len() >= MOST_NAMES && !known.contains_key(&key) {
            known.retain(|_, name| Arc::strong_count(name) > 1);
        }
        Arc::clone(known.entry(key).or_default())
    }
}

/// Gives out what [`DnsCache`] has and the wall lets pass.
pub(crate) struct FilteredResolver<R = DefaultResolver> {
    pub(crate) names: Arc<DnsCache<R>>,
    pub(crate) wall: Option<Wall>,
}

impl<R: Resolver> Resolver for FilteredResolver<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let addresses = self.names.addresses(uri, config, timeout)?;
        let host = uri.host().unwrap_or_default();
        let mut passed = self.empty();
        for address in addresses {
            // One refused address refuses the name: a name that mixes public and private addresses is an attack.
            if let Some(wall) = &self.wall {
                wall.check(host, address.port(), address.ip())
                    .map_err(|refused| Error::Io(std::io::Error::other(refused)))?;
            }
            passed.push(address);
        }
        match passed.is_empty() {
            true => Err(Error::HostNotFound),
            false => Ok(passed),
        }
    }
}

/// How long a failure holds that took so long.
fn failure_kept(took: Duration) -> Duration {
    took.min(FAILURE_KEPT)
}

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 })
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R> fmt::Debug for DnsCache<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DnsCache")
    }
}

impl<R> fmt::Debug for FilteredResolver<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilteredResolver").field("wall", &self.wall).finish()
    }
}

#[cfg(test)]
mod tests;
