//! The steps, from npm to the built application.
//!
//! ```text
//! node.npm ─▶ node.version ─▶ node.runtime ┐
//!         └─▶ node.manager-version ─▶ node.manager ─▶ node.lock ─▶ node.install ─▶ node.scripts ┬▶ node.prune
//!             (not with npm as it comes)             (without one)  (manifests)   (no network)  └▶ node.build
//! ```
//!
//! Packages are fetched by what manifests and locks say, without running a line of theirs. Their
//! install scripts run afterwards, without network. What the image needs of the packages does not
//! depend on the source, so an edit of a source file runs `node.build` alone.

mod added;
mod build;
mod context;
mod environment;
mod fetch;
mod install;
mod members;
mod nested;
pub(crate) mod parts;
mod prune;
mod public_variables;
mod scripts;

use packwright_buildpack::native;
use packwright_buildpack::planner::{Decision, Diagnostic, LayerKind, Package, Step};
use packwright_buildpack::step::after;

use crate::inputs;
use crate::lock::LockEntry;
use crate::manager::PackageManager;

pub(crate) use context::StepContext;
pub(crate) use environment::bin_dirs;
pub(crate) use fetch::version;
pub(crate) use members::unrelated_members;

/// The steps and what was decided on the way.
pub(crate) struct StepsOutcome {
    /// The steps in order.
    pub(crate) steps: Vec<Step>,
    /// What was decided.
    pub(crate) decisions: Vec<Decision>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether something may be compiled.
    pub(crate) compiles: bool,
}

/// The steps that come after the runtimes.
///
/// Errors: packages that are taken from outside of the tree.
pub(crate) fn steps(work: &StepContext<'_>) -> Result<StepsOutcome, Vec<Diagnostic>> {
    let mut made =
        StepsOutcome { steps: Vec::new(), decisions: Vec::new(), diagnostics: Vec::new(), compiles: false };
    let installs = work.installs();
    if !installs && work.application.build.is_none() && !work.manager_in_image() {
        return Ok(made);
    }
    made.steps.extend(fetch::manager(work));
    let mut last = None;
    if installs {
        let named = inputs::named(&work.project).map_err(|problem| vec![problem])?;
        if work.project.locked.is_none() || nested::needs_locks(work) {
            made.steps.push(install::lock(work, &named)?);
        }
        made.steps.push(install::install(work, &named)?);
        last = Some("node.install");
        made.diagnostics.extend(scripts::unapproved(work));
        if let Some(scripts) = scripts::scripts(work)? {
            made.decisions.extend(scripts.decision);
            made.compiles = scripts.compiles;
            made.steps.push(scripts.step);
            last = Some("node.scripts");
        }
        if work.modules_in_image() {
            made.steps.push(prune::prune(work, last.unwrap_or("node.install")));
        }
    }
    made.steps.extend(added::steps(work));
    if let Some(mut build) = build::build(work, last) {
        build.inputs.extend((!work.application.added.is_empty()).then(|| after(added::STEP)));
        let public = public_variables::variables(work);
        build.environment.extend(public.environment);
        made.decisions.extend(public.decision);
        made.diagnostics.extend(public.diagnostics);
        made.steps.push(build);
    }
    Ok(made)
}

/// Debian packages that the steps need, and what the installed commands need in an image.
pub(crate) fn packages(work: &StepContext<'_>, made: &StepsOutcome) -> Vec<Package> {
    let system = LayerKind::System;
    let mut packages: Vec<Package> = SHELL_TOOLS
        .iter()
        .map(|name| Package::build(*name, system, "scripts of packages expect it"))
        .collect();
    if work.modules_in_image() && work.manager() == PackageManager::Pnpm {
        let why = "commands that pnpm installs are shell scripts that use it";
        packages.push(Package::run("sed", system, why));
    }
    if made.compiles {
        let why = "packages with native code are compiled where they bring no finished file";
        native::add(&mut packages, native::compiler(why));
        if work.project.locked.is_none_or(|locked| locked.packages().any(is_old_gyp)) {
            let why = "node-gyp before version 10 uses distutils, which Python no longer brings";
            packages.push(Package::build("python3-setuptools", system, why));
        }
    }
    packages
}

/// Whether it is a node-gyp that reads Python's versions with a module that Python 3.12 took out.
fn is_old_gyp((name, package): (&str, &LockEntry)) -> bool {
    let major = package.version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    name == "node-gyp" && major.is_some_and(|major| major < 10)
}

/// What scripts of packages expect to find on every Unix.
const SHELL_TOOLS: &[&str] = &["findutils", "grep", "gzip", "sed", "tar"];
