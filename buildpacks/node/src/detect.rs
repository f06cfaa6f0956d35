//! How strongly a tree speaks for Node, from manifests, the names of files, configuration files of
//! frameworks and the file that starts. Reads no lock file, chooses no version and plans no step.

use packwright_buildpack::planner::{
    Claim, Decision, Diagnostic, Origin, PlanContext, Requested, Role, SourceTree,
};
use packwright_buildpack::releases::DEFAULT_SUITE;
use packwright_buildpack::step::path;

use crate::application::{AppContext, Application};
use crate::manifest::{self, PackageJson};
use crate::project::NodeProject;
use crate::project_files::ProjectFiles;
use crate::workspace::packages::MemberUse;
use crate::{framework, inputs, manager, workspace};

/// The claim on the tree; `None` without a `package.json`, in whatever form.
pub(crate) fn detect(context: &PlanContext<'_>) -> Option<Requested<Claim>> {
    // A manifest that cannot be read is no accident: what is wrong with it is said by the proposal.
    let unread = || Claim::Program.by(Origin::file(&path(manifest::FILE)));
    let files = match ProjectFiles::read(context.tree) {
        Ok(Some(files)) => files,
        Ok(None) => {
            return manifest::in_other_form(context.tree).map(|path| Claim::Program.by(Origin::file(&path)));
        }
        Err(_) => return Some(unread()),
    };
    let manager = manager::likely(context.tree, &files.root);
    let whole = NodeProject::of(context, &files, manager, None);
    match application(context, &files) {
        Ok((app, _)) => Some(recognise(&NodeProject { app, ..whole }, (0, 0)).claim),
        Err(_) => {
            let manifests = inputs::manifests(&whole).into_iter();
            let claims = manifests.filter_map(|member| claim_of(context.tree, &files, member));
            Some(claims.max_by_key(|claim| claim.value).unwrap_or_else(unread))
        }
    }
}

/// The package that is the application, with the decision about it where there was a choice.
///
/// Errors: no package of the name that the caller chose; several applications and no word which.
pub(crate) fn application<'a>(
    context: &PlanContext<'_>,
    files: &'a ProjectFiles,
) -> Result<(&'a PackageJson, Option<Decision>), Diagnostic> {
    let named = files.nx.as_ref().zip(context.options.app.as_ref());
    if named.is_some_and(|(nx, app)| nx.called(app).is_some()) {
        return Ok((&files.root, None));
    }
    let claim_of = |member: &PackageJson| claim_of(context.tree, files, member);
    let is_built = |member: &PackageJson| framework::builds(context.tree, member);
    workspace::choice::choose_app(context, &files.root, files.workspace.as_ref(), &claim_of, &is_built)
}

/// How strongly a package of the workspace, or the root, speaks for Node.
fn claim_of(tree: &dyn SourceTree, files: &ProjectFiles, member: &PackageJson) -> Option<Requested<Claim>> {
    let needed = files.workspace.as_ref().map_or(MemberUse::ByNone, |workspace| workspace.needs(member));
    framework::speaks(tree, member, needed)
}

/// What the application is. `lowest` is the lowest Node that it may run on, as major and minor number.
pub(crate) fn recognise(project: &NodeProject<'_>, lowest: (u64, u64)) -> Application {
    let run = |script: &str| workspace::scripts::run(project, script);
    framework::recognise(&AppContext {
        project: *project,
        hooks: project.manager.has_hooks(),
        run: &run,
        node: lowest,
        suite: suite(project.context.role),
    })
}

/// The Debian suite that the names of packages are for: the owner's, if it needs a certain one; no
/// version of Node does, so it is the planner's default otherwise.
fn suite(role: Role<'_>) -> &str {
    match role {
        Role::Helper { suite: Some(suite) } => suite,
        _ => DEFAULT_SUITE,
    }
}
