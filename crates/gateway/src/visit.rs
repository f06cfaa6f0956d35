//! [`Visit`]: what the threads of one step share: its names, its record, how much is going on.

use std::net::Ipv4Addr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use packwright_remote::Client;

use crate::authority::Authority;
use crate::cache::DownloadCache;
use crate::credentials::Credentials;
use crate::dns::Lookup;
use crate::expected::{self, Demand, Expected};
use crate::names::{self, Names};
use crate::placeholder::Placeholder;
use crate::record::{Problem, ProblemKind, Record};
use crate::wall::{Refused, Rules};

/// What belongs to a build.
pub(crate) struct Shared {
    pub(crate) authority: Authority,
    pub(crate) client: Client,
    pub(crate) rules: Rules,
    pub(crate) credentials: Credentials,
    pub(crate) downloads: Option<Keeper>,
}

/// The download cache of a build, with its clock.
pub(crate) struct Keeper {
    pub(crate) cache: Arc<dyn DownloadCache>,
    pub(crate) max_age: Duration,
    /// When the build began, in seconds since 1970, and the moment of it.
    pub(crate) began: u64,
    pub(crate) since: Instant,
}

impl Keeper {
    /// Seconds since 1970, by the build's clock.
    pub(crate) fn now(&self) -> u64 {
        self.began.saturating_add(self.since.elapsed().as_secs())
    }
}

/// What is known of a step before it runs.
#[derive(Clone, Default)]
pub struct SessionOptions {
    /// What it sees in the place of its credentials.
    pub placeholders: Vec<Placeholder>,
    /// What it may get; anything when that is not known. Answers are broken off before their end when they turn out to
    /// be others; then [`Session::is_unexpected`](crate::Session::is_unexpected).
    pub expected: Option<Expected>,
    /// Whether the record is to be complete: then answers are read to their end even if the program is gone.
    pub is_recorded: bool,
}

/// What belongs to a step.
pub(crate) struct Visit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: SessionOptions,
    names: Mutex<Names>,
    record: Mutex<Record>,
    counts: Mutex<Counts>,
    changed: Condvar,
}

/// What is going on.
#[derive(Debug, Default)]
struct Counts {
    connections: usize,
    /// Requests whose answer is on its way.
    requests: usize,
}

/// Most connections of one step at a time; further ones wait in the kernel.
const MOST_CONNECTIONS: usize = 512;

/// Open files of the process for each connection of a step, so that a step leaves enough of them to everything else: one
/// to the program, one to the server, one for the copy, and as many again.
const FILES_OF_A_CONNECTION: u64 = 6;

fn most_connections() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(files / FILES_OF_A_CONNECTION).unwrap_or(usize::MAX).clamp(8, MOST_CONNECTIONS)
}

impl Visit {
    pub(crate) fn new(shared: Arc<Shared>, options: SessionOptions) -> Visit {
        Visit {
            shared,
            options,
            names: Mutex::default(),
            record: Mutex::default(),
            counts: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// What the resolver says of a name. Nobody is asked.
    pub(crate) fn look_up(&self, name: &str) -> Lookup {
        let Some(name) = names::normal(name).filter(|name| !name.ends_with(".arpa")) else {
            return Lookup::Unknown;
        };
        // No port: what is denied for one port alone has an address.
        match self.shared.rules.check(&name, 0, None) {
            Ok(()) => {}
            Err(refused @ Refused::Denied) => {
                self.refuse(&name, refused.why(), Some(refused.fix(&name)));
                return Lookup::Unknown;
            }
            Err(Refused::Kind(_)) => return Lookup::Unknown,
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

    /// What an answer from `address` has to be; `None` when it may be anything.
    pub(crate) fn demand(&self, address: &str, is_named: bool) -> Option<Demand<'_>> {
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

    /// Notes what the step's kernel refused; whether more of it is of use.
    pub(crate) fn hear(&self, problem: Problem) -> bool {
        self.record().hear(problem)
    }

    /// A place for one more connection, once there is one; `None` when `is_over` says that nobody waits any more.
    pub(crate) fn connection(self: &Arc<Self>, is_over: &dyn Fn() -> bool) -> Option<Connection> {
        let mut counts = unpoisoned(&self.counts);
        let most = most_connections();
        while counts.connections >= most {
            if is_over() {
                return None;
            }
            let wait = Duration::from_millis(50);
            counts = self.changed.wait_timeout(counts, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
        counts.connections += 1;
        Some(Connection(Arc::clone(self)))
    }

    /// Marks that an answer is on its way.
    pub(crate) fn request(&self) -> OnItsWay<'_> {
        unpoisoned(&self.counts).requests += 1;
        OnItsWay(self)
    }

    /// Waits until every answer is recorded, at most for `most`: what a program got whole before it ended is in the
    /// record.
    pub(crate) fn settle(&self, most: Duration) {
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

/// The place of one connection.
pub(crate) struct Connection(pub(crate) Arc<Visit>);

impl Drop for Connection {
    fn drop(&mut self) {
        unpoisoned(&self.0.counts).connections -= 1;
        self.0.changed.notify_all();
    }
}

/// An answer on its way.
pub(crate) struct OnItsWay<'a>(&'a Visit);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        unpoisoned(&self.0.counts).requests -= 1;
        self.0.changed.notify_all();
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
