//! [`BuildContext`]: the disk, the network and the sandbox that a build may use. All authority the
//! engine has comes through it; nothing is looked up in the environment.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use packwright_debian::Mirror;
use packwright_gateway::{DownloadCache, Downloads};
use packwright_oci::{Digest, Tree};
use packwright_remote::{Client, Retry};
use packwright_sandbox::{Isolation, Limits};
use packwright_store::{LockGuard, LockWait, Namespace, Scratch, Store, StoreError};

use crate::cancellation::Cancellation;
use crate::downloading::Downloading;
use crate::error::BuildError;
use crate::event::Event;
use crate::namespace::CACHE;
use crate::network::{BuildGateway, LazyGateway, StepNetwork};
use crate::secret::Secret;
use crate::shared_cache::SharedCache;

/// What a build may use, and how. [`BuildContext::new`] makes one; then set the fields that differ.
#[non_exhaustive]
pub struct BuildContext<'a> {
    /// Where everything is kept between builds.
    pub store: &'a Store,
    /// A cache that machines share, besides the store.
    pub shared: Option<SharedCache<'a>>,
    /// The HTTP client: the only access to the network.
    pub client: &'a Client,
    /// Where Debian packages come from; without one, only builds whose packages are in the
    /// store succeed.
    pub mirror: Option<Mirror>,
    /// The machine's architecture.
    pub architecture: Architecture,
    /// How steps are kept apart from the host; `None` when no isolation works here, so
    /// that only builds whose steps are all in the store succeed.
    pub isolation: Option<Isolation>,
    /// How steps that fetch reach the network.
    pub network: StepNetwork,
    /// The download cache of the gateway, for all steps of all applications; without one, the gateway stores nothing.
    pub downloads: Option<Arc<dyn DownloadCache>>,
    /// Whether the downloads of steps are recorded, or compared with the lock.
    pub downloading: Downloading,
    /// Made for the first step that needs it.
    pub(crate) gateway: Arc<LazyGateway>,
    /// Files of the host: whom it trusts, and what processes that have its network need.
    pub host: HostFiles,
    /// Variables that say where packages come from, for the steps that list them.
    pub settings: BTreeMap<String, String>,
    /// Secrets for the steps that name them.
    pub secrets: Vec<Secret>,
    /// Bounds for each step.
    pub limits: Limits,
    /// When a step that fetches and fails because of the network is run again, and how often.
    pub retry: Retry,
    /// The time: indexes are checked against it and reused until they are `max_age` old.
    pub now: SystemTime,
    /// How long answers of archives and indexes count as current; for responses that the gateway keeps, the upper
    /// bound of what HTTP says.
    pub max_age: Duration,
    /// How much is done at once: how many steps and layers, and how many threads unpack packages
    /// and compress a layer. Neither image nor order of events depends on it.
    pub jobs: NonZero<usize>,
    /// The application that the build is of, as the caller tells applications apart: a tenant's id and the
    /// application's, for example. Builds of one subject share the caches of steps and the results of steps that
    /// use them; no other build sees these. Without one, caches are empty and end with their step. It reaches
    /// nothing but the store.
    pub subject: Option<String>,
    /// Builds with the same text are compared to tell why a step runs again: the subject, or where the source is.
    pub lineage: String,
    /// Receives every event, from any thread.
    pub events: &'a (dyn Fn(Event) + Sync),
    /// Ends the build.
    pub cancellation: &'a Cancellation,
    /// When `now` was read, to know how late it is meanwhile.
    pub(crate) began: Instant,
}

/// Files of the host that processes with its network need: steps with [`StepNetwork::Host`], and an image's process
/// that is tried. They are bound into the sandbox and reach nothing that is kept. The default has none.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HostFiles {
    /// The certificate authorities that the host trusts, in PEM.
    pub ca_bundle: Option<PathBuf>,
    /// The host's resolver configuration.
    pub resolv_conf: Option<PathBuf>,
    /// The host's table of host names.
    pub hosts: Option<PathBuf>,
}

impl HostFiles {
    /// The same with the certificate authorities in the file `path`.
    pub fn ca_bundle(self, path: impl Into<PathBuf>) -> HostFiles {
        HostFiles { ca_bundle: Some(path.into()), ..self }
    }

    /// The same with the resolver configuration in the file `path`.
    pub fn resolv_conf(self, path: impl Into<PathBuf>) -> HostFiles {
        HostFiles { resolv_conf: Some(path.into()), ..self }
    }

    /// The same with the table of host names in the file `path`.
    pub fn hosts(self, path: impl Into<PathBuf>) -> HostFiles {
        HostFiles { hosts: Some(path.into()), ..self }
    }
}

/// Device and inode of a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RootId(u64, u64);

/// A machine architecture, under its three names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    Amd64,
    /// 64-bit ARM.
    Arm64,
}

impl Architecture {
    /// The architecture that Rust calls `name`, `x86_64` for example.
    pub fn from_rust(name: &str) -> Option<Architecture> {
        match name {
            "x86_64" => Some(Architecture::Amd64),
            "aarch64" => Some(Architecture::Arm64),
            _ => None,
        }
    }

    /// The name that Debian and OCI share for it.
    pub fn name(self) -> &'static str {
        match self {
            Architecture::Amd64 => "amd64",
            Architecture::Arm64 => "arm64",
        }
    }
}

/// The best isolation that works for the file system of `store`; those in
/// `disregard` are not tried.
pub fn best_isolation(store: &Store, disregard: &[Isolation]) -> Result<Option<Isolation>, BuildError> {
    let scratch = store.scratch()?;
    let probes = packwright_sandbox::probe(scratch.path(), disregard);
    Ok(probes
        .iter()
        .filter(|probe| probe.works())
        .map(|probe| probe.isolation)
        .find(|isolation| *isolation != Isolation::Nothing))
}

/// How long answers of archives and indexes are taken for current unless the caller says otherwise.
pub const MAX_AGE: Duration = Duration::from_secs(3600);

/// Bounds of a step unless the caller sets others.
pub const STEP_LIMITS: Limits = Limits {
    time: Some(Duration::from_secs(30 * 60)),
    memory: None,
    processes: Some(4096),
    output: Some(64 << 20),
    disk: None,
    files: None,
};

/// Tries of a step unless the caller sets others. Its tools have tried each file again already, so that
/// the pauses are longer than theirs.
pub const STEP_RETRY: Retry =
    Retry { tries: 3, first_pause: Duration::from_secs(3), longest_pause: Duration::from_secs(30) };

impl<'a> BuildContext<'a> {
    /// A context with nothing but these: no mirror, no isolation, no host files, no secrets,
    /// one job.
    pub fn new(
        store: &'a Store,
        client: &'a Client,
        cancellation: &'a Cancellation,
        now: SystemTime,
        events: &'a (dyn Fn(Event) + Sync),
    ) -> BuildContext<'a> {
        BuildContext {
            store,
            shared: None,
            client,
            mirror: None,
            architecture: match cfg!(target_arch = "aarch64") {
                true => Architecture::Arm64,
                false => Architecture::Amd64,
            },
            isolation: None,
            network: StepNetwork::default(),
            downloads: None,
            downloading: Downloading::default(),
            gateway: Arc::default(),
            host: HostFiles::default(),
            settings: BTreeMap::new(),
            secrets: Vec::new(),
            limits: STEP_LIMITS,
            retry: STEP_RETRY,
            now,
            max_age: MAX_AGE,
            jobs: NonZero::<usize>::MIN,
            subject: None,
            lineage: String::new(),
            events,
            cancellation,
            began: Instant::now(),
        }
    }

    /// The same with other `events` and another `cancellation`.
    pub(crate) fn with<'b>(
        &'b self,
        events: &'b (dyn Fn(Event) + Sync),
        cancellation: &'b Cancellation,
    ) -> BuildContext<'b> {
        BuildContext {
            store: self.store,
            shared: self.shared,
            client: self.client,
            mirror: self.mirror.clone(),
            architecture: self.architecture,
            isolation: self.isolation,
            network: self.network.clone(),
            downloads: self.downloads.clone(),
            downloading: self.downloading,
            gateway: Arc::clone(&self.gateway),
            host: self.host.clone(),
            settings: self.settings.clone(),
            secrets: self.secrets.clone(),
            limits: self.limits.clone(),
            retry: self.retry,
            now: self.now,
            max_age: self.max_age,
            jobs: self.jobs,
            subject: self.subject.clone(),
            lineage: self.lineage.clone(),
            events,
            cancellation,
            began: self.began,
        }
    }

    /// Whether an answer of an archive or an index that was recorded at `written` is current: younger
    /// than `max_age`, or asked for since this build began, by this build or another one.
    ///
    /// A time in the future tells that the clock was wrong then or is wrong now. Such an answer is never
    /// current: it would stay so until the clock arrives there, and hide all security updates until then.
    pub(crate) fn is_current(&self, written: SystemTime) -> bool {
        if written > self.now + self.began.elapsed() {
            return false;
        }
        written >= self.now || self.now.duration_since(written).is_ok_and(|age| age < self.max_age)
    }

    pub(crate) fn tell(&self, event: Event) {
        (self.events)(event);
    }

    /// Reports as events what was found damaged in the store since the last call.
    pub(crate) fn tell_damage(&self) {
        let mut damage = self.store.take_damage();
        // Found by several threads, in any order.
        damage.sort_by(|one, other| one.message.cmp(&other.message));
        for damage in damage {
            self.tell(Event::Noticed(damage));
        }
    }

    pub(crate) fn check_cancelled(&self) -> Result<(), BuildError> {
        match self.cancellation.is_cancelled() {
            true => Err(BuildError::Cancelled),
            false => Ok(()),
        }
    }

    /// Makes this build the only one that works on `key`.
    pub(crate) fn only_one(&self, namespace: Namespace, key: &Digest) -> Result<LockGuard, BuildError> {
        Ok(self.store.lock(namespace, key, &mut self.waiting("the same work"))?)
    }

    /// Makes this step the only one that uses the cache in `dir`, a directory of the store.
    pub(crate) fn only_user_of_cache(&self, dir: &Path) -> Result<LockGuard, BuildError> {
        // The store may be known by several paths.
        let name = dir.file_name().unwrap_or_default();
        let key = Digest::of(name.as_encoded_bytes());
        Ok(self.store.lock(CACHE, &key, &mut self.waiting("a cache of this application"))?)
    }

    /// `tree` as a directory that is never written into.
    pub(crate) fn root(&self, tree: &Tree) -> Result<PathBuf, BuildError> {
        let digest = self.store.put_tree(tree)?;
        Ok(self.store.root(&digest, &mut self.waiting("the same root"))?)
    }

    /// A new empty directory for temporary files.
    pub(crate) fn scratch(&self) -> Result<Scratch, BuildError> {
        Ok(self.store.scratch_with(&mut self.waiting("the store"))?)
    }

    /// What is called while another build holds the lock on `what`: it tells once who is waited for, and ends the
    /// wait when this build is cancelled.
    pub(crate) fn waiting(&self, what: &'static str) -> impl FnMut(&LockWait<'_>) -> bool + '_ {
        let mut tells = Event::waiting_for(what);
        move |wait| {
            if let Some(event) = tells(wait) {
                self.tell(event);
            }
            !self.cancellation.is_cancelled()
        }
    }

    /// The same, with what tells this directory from one that is made anew in its place.
    pub(crate) fn root_with_id(&self, tree: &Tree) -> Result<(PathBuf, RootId), BuildError> {
        let path = self.root(tree)?;
        match std::fs::metadata(&path) {
            Ok(found) => Ok((path, RootId(found.dev(), found.ino()))),
            Err(source) => Err(BuildError::Disk { path, source }),
        }
    }

    /// Fails when the root of `tree` is no longer the directory `id`: it was found damaged and made anew while it
    /// was used.
    pub(crate) fn check_root(&self, tree: &Tree, id: RootId) -> Result<(), BuildError> {
        let (path, now) = self.root_with_id(tree)?;
        match now == id {
            true => Ok(()),
            false => Err(StoreError::Corrupted { path, digest: self.store.put_tree(tree)? }.into()),
        }
    }

    /// The gateway by which steps of this build reach the network; `None` where they have the host's.
    pub(crate) fn step_gateway(&self) -> Result<Option<Arc<BuildGateway>>, BuildError> {
        let StepNetwork::Gateway(rules) = &self.network else { return Ok(None) };
        let mirrors = self.mirror.iter().flat_map(|mirror| [Some(&mirror.archive), mirror.security.as_ref()]);
        let client = self.client.options();
        let kept = |cache: &Arc<dyn DownloadCache>| Downloads {
            cache: Arc::clone(cache),
            max_age: self.max_age,
            now: self.now,
        };
        let downloads = self.downloads.as_ref().map(kept);
        let gateway = self
            .gateway
            .get(|| BuildGateway::new(rules, &self.settings, mirrors.flatten(), client, downloads))?;
        Ok(Some(gateway))
    }

    /// An empty directory in `scratch`.
    pub(crate) fn subdir(&self, scratch: &Scratch, name: &str) -> Result<PathBuf, BuildError> {
        let path = scratch.path().join(name);
        match std::fs::create_dir_all(&path) {
            Ok(()) => Ok(path),
            Err(source) => Err(BuildError::Disk { path, source }),
        }
    }

    /// An error of the store's directory.
    pub(crate) fn disk(&self, source: std::io::Error) -> BuildError {
        BuildError::Disk { path: self.store.path().to_owned(), source }
    }
}

#[cfg(test)]
mod tests {
    use packwright_remote::ClientOptions;

    use super::*;

    #[test]
    fn answers_from_the_future_and_of_the_past_are_not_current() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let now = SystemTime::now();
        let (second, years) = (Duration::from_secs(1), Duration::from_secs(2 * 365 * 24 * 3600));
        let mut context = BuildContext::new(&store, &client, &stop, now, &|_| {});
        for (max_age, ago, is_current) in [
            (second * 10, second * 9, true),
            (second * 10, second * 11, false),
            // `--refresh` asks, whatever the record's age.
            (Duration::ZERO, second, false),
            (Duration::ZERO, Duration::from_nanos(1), false),
        ] {
            context.max_age = max_age;
            assert_eq!(context.is_current(now - ago), is_current, "{max_age:?}, {ago:?} ago");
        }
        // One that was asked for since the build began is current for this build, even with `--refresh`.
        assert!(context.is_current(now));
        for max_age in [Duration::ZERO, second, years * 10] {
            context.max_age = max_age;
            assert!(!context.is_current(now + years), "{max_age:?}");
        }
    }
}
