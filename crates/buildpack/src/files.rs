//! The files of the source tree as texts and documents with lines. Reads through [`SourceTree`]
//! and decides nothing about what a file means.
//!
//! **One rule for symbolic links**, for files and for the directories above them: a link is
//! followed as long as it stays within the tree. One that leaves the tree or leads back to itself is
//! a [`FileError`], and so is a file that is a link to nothing or to a directory. Below a link to
//! nothing there is no file, as below a directory that is not there. A text that came through a link
//! keeps the path by which it was asked for, since that is the name that people know it by.

use packwright_documents::{Broken, Content, Value, json, toml, yaml};
use packwright_planner::{
    Diagnostic, FileKind, Input, Origin, RelPath, Selection, SourceError, SourceFile, SourceTree, Step, find,
};

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
    /// A directory is where a file belongs.
    #[error("is a directory")]
    Directory,
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
            FileError::Source(error) => error.path(),
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
            FileError::Source(error) => problem.fix(error.fix()),
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
    Ok(follow(tree, path)?.map(|(file, _)| file))
}

/// Lets each of `steps` that sees a link by its path see what the link leads to: the file, and the
/// links on the way to it. A step is given what its patterns choose, and of a link that is the link.
pub fn show_link_targets(tree: &dyn SourceTree, steps: &mut [Step]) {
    for input in steps.iter_mut().flat_map(|step| &mut step.inputs) {
        if let Input::Source(selection) = input {
            let patterns = selection.include.len();
            let seen = with_targets(tree, selection.include.clone());
            selection.include.extend(seen[patterns..].iter().map(|path| Selection::literal(path)));
        }
    }
}

/// The files in the directory that `dir` names after all links, each with the path by which it is
/// known: `dir` and its name. Sorted by name; none when there is no such directory.
///
/// Errors: [`FileError::Link`].
pub fn files_in(tree: &dyn SourceTree, dir: &RelPath) -> Result<Vec<RelPath>, FileError> {
    let place = walk(tree, dir)?;
    let in_place = |file: &&SourceFile| match file.path.parent() {
        Some(parent) => parent.as_str() == place.path,
        None => place.path.is_empty(),
    };
    let names = tree.files().iter().filter(in_place).map(|file| file.path.name());
    Ok(names.filter_map(|name| dir.join(name).ok()).collect())
}

/// As [`resolve`], with the links on the way.
fn follow(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<(RelPath, Vec<RelPath>)>, FileError> {
    // Nearly every path is a regular file itself.
    if let Some(SourceFile { kind: FileKind::Regular { .. }, .. }) = find(tree, path.as_str()) {
        return Ok(Some((path.clone(), Vec::new())));
    }
    let place = walk(tree, path)?;
    if let Some(file) = find(tree, &place.path) {
        return Ok(Some((file.path.clone(), place.links)));
    }
    let Some(target) = place.link_itself else { return Ok(None) };
    let fault = match has_directory(tree, &place.path) {
        true => LinkFault::Directory,
        false => LinkFault::Dangles,
    };
    Err(FileError::Link { path: path.clone(), target, fault })
}

/// Where a path leads after all links.
struct Place {
    /// The path without links; empty for the top of the tree. Nothing need be there.
    path: String,
    /// The links on the way.
    links: Vec<RelPath>,
    /// The text of the last link, when the path names a link itself and no file below one.
    link_itself: Option<String>,
}

fn walk(tree: &dyn SourceTree, path: &RelPath) -> Result<Place, FileError> {
    let mut ahead: Vec<String> = path.parts().rev().map(str::to_owned).collect();
    let mut walked: Vec<String> = Vec::new();
    let mut links: Vec<RelPath> = Vec::new();
    let mut last: Option<String> = None;
    let mut is_link_itself = false;
    // How many parts of `path` itself are ahead: those after the last link.
    let mut own = ahead.len();
    let fault =
        |target: &str, fault| FileError::Link { path: path.clone(), target: target.to_owned(), fault };
    while let Some(part) = ahead.pop() {
        own = own.min(ahead.len());
        match part.as_str() {
            "" | "." => continue,
            ".." => match (walked.pop(), &last) {
                (None, Some(target)) => return Err(fault(target, LinkFault::Leaves)),
                _ => continue,
            },
            _ => walked.push(part),
        }
        let Some(SourceFile { path: link, kind: FileKind::Symlink { target } }) =
            find(tree, &walked.join("/"))
        else {
            continue;
        };
        links.push(link.clone());
        if links.len() > LINKS {
            return Err(fault(target, LinkFault::Loops));
        }
        if target.starts_with('/') {
            return Err(fault(target, LinkFault::Leaves));
        }
        is_link_itself = own == 0;
        walked.pop();
        ahead.extend(target.split('/').rev().map(str::to_owned));
        last = Some(target.clone());
    }
    Ok(Place { path: walked.join("/"), links, link_itself: last.filter(|_| is_link_itself) })
}

/// Whether something is in the directory at `path`.
fn has_directory(tree: &dyn SourceTree, path: &str) -> bool {
    let below =
        |file: &SourceFile| file.path.as_str().strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    path.is_empty() || tree.files().iter().any(below)
}

/// These files of the tree, and behind them the files that links among them lead to: a step that sees a
/// link must see its target too. A link that leads nowhere stays alone; who reads it reports it.
pub fn with_targets(tree: &dyn SourceTree, mut files: Vec<String>) -> Vec<String> {
    let paths = files.iter().filter_map(|file| file.parse::<RelPath>().ok());
    let followed = paths.filter_map(|path| follow(tree, &path).ok()?).filter(|(_, links)| !links.is_empty());
    let seen = followed.flat_map(|(file, links)| links.into_iter().chain([file]));
    for path in seen.map(|path| path.to_string()).collect::<Vec<String>>() {
        if !files.contains(&path) {
            files.push(path);
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
