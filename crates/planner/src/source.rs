//! The user's files as the planner sees them: the trait [`SourceTree`], and its in-memory twin.
//!
//! Which files exist is decided when the tree is made (ignore rules are applied there), so every
//! reader sees the same files, and each is read at most once by the buildpack that needs it.

use std::collections::BTreeMap;
use std::io;

use packwright_oci::RelPath;

/// The largest file that is read for a plan, in bytes. Lock files of large repositories have a tenth of it.
pub const LARGEST_TEXT: u64 = 16 << 20;

/// A read-only snapshot of the user's files.
pub trait SourceTree: Sync {
    /// All files and symbolic links, sorted by path; directories are implied. Ignored files
    /// are not among them.
    fn files(&self) -> &[SourceFile];

    /// The content of a regular file of [`SourceTree::files`].
    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>>;
}

/// One file of a [`SourceTree`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it is.
    pub path: RelPath,
    /// What it is.
    pub kind: FileKind,
}

/// The kinds of files a source tree can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file.
    Regular {
        /// Length in bytes.
        size: u64,
        /// Whether its owner may execute it.
        executable: bool,
    },
    /// A symbolic link that stays inside the tree.
    Symlink {
        /// The link's text.
        target: String,
    },
}

/// Why a file of the tree could not be read as text.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file could not be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file.
        path: RelPath,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is larger than any that is read for a plan.
    #[error("`{path}` has {size} bytes; a file that is read for the plan has at most {LARGEST_TEXT}")]
    TooLarge {
        /// The file.
        path: RelPath,
        /// Its length in bytes.
        size: u64,
    },
    /// The file is not UTF-8.
    #[error("`{path}` is not UTF-8 text (byte {offset})")]
    NotText {
        /// The file.
        path: RelPath,
        /// Offset of the first byte that is not UTF-8.
        offset: usize,
    },
}

impl SourceError {
    /// The file.
    pub fn path(&self) -> &RelPath {
        match self {
            SourceError::Unreadable { path, .. }
            | SourceError::TooLarge { path, .. }
            | SourceError::NotText { path, .. } => path,
        }
    }

    /// What the user can do about it.
    pub fn fix(&self) -> String {
        match self {
            SourceError::TooLarge { path, .. } => {
                format!("name {path} in .slugignore if the application does not need it, or make it smaller")
            }
            SourceError::Unreadable { path, .. } | SourceError::NotText { path, .. } => {
                format!("save {path} as UTF-8 text that can be read")
            }
        }
    }
}

/// The file at `path`, if the tree has it.
pub fn find<'a>(tree: &'a dyn SourceTree, path: &str) -> Option<&'a SourceFile> {
    let files = tree.files();
    files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &files[index])
}

/// Whether the tree has a file at `path`.
pub fn has(tree: &dyn SourceTree, path: &str) -> bool {
    find(tree, path).is_some()
}

/// The text of the regular file at `path`, without a byte order mark; `None` when the tree
/// has no such file. Line ends stay as they are. The size is asked before anything is read.
pub fn text(tree: &dyn SourceTree, path: &str) -> Result<Option<String>, SourceError> {
    let Some(SourceFile { path, kind: FileKind::Regular { size, .. } }) = find(tree, path) else {
        return Ok(None);
    };
    if *size > LARGEST_TEXT {
        return Err(SourceError::TooLarge { path: path.clone(), size: *size });
    }
    let bytes = tree.read(path).map_err(|source| SourceError::Unreadable { path: path.clone(), source })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        })),
        Err(error) => {
            Err(SourceError::NotText { path: path.clone(), offset: error.utf8_error().valid_up_to() })
        }
    }
}

/// One directory of a source tree as a source tree of its own.
#[derive(Clone)]
pub struct Subtree<'a> {
    whole: &'a dyn SourceTree,
    dir: RelPath,
    files: Vec<SourceFile>,
}

impl<'a> Subtree<'a> {
    /// The files of `whole` below `dir`.
    pub fn new(whole: &'a dyn SourceTree, dir: RelPath) -> Subtree<'a> {
        let inner =
            |file: &SourceFile| Some(SourceFile { path: file.path.below(&dir)?, kind: file.kind.clone() });
        let inside = format!("{dir}/");
        let files = whole.files();
        let from = files.partition_point(|file| file.path.as_str() < inside.as_str());
        let inside = files[from..].iter().take_while(|file| file.path.as_str().starts_with(&inside));
        let files = inside.filter_map(inner).collect();
        Subtree { whole, dir, files }
    }
}

impl SourceTree for Subtree<'_> {
    fn files(&self) -> &[SourceFile] {
        &self.files
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        let path = self.dir.join(path.as_str()).map_err(|_| io::Error::from(io::ErrorKind::NotFound))?;
        self.whole.read(&path)
    }
}

/// A source tree held in memory: what an embedder gives that has no directory, and what tests
/// write down as one string.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    files: Vec<SourceFile>,
    contents: BTreeMap<RelPath, Vec<u8>>,
}

impl MemoryTree {
    /// A tree without files.
    pub fn new() -> MemoryTree {
        MemoryTree::default()
    }

    /// Adds a regular file, in place of one with the same path.
    pub fn add(&mut self, path: RelPath, content: impl Into<Vec<u8>>) {
        let content = content.into();
        let kind = FileKind::Regular { size: content.len() as u64, executable: false };
        self.put(SourceFile { path: path.clone(), kind });
        self.contents.insert(path, content);
    }

    /// Adds a symbolic link to `target`, in place of a file with the same path.
    pub fn link(&mut self, path: RelPath, target: impl Into<String>) {
        self.contents.remove(&path);
        self.put(SourceFile { path, kind: FileKind::Symlink { target: target.into() } });
    }

    fn put(&mut self, file: SourceFile) {
        match self.files.binary_search_by(|known| known.path.cmp(&file.path)) {
            Ok(index) => self.files[index] = file,
            Err(index) => self.files.insert(index, file),
        }
    }

    /// Reads a tree written as one text: each line `//- /path` starts a file, the lines up to
    /// the next such line are its content. A line `//- /path -> target` is a symbolic link.
    ///
    /// Panics when a path is not a [`RelPath`] or text comes before the first header: it is for
    /// tests and examples.
    pub fn parse(text: &str) -> MemoryTree {
        let mut tree = MemoryTree::new();
        let mut current: Option<(RelPath, String)> = None;
        for line in text.split_inclusive('\n') {
            if let Some(header) = line.strip_prefix("//- /") {
                if let Some((path, content)) = current.take() {
                    tree.add(path, content);
                }
                if let Some((path, target)) = header.trim_end().split_once(" -> ") {
                    tree.link(path.parse().expect("a header names a relative path"), target);
                    continue;
                }
                let path = header.trim_end().parse().expect("a header names a relative path");
                current = Some((path, String::new()));
            } else if let Some((_, content)) = &mut current {
                content.push_str(line);
            } else {
                assert!(line.trim().is_empty(), "text before the first `//- /path` line");
            }
        }
        if let Some((path, content)) = current {
            tree.add(path, content);
        }
        tree
    }
}

impl SourceTree for MemoryTree {
    fn files(&self) -> &[SourceFile] {
        &self.files
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.contents.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree that says how large its file is and must not be read.
    struct Huge(Vec<SourceFile>);

    impl SourceTree for Huge {
        fn files(&self) -> &[SourceFile] {
            &self.0
        }

        fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
            panic!("{path} is read")
        }
    }

    #[test]
    fn the_size_is_asked_before_anything_is_read() {
        let kind = FileKind::Regular { size: LARGEST_TEXT + 1, executable: false };
        let tree = Huge(vec![SourceFile { path: "app.py".parse().unwrap(), kind }]);
        let error = text(&tree, "app.py").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`app.py` has 16777217 bytes; a file that is read for the plan has at most 16777216"
        );
        assert!(error.fix().contains("app.py"));
    }
}
