//! [`Parsed`]: a file of the project with its syntax tree.

use packwright_buildpack::planner::RelPath;

use super::candidates::{dotted, stem};
use crate::syntax::Module;

/// A file that was read.
pub(super) struct Parsed {
    pub(super) path: RelPath,
    pub(super) module: Module,
}

/// The file, unless it is Alembic's: the environment of migrations makes an application to ask it
/// for its database, and lies wherever `alembic.ini` says.
pub(super) fn read(path: &RelPath, text: &str) -> Option<Parsed> {
    let module = parse(path, text);
    let migrates = module.imports().any(|(_, path)| path == "alembic.context");
    (!migrates).then(|| Parsed { module, path: path.clone() })
}

pub(super) fn parse(path: &RelPath, text: &str) -> Module {
    Module::parse(text, &dotted(path).join("."), stem(path) == "__init__")
}
