//! [`NodeProject`]: the application that is built, its workspace and its package manager. The rules that recognise applications
//! and choose versions read it.

use packwright_buildpack::documents::Value;
use packwright_buildpack::planner::{Diagnostic, PlanContext, RelPath};

use crate::lock::LockContents;
use crate::manager::PackageManager;
use crate::manifest::PackageJson;
use crate::nx::Repository;
use crate::packages::Packages;
use crate::project_files::ProjectFiles;
use crate::workspace::packages::Workspace;

/// The chosen application, its workspace, and how its packages are installed.
#[derive(Clone, Copy)]
pub(crate) struct NodeProject<'a> {
    /// What the buildpack was asked.
    pub(crate) context: PlanContext<'a>,
    /// The `package.json` at the root of the tree.
    pub(crate) root: &'a PackageJson,
    /// That of the application: the root's own, or a member's of the workspace.
    pub(crate) app: &'a PackageJson,
    /// What pnpm's settings at the root of the tree say; nothing when there are none.
    pub(crate) pnpm: Option<&'a Value>,
    /// npm's settings at the root of the tree, or why they cannot be read; for those who install.
    pub(crate) npmrc: &'a Result<Option<String>, Diagnostic>,
    /// The workspace, when the tree is one.
    pub(crate) workspace: Option<&'a Workspace>,
    /// The projects of Nx, when the tree is no workspace and has some.
    pub(crate) nx: Option<&'a Repository>,
    /// The package manager.
    pub(crate) manager: PackageManager,
    /// What the lock file says is installed; nothing when there is none.
    pub(crate) locked: Option<&'a LockContents>,
    /// Packages in directories that scripts name and that are no members.
    pub(crate) nested: &'a [PackageJson],
}

impl<'a> NodeProject<'a> {
    /// The project of these files, with the root as the application.
    pub(crate) fn of(
        context: &PlanContext<'a>,
        files: &'a ProjectFiles,
        manager: PackageManager,
        locked: Option<&'a LockContents>,
    ) -> NodeProject<'a> {
        NodeProject {
            context: *context,
            root: &files.root,
            app: &files.root,
            pnpm: files.pnpm.as_ref(),
            npmrc: &files.npmrc,
            workspace: files.workspace.as_ref(),
            nx: files.nx.as_ref(),
            manager,
            locked,
            nested: &files.nested,
        }
    }

    /// The packages whose scripts a script may run.
    pub(crate) fn packages(&self) -> Packages<'a> {
        let NodeProject { root, workspace, nested, locked, .. } = *self;
        Packages { root, workspace, nested, locked }
    }

    /// The application's directory below `/app`; none when it is the root.
    pub(crate) fn dir(&self) -> Option<&'a RelPath> {
        self.app.dir.as_ref()
    }

    /// Whether the application names the package among its dependencies, of any kind but peer.
    /// What the root of a workspace names counts too: its packages can be reached from every
    /// member.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.app.depends_on(name) || self.root.depends_on(name)
    }

    /// Whether the package is installed, directly or for another one: by the lock when there is
    /// one, else by what the manifests name.
    pub(crate) fn installs(&self, name: &str) -> bool {
        match self.locked {
            Some(locked) => locked.has(name),
            None => self.uses(name),
        }
    }

    /// A path of the application as a path of the tree.
    pub(crate) fn path(&self, name: &str) -> Option<RelPath> {
        self.app.beside(name)
    }

    /// Whether the application's directory has the file.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.path(name)
            .is_some_and(|path| packwright_buildpack::planner::has(self.context.tree, path.as_str()))
    }
}
