//! The Node buildpack: from a source tree to a proposal, without effects.
//!
//! ```text
//! package.json ─▶ workspace ─▶ manager, version ─▶ application ─▶ steps
//! ```
//!
//! Files are read and never run. Every choice carries its origin; what loses is reported. The
//! README beside this crate lists the files, the precedence and the limits.

#![expect(
    clippy::result_large_err,
    reason = "a problem ends the plan: its size on the way out does not matter"
)]

mod application;
mod files;
mod framework;
mod inputs;
mod lock;
mod manager;
mod manifest;
mod messages;
mod native;
mod network_failures;
mod nx;
mod process;
mod project;
mod propose;
mod scrub;
mod steps;
mod syntax;
mod toolchain;
mod version;
mod workspace;

use packwright_planner::{
    Buildpack, BuildpackError, Claim, CommandKind, Member, Origin, PlanContext, Proposal, Requested, Role,
    SourceTree, has,
};

use manifest::PackageJson;
use nx::Repository;
use workspace::packages::{self, Workspace};

/// The Node buildpack: JavaScript and TypeScript on Node or Bun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Node;

impl Buildpack for Node {
    fn name(&self) -> &str {
        "node"
    }

    fn looks_for(&self) -> &[&str] {
        &[manifest::FILE]
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, BuildpackError> {
        if !has(context.tree, manifest::FILE) || matches!(context.role, Role::Server(_)) {
            return Ok(None);
        }
        propose::propose(context).map_err(|refused| BuildpackError {
            claim: refused.claim.unwrap_or_else(unread),
            problems: refused.problems,
        })
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        framework::declared::classify(words)
    }

    fn members(&self, tree: &dyn SourceTree) -> Vec<Member> {
        let path = steps::parts::path(manifest::FILE);
        let Ok(Some(root)) = PackageJson::read(tree, &path) else { return Vec::new() };
        let Ok(pnpm) = packages::pnpm_settings(tree) else { return projects(tree, &root) };
        let Ok(Some(workspace)) = Workspace::read(tree, &root, pnpm.as_ref()) else {
            return projects(tree, &root);
        };
        let member =
            |manifest: &PackageJson| Some(Member { name: manifest.title(), dir: manifest.dir.clone()? });
        workspace.members.iter().filter_map(member).collect()
    }
}

/// The applications of a repository of Nx that is no workspace: members in all but name.
fn projects(tree: &dyn SourceTree, root: &PackageJson) -> Vec<Member> {
    let Ok(Some(repository)) = Repository::read(tree, root) else { return Vec::new() };
    let member =
        |project: &nx::NxProject| Some(Member { name: project.name.clone(), dir: project.dir.clone()? });
    repository.applications().into_iter().filter_map(member).collect()
}

/// The claim on a tree whose `package.json` cannot be read: whoever wrote it meant something.
fn unread() -> Requested<Claim> {
    Claim::Program.by(Origin::file(&steps::parts::path(manifest::FILE)))
}
