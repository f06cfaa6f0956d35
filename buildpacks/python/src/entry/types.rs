//! What a search for applications gives: [`AppEntry`], [`NearMiss`], [`Search`].

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Origin, RelPath};

use super::candidates::{depth, stem_rank};
use crate::framework::kinds::AppKind;
use crate::framework::table::{Framework, Sign, WEB, WORKERS};

/// A place where a framework's application can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AppEntry {
    /// The framework.
    pub(crate) framework: &'static Framework,
    /// What gave it away, and how it starts.
    pub(crate) sign: &'static Sign,
    /// The file.
    pub(crate) path: RelPath,
    /// The line of the assignment, the function or the call.
    pub(crate) line: u32,
    /// The module's dotted path, seen from `root`.
    pub(crate) module: String,
    /// The directory that must be on Python's path besides `/app`, if another one.
    pub(crate) root: Option<RelPath>,
    /// Whether the file imports modules from the root of the tree.
    pub(crate) uses_root: bool,
    /// Whether the file imports from its own package.
    pub(crate) is_relative: bool,
    /// The object's name, or the factory's; of a file its stem.
    pub(crate) name: String,
    /// What stands there.
    pub(crate) kind: AppKind,
    /// The place that runs it by name.
    pub(crate) hint: Option<Origin>,
    /// Whether another file imports the module.
    pub(crate) is_imported: bool,
}

/// Something that comes near to an application.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NearMiss {
    /// Where it stands.
    pub(crate) origin: Origin,
    /// Why it is none.
    pub(crate) reason: String,
}

/// What a search has seen.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Search {
    /// Applications that answer HTTP, the best first.
    pub(crate) web: Vec<AppEntry>,
    /// Applications that work on queues, by table and then the best first.
    pub(crate) workers: Vec<AppEntry>,
    /// Frameworks that some file imports, by identifier, with the first such place.
    pub(crate) imported: BTreeMap<&'static str, Origin>,
    /// What is no application and looks like one, by identifier of the framework.
    pub(crate) near: Vec<(&'static str, NearMiss)>,
}

/// Names that an application has when there are several.
const NAMES: &[&str] = &["app", "application", "api", "server", "service"];

impl AppEntry {
    /// Where it stands.
    pub(crate) fn origin(&self) -> Origin {
        Origin::line(&self.path, self.line)
    }

    /// `module:name`, with `()` for a factory; a file's path.
    pub(crate) fn reference(&self) -> String {
        match self.kind {
            AppKind::Object => format!("{}:{}", self.module, self.name),
            AppKind::File => self.path.to_string(),
            AppKind::Factory | AppKind::Coroutine => format!("{}:{}()", self.module, self.name),
        }
    }

    /// Smaller is better. What runs it by name is better than any guess; then what the project
    /// asks for, what stands ready, what lies higher up, and what people call it.
    pub(super) fn rank(&self, is_required: bool) -> impl Ord + use<> {
        let position =
            |list: &[&str], name: &str| list.iter().position(|&known| known == name).unwrap_or(list.len());
        let of = |table: &[Framework]| table.iter().position(|one| one == self.framework);
        let sign = self.framework.signs.iter().position(|one| one == self.sign);
        (
            (!is_required, self.hint.is_none()),
            (sign > Some(0) && self.kind == AppKind::File, self.kind > AppKind::File),
            (depth(&self.path), self.kind == AppKind::File && self.is_imported),
            stem_rank(&self.path),
            of(WEB).or_else(|| of(WORKERS)),
            position(NAMES, &self.name),
        )
    }
}
