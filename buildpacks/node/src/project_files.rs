//! [`ProjectFiles`]: what the files at the top of a tree say that the application, its workspace and
//! its package manager are chosen from. Reads no lock file and chooses nothing.

use packwright_buildpack::documents::Value;
use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, SourceTree};
use packwright_buildpack::step::path;

use crate::manifest::{self, PackageJson};
use crate::messages;
use crate::nx::Repository;
use crate::packages::nested;
use crate::workspace::packages::{self, Workspace};

/// The manifests and settings of a tree.
pub(crate) struct ProjectFiles {
    /// The `package.json` at the top.
    pub(crate) root: PackageJson,
    /// What pnpm's settings say; nothing when there are none.
    pub(crate) pnpm: Option<Value>,
    /// npm's settings, or why they cannot be read; for the steps that install.
    pub(crate) npmrc: Result<Option<String>, Diagnostic>,
    /// The workspace, when the tree is one.
    pub(crate) workspace: Option<Workspace>,
    /// The projects of Nx, when the tree is no workspace and has some.
    pub(crate) nx: Option<Repository>,
    /// Packages in directories that scripts of the root name and that are no members of the workspace.
    pub(crate) nested: Vec<PackageJson>,
}

impl ProjectFiles {
    /// Reads them; `None` without a `package.json`.
    ///
    /// Errors: files that cannot be read.
    pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<ProjectFiles>, Vec<Diagnostic>> {
        let Some(root) = PackageJson::read(tree, &path(manifest::FILE))? else { return Ok(None) };
        let pnpm = packages::pnpm_settings(tree).map_err(|problem| vec![problem])?;
        let npmrc = files::text(tree, &path(".npmrc")).map_err(messages::unreadable);
        let workspace = Workspace::read(tree, &root, pnpm.as_ref())?;
        let nx = match &workspace {
            None => Repository::read(tree, &root)?,
            Some(_) => None,
        };
        let nested = nested(tree, &root, workspace.as_ref());
        Ok(Some(ProjectFiles { root, pnpm, npmrc, workspace, nx, nested }))
    }
}
