//! [`DirView`]: one directory of the tree, as a reader of platform files sees it, with the variables that the
//! caller gives.

use std::collections::BTreeMap;

use packwright_documents::{Broken, Value};
use packwright_planner::{
    Declarations, Diagnostic, FileWeight, Language, Origin, RelPath, Requested, SourceFile, SourceTree, text,
};

/// One directory of a source tree. Paths of what is read start at the top of the tree.
pub(crate) struct DirView<'a> {
    /// The whole tree.
    pub(crate) tree: &'a dyn SourceTree,
    /// The directory, unless it is the top.
    pub(crate) dir: Option<&'a RelPath>,
    /// The languages that take part in the plan: a reader asks them what is a language's own.
    pub(crate) languages: &'a [&'a Language],
    /// The caller's variables.
    pub(crate) environment: &'a BTreeMap<String, String>,
}

/// A file that was read.
pub(crate) struct Seen {
    /// Its path from the top of the tree.
    pub(crate) path: RelPath,
    /// Its text, lines ended by LF, without byte order mark.
    pub(crate) text: String,
}

impl DirView<'_> {
    /// The path of `name` in this directory, from the top of the tree.
    pub(crate) fn path(&self, name: &str) -> Option<RelPath> {
        match self.dir {
            None => name.parse().ok(),
            Some(dir) => format!("{dir}/{name}").parse().ok(),
        }
    }

    /// Whether there is a file called `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name).is_some_and(|path| packwright_planner::has(self.tree, path.as_str()))
    }

    /// The file called `name`; a path from this directory is a name too. A file that is no
    /// UTF-8 text, or too large, is declarations with nothing but an error.
    pub(crate) fn read(
        &self,
        platform: &'static str,
        weight: FileWeight,
        name: &str,
    ) -> Option<Result<Seen, Declarations>> {
        let path = self.path(name)?;
        match text(self.tree, path.as_str()) {
            Ok(None) => None,
            Ok(Some(content)) => {
                let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
                let text = content.replace("\r\n", "\n").replace('\r', "\n");
                Some(Ok(Seen { path, text }))
            }
            Err(error) => {
                let problem = problem(weight, &format!("{platform}/unreadable"), error.to_string())
                    .fix(error.fix())
                    .at(Origin::file(&path));
                Some(Err(refused(platform, weight, &path, problem)))
            }
        }
    }

    /// The names of the files in `folder` of this directory (the directory itself when empty)
    /// that `wanted` takes, in order.
    pub(crate) fn names(&self, folder: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let folder = match (self.dir, folder) {
            (None, "") => None,
            (None, folder) => folder.parse::<RelPath>().ok(),
            (Some(dir), "") => Some(dir.clone()),
            (Some(dir), folder) => format!("{dir}/{folder}").parse().ok(),
        };
        let files = below(self.tree.files(), folder.as_ref());
        let start = folder.map_or(0, |folder| folder.as_str().len() + 1);
        let names = files.iter().map(|file| &file.path.as_str()[start..]);
        names.filter(|name| !name.contains('/') && wanted(name)).map(str::to_owned).collect()
    }
}

/// The files below `folder`, all when there is none. Files are sorted by the bytes of their paths,
/// so those of one folder are side by side.
fn below<'a>(files: &'a [SourceFile], folder: Option<&RelPath>) -> &'a [SourceFile] {
    let Some(folder) = folder else { return files };
    let start = format!("{folder}/");
    let from = files.partition_point(|file| file.path.as_str() < start.as_str());
    let len = files[from..].partition_point(|file| file.path.as_str().starts_with(&start));
    &files[from..from + len]
}

/// What a file in `dir` declares: its components are there, or below.
pub(crate) fn in_dir(dir: &RelPath, mut declared: Declarations) -> Declarations {
    for component in &mut declared.components {
        component.root = Some(match component.root.take() {
            None => Requested { value: dir.clone(), origin: Origin::file(&declared.files[0]) },
            Some(root) => {
                let value = dir.join(root.value.as_str()).expect("a relative path below another is one");
                Requested { value, origin: root.origin }
            }
        });
    }
    declared
}

impl Seen {
    /// The values of a document, or declarations with nothing but the error in it.
    pub(crate) fn parsed<T>(
        &self,
        platform: &'static str,
        weight: FileWeight,
        parse: fn(&str) -> Result<T, Broken>,
    ) -> Result<T, Declarations> {
        parse(&self.text).map_err(|broken| {
            let origin = Origin::line(&self.path, broken.line);
            let message = format!("{origin}: column {}: {}", broken.column, broken.reason);
            let problem = problem(weight, &format!("{platform}/syntax"), message)
                .fix("correct the line; nothing of the file is used before that")
                .at(origin);
            refused(platform, weight, &self.path, problem)
        })
    }

    /// The first document of a YAML text; nothing when it is empty.
    pub(crate) fn yaml(&self, platform: &'static str, weight: FileWeight) -> Result<Value, Declarations> {
        let documents = self.parsed(platform, weight, packwright_documents::yaml)?;
        let empty = Value { line: 1, content: packwright_documents::Content::Null };
        Ok(documents.into_iter().next().unwrap_or(empty))
    }
}

/// An error where the file decides, a warning where it only gives hints.
pub(crate) fn problem(weight: FileWeight, code: &str, message: impl Into<String>) -> Diagnostic {
    match weight {
        FileWeight::Decides => Diagnostic::error(code, message),
        FileWeight::Hints => Diagnostic::warning(code, message),
    }
}

fn refused(platform: &str, weight: FileWeight, path: &RelPath, problem: Diagnostic) -> Declarations {
    Declarations { diagnostics: vec![problem], ..Declarations::new(platform, path, weight) }
}
