//! [`Exit`]: the exit status of the command.

use std::process::ExitCode;

/// How the command ended, as a number that scripts can tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for is done.
    Done,
    /// It failed, and will fail again until something changes.
    Failed,
    /// The flags or what they name make no sense.
    Usage,
    /// No buildpack recognised the source.
    NothingDetected,
    /// The same command may succeed later: a server did not answer, for example.
    TryLater,
    /// A signal with this number ended the command.
    Signal(i32),
    /// The status of the application that `run` ran.
    Application(i32),
}

impl Exit {
    /// The exit status.
    ///
    /// Source: sysexits.h for `EX_TEMPFAIL`; the shell's custom of 128 and the signal's number.
    pub(crate) fn status(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::NothingDetected => 3,
            Exit::TryLater => 75,
            Exit::Signal(signal) => (128 + signal) as u8,
            Exit::Application(status) => status as u8,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.status())
    }
}
