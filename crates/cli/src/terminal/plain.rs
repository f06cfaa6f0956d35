//! Progress as plain lines, for logs and terminals that cannot rewrite a line.

use std::sync::{Mutex, PoisonError};

use packwright::Event;

use super::progress::Progress;
use super::story::{Beginnings, Story};
use super::style::Style;
use crate::output;

/// One line for each start and each end.
pub(crate) struct Plain {
    story: Mutex<Story>,
}

impl Plain {
    pub(crate) fn new(style: Style) -> Plain {
        Plain { story: Mutex::new(Story::new(style, Beginnings::Told)) }
    }
}

impl Progress for Plain {
    fn hear(&self, event: &Event) {
        // Held while the line is written, so that lines come out in order.
        let mut story = self.story.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = story.hear(event) {
            output::say(&format!("{line}\n"));
        }
    }
}
