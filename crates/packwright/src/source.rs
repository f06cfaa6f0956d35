//! [`Source`]: the files to build from, without those that Packwright itself wrote among them.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use packwright_engine::BuildError;
use packwright_engine::oci::{RelPath, Tree};
use packwright_engine::planner::{Diagnostic, Ignoring, MemoryTree, Plan, SourceFile, SourceTree};
use packwright_engine::store::{DiskTree, Store, scan};

use crate::error::Error;
use crate::registry::languages;

/// The name of the lock file beside the sources.
pub const LOCK_FILE: &str = "packwright.lock";

/// A source tree: a directory, or any other [`SourceTree`]. Cheap to clone.
///
/// What Packwright itself writes is no part of the application and left out: the lock file, image
/// layouts at the top, and the outputs that [`Catalog::source`](crate::Catalog::source) is given.
#[derive(Clone)]
pub struct Source {
    shared: Arc<Shared>,
}

struct Shared {
    files: Files,
    kept: Vec<SourceFile>,
    /// Paths of what Packwright wrote.
    left_out: Vec<RelPath>,
}

enum Files {
    Dir { path: PathBuf, tree: Box<DiskTree>, ignoring: Ignoring, outputs: Vec<PathBuf> },
    Tree(Box<dyn SourceTree + Send>),
}

impl Source {
    /// The files in the directory `path`, as they are now. Ignore files are obeyed, and what the
    /// tools of the languages make that Packwright knows is left out;
    /// [`Catalog::source`](crate::Catalog::source) knows languages of the caller's own as well.
    ///
    /// Errors: the directory cannot be read; files that no image can have, all of them.
    pub fn dir(path: impl AsRef<Path>) -> Result<Source, Error> {
        let languages = languages();
        let ignoring = Ignoring::new(languages.iter().map(|buildpack| buildpack.language()));
        Source::scan(path.as_ref(), &ignoring.reading(packwright_platforms::is_read), &[])
    }

    pub(crate) fn scan(path: &Path, ignoring: &Ignoring, outputs: &[PathBuf]) -> Result<Source, Error> {
        let path = path
            .canonicalize()
            .map_err(|source| Error::SourceUnreadable { path: path.to_owned(), source })?;
        let tree = scan(&path, ignoring)?;
        let left_out = outputs.iter().filter_map(|output| inside(&path, output)).collect();
        let (ignoring, outputs) = (ignoring.clone(), outputs.to_vec());
        Ok(Source::new(Files::Dir { path, tree: Box::new(tree), ignoring, outputs }, left_out))
    }

    /// The files of the same directory as they are now; `None` for another source tree, which does not change.
    ///
    /// Errors: those of [`Source::dir`].
    pub fn rescan(&self) -> Result<Option<Source>, Error> {
        match &self.shared.files {
            Files::Dir { path, ignoring, outputs, .. } => Source::scan(path, ignoring, outputs).map(Some),
            Files::Tree(_) => Ok(None),
        }
    }

    /// The files of any other source tree: an unpacked archive in memory, for example.
    pub fn tree(tree: impl SourceTree + Send + 'static) -> Source {
        Source::new(Files::Tree(Box::new(tree)), Vec::new())
    }

    fn new(files: Files, mut left_out: Vec<RelPath>) -> Source {
        left_out.push(LOCK_FILE.parse().expect("the lock file's name is a path"));
        left_out.extend(layouts(files.all()));
        let is_kept = |file: &&SourceFile| !left_out.iter().any(|path| file.path.is_within(path));
        let kept = files.all().iter().filter(is_kept).cloned().collect();
        Source { shared: Arc::new(Shared { files, kept, left_out }) }
    }

    /// The directory, with all links followed; `None` for another source tree.
    pub fn path(&self) -> Option<&Path> {
        match &self.shared.files {
            Files::Dir { path, .. } => Some(path),
            Files::Tree(_) => None,
        }
    }

    /// Where the lock file is, or would be; `None` when the source is no directory.
    pub fn lock_path(&self) -> Option<PathBuf> {
        Some(self.path()?.join(LOCK_FILE))
    }

    /// The place of `other` below the source's directory, if it is there. `other` need not exist.
    pub fn find(&self, other: &Path) -> Option<RelPath> {
        inside(self.path()?, other)
    }

    /// What the scan of the directory noticed.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match &self.shared.files {
            Files::Dir { tree, .. } => tree.diagnostics(),
            Files::Tree(_) => &[],
        }
    }

    /// How many files and directories were left out, by the reason.
    pub fn ignored(&self) -> BTreeMap<String, u64> {
        let mut ignored = match &self.shared.files {
            Files::Dir { tree, .. } => tree.ignored().clone(),
            Files::Tree(_) => BTreeMap::new(),
        };
        let written = self.shared.files.all().len() - self.shared.kept.len();
        if written > 0 {
            ignored.insert("written by Packwright".to_owned(), written as u64);
        }
        ignored
    }

    /// The files that a plan is made from and that an ignore file leaves out of the image.
    pub(crate) fn outside_image(&self) -> Vec<&RelPath> {
        match &self.shared.files {
            Files::Dir { tree, .. } => tree.outside_image().keys().collect(),
            Files::Tree(_) => Vec::new(),
        }
    }

    /// The text of the lock file of a source that is no directory, if it has one.
    pub(crate) fn lock_text(&self) -> io::Result<String> {
        let path = LOCK_FILE.parse().expect("the lock file's name is a path");
        let bytes = self.shared.files.tree().read(&path)?;
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// The files as the image has them, with their contents in `store`.
    ///
    /// Errors: a file cannot be read or changed since the scan; the store failed.
    pub fn snapshot(&self, store: &Store) -> Result<Tree, BuildError> {
        let (app, left_out) = (Plan::app_dir(), &self.shared.left_out);
        let is_left_out = |path: &RelPath| left_out.iter().any(|out| path.is_within(out));
        let whole = match &self.shared.files {
            // What is left out may change: this very build may write it.
            Files::Dir { tree, .. } => {
                return packwright_engine::snapshot_dir(store, tree, &|path| !is_left_out(path));
            }
            Files::Tree(tree) => packwright_engine::snapshot(store, &**tree)?,
        };
        Ok(whole.filter(|path, _| !path.below(&app).is_some_and(|path| is_left_out(&path))))
    }
}

impl SourceTree for Source {
    fn files(&self) -> &[SourceFile] {
        &self.shared.kept
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.shared.files.tree().read(path)
    }
}

impl From<MemoryTree> for Source {
    fn from(tree: MemoryTree) -> Source {
        Source::tree(tree)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path()).field("files", &self.shared.kept.len()).finish()
    }
}

impl Files {
    fn tree(&self) -> &dyn SourceTree {
        match self {
            Files::Dir { tree, .. } => &**tree,
            Files::Tree(tree) => &**tree,
        }
    }

    fn all(&self) -> &[SourceFile] {
        self.tree().files()
    }
}

/// Image layouts at the top of a source, where an earlier build may have put one: their files
/// would otherwise be in the next image.
///
/// Source: OCI image-spec, image-layout.md, "Content".
fn layouts(files: &[SourceFile]) -> Vec<RelPath> {
    let has = |name: &str| files.iter().any(|file| file.path.as_str() == name);
    let markers = files.iter().filter(|file| file.path.depth() == 2 && file.path.name() == "oci-layout");
    let dirs = markers.filter_map(|marker| marker.path.parent());
    dirs.filter(|dir| has(&format!("{dir}/index.json"))).collect()
}

/// `other` as a path below `dir`, when it is there. What does not exist yet is looked for where
/// its nearest directory that does is.
fn inside(dir: &Path, other: &Path) -> Option<RelPath> {
    let mut existing = other;
    let mut rest = PathBuf::new();
    let resolved = loop {
        match existing.canonicalize() {
            Ok(found) => break found.join(&rest),
            Err(_) => {
                rest = Path::new(existing.file_name()?).join(&rest);
                existing = existing.parent()?;
            }
        }
    };
    // `join` of an empty path adds a slash, which `strip_prefix` does not mind.
    resolved.strip_prefix(dir).ok()?.to_str()?.trim_end_matches('/').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_inside_the_directory_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        std::fs::create_dir(top.join("out")).unwrap();
        let found = |path: &str| inside(&top, &top.join(path)).map(|path| path.to_string());
        assert_eq!(found("out").as_deref(), Some("out"));
        assert_eq!(found("not/yet.tar").as_deref(), Some("not/yet.tar"));
        assert_eq!(found("out/../../elsewhere"), None);
        assert_eq!(inside(&top.join("out"), &top), None);
    }

    #[test]
    fn what_packwright_wrote_is_left_out() {
        let tree = MemoryTree::parse(
            "//- /app.py\n//- /image/oci-layout\n//- /image/index.json\n//- /packwright.lock\nhalf a\n",
        );
        let source = Source::tree(tree);
        let kept: Vec<&str> = source.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(kept, ["app.py"]);
        assert_eq!(source.ignored().values().sum::<u64>(), 3);
        assert_eq!(source.lock_text().unwrap(), "half a\n");
    }
}
