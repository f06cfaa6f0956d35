//! [`Job`]: one build at work: what the engine may use for it, where its updates go, and how it
//! ends early.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Instant;

use packwright_engine::planner::{Diagnostic, Network, Plan};
use packwright_engine::remote::Client;
use packwright_engine::{
    Architecture, BuildContext, BuildError, Cancellation, Downloading, Event, StepNetwork, StoreDownloads,
};

use crate::cancel::CancelToken;
use crate::error::Error;
use crate::isolation::Found;
use crate::options::BuildOptions;
use crate::options::Listener;
use crate::parts::Parts;
use crate::progress::BuildId;
use crate::progress::Tracker;
use crate::settings::Settings;

/// One build at work.
pub(crate) struct Job {
    parts: Arc<Parts>,
    client: Arc<Client>,
    architecture: Architecture,
    pub(crate) isolation: Found,
    settings: BTreeMap<String, String>,
    subject: Option<String>,
    lineage: String,
    network: StepNetwork,
    downloading: Downloading,
    pub(crate) id: BuildId,
    tracker: Tracker,
    listener: Option<Listener>,
    cancel: CancelToken,
    cancellation: Arc<Cancellation>,
    deadline: Option<Instant>,
    is_late: AtomicBool,
}

impl Job {
    /// Prepares the work on `plan`, or work without one. What there is to say about plan,
    /// isolation and settings are its first updates.
    ///
    /// Errors: this machine cannot do what the builder demands.
    pub(crate) fn new(
        parts: Arc<Parts>,
        plan: Option<&Plan>,
        lineage: String,
        options: &BuildOptions,
    ) -> Result<Job, Error> {
        let name = std::env::consts::ARCH;
        let architecture = Architecture::from_rust(name).ok_or(Error::Architecture { name })?;
        let settings = plan.map(|plan| Settings::new(&parts.catalog, plan, &parts.settings));
        let (passed_on, remarks) = match settings {
            Some(settings) => (settings.passed_on, settings.remarks),
            None => Default::default(),
        };
        let id = options.id.unwrap_or_else(|| parts.next_id());
        let job = Job {
            client: parts.client()?,
            architecture,
            isolation: parts.isolation()?,
            settings: passed_on,
            subject: options.subject.clone(),
            lineage,
            network: options.network.clone(),
            downloading: Downloading::default(),
            id,
            tracker: Tracker::new(id, plan),
            listener: options.listener.clone(),
            cancel: options.cancel.clone(),
            cancellation: options.cancel.for_build()?,
            deadline: options.deadline,
            is_late: AtomicBool::new(false),
            parts,
        };
        job.notice(plan.iter().flat_map(|plan| plan.diagnostics.clone()));
        job.notice(job.isolation.notes.clone());
        job.notice(remarks);
        let fetches = plan.is_some_and(|plan| plan.steps.iter().any(|step| step.network == Network::Fetch));
        job.notice((fetches && job.network == StepNetwork::Host).then(host_network));
        Ok(job)
    }

    /// The same job, which is to know so much about what steps fetch.
    pub(crate) fn downloading(self, downloading: Downloading) -> Job {
        Job { downloading, ..self }
    }

    /// Whether steps that fetch have the host's network.
    pub(crate) fn has_host_network(&self) -> bool {
        self.network == StepNetwork::Host
    }

    /// Tells things that people should know.
    pub(crate) fn notice(&self, notices: impl IntoIterator<Item = Diagnostic>) {
        notices.into_iter().for_each(|notice| self.hear(Event::Noticed(notice)));
    }

    fn hear(&self, event: Event) {
        if let Some(listener) = &self.listener {
            self.tracker.track(event, &**listener);
        }
    }

    /// Does `work` with what the engine may use, until the deadline. What was found damaged in
    /// the store meanwhile is told, whatever comes of the work.
    pub(crate) fn within<T: Send>(
        &self,
        work: impl FnOnce(&BuildContext<'_>) -> Result<T, BuildError>,
    ) -> Result<T, Error> {
        let parts = &*self.parts;
        let hear = |event| self.hear(event);
        let mut context =
            BuildContext::new(&parts.store, &self.client, &self.cancellation, (parts.clock)(), &hear);
        context.mirror = parts.mirror.clone();
        context.architecture = self.architecture;
        context.isolation = self.isolation.works;
        context.network = self.network.clone();
        context.downloading = self.downloading;
        context.downloads = Some(Arc::new(StoreDownloads::new(Arc::clone(&parts.store))));
        context.host = parts.host.clone();
        context.settings = self.settings.clone();
        context.secrets = parts.secrets.clone();
        context.limits = parts.limits.clone();
        context.retry = parts.retry;
        context.max_age = parts.max_age;
        context.jobs = parts.jobs;
        context.subject = self.subject.clone();
        context.lineage = self.lineage.clone();
        let done = self.timed(|| work(&context));
        self.notice(parts.store.take_damage());
        done.map_err(|error| self.error(error))
    }

    /// Does `work`, and ends it at the deadline.
    fn timed<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(deadline) = self.deadline else { return work() };
        let (done, is_done) = mpsc::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(move || {
                let left = deadline.saturating_duration_since(Instant::now());
                if is_done.recv_timeout(left) == Err(mpsc::RecvTimeoutError::Timeout) {
                    self.is_late.store(true, Ordering::SeqCst);
                    self.cancellation.cancel();
                }
            });
            let result = work();
            drop(done);
            result
        })
    }

    /// What `error` means: the end that the caller or the deadline brought, or a failure.
    fn error(&self, error: BuildError) -> Error {
        match error {
            _ if self.cancel.is_cancelled() => Error::Cancelled,
            _ if self.is_late.load(Ordering::SeqCst) => Error::DeadlineExceeded,
            BuildError::NoIsolation { .. } | BuildError::NoIsolationToRun => {
                Error::NoIsolation { error: Box::new(error), obstacles: self.isolation.obstacles.clone() }
            }
            error => Error::Build(error),
        }
    }
}

/// What there is to say about steps that have the host's network.
fn host_network() -> Diagnostic {
    Diagnostic::warning("network/host", "steps that fetch have the host's network")
        .why(
            "they reach all that this machine reaches: its own services, private addresses, abstract sockets",
        )
        .fix("leave out `--network host`, and name the hosts that steps need with `--allow-host`")
}
