//! Progress as plain lines, for logs and terminals that cannot rewrite a line.

use std::sync::{Mutex, PoisonError};

use packwright::Event;

use super::progress::Progress;
use super::progress_text::{FetchStart, ProgressText};
use super::style::Style;
use crate::output;

/// One line for each start and each end.
pub(crate) struct Plain {
    text: Mutex<ProgressText>,
}

impl Plain {
    pub(crate) fn new(style: Style) -> Plain {
        Plain { text: Mutex::new(ProgressText::new(style, FetchStart::Line)) }
    }
}

impl Progress for Plain {
    fn show(&self, event: &Event) {
        // Held while the line is written, so that lines come out in order.
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = text.handle(event) {
            output::message(&format!("{line}\n"));
        }
    }
}
