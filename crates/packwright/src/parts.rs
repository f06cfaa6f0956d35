//! [`Parts`]: what all builds of a [`Builder`](crate::Builder) share.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use packwright_engine::debian::Mirror;
use packwright_engine::remote::{Client, ClientOptions, Retry};
use packwright_engine::sandbox::Limits;
use packwright_engine::store::Store;
use packwright_engine::{HostFiles, MAX_AGE, STEP_LIMITS, STEP_RETRY, Secret};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::isolation::{self, Found, Wanted};
use crate::progress::BuildId;

/// What builds share.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) store: Arc<Store>,
    pub(crate) catalog: Catalog,
    pub(crate) client: Option<Arc<Client>>,
    pub(crate) mirror: Option<Mirror>,
    pub(crate) host: HostFiles,
    pub(crate) settings: BTreeMap<String, String>,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) limits: Limits,
    pub(crate) retry: Retry,
    pub(crate) max_age: Duration,
    pub(crate) jobs: NonZero<usize>,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    wanted: Wanted,
    /// What was found out about `wanted` on the file system of `store`.
    isolation: Arc<OnceLock<Found>>,
    builds: Arc<AtomicU64>,
}

impl Parts {
    /// With everything that is known, one job, no mirror, no settings and no secrets.
    pub(crate) fn new(store: Store) -> Parts {
        Parts {
            store: Arc::new(store),
            catalog: Catalog::default(),
            client: None,
            mirror: None,
            host: HostFiles::default(),
            settings: BTreeMap::new(),
            secrets: Vec::new(),
            limits: STEP_LIMITS,
            retry: STEP_RETRY,
            max_age: MAX_AGE,
            jobs: NonZero::<usize>::MIN,
            clock: Arc::new(SystemTime::now),
            wanted: Wanted::Best,
            isolation: Arc::default(),
            builds: Arc::default(),
        }
    }

    /// Keeps the work in another store.
    pub(crate) fn keep_in(&mut self, store: Store) {
        self.store = Arc::new(store);
        self.isolation = Arc::default();
    }

    /// Runs steps in another isolation.
    pub(crate) fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
        self.isolation = Arc::default();
    }

    /// The number of the next build.
    pub(crate) fn next_id(&self) -> BuildId {
        BuildId(self.builds.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The way to the network.
    pub(crate) fn client(&self) -> Result<Arc<Client>, Error> {
        match &self.client {
            Some(client) => Ok(client.clone()),
            None => Ok(Arc::new(Client::new(ClientOptions::default())?)),
        }
    }

    /// What isolation works here, found out once.
    pub(crate) fn isolation(&self) -> Result<Found, Error> {
        if let Some(found) = self.isolation.get() {
            return Ok(found.clone());
        }
        let found = isolation::find(&self.store, self.wanted)?;
        Ok(self.isolation.get_or_init(|| found).clone())
    }
}
