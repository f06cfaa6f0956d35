//! [`Session`]: what a command that runs steps works with besides the library: the host, the
//! signals, the progress, the notices.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use packwright::planner::{Diagnostic, Plan};
use packwright::sandbox::Limits;
use packwright::store::{Store, StoreError};
use packwright::{BuildOptions, Builder, Catalog, Error, Event, LockUse, Secret, Source, StepNetwork};

use crate::exit::Exit;
use crate::flags::groups::{BuildFlags, ImageFlags, LogFlags, StepFlags};
use crate::flags::values::SecretFlag;
use crate::host::{Host, Located};
use crate::report::{Failure, Report};
use crate::signals::{self, Listener, listen};
use crate::terminal::notices::show_notices;
use crate::terminal::progress::Progress;
use crate::terminal::show::progress;

/// What a command that runs steps works with besides the library.
pub(crate) struct Session<'a> {
    pub(crate) host: &'a Host,
    pub(crate) started: Instant,
    pub(crate) listener: Listener,
    network: StepNetwork,
    log: LogFlags,
    subject: Option<String>,
    display: Arc<Display>,
}

/// Shows the library's events as they come, and keeps the notices for the end.
struct Display {
    progress: RwLock<Option<Box<dyn Progress>>>,
    notices: Mutex<Vec<Diagnostic>>,
}

impl Display {
    fn show(&self, event: &Event) {
        if let Some(progress) = &*self.progress.read().unwrap_or_else(PoisonError::into_inner) {
            progress.show(event);
        }
        if let Event::Noticed(notice) = event {
            let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
            // A source that is planned anew has the same to say again.
            if !notices.contains(notice) {
                notices.push(notice.clone());
            }
        }
    }
}

impl<'a> Session<'a> {
    /// Listens for signals and begins to show progress.
    pub(crate) fn open(host: &'a Host, flags: &BuildFlags) -> Result<Session<'a>, Failure> {
        let progress = RwLock::new(Some(progress(flags.log, host.terminal)));
        Ok(Session {
            host,
            started: Instant::now(),
            listener: listen()?,
            network: flags.steps.network()?,
            log: flags.log,
            subject: host.subject(flags.steps.subject.as_deref())?,
            display: Arc::new(Display { progress, notices: Mutex::default() }),
        })
    }

    /// The library's builder on the store at `store`, as the flags and the host want it.
    pub(crate) fn builder(
        &self,
        store: &Path,
        catalog: Catalog,
        flags: &BuildFlags,
    ) -> Result<Builder, Failure> {
        let (archive, steps) = (&flags.archive, &flags.steps);
        let (now, started) = (self.host.now, self.started);
        let addresses = self.host.addresses(archive.mirror.as_deref(), archive.security_mirror.as_deref())?;
        let client = self.host.client()?;
        let mut builder = Builder::new(self.open_store(store)?)
            .with_catalog(catalog)
            .client(client)
            .host_files(self.host.host_files()?)
            .limits(Limits {
                time: Some(steps.timeout),
                memory: steps.memory,
                processes: Some(steps.max_processes),
                output: Some(steps.max_output),
                disk: steps.max_disk,
                files: steps.max_files,
            })
            .max_age(if archive.refresh { Duration::ZERO } else { archive.max_age })
            .jobs(jobs(steps))
            .clock(move || now + started.elapsed());
        if let Some(mirror) = addresses.mirror() {
            builder = builder.mirror(mirror);
        }
        if let Some(isolation) = steps.isolation {
            builder = builder.only_isolation(isolation.isolation());
        }
        Ok(builder)
    }

    /// Opens the store at `path`. A wait for a process that prunes it is shown, and ends with the first signal.
    fn open_store(&self, path: &Path) -> Result<Store, Failure> {
        let mut tells = Event::waiting_for("the store");
        let opened = Store::open_with(path, &mut |wait| {
            if let Some(event) = tells(wait) {
                self.display.show(&event);
            }
            !self.listener.cancel.is_cancelled()
        });
        opened.map_err(|error| match error {
            StoreError::Cancelled => self.failure(Error::Cancelled),
            error => error.into(),
        })
    }

    /// The options of a build that shows its progress here and ends with the first signal.
    pub(crate) fn options(&self) -> BuildOptions {
        self.options_with(|_| {})
    }

    /// The same; `hear` is told every event as well.
    pub(crate) fn options_with(&self, hear: impl Fn(&Event) + Send + Sync + 'static) -> BuildOptions {
        let display = self.display.clone();
        let mut options = BuildOptions::default().on_progress(move |update| {
            hear(&update.event);
            display.show(&update.event);
        });
        options.cancel = self.listener.cancel.clone();
        options.network = self.network.clone();
        options.subject = self.subject.clone();
        options
    }

    /// The options of a build of an image that the flags describe.
    pub(crate) fn image_options(&self, image: &ImageFlags, strict: bool) -> Result<BuildOptions, Failure> {
        let mut options = self.options();
        options.plan.strict = strict;
        options.image.compression = image.compression.compression();
        options.image.epoch = self.host.epoch(image.epoch)?;
        options.lock = match &image.lock {
            Some(file) => LockUse::File(self.host.absolute(file)),
            None if image.locked => LockUse::Required,
            None => LockUse::IfFits,
        };
        Ok(options)
    }

    /// Does `work` with `source`, its plan and a builder for that plan, which `planned` makes. When a file changed
    /// after the source was listed, source and plan are made anew, once: an image is of one moment.
    pub(crate) fn of_one_moment<T>(
        &self,
        source: &Source,
        first: (Plan, Builder),
        planned: impl Fn(&Source) -> Result<(Plan, Builder), Failure>,
        work: impl Fn(&Source, Plan, Builder) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let error = match work(source, first.0, first.1) {
            Err(error) if error.is_source_changed() => error,
            done => return done.map_err(|error| self.failure(error)),
        };
        let Some(source) = source.rescan()? else { return Err(self.failure(error)) };
        self.notice([Diagnostic::info("source/changed", format!("{error}: it was planned anew"))]);
        let (plan, builder) = planned(&source)?;
        work(&source, plan, builder).map_err(|error| self.failure(error))
    }

    /// Adds notices, as if the library had emitted them.
    pub(crate) fn notice(&self, notices: impl IntoIterator<Item = Diagnostic>) {
        notices.into_iter().for_each(|notice| self.display.show(&Event::Noticed(notice)));
    }

    /// Ends the progress, so that the command can write other things, and shows the notices once.
    pub(crate) fn finish(&self) -> Vec<Diagnostic> {
        self.display.progress.write().unwrap_or_else(PoisonError::into_inner).take();
        let mut notices = self.display.notices.lock().unwrap_or_else(PoisonError::into_inner);
        let notices = std::mem::take(&mut *notices);
        show_notices(&notices, self.log, self.host.terminal);
        notices
    }

    /// The failure for `error`; for a build that a signal cancelled, the one that names the signal.
    pub(crate) fn failure(&self, error: Error) -> Failure {
        match self.listener.caught() {
            Some(signal) if matches!(error, Error::Cancelled) => Failure {
                exit: Exit::Signal(signal),
                reports: vec![Report::new(format!("stopped by {}", signals::name(signal)))],
            },
            _ => Failure::from(error),
        }
    }
}

impl Drop for Session<'_> {
    /// A failed build still shows its notices.
    fn drop(&mut self) {
        self.finish();
    }
}

/// The number of jobs: the flag's, or one for each processor.
pub(crate) fn jobs(steps: &StepFlags) -> NonZero<usize> {
    steps.jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZero::<usize>::MIN)
}

/// The files in `dir`, which may be relative, without `outputs`, absolute paths that the command
/// is going to write.
pub(crate) fn source(
    host: &Host,
    catalog: &Catalog,
    dir: &Path,
    outputs: &[PathBuf],
) -> Result<Source, Failure> {
    catalog.source(host.absolute(dir), outputs).map_err(|error| match error {
        Error::SourceUnreadable { source, .. } => {
            Failure::from(Error::SourceUnreadable { path: dir.to_owned(), source })
        }
        error => Failure::from(error),
    })
}

/// Refuses a store inside the source: it would become part of the application.
pub(crate) fn refuse_inside(source: &Source, store: &Located) -> Result<(), Failure> {
    match source.find(&store.path) {
        None => Ok(()),
        Some(path) => Err(Failure::usage(
            Report::new(Error::StoreInSource { store: path }.to_string())
                .why(format!("{} says that it is there", store.origin))
                .fix("name a directory outside with `--store DIR` or in PACKWRIGHT_STORE"),
        )),
    }
}

/// The settings and secrets that steps of a plan may see, with their values.
pub(crate) struct StepValues {
    settings: BTreeMap<String, String>,
    secrets: Vec<Secret>,
}

impl StepValues {
    /// Errors: a secret has no value or too short a one; a setting is not UTF-8.
    pub(crate) fn read(
        host: &Host,
        catalog: &Catalog,
        plan: &Plan,
        secrets: &[SecretFlag],
    ) -> Result<StepValues, Failure> {
        let secrets: Result<Vec<Secret>, Failure> = secrets.iter().map(|flag| host.secret(flag)).collect();
        Ok(StepValues { secrets: secrets?, settings: host.settings(catalog, plan)? })
    }

    /// With further secrets.
    pub(crate) fn and(mut self, secrets: impl IntoIterator<Item = Secret>) -> StepValues {
        self.secrets.extend(secrets);
        self
    }

    /// The builder that gives them to steps.
    pub(crate) fn give(self, builder: Builder) -> Builder {
        builder.settings(self.settings).secrets(self.secrets)
    }
}
