//! [`Local`]: a package that is a directory of the source tree: the project itself, a member of a
//! workspace, what `-e ./lib` names.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, SourceTree, has};

use super::reference::Reference;
use super::{named_files, pyproject, setup};
use crate::messages;

/// A package in the source tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Local {
    /// The directory; `None` for the root of the tree.
    pub(crate) dir: Option<RelPath>,
    /// Whether it is used from where it lies, instead of from a wheel.
    pub(crate) editable: bool,
    /// What its build backend asks for.
    pub(crate) build_requires: Vec<String>,
    /// Patterns of the files that say what it needs.
    pub(crate) manifests: Vec<String>,
    /// Files that it names and the tree lacks, for which empty ones stand.
    pub(crate) absent: Vec<String>,
    /// What it needs, as far as its files say so without being run.
    pub(crate) dependencies: Vec<Reference>,
}

/// Files that a backend reads, or that `setup.py` usually does, to say what a package needs.
const METADATA: &[&str] = &[
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "MANIFEST.in",
    "README*",
    "LICENSE*",
    "VERSION*",
    "CHANGE*",
    "*.txt",
    "*.md",
    "*.rst",
    "requirements/**",
    "**/__init__.py",
    "**/{_version,__version__,version,__about__,about}.py",
];

impl Local {
    /// The package in `dir`, which `origin` names.
    ///
    /// Errors: nothing there says how it is built.
    pub(crate) fn read(
        tree: &dyn SourceTree,
        dir: Option<RelPath>,
        editable: bool,
        origin: &Origin,
    ) -> Result<Local, Vec<Diagnostic>> {
        let inside = |name: &str| match &dir {
            Some(dir) => format!("{dir}/{name}"),
            None => name.to_owned(),
        };
        let path = |name: &str| inside(name).parse::<RelPath>().expect("a name below a relative path");
        if !["pyproject.toml", "setup.py", "setup.cfg"].iter().any(|name| has(tree, &inside(name))) {
            let what = dir.as_ref().map_or(".".to_owned(), ToString::to_string);
            return Err(vec![messages::local_without_project(origin, &what)]);
        }
        let pyproject = pyproject::read_at(tree, &path("pyproject.toml"))?;
        let setup = setup::read_at(tree, dir.as_ref())?;
        let is_static = pyproject.as_ref().is_some_and(|file| file.is_static());
        let mut dependencies = Vec::new();
        match (&pyproject, &setup) {
            (Some(file), _) if file.is_project && !file.dynamic_dependencies => {
                dependencies.extend(file.dependencies.iter().cloned());
            }
            (_, Some(setup)) => dependencies.extend(setup.dependencies.iter().flatten().cloned()),
            _ => {}
        }
        let named = pyproject.as_ref().map_or(&[][..], |file| &file.named_files);
        let absent = named_files::absent(named, tree);
        let seen: Vec<String> = match is_static {
            true => Vec::new(),
            false => named_files::patterns(named, tree),
        };
        let names: &[&str] = if is_static { &METADATA[..1] } else { METADATA };
        Ok(Local {
            editable,
            absent,
            build_requires: pyproject.and_then(|file| file.build_requires).unwrap_or_default(),
            manifests: names.iter().map(|name| inside(name)).chain(seen).collect(),
            dependencies,
            dir,
        })
    }

    /// Its directory in every step.
    pub(crate) fn place(&self) -> String {
        match &self.dir {
            Some(dir) => format!("/app/{dir}"),
            None => "/app".to_owned(),
        }
    }
}
