//! [`CancelToken`]: how a caller ends builds before they are done.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use packwright_engine::Stop;
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
    stops: Mutex<Vec<Weak<Stop>>>,
}

impl CancelToken {
    /// A token that nothing was cancelled with.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends the builds. The second time changes nothing.
    pub fn cancel(&self) {
        self.shared.is_cancelled.store(true, Ordering::SeqCst);
        self.running().iter().filter_map(Weak::upgrade).for_each(|stop| stop.now());
    }

    /// Whether [`CancelToken::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled.load(Ordering::SeqCst)
    }

    /// Passes a signal to the applications that [`crate::Builder::run`] runs.
    pub fn pass_on(&self, signal: i32) {
        self.running().iter().filter_map(Weak::upgrade).for_each(|stop| stop.pass_on(signal));
    }

    /// The engine's switch for one build, which this token throws.
    pub(crate) fn stop(&self) -> Result<Arc<Stop>, SandboxError> {
        let stop = Arc::new(Stop::new()?);
        let mut running = self.running();
        running.retain(|stop| stop.strong_count() > 0);
        running.push(Arc::downgrade(&stop));
        // Under the lock, so that a cancellation either finds the switch or is found here.
        if self.is_cancelled() {
            stop.now();
        }
        Ok(stop)
    }

    fn running(&self) -> MutexGuard<'_, Vec<Weak<Stop>>> {
        self.shared.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_ends_all_its_builds() {
        let token = CancelToken::new();
        let before = token.stop().unwrap();
        assert!(!before.is_set());
        token.clone().cancel();
        assert!(before.is_set() && token.is_cancelled());
        assert!(token.stop().unwrap().is_set());
    }
}
