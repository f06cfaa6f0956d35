//! [`MemberView`]: the tree reduced to the chosen member of a workspace, so that an application is
//! looked for there alone. Paths stay those of the whole tree; modules are named from the member.

use std::io;

use packwright_buildpack::planner::{Command, RelPath, SourceFile, SourceTree};

use crate::framework::application::Application;

/// A tree of which only one directory is seen.
pub(crate) struct MemberView<'a> {
    whole: &'a dyn SourceTree,
    files: Vec<SourceFile>,
}

impl<'a> MemberView<'a> {
    /// The files of `whole` within `dir`.
    pub(crate) fn new(whole: &'a dyn SourceTree, dir: &RelPath) -> MemberView<'a> {
        let files = whole.files().iter().filter(|file| file.path.is_within(dir)).cloned().collect();
        MemberView { whole, files }
    }

    /// The files of `whole` outside of `dirs`.
    pub(crate) fn without(whole: &'a dyn SourceTree, dirs: &[RelPath]) -> MemberView<'a> {
        let is_apart = |file: &SourceFile| dirs.iter().any(|dir| file.path.is_within(dir));
        let files = whole.files().iter().filter(|file| !is_apart(file)).cloned().collect();
        MemberView { whole, files }
    }

    /// Names the modules of `application` as code of the member in `dir` does: from its own
    /// directory or `src/` in it, which is then on Python's path.
    pub(crate) fn name_modules(application: &mut Application, dir: &RelPath) {
        let root: RelPath = dir.join("src").unwrap_or_else(|_| dir.clone());
        for root in [&root, dir] {
            let prefix = format!("{}.", root.as_str().replace('/', "."));
            let strip = |word: &mut String| {
                let at = word.find(&prefix).filter(|&at| !word[..at].ends_with(is_part));
                at.map(|at| word.replace_range(at..at + prefix.len(), "")).is_some()
            };
            let mut stripped = false;
            for process in &mut application.processes {
                stripped |= match &mut process.command {
                    Command::Shell(line) => strip(line),
                    Command::Exec(words) => words.iter_mut().fold(false, |any, word| strip(word) | any),
                };
            }
            for decision in &mut application.decisions {
                strip(&mut decision.value);
            }
            if stripped && !application.import_roots.contains(root) {
                application.import_roots.push(root.clone());
            }
        }
    }
}

impl SourceTree for MemberView<'_> {
    fn files(&self) -> &[SourceFile] {
        &self.files
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        self.whole.read(path)
    }
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '/')
}
