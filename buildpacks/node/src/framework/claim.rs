//! How strongly a package speaks for Node, by its manifest and the names of files, before anything is
//! planned.

use packwright_buildpack::planner::{Claim, Command, Requested, SourceTree};

use super::matching::rows;
use super::row::FrameworkRow;
use super::view::AppView;
use crate::manifest::PackageJson;
use crate::packages::Packages;
use crate::process::{self, ScriptExpander};
use crate::workspace::packages::MemberUse;

/// The claim of one package, for the choice between the members of a workspace; `needed` says whether
/// other members depend on it. `None` for a library.
pub(crate) fn speaks(
    tree: &dyn SourceTree,
    manifest: &PackageJson,
    needed: MemberUse,
) -> Option<Requested<Claim>> {
    let look = AppView { tree, app: manifest, root: manifest, locked: None, build: None };
    let packages = Packages::only(manifest);
    let scripts = ScriptExpander { manifest, packages, hooks: false, flat: true };
    let start = process::START.iter().find_map(|name| manifest.script(name));
    let start = start.map(|start| start.origin.clone());
    // A library with pages about itself is none.
    let about_itself = |row: &FrameworkRow| PAGES.contains(&row.id) && manifest.script("build").is_none();
    // Libraries have the frameworks they are for among their packages, and do not run them.
    let is_for = |row: &FrameworkRow| needed == MemberUse::ByOthers && !runs(manifest, row);
    let site = rows(&look, scripts).find(|(row, _)| !about_itself(row) && !is_for(row));
    if let Some((row, origin)) = site {
        let files = !SERVERS.contains(&row.id) && start.is_none();
        return Some(if files { Claim::Site } else { Claim::Server }.by(origin));
    }
    let start = start?;
    match process::entry::http(manifest) {
        Some(_) => Some(Claim::Server.by(start)),
        None => Some(Claim::Program.by(start)),
    }
}

/// Whether a framework builds the package and what it makes is served or started.
pub(crate) fn builds(tree: &dyn SourceTree, manifest: &PackageJson) -> bool {
    let look = AppView { tree, app: manifest, root: manifest, locked: None, build: None };
    let packages = Packages::only(manifest);
    let scripts = ScriptExpander { manifest, packages, hooks: false, flat: true };
    rows(&look, scripts).next().is_some()
}

/// Whether a script of the package runs the program of the row's framework, for whatever purpose.
fn runs(manifest: &PackageJson, row: &FrameworkRow) -> bool {
    let programs = || row.tools.iter().filter_map(|tool| tool.split(' ').next());
    let names = |word: &String| programs().any(|program| word.rsplit('/').next() == Some(program));
    let words = |script: &str| Command::shell(script).simple_commands().concat();
    manifest.scripts.values().any(|script| words(&script.value).iter().any(names))
}

/// Rows whose frameworks are servers more often than not.
const SERVERS: &[&str] = &[
    "next",
    "nuxt",
    "react-router",
    "remix",
    "sveltekit",
    "qwik",
    "tanstack-start",
    "solid-start",
    "analog",
    "nitro",
];

/// Rows for pages about something else more often than not.
const PAGES: &[&str] = &["storybook", "vitepress", "vuepress"];
