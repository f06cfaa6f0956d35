//! The two ways out: results on standard output, everything else on standard error. No other
//! module writes to either.

use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use crate::flags::groups::Format;
use crate::report::{Failure, Report};

/// Writes a result to standard output. It is no error when the reader has closed the pipe: the reader has what it wanted.
pub(crate) fn result(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Report::new("cannot write to standard output").because(&error).into())
        }
        _ => Ok(()),
    }
}

/// Writes `answer` to standard output in `format`; `text` is what people get.
pub(crate) fn answer<T: Serialize>(
    format: Format,
    answer: &T,
    text: impl FnOnce(&T) -> String,
) -> Result<(), Failure> {
    result(&match format {
        Format::Text => text(answer),
        Format::Json => {
            format!("{}\n", serde_json::to_string_pretty(answer).expect("an answer is plain text"))
        }
        Format::Toml => toml::to_string_pretty(answer).expect("an answer is plain text"),
    })
}

/// Writes `text`, which includes its line ends, to standard error. When that fails, the work goes
/// on.
pub(crate) fn message(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Passes bytes of the application on to standard output as they are.
pub(crate) fn pass_stdout(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Passes bytes of the application on to standard error as they are.
pub(crate) fn pass_stderr(bytes: &[u8]) {
    let _ = io::stderr().lock().write_all(bytes);
}
