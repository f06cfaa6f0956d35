//! [`Builder`]: everything that builds share, as one owned value: the store, the ways out, the
//! languages, the limits. It makes plans, locks and images.

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use packwright_engine::debian::Mirror;
use packwright_engine::planner::{Buildpack, Diagnostic, Lock, Plan, PlanOptions};
use packwright_engine::remote::{Client, Retry};
use packwright_engine::sandbox::{Isolation, Limits, Outcome, Stream};
use packwright_engine::store::Store;
use packwright_engine::{Destination, Downloading, HostFiles, OpenedImage, Secret, StartOptions};
use packwright_platforms::Platform;

use crate::build::{self, Build};
use crate::catalog::Catalog;
use crate::error::Error;
use crate::isolation::Wanted;
use crate::job::Job;
use crate::options::{BuildOptions, LockUse};
use crate::parts::Parts;
use crate::progress::BuildId;
use crate::question;
use crate::source::Source;

/// Makes plans, locks and images. Owned, `Send + Sync + 'static`, and cheap to clone: a server
/// keeps one, and clones it where one request needs other secrets or another mirror.
///
/// A builder has no authority but what it is given. Without a mirror and host files it builds what
/// is in its store already; it never looks into the environment or the home directory.
#[derive(Clone)]
pub struct Builder {
    parts: Arc<Parts>,
}

impl Builder {
    /// A builder with all languages and platforms that keeps its work in `store`. It has one job
    /// at a time, no mirror, no settings and no secrets.
    pub fn new(store: Store) -> Builder {
        Builder { parts: Arc::new(Parts::new(store)) }
    }

    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Builder {
        change(Arc::make_mut(&mut self.parts));
        self
    }

    /// Keeps the work in another store.
    #[must_use]
    pub fn in_store(self, store: Store) -> Builder {
        self.with(|parts| parts.keep_in(store))
    }

    /// The languages and platforms that take part.
    #[must_use]
    pub fn with_catalog(self, catalog: Catalog) -> Builder {
        self.with(|parts| parts.catalog = catalog)
    }

    /// Adds a language of the caller's own; see [`Catalog::buildpack`].
    #[must_use]
    pub fn buildpack(self, buildpack: impl Buildpack + 'static) -> Builder {
        self.with(|parts| parts.catalog = std::mem::take(&mut parts.catalog).buildpack(buildpack))
    }

    /// Takes these languages and no others; see [`Catalog::languages`].
    #[must_use]
    pub fn languages(self, languages: impl IntoIterator<Item = Arc<dyn Buildpack>>) -> Builder {
        self.with(|parts| parts.catalog = std::mem::take(&mut parts.catalog).languages(languages))
    }

    /// Reads the files of these platforms and no others; see [`Catalog::platforms`].
    #[must_use]
    pub fn platforms(self, platforms: impl IntoIterator<Item = &'static Platform>) -> Builder {
        self.with(|parts| parts.catalog = std::mem::take(&mut parts.catalog).platforms(platforms))
    }

    /// Where Debian packages come from. Without it, only builds whose packages are in the store
    /// succeed.
    #[must_use]
    pub fn mirror(self, mirror: Mirror) -> Builder {
        self.with(|parts| parts.mirror = Some(mirror))
    }

    /// The way to the network. Without it, a client with the options' default is made: no proxy,
    /// and no certificate authority, so that https is out of reach.
    #[must_use]
    pub fn client(self, client: Client) -> Builder {
        self.with(|parts| parts.client = Some(Arc::new(client)))
    }

    /// The host's CA bundle and its files for name resolution. Only processes with the host's network see them: steps
    /// with [`StepNetwork::Host`](crate::StepNetwork::Host), and an image's process that is started here.
    #[must_use]
    pub fn host_files(self, host: HostFiles) -> Builder {
        self.with(|parts| parts.host = host)
    }

    /// Variables that choose package indexes, proxies and the like: `PIP_INDEX_URL`,
    /// `npm_config_registry`, `https_proxy`. A step gets those that it lists, and of these only
    /// those of package managers and proxies, since a list may come from a file of the source.
    /// It is safe to give a whole environment. Steps that fetch may reach the hosts that these settings name, even at
    /// private addresses. Proxies in these settings are ignored by the gateway: it uses those of the [`Builder::client`].
    #[must_use]
    pub fn settings(self, settings: impl IntoIterator<Item = (String, String)>) -> Builder {
        self.with(|parts| parts.settings = settings.into_iter().collect())
    }

    /// Secrets for the steps that build the source. They are looked for in all that steps leave.
    #[must_use]
    pub fn secrets(self, secrets: impl IntoIterator<Item = Secret>) -> Builder {
        self.with(|parts| parts.secrets = secrets.into_iter().collect())
    }

    /// Bounds for each command of a step.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Builder {
        self.with(|parts| parts.limits = limits)
    }

    /// How often and when a step that fetches is tried again after the network failed.
    #[must_use]
    pub fn retry(self, retry: Retry) -> Builder {
        self.with(|parts| parts.retry = retry)
    }

    /// How long answers of archives and package indexes count as current; zero to ask anew every time. It also bounds
    /// how long responses that the gateway keeps for steps are fresh, except those that never change.
    #[must_use]
    pub fn max_age(self, max_age: Duration) -> Builder {
        self.with(|parts| parts.max_age = max_age)
    }

    /// How much is done at the same time. It cannot change an image.
    #[must_use]
    pub fn jobs(self, jobs: NonZero<usize>) -> Builder {
        self.with(|parts| parts.jobs = jobs)
    }

    /// The time by which the age and validity of package indexes are judged; the system's clock
    /// unless given. It reaches no image.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Builder {
        self.with(|parts| parts.clock = Arc::new(clock))
    }

    /// Runs steps in this isolation and no other; the best one that works unless given.
    #[must_use]
    pub fn only_isolation(self, isolation: Isolation) -> Builder {
        self.with(|parts| parts.want(Wanted::Only(isolation)))
    }

    /// Runs steps in this isolation only where no other works: to build the same image under
    /// other conditions.
    #[must_use]
    pub fn avoid_isolation(self, isolation: Isolation) -> Builder {
        self.with(|parts| parts.want(Wanted::RatherNot(isolation)))
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The languages and platforms that take part.
    pub fn catalog(&self) -> &Catalog {
        &self.parts.catalog
    }

    /// The isolation that steps run in; `None` where none works.
    ///
    /// Errors: the isolation that is wanted does not work.
    pub fn isolation(&self) -> Result<Option<Isolation>, Error> {
        Ok(self.parts.isolation()?.works)
    }

    /// The number for a build that is about to begin; see [`BuildOptions::id`].
    pub fn next_id(&self) -> BuildId {
        self.parts.next_id()
    }

    /// The plan for `source`; see [`Catalog::plan`].
    pub fn plan(&self, source: &Source, options: &PlanOptions) -> Result<Plan, Error> {
        self.parts.catalog.plan(source, &self.plan_options(options))
    }

    /// The plan for `source` with the answer to the question of `plan`, which was made for it with the options'
    /// [`plan`](BuildOptions::plan): what the lock that the options choose has found, or what is found now. A plan
    /// without a question ([`Plan::question`]) comes back as it is; one whose question stays open can be built too.
    pub fn settle(&self, source: &Source, plan: Plan, options: &BuildOptions) -> Result<Plan, Error> {
        self.refuse_store_in(source)?;
        let again = |options: &PlanOptions| self.plan(source, options);
        question::settle(source, plan, options, again, |plan| self.job(source, plan, options))
    }

    /// Makes a plan for `source`, finds what its question asks for, pins every version that it leaves open, runs the steps
    /// that fetch to record their downloads, and builds the image to know which libraries it lacks. If the source changes
    /// meanwhile, it is listed and planned once more.
    pub fn lock(&self, source: &Source, options: &BuildOptions) -> Result<Lock, Error> {
        // A new lock has new answers.
        let options = &BuildOptions { lock: LockUse::Never, ..self.numbered(options) };
        self.of_one_moment(source, options, |source, plan| {
            let plan = self.settle(source, plan, options)?;
            self.lock_plan(source, &plan, options)
        })
    }

    /// Pins every version that `plan`, which was made for `source`, leaves open, and builds the image, as
    /// [`Builder::lock`] does.
    ///
    /// Errors: those of a build, too.
    pub fn lock_plan(&self, source: &Source, plan: &Plan, options: &BuildOptions) -> Result<Lock, Error> {
        self.refuse_store_in(source)?;
        let job = self.job(source, plan, options)?.downloading(Downloading::Recorded);
        build::pin(&job, source, plan, options)
    }

    /// Makes a plan for `source`, finds what its question asks for, and builds its image. A source that changes
    /// meanwhile is listed and planned once more.
    pub fn build(&self, source: &Source, options: &BuildOptions) -> Result<Build, Error> {
        let options = &self.numbered(options);
        self.of_one_moment(source, options, |source, plan| {
            let plan = self.settle(source, plan, options)?;
            self.build_plan(source, plan, options)
        })
    }

    /// The options with a number, so that all updates of one build have the same.
    fn numbered(&self, options: &BuildOptions) -> BuildOptions {
        let mut options = options.clone();
        options.id.get_or_insert_with(|| self.next_id());
        options
    }

    /// Does `work` with `source` and its plan: both of one moment, or what comes out would be of none.
    fn of_one_moment<T>(
        &self,
        source: &Source,
        options: &BuildOptions,
        work: impl Fn(&Source, Plan) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match work(source, self.plan(source, &options.plan)?) {
            Err(error) if error.is_source_changed() => match source.rescan()? {
                Some(source) => work(&source, self.plan(&source, &options.plan)?),
                None => Err(error),
            },
            done => done,
        }
    }

    /// Builds the image of `plan`, which was made for `source` by [`Builder::plan`] or adopted by
    /// [`Catalog::adopt`].
    ///
    /// Errors, besides those of the build: [`Error::is_source_changed`], since the plan may not be for the files
    /// that are there now.
    pub fn build_plan(&self, source: &Source, plan: Plan, options: &BuildOptions) -> Result<Build, Error> {
        self.refuse_store_in(source)?;
        let job = self.job(source, &plan, options)?;
        build::run(job, source, plan, options)
    }

    /// Reads an image that is somewhere already. Its files are in the store afterwards.
    pub fn open_image(&self, place: &Destination, options: &BuildOptions) -> Result<OpenedImage, Error> {
        let job = Job::new(self.parts.clone(), None, String::new(), options)?;
        job.within(|context| packwright_engine::open_image(context, place))
    }

    /// What is missing in an image that was read: programs of its processes, interpreters, libraries, symbol versions;
    /// errors first. Every image that is built here has passed this.
    pub fn verify(&self, opened: &OpenedImage, options: &BuildOptions) -> Result<Vec<Diagnostic>, Error> {
        let job = Job::new(self.parts.clone(), None, String::new(), options)?;
        job.within(|context| packwright_engine::verify(context, opened))
    }

    /// Runs a process of an image in isolation, on the host's network, until it ends.
    /// [`CancelToken::pass_on`](crate::CancelToken::pass_on) of the options' token sends it
    /// signals, cancelling kills it; `output` gets what it prints. Files that it writes are gone
    /// afterwards.
    pub fn run(
        &self,
        start: &StartOptions<'_>,
        options: &BuildOptions,
        output: &mut (dyn FnMut(Stream, &[u8]) + Send),
    ) -> Result<Outcome, Error> {
        let job = Job::new(self.parts.clone(), None, String::new(), options)?;
        job.within(|context| packwright_engine::start(context, start, output))
    }

    fn job(&self, source: &Source, plan: &Plan, options: &BuildOptions) -> Result<Job, Error> {
        let dir = || source.path().map_or_else(String::new, |path| path.display().to_string());
        let lineage = options.subject.clone().unwrap_or_else(dir);
        Job::new(self.parts.clone(), Some(plan), lineage, options)
    }

    /// The options with the builder's secrets among those that steps get.
    fn plan_options(&self, options: &PlanOptions) -> PlanOptions {
        let mut options = options.clone();
        for secret in &self.parts.secrets {
            if !options.secrets.contains(&secret.name) {
                options.secrets.push(secret.name.clone());
            }
        }
        options
    }

    fn refuse_store_in(&self, source: &Source) -> Result<(), Error> {
        match source.find(self.store().path()) {
            Some(store) => Err(Error::StoreInSource { store }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("store", &self.parts.store.path())
            .field("catalog", &self.parts.catalog)
            .finish_non_exhaustive()
    }
}
