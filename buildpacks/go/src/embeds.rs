//! Files that programs carry within themselves and that the source does not have: the front end makes
//! them, or they are missing. Reads `//go:embed` lines and the names of files.
//!
//! Source: documentation of package `embed`, "Directives".

use packwright_buildpack::files::beside;
use packwright_buildpack::planner::{NeededFiles, Origin, RelPath, Selection, SourceTree};

use crate::messages;
use crate::program::Made;

/// What stands in a pattern for other characters.
const WILD: [char; 4] = ['*', '?', '[', '\\'];

/// What the programs embed from the tree and cannot find there, by the first line that embeds it. With
/// build tags among the owner's `flags`, nothing: other files may be built then.
pub(crate) fn missing(tree: &dyn SourceTree, programs: &[Made], flags: &str) -> Vec<NeededFiles> {
    if flags.contains("-tags") {
        return Vec::new();
    }
    let mut found: Vec<NeededFiles> = Vec::new();
    let files = programs.iter().flat_map(|made| &made.files);
    for (path, file) in files.filter(|(path, file)| !is_vendored(path) && file.imports("embed").is_some()) {
        for (pattern, line) in &file.embeds {
            let Some(needed) = needed(tree, path, pattern, *line) else { continue };
            if !found.iter().any(|known| known.path == needed.path) {
                found.push(needed);
            }
        }
    }
    found
}

fn is_vendored(path: &RelPath) -> bool {
    path.as_str().starts_with("vendor/")
}

/// What one pattern of a file needs; nothing when the tree has a file for it.
fn needed(tree: &dyn SourceTree, file: &RelPath, pattern: &str, line: u32) -> Option<NeededFiles> {
    let bare = pattern.strip_prefix("all:").unwrap_or(pattern);
    let dir = file.parent();
    let below = dir.as_ref().map(|dir| format!("{}/", Selection::literal(dir.as_str()))).unwrap_or_default();
    let chosen = Selection::of([format!("{below}{bare}"), format!("{below}{bare}/**")]).matcher().ok()?;
    let inside = dir.as_ref().map(|dir| format!("{dir}/")).unwrap_or_default();
    let near = tree.files().iter().filter(|file| file.path.as_str().starts_with(&inside));
    let matching: Vec<&RelPath> = near.map(|file| &file.path).filter(|path| chosen(path)).collect();
    // A hidden file that no pattern names keeps a directory in git, and is no content of it.
    let is_hidden = |name: &str| name.starts_with('.');
    let wants_hidden = bare.rsplit('/').next().is_some_and(is_hidden);
    if matching.iter().any(|path| wants_hidden || !is_hidden(path.name())) {
        return None;
    }
    let fixed: Vec<&str> = bare.split('/').take_while(|part| !part.contains(WILD)).collect();
    let path = beside(dir.as_ref(), &fixed.join("/")).filter(|_| !fixed.is_empty());
    let path = path.or_else(|| beside(dir.as_ref(), bare))?;
    let origin = Origin::line(file, line);
    // With `all:` the hidden file alone is enough for the compiler.
    let compiles = pattern.starts_with("all:") && !matching.is_empty();
    let missing = (!compiles).then(|| messages::nothing_to_embed(pattern, &origin));
    Some(NeededFiles { path, origin, missing })
}
