//! Chooses how progress is shown.

use super::json::Json;
use super::live::Live;
use super::plain::Plain;
use super::progress::{Progress, Silence};
use super::style::Style;
use crate::flags::groups::{LogFlags, LogFormat};
use crate::host::Terminal;

/// The progress display that the log flags and the terminal ask for.
pub(crate) fn progress(log: LogFlags, terminal: Terminal) -> Box<dyn Progress> {
    let style = Style::new(terminal.colour);
    match log {
        LogFlags { log_format: LogFormat::Json, .. } => Box::new(Json),
        LogFlags { quiet: true, .. } => Box::new(Silence),
        _ if terminal.is_live => Box::new(Live::new(style)),
        _ => Box::new(Plain::new(style)),
    }
}
