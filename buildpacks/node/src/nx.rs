//! Repositories of Nx whose projects are no packages of a workspace: which projects there are, and
//! which of them is the application. What a project builds is the business of `framework::nx`.

pub(crate) mod project;

use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, Origin, PlanContext, RelPath, SourceTree, has};

use crate::manifest::PackageJson;
use crate::messages;

pub(crate) use project::NxProject;

/// The projects of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    /// Those that `project.json` files describe, in the order of their paths.
    pub(crate) projects: Vec<NxProject>,
    /// The one that `nx.json` names, with the line.
    default: Option<(String, Origin)>,
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
        root: &PackageJson,
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
            match files::json_file(tree, &file.path).map_err(messages::unreadable) {
                Ok(Some(json)) => projects.push(NxProject::new(&file.path, json.value, root)),
                Ok(None) => {}
                Err(problem) => problems.push(problem),
            }
        }
        let path: RelPath = "nx.json".parse().expect("a constant path");
        let settings = files::json_file(tree, &path).unwrap_or_else(|error| {
            problems.push(messages::unreadable(error));
            None
        });
        let default = settings.as_ref().and_then(|settings| settings.value.entry("defaultProject"));
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

    /// The application and what chooses it, in falling precedence: `--app`, the scripts that call `nx` with a name, the
    /// project at the root, `defaultProject`, the only project that is an application.
    /// `None` when there is no application.
    ///
    /// Errors: several applications, of which nothing chooses one.
    pub(crate) fn application(
        &self,
        context: &PlanContext<'_>,
        said: &[(String, Origin)],
    ) -> Result<Option<(&NxProject, Origin)>, Diagnostic> {
        if let Some(app) = &context.options.app
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
            several => {
                let named: Vec<String> =
                    several.iter().map(|project| format!("{} ({})", project.name, project.path)).collect();
                Err(messages::several_nx_applications(&several[0].name, &named))
            }
        }
    }

    /// The projects that may run on their own.
    pub(crate) fn applications(&self) -> Vec<&NxProject> {
        let is_one = |project: &&NxProject| {
            !project.is_library() && !project.name.ends_with("-e2e") && project.target("build").is_some()
        };
        self.projects.iter().filter(is_one).collect()
    }
}
