//! What rules of frameworks look at: the build's line, configuration files, dependencies.

use packwright_buildpack::planner::{
    Decision, Diagnostic, Origin, RelPath, Requested, SourceTree, has, text,
};

use crate::application::AppContext;
use crate::lock::LockContents;
use crate::manifest::PackageJson;
use crate::messages;
use crate::process::{Expansion, Segment};
use crate::project::NodeProject;
use crate::syntax::{JsLiteral, JsSource};

/// An application that a rule looks at.
pub(super) struct AppView<'a> {
    /// The source tree.
    pub(super) tree: &'a dyn SourceTree,
    /// The application's manifest.
    pub(super) app: &'a PackageJson,
    /// That of the workspace's root, which may be the same.
    pub(super) root: &'a PackageJson,
    /// What the lock file says is installed.
    pub(super) locked: Option<&'a LockContents>,
    /// What the build script comes to.
    pub(super) build: Option<&'a Expansion>,
}

/// What a rule has to say besides its result.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What it decided.
    pub(super) decisions: Vec<Decision>,
    /// What people should know.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// A configuration file.
pub(super) struct ConfigFile {
    /// Where it is.
    pub(super) path: RelPath,
    /// What it says.
    pub(super) script: JsSource,
}

impl ConfigFile {
    /// A text of the configuration. A computed value is reported and counts as missing.
    pub(super) fn text(&self, path: &[&str], notes: &mut Findings) -> Option<Requested<String>> {
        let found = self.script.property(path)?;
        let origin = Origin::line(&self.path, found.line);
        match found.value {
            JsLiteral::Text(value) | JsLiteral::Path(value) => Some(Requested { value, origin }),
            JsLiteral::Nothing | JsLiteral::Bool(_) | JsLiteral::Number(_) => None,
            JsLiteral::Call(_) | JsLiteral::Computed => {
                notes.diagnostics.push(messages::setting_computed(&names(path), &origin));
                None
            }
        }
    }

    /// Whether a text is a path from the directory of the configuration, wherever it is used.
    pub(super) fn is_path(&self, path: &[&str]) -> bool {
        self.script.property(path).is_some_and(|found| matches!(found.value, JsLiteral::Path(_)))
    }

    /// A switch of the configuration. A computed value is reported and counts as missing.
    pub(super) fn switch(&self, path: &[&str], notes: &mut Findings) -> Option<Requested<bool>> {
        let found = self.script.property(path)?;
        let origin = Origin::line(&self.path, found.line);
        match found.value {
            JsLiteral::Bool(value) => Some(Requested { value, origin }),
            JsLiteral::Call(_) | JsLiteral::Computed => {
                notes.diagnostics.push(messages::setting_computed(&names(path), &origin));
                None
            }
            _ => None,
        }
    }

    /// Where a property stands, whatever its value.
    pub(super) fn place(&self, path: &[&str]) -> Option<Origin> {
        self.script.property(path).map(|found| Origin::line(&self.path, found.line))
    }

    /// The first imported module that `wanted` accepts.
    pub(super) fn import(&self, wanted: impl Fn(&str) -> bool) -> Option<(String, Origin)> {
        let (name, line) = self.script.imports().into_iter().find(|(name, _)| wanted(name))?;
        Some((name.to_owned(), Origin::line(&self.path, line)))
    }
}

/// A property's path as people write it: without the marks for calls and lists.
fn names(path: &[&str]) -> String {
    let names: Vec<&str> = path.iter().filter(|part| !["()", "[]"].contains(part)).copied().collect();
    names.join(".")
}

impl<'a> AppView<'a> {
    /// The application of `subject`, whose build script comes to `build`.
    pub(super) fn of(subject: &AppContext<'a>, build: Option<&'a Expansion>) -> AppView<'a> {
        let NodeProject { context, app, root, locked, .. } = subject.project;
        AppView { tree: context.tree, app, root, locked, build }
    }

    /// Whether the application has the file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.app.beside(name).is_some_and(|path| has(self.tree, path.as_str()))
    }

    /// The line that asks for the first of these packages.
    pub(super) fn dependency(&self, names: &[&str]) -> Option<Origin> {
        names.iter().find_map(|name| self.app.dependency(name)).map(|range| range.origin.clone())
    }

    /// The same where the root of the workspace asks for it: its packages are there for every
    /// member.
    pub(super) fn shared(&self, names: &[&str]) -> Option<Origin> {
        names.iter().find_map(|name| self.root.dependency(name)).map(|range| range.origin.clone())
    }

    /// Whether the package is there for development alone.
    pub(super) fn is_development(&self, name: &str) -> bool {
        let normal = |manifest: &PackageJson| {
            manifest.dependencies.contains_key(name) || manifest.optional_dependencies.contains_key(name)
        };
        let asked = |manifest: &PackageJson| manifest.dev_dependencies.contains_key(name);
        !normal(self.app) && !normal(self.root) && (asked(self.app) || asked(self.root))
    }

    /// The first number of the version that the package is asked for in.
    pub(super) fn major(&self, name: &str) -> Option<u64> {
        let locked = self.locked.and_then(|locked| locked.version(name)).map(str::to_owned);
        let asked = || self.app.dependency(name).map(|range| range.value.clone());
        let text = locked.or_else(asked)?;
        let digits = text.trim_start_matches(|first: char| !first.is_ascii_digit());
        digits.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
    }

    /// The first of these files that the application has, read.
    pub(super) fn config(&self, stem: &str, ends: &[&str]) -> Option<ConfigFile> {
        ends.iter().find_map(|end| {
            let path = self.app.beside(&format!("{stem}.{end}"))?;
            let source = text(self.tree, path.as_str()).ok()??;
            Some(ConfigFile { path, script: JsSource::read(&source) })
        })
    }

    /// The words of the build's command that starts with the words of `tool`, behind them.
    pub(super) fn tool(&self, tool: &str) -> Option<Vec<String>> {
        let segments = self.build.map_or(&[][..], |build| build.segments.as_slice());
        segments.iter().find_map(|segment| after_tool(segment, tool))
    }

    /// The value of an option that the tool is given in the build script: `--out x`, `--out=x`.
    pub(super) fn option(&self, tool: &str, names: &[&str]) -> Option<Requested<String>> {
        let words = self.tool(tool)?;
        let origin = self.build?.origin.clone();
        let value = words.iter().enumerate().find_map(|(index, word)| match word.split_once('=') {
            Some((name, value)) if names.contains(&name) => Some(value.to_owned()),
            _ if names.contains(&word.as_str()) => words.get(index + 1).cloned(),
            _ => None,
        })?;
        Some(Requested { value, origin })
    }

    /// The first argument that is no option, nor stands behind one whose value it may be.
    pub(super) fn argument(&self, tool: &str) -> Option<Requested<String>> {
        let words = self.tool(tool)?;
        let origin = self.build?.origin.clone();
        let is_option = |at: usize| words[at].starts_with('-') && !words[at].contains('=');
        let at = (0..words.len())
            .find(|&at| !words[at].starts_with('-') && !at.checked_sub(1).is_some_and(is_option))?;
        let value = words[at].clone();
        Some(Requested { value, origin })
    }
}

/// The words behind those of `tool` where it stands in a command.
pub(super) fn after_tool(segment: &Segment, tool: &str) -> Option<Vec<String>> {
    let texts = segment.texts();
    let wanted: Vec<&str> = tool.split(' ').collect();
    let at = texts.windows(wanted.len()).position(|window| {
        window
            .iter()
            .zip(&wanted)
            .all(|(word, wanted)| word == wanted || word.rsplit('/').next() == Some(wanted))
    })?;
    Some(texts[at + wanted.len()..].iter().map(|word| (*word).to_owned()).collect())
}
