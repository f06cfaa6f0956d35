//! Repositories of Nx whose projects are no packages of a workspace: which projects there are, and
//! which of them is the application. What a project builds is the business of `framework::nx`.

use packwright_documents::{Content, Value};
use packwright_planner::{Diagnostic, Origin, PlanContext, RelPath, SourceTree, has};

use crate::manifest::{self, Manifest};
use crate::messages;

/// The projects of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    /// Those that `project.json` files describe, in the order of their paths.
    pub(crate) projects: Vec<NxProject>,
    /// The one that `nx.json` names, with the line.
    default: Option<(String, Origin)>,
}

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

/// Packages of which one brings the program `nx`.
pub(crate) const PACKAGES: &[&str] = &["nx", "@nrwl/cli", "@nrwl/workspace"];

impl Repository {
    /// The repository at the root of the tree; `None` when it is none of Nx's, or describes no
    /// project in a file of its own.
    ///
    /// Errors: files that cannot be read.
    pub(crate) fn read(
        tree: &dyn SourceTree,
        root: &Manifest,
    ) -> Result<Option<Repository>, Vec<Diagnostic>> {
        if !has(tree, "nx.json") || !PACKAGES.iter().any(|package| root.depends_on(package)) {
            return Ok(None);
        }
        let mut projects = Vec::new();
        let mut problems = Vec::new();
        let is_project = |path: &RelPath| {
            path.name() == "project.json" && path.parts().all(|part| part != "node_modules" && part != "dist")
        };
        for file in tree.files().iter().filter(|file| is_project(&file.path)) {
            match manifest::json_file(tree, &file.path) {
                Ok(Some(json)) => projects.push(NxProject::new(&file.path, json, root)),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        let path: RelPath = "nx.json".parse().expect("a constant path");
        let settings = manifest::json_file(tree, &path).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let default = settings.as_ref().and_then(|settings| settings.entry("defaultProject"));
        let default =
            default.and_then(|entry| Some((entry.value.text()?.to_owned(), Origin::line(&path, entry.line))));
        match (problems.is_empty(), projects.is_empty()) {
            (false, _) => Err(problems),
            (true, true) => Ok(None),
            (true, false) => Ok(Some(Repository { projects, default })),
        }
    }

    /// The project that `wanted` means, by name or directory.
    pub(crate) fn called(&self, wanted: &str) -> Option<&NxProject> {
        let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
        let is_dir = |project: &&NxProject| {
            project.dir.as_ref().is_some_and(|dir| dir.as_str() == wanted || dir.name() == wanted)
        };
        self.projects
            .iter()
            .find(|project| project.name == wanted)
            .or_else(|| self.projects.iter().find(is_dir))
    }

    /// The application, and who says so: `--app`, the scripts that call `nx` with a name, the
    /// project at the root, `defaultProject`, the only project that is an application.
    /// `None` when there is no application.
    ///
    /// Errors: several applications, and no word which.
    pub(crate) fn application(
        &self,
        given: &PlanContext<'_>,
        said: &[(String, Origin)],
    ) -> Result<Option<(&NxProject, Origin)>, Diagnostic> {
        if let Some(app) = &given.options.app
            && let Some(project) = self.called(app)
        {
            return Ok(Some((project, Origin::Option(format!("--app {app}")))));
        }
        let root = self.projects.iter().find(|project| project.dir.is_none());
        let root = root.map(|root| (root, Origin::file(&root.path)));
        let words = said.iter().chain(&self.default);
        let mut called = words.filter_map(|(name, origin)| Some((self.called(name)?, origin.clone())));
        let by_word = match said.is_empty() {
            true => root.or_else(|| called.next()),
            false => called.next().or(root),
        };
        if by_word.is_some() {
            return Ok(by_word);
        }
        match self.applications().as_slice() {
            [] => Ok(None),
            [only] => Ok(Some((only, Origin::file(&only.path)))),
            several => Err(messages::several_nx_applications(several)),
        }
    }

    /// The projects that may run on their own.
    pub(crate) fn applications(&self) -> Vec<&NxProject> {
        let is_one = |project: &&NxProject| {
            project.json.text_of("projectType") != Some("library")
                && !project.name.ends_with("-e2e")
                && project.target("build").is_some()
        };
        self.projects.iter().filter(is_one).collect()
    }
}

impl NxProject {
    fn new(path: &RelPath, json: Value, root: &Manifest) -> NxProject {
        let dir = path.parent();
        let by_dir = || dir.as_ref().map_or_else(|| root.title(), |dir| dir.name().to_owned());
        let name = json.text_of("name").map_or_else(by_dir, str::to_owned);
        NxProject { name, path: path.clone(), dir, json }
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
