//! [`Names`]: host names and their addresses. A name is looked up once, however many threads ask for it at the same
//! time, and kept for [`KEPT`]; the caller's [`Wall`] is asked each time an address is given out, so that no address
//! is connected to that was not checked.
//!
//! Without it, a build of forty packages asks for the same name seventy times within a fraction of a second, and one
//! reply that is dropped costs five seconds.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::Wall;

/// How long a look-up holds.
const KEPT: Duration = Duration::from_secs(600);

/// Host names and their addresses, shared by all agents of a client.
pub(crate) struct Names<R = DefaultResolver> {
    lookup: R,
    known: Mutex<BTreeMap<String, Arc<Mutex<Option<Found>>>>>,
}

struct Found {
    addresses: Vec<SocketAddr>,
    at: Instant,
}

impl<R: Resolver> Names<R> {
    pub(crate) fn new(lookup: R) -> Names<R> {
        Names { lookup, known: Mutex::default() }
    }

    /// The addresses of the host of `uri`. Failures are not kept.
    fn addresses(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let key = format!("{}:{}", uri.host().unwrap_or_default().to_ascii_lowercase(), port(uri));
        let entry = Arc::clone(unpoisoned(&self.known).entry(key).or_default());
        // Held during the look-up: others that ask for the same name wait for its answer.
        let mut entry = unpoisoned(&entry);
        if let Some(found) = entry.as_ref().filter(|found| found.at.elapsed() < KEPT) {
            return Ok(found.addresses.clone());
        }
        let addresses: Vec<SocketAddr> = self.lookup.resolve(uri, config, timeout)?.iter().copied().collect();
        *entry = Some(Found { addresses: addresses.clone(), at: Instant::now() });
        Ok(addresses)
    }
}

/// Gives out what [`Names`] has and the wall lets pass.
pub(crate) struct Checked<R = DefaultResolver> {
    pub(crate) names: Arc<Names<R>>,
    pub(crate) wall: Option<Wall>,
}

impl<R: Resolver> Resolver for Checked<R> {
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
            // One address that is refused refuses the name: a name that mixes them is an attempt.
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

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 })
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<R> fmt::Debug for Names<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

impl<R> fmt::Debug for Checked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checked").field("wall", &self.wall).finish()
    }
}

#[cfg(test)]
mod tests;
