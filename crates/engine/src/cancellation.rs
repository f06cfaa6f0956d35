//! [`Cancellation`]: how the caller ends a build before it is done.

use std::sync::atomic::{AtomicBool, Ordering};

use packwright_sandbox::{Control, SandboxError};

/// Ends a build from another thread or from a signal handler: downloads stop at the next block,
/// the process that runs is killed with all its children, nothing half-made is kept.
#[derive(Debug)]
pub struct Cancellation {
    flag: AtomicBool,
    control: Control,
}

impl Cancellation {
    /// A build that goes on.
    ///
    /// Errors: the process has no file descriptor left.
    pub fn new() -> Result<Cancellation, SandboxError> {
        Ok(Cancellation { flag: AtomicBool::new(false), control: Control::new()? })
    }

    /// Ends the build.
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::SeqCst);
        self.control.cancel();
    }

    /// Passes `signal` to the process that runs.
    pub fn pass_on(&self, signal: i32) {
        self.control.signal(signal);
    }

    /// Whether the build was ended.
    pub fn is_cancelled(&self) -> bool {
        self.control.is_cancelled()
    }

    /// A stop for a part of the build: it ends that part alone, and this one ends it as well.
    pub(crate) fn child(&self) -> Result<Cancellation, SandboxError> {
        Ok(Cancellation { flag: AtomicBool::new(false), control: self.control.child()? })
    }

    /// For downloads. That of a part does not hear of the whole, so parts fetch nothing.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    pub(crate) fn control(&self) -> &Control {
        &self.control
    }
}
