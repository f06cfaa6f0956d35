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
    Buildpack, Claim, CommandKind, Diagnostic, Language, Origin, PlanContext, Proposal, Requested, Role,
    SourceTree, Target, has,
};

use manifest::PackageJson;
use nx::Repository;
use workspace::packages::{self, Workspace};

/// The Node buildpack: JavaScript and TypeScript on Node or Bun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Node;

/// What is true of JavaScript on Node or Bun in every application.
const LANGUAGE: Language = Language::new("node", "Node.js")
    .manifests(&[manifest::FILE])
    .source_suffixes(&[".js", ".cjs", ".mjs", ".ts", ".cts", ".mts", ".jsx", ".tsx"])
    .version_files(&[".nvmrc", ".node-version", ".tool-versions", "mise.toml"])
    .package_managers(&["npm", "pnpm", "yarn", "bun"])
    .client_variables(&[
        "bun_*",
        "corepack_*",
        "node_auth_token",
        "node_extra_ca_certs",
        "npm_*",
        "pnpm_*",
        "yarn_*",
    ])
    .never_in_image(&[("node_modules", "the build installs it")]);

impl Buildpack for Node {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        if !has(context.tree, manifest::FILE) {
            return None;
        }
        match propose::propose(context) {
            Ok(proposed) => proposed.map(|(_, claim)| claim),
            Err(refused) => Some(refused.claim.unwrap_or_else(unread)),
        }
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if !has(context.tree, manifest::FILE) || matches!(context.role, Role::Server(_)) {
            return Ok(None);
        }
        match propose::propose(context) {
            Ok(proposed) => Ok(proposed.map(|(proposal, _)| proposal)),
            Err(refused) => Err(refused.problems),
        }
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        framework::declared::classify(words)
    }

    fn targets(&self, tree: &dyn SourceTree) -> Vec<Target> {
        let path = steps::parts::path(manifest::FILE);
        let Ok(Some(root)) = PackageJson::read(tree, &path) else { return Vec::new() };
        let Ok(pnpm) = packages::pnpm_settings(tree) else { return projects(tree, &root) };
        let Ok(Some(workspace)) = Workspace::read(tree, &root, pnpm.as_ref()) else {
            return projects(tree, &root);
        };
        let member =
            |manifest: &PackageJson| Some(Target { name: manifest.title(), path: manifest.dir.clone()? });
        workspace.members.iter().filter_map(member).collect()
    }
}

/// The applications of a repository of Nx that is no workspace: members in all but name.
fn projects(tree: &dyn SourceTree, root: &PackageJson) -> Vec<Target> {
    let Ok(Some(repository)) = Repository::read(tree, root) else { return Vec::new() };
    let member =
        |project: &nx::NxProject| Some(Target { name: project.name.clone(), path: project.dir.clone()? });
    repository.applications().into_iter().filter_map(member).collect()
}

/// The claim on a tree whose `package.json` cannot be read: whoever wrote it meant something.
fn unread() -> Requested<Claim> {
    Claim::Program.by(Origin::file(&steps::parts::path(manifest::FILE)))
}
