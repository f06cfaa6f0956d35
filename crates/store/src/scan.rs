//! A directory of the user's as a source tree: one pruned walk that decides which files there
//! are. Asks neither clock nor environment, and changes nothing.

mod walk;

use std::io;
use std::path::{Path, PathBuf};

use packwright_oci::RelPath;
use packwright_planner::{Diagnostic, Ignoring, Origin};

use crate::DiskTree;
use crate::below::Below;

/// Most names that a scan looks at, ignored ones included as far as they are looked at.
pub(crate) const MOST_ENTRIES: usize = 200_000;

/// Most parts that a path may have.
pub(crate) const MOST_PARTS: usize = 128;

/// Largest ignore file that is read, in bytes.
pub(crate) const LARGEST_IGNORE_FILE: u64 = 1 << 20;

/// Why a directory cannot be a source tree.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The directory itself cannot be read.
    #[error("cannot read the directory `{}`", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Some of the files cannot become part of an image.
    #[error("{}", listed(problems))]
    Unusable {
        /// All of them, in the order of their paths.
        problems: Vec<Problem>,
    },
    /// There are too many files to be an application.
    #[error("there are more than {limit} files and directories below `{}`", path.display())]
    TooMany {
        /// The directory.
        path: PathBuf,
        /// The most there may be.
        limit: usize,
    },
}

/// A file that cannot become part of an image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A symbolic link out of the directory.
    #[error("the symbolic link `{path}` leads out of the directory, to `{target}`")]
    LeadsOut {
        /// The link.
        path: RelPath,
        /// Its text.
        target: String,
    },
    /// A name or the text of a link is not UTF-8.
    #[error("the name or link text `{escaped}` is not UTF-8")]
    NotUtf8 {
        /// The path, or path and link text, with escaped bytes.
        escaped: String,
    },
    /// The name is one that layers give another meaning.
    #[error("the name of `{path}` starts with `.wh.`, which marks deletions in images")]
    Reserved {
        /// The file.
        path: RelPath,
    },
    /// The file or directory may not be read.
    #[error("`{path}` cannot be read: {why}")]
    Unreadable {
        /// The file or directory.
        path: RelPath,
        /// What the operating system said.
        why: String,
    },
    /// The file lies too deep.
    #[error("`{path}` has more than {MOST_PARTS} parts")]
    TooDeep {
        /// The file or directory.
        path: RelPath,
    },
}

impl Problem {
    /// What the user can do about it.
    pub fn fix(&self) -> String {
        let fix = match self {
            Problem::LeadsOut { path, .. } => {
                return format!(
                    "replace the link with the file it leads to, make it relative and inside, or \
                     name `{path}` in .slugignore"
                );
            }
            Problem::NotUtf8 { .. } | Problem::Reserved { .. } => "rename the file",
            Problem::Unreadable { .. } => "make it readable, or name it in .slugignore",
            Problem::TooDeep { .. } => "name one of the directories above it in .slugignore",
        };
        fix.to_owned()
    }

    /// What the problems are sorted by.
    fn place(&self) -> &str {
        match self {
            Problem::NotUtf8 { escaped } => escaped,
            Problem::LeadsOut { path, .. }
            | Problem::Reserved { path }
            | Problem::Unreadable { path, .. }
            | Problem::TooDeep { path } => path.as_str(),
        }
    }
}

impl ScanError {
    /// What the user can do about it.
    pub fn fix(&self) -> Option<String> {
        match self {
            ScanError::Directory { .. } => Some("check the path and its permissions".to_owned()),
            ScanError::Unusable { problems } => {
                let mut fixes: Vec<String> = problems.iter().map(Problem::fix).collect();
                fixes.dedup();
                Some(fixes.join("; "))
            }
            ScanError::TooMany { .. } => Some(
                "check that this is the application's directory, and name what the application \
                 does not need in .slugignore or .gitignore"
                    .to_owned(),
            ),
        }
    }
}

/// About a `.dockerignore` that is not obeyed, since it leaves out `manifest`.
fn for_another_image(manifest: &RelPath) -> Diagnostic {
    let file: RelPath = ".dockerignore".parse().expect("a constant path");
    Diagnostic::info("ignore/built-elsewhere", format!("{file} leaves out {manifest} and is not obeyed"))
        .why("it leaves out every file that an application is recognised by: it is for an image of what was built elsewhere")
        .fix("name what the application does not need in .slugignore")
        .at(Origin::file(&file))
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

/// Reads which files `dir` holds; their contents are read when they are asked for.
///
/// Left out is what `ignoring` says, extended by the ignore files of the directory. Symbolic links that
/// stay inside are kept, whatever they lead to. Sockets, pipes and devices are left out with a
/// diagnostic.
///
/// A `.dockerignore` that leaves out every manifest at the top is not obeyed, with a diagnostic: it
/// is written for a Dockerfile that copies what was built elsewhere.
///
/// Errors: everything that cannot become part of an image, all at once.
pub fn scan(dir: &Path, ignoring: &Ignoring) -> Result<DiskTree, ScanError> {
    let top = Below::open(dir).map_err(|source| ScanError::Directory { path: dir.to_owned(), source })?;
    let mut walk = walk::Walk::new(&top, true);
    walk.run(ignoring)?;
    if walk.has_docker && !walk.files.iter().any(|(file, _)| ignoring.is_manifest(&file.path)) {
        let mut whole = walk::Walk::new(&top, false);
        whole.run(ignoring)?;
        let manifest = whole.files.iter().find(|(file, _)| ignoring.is_manifest(&file.path));
        if let Some((manifest, _)) = manifest {
            whole.diagnostics.push(for_another_image(&manifest.path));
            walk = whole;
        }
    }
    walk.follow_links();
    if !walk.problems.is_empty() {
        walk.problems.sort_by(|a, b| a.place().cmp(b.place()));
        return Err(ScanError::Unusable { problems: walk.problems });
    }
    walk.files.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    let (files, stamps) = walk.files.into_iter().unzip();
    let (ignored, diagnostics) = (walk.ignored, walk.diagnostics);
    Ok(DiskTree::new(top, files, stamps, ignored, diagnostics))
}
