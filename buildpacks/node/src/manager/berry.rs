//! `.yarnrc.yml`: the settings of yarn 2 and later that decide how packages are installed.

use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested, SourceTree, has};

use crate::{manifest, messages};

/// What `.yarnrc.yml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BerrySettings {
    /// How packages are linked: `pnp`, `node-modules` or `pnpm`.
    pub(crate) linker: Linker,
    /// The yarn in the repository that is to be used.
    pub(crate) release: Option<Requested<RelPath>>,
}

/// How yarn 2 and later lays packages out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linker {
    /// Plug'n'Play: no `node_modules`, archives and a map.
    Pnp,
    /// `node_modules`, as the other package managers lay it out.
    Modules,
    /// `node_modules` with links into a store beside it.
    Store,
}

impl Default for BerrySettings {
    /// Without settings, yarn 2 and later links by Plug'n'Play.
    fn default() -> BerrySettings {
        BerrySettings { linker: Linker::Pnp, release: None }
    }
}

/// Reads the settings at the root of the tree; `None` when there are none.
///
/// Errors: a linker that is not known, a `yarnPath` that is not in the tree.
pub(super) fn read(tree: &dyn SourceTree) -> Result<Option<BerrySettings>, Diagnostic> {
    let file = ".yarnrc.yml".parse::<RelPath>().expect("a constant path");
    if !has(tree, file.as_str()) {
        return Ok(None);
    }
    let Some(yaml) = files::yaml_file(tree, &file).map_err(messages::unreadable)? else { return Ok(None) };
    let linker = match yaml.value.entry("nodeLinker") {
        None => Linker::Pnp,
        Some(entry) => match entry.value.text() {
            Some("pnp") => Linker::Pnp,
            Some("node-modules") => Linker::Modules,
            Some("pnpm") => Linker::Store,
            _ => return Err(messages::unknown_linker(&Origin::line(&file, entry.line))),
        },
    };
    let release = match yaml.value.entry("yarnPath") {
        None => None,
        Some(entry) => {
            let origin = Origin::line(&file, entry.line);
            let text = entry.value.text().unwrap_or_default();
            match manifest::beside(None, text).filter(|path| has(tree, path.as_str())) {
                Some(value) => Some(Requested { value, origin }),
                None => return Err(messages::yarn_path_missing(&origin, text)),
            }
        }
    };
    Ok(Some(BerrySettings { linker, release }))
}
