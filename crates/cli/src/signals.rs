//! Signals: SIGINT, SIGTERM and SIGHUP end a build cleanly, or are passed on to the application that
//! the command runs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use packwright::CancelToken;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::Exit;
use crate::report::{Failure, Report};

/// What happens when this process receives a signal.
#[derive(Debug, Clone)]
pub(crate) struct Listener {
    /// Cancels the library's work.
    pub(crate) cancel: CancelToken,
    caught: Arc<AtomicI32>,
    passes_on: Arc<AtomicBool>,
}

/// Listens from now on, on a thread of its own.
///
/// While something is built, the first signal ends the build, which kills the step with all its
/// children and removes what is half made; a second one ends this process on the spot. While an
/// application runs, signals go to it; a second Ctrl-C kills it.
pub(crate) fn listen() -> Result<Listener, Failure> {
    let listener = Listener {
        cancel: CancelToken::new(),
        caught: Arc::new(AtomicI32::new(0)),
        passes_on: Arc::new(AtomicBool::new(false)),
    };
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(no_listener)?;
    let heard = listener.clone();
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || {
            for signal in signals.forever() {
                heard.hear(signal);
            }
        })
        .map_err(no_listener)?;
    Ok(listener)
}

/// The name of a signal, `SIGINT` for example.
pub(crate) fn name(signal: i32) -> String {
    signal_hook::low_level::signal_name(signal).map_or(format!("signal {signal}"), str::to_owned)
}

fn no_listener(error: io::Error) -> Failure {
    Report::new("cannot listen for signals").because(&error).into()
}

impl Listener {
    fn hear(&self, signal: i32) {
        let before = self.caught.swap(signal, Ordering::SeqCst);
        match self.passes_on.load(Ordering::SeqCst) {
            true if before == SIGINT && signal == SIGINT => self.cancel.cancel(),
            true => self.cancel.pass_on(signal),
            false if before == 0 => self.cancel.cancel(),
            false => std::process::exit(i32::from(Exit::Signal(signal).status())),
        }
    }

    /// Passes signals on to the application from now on.
    pub(crate) fn pass_on(&self) {
        self.passes_on.store(true, Ordering::SeqCst);
    }

    /// The last signal, if there was one.
    pub(crate) fn caught(&self) -> Option<i32> {
        Some(self.caught.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
    }
}
