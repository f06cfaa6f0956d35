//! [`SessionState`]: the state that the threads of one step share: names, record, and the numbers of open connections and of
//! requests in flight. [`GatewayState`]: the state of the build.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use packwright_remote::Client;

use crate::authority::Authority;
use crate::cache::DownloadCache;
use crate::credentials::Credentials;
use crate::dns::Lookup;
use crate::expected::{self, Constraint, Expected};
use crate::names::{self, NameTable};
use crate::placeholder::Placeholder;
use crate::quota::{CacheQuota, Quota};
use crate::record::{Problem, ProblemKind, Record};
use crate::rules::{RuleRefusal, Rules};

/// The state of one build's gateway.
pub(crate) struct GatewayState {
    pub(crate) authority: Authority,
    pub(crate) client: Client,
    pub(crate) rules: Rules,
    pub(crate) credentials: Credentials,
    pub(crate) downloads: Option<HttpCache>,
    /// Sessions with connections, or that may have some.
    pub(crate) sessions: AtomicUsize,
}

/// The download cache of a build, with the time by which freshness is judged.
pub(crate) struct HttpCache {
    pub(crate) cache: Arc<dyn DownloadCache>,
    pub(crate) max_age: Duration,
    /// When the build began, in seconds since 1970; `since` is the same moment of the monotonic clock.
    pub(crate) began: u64,
    pub(crate) since: Instant,
}

impl HttpCache {
    /// The time in seconds since 1970: that at which the build began, and what has passed since.
    pub(crate) fn now(&self) -> u64 {
        self.began.saturating_add(self.since.elapsed().as_secs())
    }
}

/// Settings of one step's [`Session`](crate::Session).
#[derive(Clone, Default)]
pub struct SessionOptions {
    /// The placeholders that the step sees instead of its credentials.
    pub placeholders: Vec<Placeholder>,
    /// The contents that the step may receive; `None` for any. A response with another content is broken off before its
    /// end, and [`Session::is_unexpected`](crate::Session::is_unexpected) is true from then on.
    pub expected: Option<Expected>,
    /// Whether the record is to be complete: then answers are read to their end even if the program is gone.
    pub is_recorded: bool,
    /// How much of what the step receives is kept in the download cache.
    pub cache_quota: CacheQuota,
}

/// The state of one step's session.
pub(crate) struct SessionState {
    pub(crate) gateway: Arc<GatewayState>,
    pub(crate) options: SessionOptions,
    pub(crate) quota: Quota,
    names: Mutex<NameTable>,
    record: Mutex<Record>,
    counts: Mutex<Counts>,
    changed: Condvar,
}

/// Numbers of connections and requests in flight.
#[derive(Debug, Default)]
struct Counts {
    connections: usize,
    /// Requests whose answer is on its way.
    requests: usize,
}

/// Most connections of one step at a time; further ones wait in the kernel.
const MOST_CONNECTIONS: usize = 512;

/// Open files of the process for each connection of a step, so that the steps of a build leave enough of them to
/// everything else: one to the program, one to the server, one for the copy, and as many again.
const FILES_OF_A_CONNECTION: u64 = 6;

/// Most connections of one of so many steps, in a process that may open so many files.
fn most_connections(steps: usize, files: u64) -> usize {
    let all = usize::try_from(files / FILES_OF_A_CONNECTION).unwrap_or(usize::MAX);
    (all / steps.max(1)).clamp(8, MOST_CONNECTIONS)
}

impl SessionState {
    pub(crate) fn new(gateway: Arc<GatewayState>, options: SessionOptions) -> SessionState {
        gateway.sessions.fetch_add(1, Ordering::Relaxed);
        SessionState {
            gateway,
            quota: Quota::new(options.cache_quota),
            options,
            names: Mutex::default(),
            record: Mutex::default(),
            counts: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Answers a DNS query for a name, without asking any other server.
    pub(crate) fn look_up(&self, name: &str) -> Lookup {
        let Some(name) = names::normal(name).filter(|name| !name.ends_with(".arpa")) else {
            return Lookup::Unknown;
        };
        // Port 0 is no rule's port: a host that is denied on one port still has an address.
        match self.gateway.rules.check(&name, 0, None) {
            Ok(()) => {}
            Err(refused @ RuleRefusal::Denied) => {
                self.refuse(&name, refused.why(), Some(refused.fix(&name)));
                return Lookup::Unknown;
            }
            Err(RuleRefusal::Kind(_)) => return Lookup::Unknown,
        }
        match unpoisoned(&self.names).address_of(&name) {
            Some(address) => Lookup::Address(address),
            None => Lookup::Unknown,
        }
    }

    /// The host that a connection to `address` is for; `None` where the address stands for no name.
    pub(crate) fn host_of(&self, address: Ipv4Addr) -> Option<String> {
        match names::stands_for_a_name(address) {
            true => unpoisoned(&self.names).name_of(address).map(str::to_owned),
            false => Some(address.to_string()),
        }
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        unpoisoned(&self.record)
    }

    /// The constraint on a response from `address`; `None` if any content is allowed.
    pub(crate) fn constraint(&self, address: &str, is_named: bool) -> Option<Constraint<'_>> {
        self.options.expected.as_ref().map(|expected| expected.at(address, is_named))
    }

    pub(crate) fn refuse_unexpected(&self, what: &str, why: String) {
        let fix = Some(expected::REMEDY.to_owned());
        let problem = Problem { kind: ProblemKind::Refused, what: what.to_owned(), why, fix };
        self.record().refuse_unexpected(problem);
    }

    pub(crate) fn refuse(&self, what: &str, why: impl Into<String>, fix: Option<String>) {
        let problem = Problem { kind: ProblemKind::Refused, what: what.to_owned(), why: why.into(), fix };
        self.record().refuse(problem);
    }

    pub(crate) fn fail(&self, what: &str, why: impl Into<String>, fix: Option<String>) {
        let problem = Problem { kind: ProblemKind::Failed, what: what.to_owned(), why: why.into(), fix };
        self.record().refuse(problem);
    }

    /// Records what the step's kernel refused. Returns whether there is room for more.
    pub(crate) fn kernel_refused(&self, problem: Problem) -> bool {
        self.record().kernel_refused(problem)
    }

    /// Waits for a permit for one more connection; `None` once `is_over`.
    pub(crate) fn connection_permit(
        self: &Arc<Self>,
        is_over: &dyn Fn() -> bool,
    ) -> Option<ConnectionPermit> {
        let mut counts = unpoisoned(&self.counts);
        while counts.connections >= self.most_connections() {
            if is_over() {
                return None;
            }
            let wait = Duration::from_millis(50);
            counts = self.changed.wait_timeout(counts, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        counts.connections += 1;
        Some(ConnectionPermit(Arc::clone(self)))
    }

    fn most_connections(&self) -> usize {
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
        most_connections(self.gateway.sessions.load(Ordering::Relaxed), files)
    }

    /// Counts a request as in flight until the result is dropped.
    pub(crate) fn request(&self) -> InFlight<'_> {
        unpoisoned(&self.counts).requests += 1;
        InFlight(self)
    }

    /// Waits until no request is in flight, for at most `most`, so that the record has every response that the program
    /// received in full before it ended.
    pub(crate) fn drain(&self, most: Duration) {
        let end = Instant::now() + most;
        let mut counts = unpoisoned(&self.counts);
        while counts.requests > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            counts = self.changed.wait_timeout(counts, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for SessionState {
    fn drop(&mut self) {
        self.gateway.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The permit of one connection; dropping it lets the next one in.
pub(crate) struct ConnectionPermit(pub(crate) Arc<SessionState>);

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        unpoisoned(&self.0.counts).connections -= 1;
        self.0.changed.notify_all();
    }
}

/// A request in flight.
pub(crate) struct InFlight<'a>(&'a SessionState);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        unpoisoned(&self.0.counts).requests -= 1;
        self.0.changed.notify_all();
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_share_the_open_files_of_the_process() {
        assert_eq!(most_connections(1, 1024), 170);
        assert_eq!(most_connections(4, 1024), 42);
        assert_eq!(most_connections(4, u64::MAX), MOST_CONNECTIONS);
        assert_eq!(most_connections(1000, 256), 8, "each step has some");
    }
}
