//! [`Control`] cancels running processes and passes signals on to them. Lock-free, so that a signal handler may use it.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rustix::event::{EventfdFlags, eventfd};

use crate::error::SandboxError;

/// Cancels a process or passes it a signal, from any thread. Clones are the same control; a
/// [`Control::child`] can be cancelled without the others.
///
/// One control may serve any number of processes for [`Control::cancel`]; of a [`Control::signal`] only one
/// of them hears. Both methods are async-signal-safe: they take no lock and allocate nothing.
#[derive(Debug, Clone)]
pub struct Control {
    shared: Arc<Shared>,
    /// The control that this one is a child of.
    parent: Option<Arc<Control>>,
}

#[derive(Debug)]
struct Shared {
    cancelled: AtomicBool,
    /// Bit n is set while signal n waits to be passed on.
    signals: AtomicU64,
    wake: OwnedFd,
}

impl Control {
    /// # Errors
    ///
    /// [`SandboxError::Host`] if the process has no file descriptor left.
    pub fn new() -> Result<Self, SandboxError> {
        let wake = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .map_err(|errno| SandboxError::host("create an event descriptor", errno))?;
        Ok(Self {
            shared: Arc::new(Shared { cancelled: AtomicBool::new(false), signals: AtomicU64::new(0), wake }),
            parent: None,
        })
    }

    /// A control for some of the processes under this one: cancelling it kills these alone, and whatever is done
    /// to this one reaches them as well.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Host`] if the process has no file descriptor left.
    pub fn child(&self) -> Result<Self, SandboxError> {
        Ok(Self { parent: Some(Arc::new(self.clone())), ..Self::new()? })
    }

    /// Kills every process under this control, now and in future.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::SeqCst);
        self.wake();
    }

    /// Whether [`Control::cancel`] was called, here or on a control that this one is a child of.
    pub fn is_cancelled(&self) -> bool {
        self.lineage().any(|control| control.shared.cancelled.load(Ordering::SeqCst))
    }

    /// Passes a signal to the process group of the program inside. Numbers outside of 1 to 63 are ignored.
    ///
    /// A signal sent while nothing runs waits for the next process under this control.
    pub fn signal(&self, signal: i32) {
        if (1..=63).contains(&signal) {
            self.shared.signals.fetch_or(1 << signal, Ordering::SeqCst);
            self.wake();
        }
    }

    /// Each is readable when there is something new.
    pub(crate) fn wake_fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.lineage().map(|control| control.shared.wake.as_fd())
    }

    /// The signals to pass on, lowest number first. The wake-up is consumed, but not that of a cancellation:
    /// other processes under this control have to hear of it as well.
    pub(crate) fn take_signals(&self) -> impl Iterator<Item = u8> {
        let signals = self.lineage().fold(0, |signals, control| signals | control.shared.take());
        (1..64u8).filter(move |signal| signals & (1 << signal) != 0)
    }

    /// This control and those above it.
    fn lineage(&self) -> impl Iterator<Item = &Control> {
        std::iter::successors(Some(self), |control| control.parent.as_deref())
    }

    fn wake(&self) {
        // An error means that the counter is full, so the wake-up is already on its way.
        let _ = rustix::io::write(&self.shared.wake, &1u64.to_ne_bytes());
    }
}

impl Shared {
    fn take(&self) -> u64 {
        if !self.cancelled.load(Ordering::SeqCst) {
            // An error means that there was nothing to consume.
            let _ = rustix::io::read(&self.wake, &mut [0u8; 8]);
        }
        self.signals.swap(0, Ordering::SeqCst)
    }
}
