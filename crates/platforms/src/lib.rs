//! Readers and writers of the files that platforms keep in a repository. Each platform has one module: it
//! reads a source tree into [`Declarations`], and some write an [`AppModel`] as the platform's files.
//!
//! A reader reports what it cannot use and goes on; it decides nothing about other files. What
//! wins is the planner's affair ([`packwright_planner::decide`]); the order in which files count
//! is that of [`PLATFORMS`].

#![expect(
    clippy::result_large_err,
    reason = "a file that is refused ends its reading: its size on the way out does not matter"
)]

mod appengine;
mod beanstalk;
mod cloudfoundry;
mod cnb;
#[cfg(test)]
mod compatibility;
mod compose;
mod container;
mod delegated;
mod dir_view;
mod divio;
mod dockerfile;
mod ecs;
mod entries;
mod fly;
#[cfg(test)]
mod generate;
mod heroku;
mod ignored;
mod kubernetes;
mod names;
pub mod nixpacks;
mod platform;
mod platform_env;
mod platformsh;
pub mod procfile;
pub mod railpack;
mod railway;
mod render;
mod sites;
mod systemd;
mod table;
#[cfg(test)]
mod test_languages;
mod tool_names;
mod unread;
mod upsun;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use packwright_planner::{
    AppModel, Component, Declarations, DeclaredProcess, Language, ProcessKind, RelPath, Severity, SourceTree,
    decide, is_beside,
};

use dir_view::{DirView, in_dir};
pub use platform::{PLATFORMS, Platform, platform};
pub use write::{Conversion, Converted, with_build_lines};

/// How deep below the top a directory with platform files of its own is looked for.
const DEPTH: usize = 2;

/// About packages from elsewhere, which cannot be had. Where the caller chooses the platform that asks for them, an
/// image without them is none of what was asked for; elsewhere the application may run without.
const ASKED_FOR: [&str; 3] = ["heroku/apt-address", "heroku/apt-repository", "cnb/package-source"];

/// Directories at the top in which platforms keep their files.
const FOLDERS: [&str; 3] = [".ebextensions", ".platform", ".upsun"];

/// How the variables begin by which callers speak to builders: they are declarations, and no part of
/// an image.
pub const ADDRESSED: [&str; 2] = ["NIXPACKS_", "RAILPACK_"];

/// What the platform files of `tree` declare, all of them counting in their usual order.
///
/// What is wrong in a file is among the model's diagnostics, with file and line.
pub fn model(tree: &dyn SourceTree) -> AppModel {
    model_for(tree, &BTreeMap::new(), None)
}

/// What the platform files of `tree` declare; with a chosen platform as that platform sees it.
/// `environment` are the caller's variables: some platforms are told things by variables of their
/// own (`NIXPACKS_*`).
pub fn model_for(
    tree: &dyn SourceTree,
    environment: &BTreeMap<String, String>,
    chosen: Option<&Platform>,
) -> AppModel {
    model_in(tree, &[], environment, chosen, None)
}

/// As [`model_for`], for a caller who knows the languages and names the directory of the application:
/// its files count wherever it is. The languages say which directories their tools fill, so that these
/// are not searched; which files speak for them; and which variables concern their tools alone.
pub fn model_in(
    tree: &dyn SourceTree,
    languages: &[&Language],
    environment: &BTreeMap<String, String>,
    chosen: Option<&Platform>,
    root: Option<&RelPath>,
) -> AppModel {
    let all: Vec<&Platform> = PLATFORMS.iter().collect();
    model_of(&all, tree, languages, environment, chosen, root)
}

/// As [`model_in`], with the files of `platforms` alone, the ones that count first at the start.
pub fn model_of(
    platforms: &[&Platform],
    tree: &dyn SourceTree,
    languages: &[&Language],
    environment: &BTreeMap<String, String>,
    chosen: Option<&Platform>,
    root: Option<&RelPath>,
) -> AppModel {
    let mut declared = read_in(platforms, tree, languages, environment, root);
    if chosen.is_some() {
        let told = declared.iter_mut().flat_map(|file| &mut file.diagnostics);
        let asked = told.filter(|told| ASKED_FOR.contains(&told.code.as_str()));
        asked.for_each(|told| told.severity = Severity::Error);
    }
    let choice = delegated::follow(&mut declared, platforms, tree, languages, chosen);
    let mut model = decide(declared, choice.as_ref());
    model.diagnostics.extend(unread::remarks(tree));
    platform_env::add_build_variables(&mut model);
    platform_env::add_ports(&mut model, tree, languages, chosen);
    model
}

/// What every platform file in `tree` declares, in falling precedence.
pub fn read(tree: &dyn SourceTree, environment: &BTreeMap<String, String>) -> Vec<Declarations> {
    let all: Vec<&Platform> = PLATFORMS.iter().collect();
    read_in(&all, tree, &[], environment, None)
}

fn read_in(
    platforms: &[&Platform],
    tree: &dyn SourceTree,
    languages: &[&Language],
    environment: &BTreeMap<String, String>,
    root: Option<&RelPath>,
) -> Vec<Declarations> {
    let mut dirs = dirs(platforms, tree, languages);
    dirs.extend(root.cloned());
    let mut declared = Vec::new();
    for platform in platforms {
        let start = declared.len();
        declared.extend((platform.read)(&DirView { tree, dir: None, languages, environment }));
        // The caller's variables are about the application at the top.
        let none = BTreeMap::new();
        for dir in dirs.iter().filter(|_| !platform.at_top_only) {
            let found = (platform.read)(&DirView { tree, dir: Some(dir), languages, environment: &none });
            declared.extend(found.into_iter().map(|file| in_dir(dir, file)));
        }
        if platform.has_services {
            let found = declared[start..].iter_mut().filter(|file| file.platform == platform.name);
            found.flat_map(|file| &mut file.components).for_each(|service| service.is_job = is_job(service));
        }
    }
    declared
}

/// Whether a plan may be made from the file at `path`, or from one in the directory there, because platforms have it:
/// their own files, and Dockerfiles. No ignore file hides it.
pub fn is_read(path: &RelPath) -> bool {
    let name = path.name();
    let is_own = |platform: &Platform| platform.files.contains(&name);
    let in_folder = path.parts().next().is_some_and(|folder| FOLDERS.contains(&folder));
    in_folder || name.starts_with("Dockerfile") || PLATFORMS.iter().any(is_own)
}

/// The directories below the top that have a file with a name that platforms know, without those
/// for the people who work on the source: what is in examples and tests is not about the
/// application.
fn dirs(platforms: &[&Platform], tree: &dyn SourceTree, languages: &[&Language]) -> BTreeSet<RelPath> {
    let names: BTreeSet<&str> =
        platforms.iter().flat_map(|platform| platform.files.iter().copied()).collect();
    let known = tree.files().iter().filter(|file| names.contains(file.path.name()));
    let dirs = known.filter_map(|file| file.path.parent());
    dirs.filter(|dir| dir.depth() <= DEPTH && !is_beside(dir, languages.iter().copied())).collect()
}

/// Whether a service is started by the clock and has no process that runs.
fn is_job(service: &Component) -> bool {
    let is_cron = |process: &DeclaredProcess| matches!(process.kind, ProcessKind::Cron(_));
    let mut running = service.processes.iter().filter(|process| !process.is_release()).peekable();
    running.peek().is_some() && running.all(is_cron)
}

#[cfg(test)]
mod tests;
