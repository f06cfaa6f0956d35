//! Progress on a terminal: lines that stay, and below them one that is rewritten ten times a
//! second.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use packwright::Event;

use super::progress::Progress;
use super::progress_text::{FetchStart, ProgressText};
use super::style::Style;
use crate::host::Terminal;
use crate::output;

const TICK: Duration = Duration::from_millis(100);

/// Moves the cursor to the first column and erases the line.
///
/// Source: ECMA-48, "CR" and "EL".
const CLEAR: &str = "\r\x1b[2K";

/// A line at the bottom that shows what is going on.
pub(crate) struct Live {
    shared: Arc<Shared>,
    ticker: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    text: ProgressText,
    is_over: bool,
}

impl Live {
    pub(crate) fn new(style: Style) -> Live {
        let state = Mutex::new(State { text: ProgressText::new(style, FetchStart::Live), is_over: false });
        let shared = Arc::new(Shared { state, ended: Condvar::new() });
        let ticking = shared.clone();
        // Without a thread the line is rewritten at events only.
        let ticker =
            std::thread::Builder::new().name("progress".to_owned()).spawn(move || ticking.tick()).ok();
        Live { shared, ticker }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tick(&self) {
        let mut state = self.lock();
        while !state.is_over {
            state = self.ended.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
            if !state.is_over {
                output::message(&format!("{CLEAR}{}", state.line()));
            }
        }
    }
}

impl State {
    /// One column stays free: some terminals wrap when the last one is filled.
    fn line(&self) -> String {
        self.text.now(Terminal::width().saturating_sub(1))
    }
}

impl Progress for Live {
    fn show(&self, event: &Event) {
        let mut state = self.shared.lock();
        if let Some(line) = state.text.handle(event) {
            let now = state.line();
            output::message(&format!("{CLEAR}{line}\n{now}"));
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.lock().is_over = true;
        self.shared.ended.notify_all();
        if let Some(ticker) = self.ticker.take() {
            // A ticker that panicked has nothing more to say.
            let _ = ticker.join();
        }
        output::message(CLEAR);
    }
}
