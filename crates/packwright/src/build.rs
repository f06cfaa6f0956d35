//! [`Build`]: an image that was built, with what it was made of; it can be delivered, compared and
//! run.

use std::fmt;

use packwright_engine::oci::Digest;
use packwright_engine::planner::{Diagnostic, Lock, Plan, Severity};
use packwright_engine::sandbox::Isolation;
use packwright_engine::{BuildError, Built, Destination, Difference, Downloading, ImageOptions, Strictness};

use crate::error::Error;
use crate::job::Job;
use crate::lockfile;
use crate::options::BuildOptions;
use crate::progress::BuildId;
use crate::source::Source;

/// An image that was built, with what it was made of. The bytes of its layers are in the store.
#[non_exhaustive]
pub struct Build {
    /// The plan.
    pub plan: Plan,
    /// The lock: exact versions and digests of all that came from outside.
    pub lock: Lock,
    /// The image: its documents, its layers as values, and what there is to say about them.
    pub image: Built,
    source: Source,
    options: ImageOptions,
    job: Job,
}

impl Build {
    /// The number of the build, as its updates have it.
    pub fn id(&self) -> BuildId {
        self.job.id
    }

    /// The digest of the image's manifest.
    pub fn digest(&self) -> Digest {
        self.image.image.digest
    }

    /// The isolation that steps ran in; `None` where none works and nothing had to run.
    pub fn isolation(&self) -> Option<Isolation> {
        self.job.isolation.works
    }

    /// Writes the image to `destination`. What is there stays whole until the new image is.
    ///
    /// When the store turns out to be damaged, the image is built anew once: the store has thrown
    /// away what was damaged.
    pub fn deliver(&self, destination: &Destination) -> Result<(), Error> {
        self.job
            .within(|context| {
                packwright_engine::deliver(context, &self.image.image, self.image.epoch, destination)
            })
            .or_else(|error| match error {
                Error::Build(error) if error.is_damage() => self.deliver_anew(destination),
                error => Err(error),
            })
    }

    fn deliver_anew(&self, destination: &Destination) -> Result<(), Error> {
        let is_same = self.job.within(|context| {
            let source = self.source.snapshot(context.store)?;
            let again = packwright_engine::build(context, &self.plan, &self.lock, &source, &self.options)?;
            if again.image.digest != self.digest() {
                return Ok(false);
            }
            packwright_engine::deliver(context, &again.image, again.epoch, destination)?;
            Ok(true)
        })?;
        match is_same {
            true => Ok(()),
            false => Err(Error::SourceChanged),
        }
    }

    /// What is different in the image of `other`, entry by entry; nothing when they are the same.
    pub fn compare(&self, other: &Build) -> Vec<Difference> {
        packwright_engine::compare(&self.image, &other.image)
    }
}

impl fmt::Debug for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Build")
            .field("id", &self.id())
            .field("digest", &self.digest())
            .finish_non_exhaustive()
    }
}

/// Pins what no lock answers, and builds.
pub(crate) fn run(job: Job, source: &Source, plan: Plan, options: &BuildOptions) -> Result<Build, Error> {
    let found = lockfile::find(source, &options.lock)?;
    let job = match &found {
        Some(found) if found.must_fit => {
            job.notice((job.has_host_network() && !found.lock.fetched.is_empty()).then(unchecked));
            job.downloading(Downloading::Locked)
        }
        _ => job,
    };
    let (lock, image) = job.within(|context| {
        let tree = source.snapshot(context.store)?;
        let fitting = found
            .map(|found| {
                let fits = packwright_engine::check_lock(context, &plan, &tree, &found.lock);
                found.fitting(fits)
            })
            .transpose()?;
        let (lock, image) = match fitting {
            Some(Ok(lock)) => {
                let image = packwright_engine::build(context, &plan, &lock, &tree, &options.image)?;
                (lock, image)
            }
            unfit => {
                job.notice(unfit.and_then(Result::err));
                let lock = packwright_engine::pin(context, &plan, &tree, strictness(options))?;
                packwright_engine::build_adding(context, &plan, lock, &tree, &options.image)?
            }
        };
        refuse_warnings(options, &image)?;
        Ok::<_, BuildError>((lock, image))
    })?;
    Ok(Build { plan, lock, image, source: source.clone(), options: options.image.clone(), job })
}

/// Refuses an image that lacks anything, optional or not, under `strict`.
fn refuse_warnings(options: &BuildOptions, image: &Built) -> Result<(), BuildError> {
    let warnings = image.findings.iter().filter(|finding| finding.severity == Severity::Warning);
    let findings: Vec<Diagnostic> =
        warnings.map(|finding| Diagnostic { severity: Severity::Error, ..finding.clone() }).collect();
    match strictness(options) {
        Strictness::Strict if !findings.is_empty() => Err(BuildError::NotWhole { findings }),
        _ => Ok(()),
    }
}

/// Pins everything that the plan leaves open, and what a finished image needs besides: only the image tells, so it is
/// built.
pub(crate) fn pin(job: &Job, source: &Source, plan: &Plan, options: &BuildOptions) -> Result<Lock, Error> {
    job.within(|context| {
        let tree = source.snapshot(context.store)?;
        let lock = packwright_engine::pin(context, plan, &tree, strictness(options))?;
        let (lock, _) = packwright_engine::build_adding(context, plan, lock, &tree, &options.image)?;
        Ok(lock)
    })
}

/// What there is to say when what steps fetch cannot be compared with the lock.
fn unchecked() -> Diagnostic {
    Diagnostic::warning("lock/network-host", "what steps fetch is not compared with the lock")
        .why("they have the host's network, and what they get from there is seen by nobody")
        .fix("leave out `--network host`")
}

fn strictness(options: &BuildOptions) -> Strictness {
    match options.plan.strict {
        true => Strictness::Strict,
        false => Strictness::Lenient,
    }
}
