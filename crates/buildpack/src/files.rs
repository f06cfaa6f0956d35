//! The files of the source tree as texts and documents with lines. Reads through [`SourceTree`]
//! and decides nothing about what a file means.
//!
//! **One rule for symbolic links**, for files and for the directories above them: a link is
//! followed as long as it stays within the tree. One that leaves the tree, leads to nothing, or
//! leads back to itself is a [`FileError`]. A text that came through a link keeps the path by which
//! it was asked for, since that is the name that people know it by.

use packwright_documents::{Broken, Content, Value, json, toml, yaml};
use packwright_planner::{Diagnostic, FileKind, Origin, RelPath, SourceError, SourceFile, SourceTree, find};

/// How many links are followed on the way to one file. Source: Linux, `path_resolution(7)`, allows 40.
const LINKS: usize = 40;

/// Why a file of the tree cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is no UTF-8 text, or reading failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It is a symbolic link, or below one, that leads to no file of the tree.
    #[error("{path} is a link to {target}, which {fault}")]
    Link {
        /// The file that was asked for.
        path: RelPath,
        /// The text of the link that leads nowhere.
        target: String,
        /// What is wrong with the link.
        fault: LinkFault,
    },
    /// It does not follow the grammar of its format.
    #[error("{path}:{}:{} is not valid {format}", .broken.line, .broken.column)]
    Broken {
        /// The file.
        path: RelPath,
        /// The format: `JSON`, `TOML`, `YAML`.
        format: &'static str,
        /// Where and why.
        broken: Broken,
    },
}

/// What is wrong with a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// There is no file where it leads.
    #[error("is not in the tree")]
    Dangles,
    /// It leads out of the tree.
    #[error("is outside of the tree")]
    Leaves,
    /// It leads back to itself, or through too many links.
    #[error("leads through too many links")]
    Loops,
}

impl FileError {
    /// The file that was asked for.
    pub fn path(&self) -> &RelPath {
        match self {
            FileError::Source(SourceError::Unreadable { path, .. } | SourceError::NotText { path, .. }) => {
                path
            }
            FileError::Link { path, .. } | FileError::Broken { path, .. } => path,
        }
    }

    /// The problem as a diagnostic of `language`: `<language>/unreadable`, `<language>/broken-link`
    /// or `<language>/broken-manifest`.
    pub fn diagnostic(&self, language: &str) -> Diagnostic {
        let (kind, at) = match self {
            FileError::Source(_) => ("unreadable", Origin::file(self.path())),
            FileError::Link { path, .. } => ("broken-link", Origin::file(path)),
            FileError::Broken { path, broken, .. } => ("broken-manifest", Origin::line(path, broken.line)),
        };
        let problem = Diagnostic::error(&format!("{language}/{kind}"), self.to_string()).at(at);
        match self {
            FileError::Source(_) => {
                problem.fix(format!("save {} as UTF-8 text that can be read", self.path()))
            }
            FileError::Link { path, .. } => {
                problem.fix(format!("let {path} link to a file of the tree, or make it a file of its own"))
            }
            FileError::Broken { path, broken, .. } => {
                problem.why(broken.reason.clone()).fix(format!("correct line {} of {path}", broken.line))
            }
        }
    }
}

/// The path of the regular file that `path` names, after all links; `None` when the tree has nothing
/// at `path` and no link on the way to it.
///
/// Errors: [`FileError::Link`].
pub fn resolve(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<RelPath>, FileError> {
    // Nearly every path is a regular file itself.
    if let Some(SourceFile { kind: FileKind::Regular { .. }, .. }) = find(tree, path.as_str()) {
        return Ok(Some(path.clone()));
    }
    let mut ahead: Vec<String> = path.parts().rev().map(str::to_owned).collect();
    let mut walked: Vec<String> = Vec::new();
    let mut last: Option<String> = None;
    let mut links = 0;
    let fault =
        |target: &str, fault| FileError::Link { path: path.clone(), target: target.to_owned(), fault };
    while let Some(part) = ahead.pop() {
        match part.as_str() {
            "" | "." => continue,
            ".." => match (walked.pop(), &last) {
                (None, Some(target)) => return Err(fault(target, LinkFault::Leaves)),
                _ => continue,
            },
            _ => walked.push(part),
        }
        let Some(SourceFile { kind: FileKind::Symlink { target }, .. }) = find(tree, &walked.join("/"))
        else {
            continue;
        };
        links += 1;
        if links > LINKS {
            return Err(fault(target, LinkFault::Loops));
        }
        if target.starts_with('/') {
            return Err(fault(target, LinkFault::Leaves));
        }
        walked.pop();
        ahead.extend(target.split('/').rev().map(str::to_owned));
        last = Some(target.clone());
    }
    match (find(tree, &walked.join("/")), last) {
        (Some(file), _) => Ok(Some(file.path.clone())),
        (None, Some(target)) => Err(fault(&target, LinkFault::Dangles)),
        (None, None) => Ok(None),
    }
}

/// These files of the tree, and behind them the files that links among them lead to: a step that sees a
/// link must see its target too. A link that leads nowhere stays alone; who reads it reports it.
pub fn with_targets(tree: &dyn SourceTree, mut files: Vec<String>) -> Vec<String> {
    let target =
        |file: &String| resolve(tree, &file.parse().ok()?).ok().flatten().map(|path| path.to_string());
    let targets: Vec<String> = files.iter().filter_map(target).collect();
    for target in targets {
        if !files.contains(&target) {
            files.push(target);
        }
    }
    files
}

/// The text of the file at `path`, without a byte order mark; `None` when there is none.
///
/// Errors: [`FileError::Source`], [`FileError::Link`].
pub fn text(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, FileError> {
    match resolve(tree, path)? {
        Some(file) => Ok(packwright_planner::text(tree, file.as_str())?),
        None => Ok(None),
    }
}

/// A file as a value with lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The path by which it was asked for.
    pub path: RelPath,
    /// What it says.
    pub value: Value,
}

impl Document {
    /// Where `value`, which is a part of this document, stands.
    pub fn origin(&self, value: &Value) -> Origin {
        Origin::line(&self.path, value.line)
    }
}

/// The JSON file at `path`, with comments and trailing commas as tools allow them; `None` when
/// there is none.
///
/// Errors: each [`FileError`].
pub fn json_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Document>, FileError> {
    document(tree, path, "JSON", json)
}

/// The TOML file at `path`; `None` when there is none.
///
/// Errors: each [`FileError`].
pub fn toml_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Document>, FileError> {
    document(tree, path, "TOML", toml)
}

/// The first document of the YAML file at `path`, which is nothing in an empty file; `None` when there is none.
///
/// Errors: each [`FileError`].
pub fn yaml_file(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<Document>, FileError> {
    document(tree, path, "YAML", yaml_document)
}

/// The first document of a YAML text; nothing for a text without one.
///
/// Errors: where and why it is no YAML.
pub fn yaml_document(text: &str) -> Result<Value, Broken> {
    Ok(yaml(text)?.into_iter().next().unwrap_or_else(|| Content::Null.into()))
}

fn document(
    tree: &dyn SourceTree,
    path: &RelPath,
    format: &'static str,
    read: impl Fn(&str) -> Result<Value, Broken>,
) -> Result<Option<Document>, FileError> {
    let Some(text) = text(tree, path)? else { return Ok(None) };
    match read(&text) {
        Ok(value) => Ok(Some(Document { path: path.clone(), value })),
        Err(broken) => Err(FileError::Broken { path: path.clone(), format, broken }),
    }
}

/// `name` in the directory `dir`; `None` is the top of the tree. `None` when it is no path there.
pub fn beside(dir: Option<&RelPath>, name: &str) -> Option<RelPath> {
    match dir {
        Some(dir) => dir.join(name).ok(),
        None => name.parse().ok(),
    }
}

/// `dir` and all directories above it, the deepest first; `None` is the top of the tree.
pub fn upwards(dir: Option<&RelPath>) -> Vec<Option<RelPath>> {
    let mut dirs = Vec::new();
    let mut next = dir.cloned();
    while let Some(dir) = next {
        next = dir.parent();
        dirs.push(Some(dir));
    }
    dirs.push(None);
    dirs
}

#[cfg(test)]
mod tests;
