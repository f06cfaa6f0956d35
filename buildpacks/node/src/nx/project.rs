//! [`NxProject`]: a `project.json` of Nx as a value. Chooses nothing.

use packwright_buildpack::documents::{Content, Value};
use packwright_buildpack::planner::{Origin, RelPath};

use crate::manifest::PackageJson;

/// A project that a `project.json` describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NxProject {
    /// What `nx run` calls it.
    pub(crate) name: String,
    /// The path of its `project.json`.
    pub(crate) path: RelPath,
    /// Its directory; none for the root of the tree.
    pub(crate) dir: Option<RelPath>,
    json: Value,
}

impl NxProject {
    pub(super) fn new(path: &RelPath, json: Value, root: &PackageJson) -> NxProject {
        let dir = path.parent();
        let by_dir = || dir.as_ref().map_or_else(|| root.title(), |dir| dir.name().to_owned());
        let name = json.text_of("name").map_or_else(by_dir, str::to_owned);
        NxProject { name, path: path.clone(), dir, json }
    }

    /// Whether it says that it is a library.
    pub(super) fn is_library(&self) -> bool {
        self.json.text_of("projectType") == Some("library")
    }

    /// The target of this name.
    pub(crate) fn target(&self, name: &str) -> Option<&Value> {
        self.json.at(&["targets", name]).or_else(|| self.json.at(&["architect", name]))
    }

    /// Who carries the target out, `@nx/webpack:webpack` for example.
    pub(crate) fn executor(&self, name: &str) -> &str {
        let target = self.target(name);
        let word = |key: &str| target.and_then(|target| target.text_of(key));
        word("executor").or_else(|| word("builder")).unwrap_or_default()
    }

    /// An option of the target.
    pub(crate) fn option(&self, target: &str, name: &str) -> Option<&Value> {
        self.target(target)?.at(&["options", name])
    }

    /// Whether the target has the configuration.
    pub(crate) fn has_configuration(&self, target: &str, name: &str) -> bool {
        self.target(target).and_then(|target| target.at(&["configurations", name])).is_some()
    }

    /// The line of the target.
    pub(crate) fn line_of(&self, target: &str) -> Origin {
        let line = self.target(target).map_or(1, |target| target.line);
        Origin::line(&self.path, line)
    }

    /// The only command of a target that runs commands.
    pub(crate) fn command(&self, name: &str) -> Option<&str> {
        let target = self.target(name)?;
        if let Some(line) = target.text_of("command") {
            return Some(line);
        }
        if !self.executor(name).ends_with(":run-commands") {
            return None;
        }
        if let Some(line) = self.option(name, "command").and_then(Value::text) {
            return Some(line);
        }
        let [only] = self.option(name, "commands")?.items() else { return None };
        match &only.content {
            Content::Text(line) => Some(line),
            _ => only.text_of("command"),
        }
    }

    /// A path in which Nx's words for directories are replaced.
    pub(crate) fn path_of(&self, text: &str) -> String {
        let dir = self.dir.as_ref().map_or(".", |dir| dir.as_str());
        let text = text
            .replace("{workspaceRoot}/", "")
            .replace("{projectRoot}", dir)
            .replace("{projectName}", &self.name);
        text.trim_start_matches("./").trim_matches('/').to_owned()
    }
}
