//! The lock of a build: which one is used, and what happens when it does not fit.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use packwright_engine::planner::{Diagnostic, Lock};
use packwright_engine::{BuildError, FinalLink, read_regular};

use crate::error::Error;
use crate::options::LockUse;
use crate::source::LOCK_FILE;
use crate::source::Source;

/// A lock that was found.
pub(crate) struct FoundLock {
    pub(crate) lock: Lock,
    path: PathBuf,
    /// Whether nothing else may be built from.
    pub(crate) must_fit: bool,
}

/// The lock that `using` speaks of, if there is one.
///
/// Errors: there is none and there has to be; it cannot be read.
pub(crate) fn find(source: &Source, using: &LockUse) -> Result<Option<FoundLock>, Error> {
    let own = source.lock_path();
    let (path, text, must_fit) = match using {
        LockUse::Never => return Ok(None),
        LockUse::Exactly(lock) => {
            let lock = Lock::clone(lock);
            return Ok(Some(FoundLock { lock, path: LOCK_FILE.into(), must_fit: true }));
        }
        LockUse::File(path) => (path.clone(), fs::read_to_string(path), true),
        LockUse::IfFits | LockUse::Required => {
            let text = match &own {
                Some(path) => own_text(path),
                None => source.lock_text(),
            };
            (own.unwrap_or_else(|| LOCK_FILE.into()), text, *using == LockUse::Required)
        }
    };
    let text = match text {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && !must_fit => return Ok(None),
        Err(error) => return Err(unreadable(path, error)),
    };
    match Lock::from_text(&text) {
        Ok(lock) => Ok(Some(FoundLock { lock, path, must_fit })),
        Err(source) => Err(Error::LockInvalid { path, source }),
    }
}

/// The text of a lock file in the source, where anything may be in its place.
fn own_text(path: &Path) -> io::Result<String> {
    const LARGEST: u64 = 64 << 20;
    let bytes = read_regular(path, FinalLink::Followed, LARGEST)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

fn unreadable(path: PathBuf, source: io::Error) -> Error {
    match source.kind() {
        ErrorKind::NotFound => Error::LockMissing { path },
        _ => Error::LockUnreadable { path, source },
    }
}

impl FoundLock {
    /// The lock when it `fits`; without it, the remark about one that need not fit.
    ///
    /// Errors: it does not fit and has to.
    pub(crate) fn fitting(
        self,
        fits: Result<(), BuildError>,
    ) -> Result<Result<Lock, Diagnostic>, BuildError> {
        match fits {
            Ok(()) => Ok(Ok(self.lock)),
            Err(error) if self.must_fit => Err(error),
            Err(error) => Ok(Err(unfit(&self.path, &error))),
        }
    }
}

fn unfit(path: &Path, error: &BuildError) -> Diagnostic {
    let message = format!("`{}` is not used: {error}", path.display());
    let warning = Diagnostic::warning("lock/unfit", message).why("versions are found anew for this build");
    match error.fix() {
        Some(fix) => warning.fix(fix),
        None => warning,
    }
}
