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
mod commands;
mod credentials;
mod detect;
mod framework;
mod inputs;
mod lock;
mod manager;
mod manifest;
mod messages;
mod native;
mod nx;
mod packages;
mod page;
mod process;
mod project;
mod project_files;
mod propose;
mod scrub;
mod steps;
mod syntax;
mod toolchain;
mod version;
mod workspace;

use packwright_buildpack::planner::{
    Buildpack, Claim, CommandKind, Diagnostic, Language, PlanContext, Proposal, Requested, Role, SourceTree,
    Target,
};

use manifest::PackageJson;
use nx::NxProject;
use project_files::ProjectFiles;

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
    // What bundlers put into the files that browsers get. Source: the pages about environment variables in the
    // documentation of Vite, Next.js, Create React App, Nuxt, Astro and SvelteKit, Vue CLI, Gatsby, Expo, Storybook,
    // Rsbuild and Bun.
    .public_variables(&[
        "VITE_*",
        "NEXT_PUBLIC_*",
        "REACT_APP_*",
        "NUXT_PUBLIC_*",
        "PUBLIC_*",
        "VUE_APP_*",
        "GATSBY_*",
        "EXPO_PUBLIC_*",
        "STORYBOOK_*",
        "BUN_PUBLIC_*",
        "NG_APP_*",
    ])
    .never_in_image(&[("node_modules", "the build installs it")]);

impl Buildpack for Node {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        detect::detect(context)
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if matches!(context.role, Role::Server(_)) {
            return Ok(None);
        }
        propose::propose(context)
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        commands::classify(words)
    }

    fn targets(&self, tree: &dyn SourceTree) -> Vec<Target> {
        let Ok(Some(files)) = ProjectFiles::read(tree) else { return Vec::new() };
        match (&files.workspace, &files.nx) {
            (Some(workspace), _) => workspace.members.iter().filter_map(of_member).collect(),
            (None, Some(nx)) => nx.applications().into_iter().filter_map(of_project).collect(),
            (None, None) => Vec::new(),
        }
    }
}

fn of_member(member: &PackageJson) -> Option<Target> {
    Some(Target { name: member.title(), path: member.dir.clone()? })
}

/// The applications of a repository of Nx that is no workspace can be chosen like members of one.
fn of_project(project: &NxProject) -> Option<Target> {
    Some(Target { name: project.name.clone(), path: project.dir.clone()? })
}
