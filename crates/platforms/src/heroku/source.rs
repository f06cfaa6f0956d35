//! What all readers of Heroku's files share: the platform's name in codes, reading a file, and a process that
//! has no command yet.

use packwright_planner::{
    Declarations, DeclaredProcess, FileWeight, Moment, Origin, ProcessKind, ProcessName,
};

use crate::dir_view::{DirView, Seen};
use crate::table::Document;

pub(super) fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}

/// The name of this reader.
pub(crate) const PLATFORM: &str = "heroku";

/// A file that is read, or the declarations that say why it cannot be.
pub(crate) fn seen(view: &DirView<'_>, name: &str) -> Option<Result<Seen, Declarations>> {
    view.read(PLATFORM, FileWeight::Decides, name)
}

/// A process of this name without a command; a name that is none is refused.
pub(super) fn bare(document: &Document, name: &str, line: u32) -> Option<DeclaredProcess> {
    match name.parse::<ProcessName>() {
        Ok(name) => {
            let kind = kind(&name);
            Some(DeclaredProcess::bare(name, kind, document.line(line)))
        }
        Err(error) => {
            document.refuse(line, &error.to_string(), "choose a name such as `web`, `worker` or `release`");
            None
        }
    }
}

/// What kind of process Heroku takes one of this name for.
pub(super) fn kind(name: &ProcessName) -> ProcessKind {
    match name.as_str() {
        "web" => ProcessKind::Web,
        "release" => ProcessKind::Release(Moment::BeforeTraffic),
        _ => ProcessKind::Worker,
    }
}
