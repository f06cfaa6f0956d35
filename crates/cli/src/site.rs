//! [`Site`]: what all building commands need around the library: the way to the network, the
//! signals, the progress, the notices. [`Ground`] is a store with the isolation that works there.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use packwright_engine::planner::{Diagnostic, Plan};
use packwright_engine::remote::Client;
use packwright_engine::sandbox::{Isolation as Rung, Limits, Probe, probe};
use packwright_engine::store::Store;
use packwright_engine::{Architecture, BuildContext, BuildError, Event, Secret};

use crate::exit::Exit;
use crate::flags::{Isolation, LogFlags, Making, SecretFlag};
use crate::report::{Failure, Report};
use crate::signals::{self, Listener, listen};
use crate::surroundings::{Addresses, Surroundings};
use crate::terminal::{self, Progress};

/// What all building commands need around the library.
pub(crate) struct Site<'a> {
    pub(crate) surroundings: &'a Surroundings,
    pub(crate) log: LogFlags,
    pub(crate) started: Instant,
    pub(crate) listener: Listener,
    client: Client,
    addresses: Addresses,
    architecture: Architecture,
    progress: RwLock<Option<Box<dyn Progress>>>,
    notices: Mutex<Vec<Diagnostic>>,
}

/// A store, and the isolation that works on its file system.
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) rung: Option<Rung>,
    /// What was tried and does not work.
    obstacles: Vec<Probe>,
}

/// How the steps of one plan are to run.
pub(crate) struct Order {
    settings: BTreeMap<String, String>,
    /// What is said about variables that are not among the settings.
    withheld: Vec<Diagnostic>,
    secrets: Vec<Secret>,
    limits: Limits,
    max_age: Duration,
    pub(crate) jobs: NonZero<usize>,
    subject: String,
}

/// The rungs that run steps, from the top of the ladder.
const RUNGS: [Rung; 3] = [Rung::Overlay, Rung::Copy, Rung::Chroot];

impl<'a> Site<'a> {
    /// Opens the way to the network and listens for signals.
    pub(crate) fn open(surroundings: &'a Surroundings, making: &Making) -> Result<Site<'a>, Failure> {
        let Making { archive, log, .. } = making;
        let name = std::env::consts::ARCH;
        let architecture = Architecture::from_rust(name).ok_or_else(|| {
            Report::new(format!("machines of the kind `{name}` are not supported"))
                .fix("build on x86_64 or aarch64")
        })?;
        Ok(Site {
            surroundings,
            log: *log,
            started: Instant::now(),
            listener: listen()?,
            client: surroundings.client()?,
            addresses: surroundings
                .addresses(archive.mirror.as_deref(), archive.security_mirror.as_deref())?,
            architecture,
            progress: RwLock::new(Some(terminal::progress(*log, surroundings.terminal))),
            notices: Mutex::new(Vec::new()),
        })
    }

    /// Takes in what the library tells.
    pub(crate) fn hear(&self, event: Event) {
        if let Some(progress) = &*self.progress.read().unwrap_or_else(PoisonError::into_inner) {
            progress.hear(&event);
        }
        if let Event::Noticed(notice) = event {
            self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        }
    }

    /// Takes in things that people should know.
    pub(crate) fn notice(&self, notices: impl IntoIterator<Item = Diagnostic>) {
        notices.into_iter().for_each(|notice| self.hear(Event::Noticed(notice)));
    }

    /// Ends the progress, so that other things can be written; shows the notices, once.
    pub(crate) fn finish(&self) -> Vec<Diagnostic> {
        self.progress.write().unwrap_or_else(PoisonError::into_inner).take();
        let notices = std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner));
        terminal::tell_notices(&notices, self.log, self.surroundings.terminal);
        notices
    }

    /// The library's context on `ground` for `order`.
    pub(crate) fn context<'w>(
        &'w self,
        ground: &'w Ground,
        order: &Order,
        events: &'w (dyn Fn(Event) + Sync),
    ) -> Result<BuildContext<'w>, Failure> {
        self.notice(order.withheld.iter().cloned());
        Ok(BuildContext {
            store: &ground.store,
            shared: None,
            client: &self.client,
            mirror: self.addresses.mirror(),
            architecture: self.architecture,
            isolation: ground.rung,
            host: self.surroundings.host_files()?,
            settings: order.settings.clone(),
            secrets: order.secrets.clone(),
            limits: order.limits.clone(),
            retry: packwright_engine::STEP_RETRY,
            now: self.surroundings.now,
            max_age: order.max_age,
            jobs: order.jobs,
            subject: order.subject.clone(),
            events,
            stop: &self.listener.stop,
        })
    }

    /// What `error` means here: the end by a signal, or a failure with what this machine refuses.
    pub(crate) fn failure(&self, ground: &Ground, error: BuildError) -> Failure {
        if let Some(signal) = self.listener.caught().filter(|_| self.listener.stop.is_set()) {
            let report = Report::new(format!("stopped by {}", signals::name(signal)));
            return Failure { exit: Exit::Signal(signal), reports: vec![report] };
        }
        let no_isolation = matches!(error, BuildError::NoIsolation { .. } | BuildError::NoIsolationToRun);
        let mut failure = Failure::from(error);
        if no_isolation {
            let obstacles = ground
                .obstacles
                .iter()
                .filter_map(|probe| Some(format!("{}: {}", probe.isolation, probe.result.as_ref().err()?)));
            failure.reports[0].why.extend(obstacles);
        }
        failure
    }
}

impl Drop for Site<'_> {
    /// A failed build still tells what it noticed.
    fn drop(&mut self) {
        self.finish();
    }
}

impl Ground {
    /// Opens the store at `path` and tries the ladder there: the rung that is `wanted`, or all
    /// from the top without those to `avoid` as long as others work.
    ///
    /// Errors: the store cannot be opened; the rung that is wanted does not work.
    pub(crate) fn open(
        site: &Site<'_>,
        path: &Path,
        wanted: Option<Isolation>,
        avoid: Option<Rung>,
    ) -> Result<Ground, Failure> {
        let store = Store::open(path)?;
        let scratch = store.scratch()?;
        let mut rungs = match wanted {
            Some(isolation) => vec![isolation.rung()],
            None => RUNGS.to_vec(),
        };
        rungs.sort_by_key(|rung| avoid == Some(*rung));
        let mut obstacles = Vec::new();
        for rung in rungs {
            let others: Vec<Rung> = Rung::ALL.into_iter().filter(|other| *other != rung).collect();
            let tried = probe(scratch.path(), &others).into_iter().find(|probe| probe.isolation == rung);
            match tried {
                Some(Probe { result: Ok(notes), .. }) => {
                    site.notice(
                        notes.iter().map(|note| Diagnostic::info("isolation/less", note.to_string())),
                    );
                    drop(scratch);
                    return Ok(Ground { store, rung: Some(rung), obstacles });
                }
                Some(failed) => obstacles.push(failed),
                None => {}
            }
        }
        if let (Some(_), Some(Probe { isolation: rung, result: Err(error) })) = (wanted, obstacles.first()) {
            let report = Report::new(format!("this machine does not offer `{rung}`"));
            let fix = error
                .fix()
                .unwrap_or_else(|| "leave out `--isolation`; `packwright doctor` says what works".to_owned());
            return Err(report.because(error).fix(fix).into());
        }
        drop(scratch);
        Ok(Ground { store, rung: None, obstacles })
    }
}

impl Order {
    /// For work without a plan.
    pub(crate) fn plain(Making { archive, steps, .. }: &Making) -> Order {
        let jobs = steps.jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN);
        Order {
            settings: BTreeMap::new(),
            withheld: Vec::new(),
            secrets: Vec::new(),
            limits: Limits {
                time: Some(steps.timeout),
                memory: steps.memory,
                processes: Some(steps.max_processes),
                output: Some(steps.max_output),
            },
            max_age: if archive.refresh { Duration::ZERO } else { archive.max_age },
            jobs,
            subject: String::new(),
        }
    }

    /// How the steps of `plan` are to run; `subject` is what the build is of.
    pub(crate) fn new(
        surroundings: &Surroundings,
        plan: &Plan,
        secrets: &[SecretFlag],
        making: &Making,
        subject: &Path,
    ) -> Result<Order, Failure> {
        let secrets: Result<Vec<Secret>, Failure> =
            secrets.iter().map(|secret| surroundings.secret(secret)).collect();
        Ok(Order {
            settings: surroundings.settings(plan)?,
            withheld: surroundings.withheld(plan),
            secrets: secrets?,
            subject: subject.display().to_string(),
            ..Order::plain(making)
        })
    }
}
