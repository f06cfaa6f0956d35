//! [`BuildOptions`]: what a caller chooses about one build.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use packwright_engine::planner::{Lock, PlanOptions};
use packwright_engine::{ImageOptions, StepNetwork};

use crate::cancel::CancelToken;
use crate::progress::BuildId;
use crate::progress::Update;

/// Receives the updates of a build, from any thread.
pub(crate) type Listener = Arc<dyn Fn(&Update) + Send + Sync>;

/// What a caller chooses about one build. The default builds everything that is detected, from
/// the source's own lock file where that fits.
///
/// ```
/// let mut options = packwright::BuildOptions::default();
/// options.plan.app = Some("shop".to_owned());
/// options.lock = packwright::LockUse::Required;
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct BuildOptions {
    /// What is chosen about the plan. Secrets of the [`Builder`](crate::Builder) need not be
    /// named here again.
    pub plan: PlanOptions,
    /// What is chosen about the image.
    pub image: ImageOptions,
    /// Which lock is used.
    pub lock: LockUse,
    /// The application that the build is of, as the caller tells applications apart: a tenant's id and the
    /// application's, for example. It is never taken from the source, nor from where that is: both can be another
    /// application's. Builds of one subject share the caches of package managers and compilers, and the results of
    /// steps that use them; builds of others see neither. Without one, such caches are empty and end with their
    /// step. It reaches nothing but the store.
    pub subject: Option<String>,
    /// How steps that fetch reach the network. By default through a gateway, to public addresses and to hosts that the
    /// builder's settings name.
    pub network: StepNetwork,
    /// Ends the build when it is cancelled.
    pub cancel: CancelToken,
    /// The number of the build, for callers who took it from [`Builder::next_id`] because they
    /// must know it before the build begins; the next one unless given.
    ///
    /// [`Builder::next_id`]: crate::Builder::next_id
    pub id: Option<BuildId>,
    /// When the build has to be done, its delivery included.
    pub deadline: Option<Instant>,
    pub(crate) listener: Option<Listener>,
}

/// Which lock a build uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockUse {
    /// The source's own lock file where it is there and fits. One that does not fit is worth a
    /// warning, and versions are found anew.
    #[default]
    IfFits,
    /// The source's own lock file, which must be there and fit. If it lists what steps fetched, steps receive nothing
    /// else from the network. The same holds for `File` and `Exactly`.
    Required,
    /// The lock in this file, which must be there and fit.
    File(PathBuf),
    /// This lock, which must fit.
    Exactly(Box<Lock>),
    /// None: versions are found anew.
    Never,
}

impl BuildOptions {
    /// Hands every update of the build to `listener`, which is called from any thread and should
    /// return soon: the build waits for it.
    #[must_use]
    pub fn on_progress(mut self, listener: impl Fn(&Update) + Send + Sync + 'static) -> BuildOptions {
        self.listener = Some(Arc::new(listener));
        self
    }
}

impl fmt::Debug for BuildOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BuildOptions")
            .field("plan", &self.plan)
            .field("image", &self.image)
            .field("lock", &self.lock)
            .field("subject", &self.subject)
            .field("network", &self.network)
            .field("id", &self.id)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
