//! [`PresentLanguages`]: the languages that have a manifest at the top of the application, and how they
//! classify the commands of a declared build.

use crate::compose::line::Part;
use crate::compose::script::{self, ScriptContext};
use crate::{Buildpack, CommandKind, Exposed, RelPath, SourceTree, Task};

/// Options by which programs are told in which directory they work.
const DIRECTED: &[&str] = &["-C", "--cwd", "--dir", "--directory", "--prefix", "--project"];

/// The application's directory and the languages that are there.
pub(super) struct PresentLanguages<'a, 'b> {
    pub(super) tree: &'b dyn SourceTree,
    pub(super) present: Vec<&'a dyn Buildpack>,
}

impl<'a, 'b> PresentLanguages<'a, 'b> {
    pub(super) fn new(
        tree: &'b dyn SourceTree,
        buildpacks: &[&'a dyn Buildpack],
    ) -> PresentLanguages<'a, 'b> {
        let has = |pack: &&&dyn Buildpack| {
            pack.language().manifests.iter().any(|name| crate::find(tree, name).is_some())
        };
        PresentLanguages { tree, present: buildpacks.iter().filter(has).copied().collect() }
    }

    /// Whether a language is here.
    pub(super) fn has(&self, pack: &dyn Buildpack) -> bool {
        self.present.iter().any(|other| other.language().name == pack.language().name)
    }

    /// What a part is to a language, by the simple commands in it. What installs in another
    /// directory does not install what the language's own steps do.
    pub(super) fn class(&self, pack: &dyn Buildpack, part: &Part) -> Option<CommandKind> {
        let found: Vec<Option<CommandKind>> =
            part.commands.iter().map(|words| self.classify(pack, words)).collect();
        match found.iter().flatten().copied().collect::<Vec<_>>().as_slice() {
            [] => None,
            some if some.contains(&CommandKind::Releases) => Some(CommandKind::Releases),
            some if some.len() < found.len() || some.contains(&CommandKind::Runs) || part.elsewhere => {
                Some(CommandKind::Runs)
            }
            _ => Some(CommandKind::Installs),
        }
    }

    /// What a simple command is to a language.
    pub(super) fn classify(&self, pack: &dyn Buildpack, words: &[String]) -> Option<CommandKind> {
        match (pack.classify(words), self.inside(words)) {
            (Some(CommandKind::Installs), Some(_)) => Some(CommandKind::Runs),
            (part, _) => part,
        }
    }

    /// The first language that knows a part, and what the part is to it.
    pub(super) fn known_to(&self, part: &Part) -> Option<(&'a str, CommandKind)> {
        self.present.iter().find_map(|pack| Some((pack.language().name, self.class(*pack, part)?)))
    }

    /// Whether a part needs a database.
    pub(super) fn releases(&self, part: &Part) -> bool {
        matches!(self.known_to(part), Some((_, CommandKind::Releases)))
    }

    /// Whether a simple command needs a database.
    pub(super) fn is_release(&self, words: &[String]) -> bool {
        self.present.iter().any(|pack| pack.classify(words) == Some(CommandKind::Releases))
    }

    /// Whether a part installs what the steps of a language install.
    pub(super) fn installs(&self, part: &Part) -> bool {
        matches!(self.known_to(part), Some((_, CommandKind::Installs)))
    }

    /// A command as it would be in the directory of the source that one of its options names.
    pub(super) fn inside(&self, words: &[String]) -> Option<Vec<String>> {
        for (at, word) in words.iter().enumerate() {
            let (option, value, length) = match word.split_once('=') {
                Some((option, value)) => (option, value, 1),
                None => (word.as_str(), words.get(at + 1).map_or("", String::as_str), 2),
            };
            if DIRECTED.contains(&option) && self.has_directory(value) {
                return Some([&words[..at], &words[at + length..]].concat());
            }
        }
        None
    }

    fn has_directory(&self, path: &str) -> bool {
        let Ok(dir) = path.trim_start_matches("./").trim_end_matches('/').parse::<RelPath>() else {
            return false;
        };
        let inside = format!("{dir}/");
        let files = self.tree.files();
        let at = files.partition_point(|file| file.path.as_str() < inside.as_str());
        files.get(at).is_some_and(|file| file.path.as_str().starts_with(&inside))
    }

    /// The tasks that a task comes to, scripts of the source taken for their lines, and those of them
    /// that have secrets.
    pub(super) fn expanded(&self, task: Task, root: Option<&RelPath>) -> (Vec<Task>, Vec<Exposed>) {
        let known = |words: &[String]| self.present.iter().any(|pack| pack.classify(words).is_some());
        match task {
            Task::Run(command) => {
                script::expanded(ScriptContext { tree: self.tree, root, known: &known }, command)
            }
            Task::Detected => (vec![Task::Detected], Vec::new()),
        }
    }
}
