//! [`CancelToken`]: how a caller ends builds before they are done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use packwright_engine::Cancellation;
use packwright_engine::sandbox::SandboxError;

/// Ends every build that was given a clone of it, from any thread. Downloads end at the next
/// block, the process that runs is killed with all its children, and nothing half-made is kept.
/// Cancelling cannot be taken back: builds that begin afterwards end at once.
#[derive(Debug, Clone, Default)]
pub struct CancelToken {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_cancelled: AtomicBool,
    /// One for each build that runs.
    cancellations: Mutex<Vec<Weak<Cancellation>>>,
}

impl CancelToken {
    /// A token that nothing was cancelled with.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends the builds. The second time changes nothing.
    pub fn cancel(&self) {
        self.shared.is_cancelled.store(true, Ordering::SeqCst);
        self.running().iter().filter_map(Weak::upgrade).for_each(|build| build.cancel());
    }

    /// Whether [`CancelToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled.load(Ordering::SeqCst)
    }

    /// Passes a signal to the applications that [`crate::Builder::run`] runs.
    pub fn pass_on(&self, signal: i32) {
        self.running().iter().filter_map(Weak::upgrade).for_each(|build| build.pass_on(signal));
    }

    /// The engine's cancellation of one build, which this token triggers.
    pub(crate) fn for_build(&self) -> Result<Arc<Cancellation>, SandboxError> {
        let cancellation = Arc::new(Cancellation::new()?);
        let mut running = self.running();
        running.retain(|build| build.strong_count() > 0);
        running.push(Arc::downgrade(&cancellation));
        // Under the lock, so that a cancellation either finds this build or is found here.
        if self.is_cancelled() {
            cancellation.cancel();
        }
        Ok(cancellation)
    }

    fn running(&self) -> MutexGuard<'_, Vec<Weak<Cancellation>>> {
        self.shared.cancellations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_ends_all_its_builds() {
        let token = CancelToken::new();
        let before = token.for_build().unwrap();
        assert!(!before.is_cancelled());
        token.clone().cancel();
        assert!(before.is_cancelled() && token.is_cancelled());
        assert!(token.for_build().unwrap().is_cancelled());
    }
}
