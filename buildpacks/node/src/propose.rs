//! The story from top to bottom: from what the buildpack was asked to its proposal.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::{
    BuildRunner, Decision, Diagnostic, PlanContext, Proposal, Role, Scope, Selection, Setting, Severity,
};
use packwright_buildpack::problem::both;

use crate::application::{Application, ImageProgram};
use crate::lock::stale;
use crate::manager::{self, ManagerChoice, PackageManager};
use crate::manifest::PackageJson;
use crate::project::NodeProject;
use crate::project_files::ProjectFiles;
use crate::steps::{self, StepContext};
use crate::version::{self, JsRuntime, RuntimeVersion};
use crate::{detect, inputs, manifest, messages, toolchain};

/// What this buildpack does in the role that it is given.
///
/// Errors: all that keeps the application from being built.
pub(crate) fn propose(context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
    let Some(files) = ProjectFiles::read(context.tree)? else {
        let other = manifest::in_other_form(context.tree).filter(|_| context.role == Role::Owner);
        return other.map_or(Ok(None), |path| Err(vec![messages::other_form(&path)]));
    };
    let apart = inputs::outside_workspace(&files);
    if !apart.is_empty() {
        return Err(apart);
    }
    let (choice, app, decision) = choose(context, &files)?;
    let node = version::choose(JsRuntime::Node, context, &files.root, app)?;
    let mut choice = manager::fitting(choice, &node);
    let locked = choice.locked.take();
    let project = NodeProject { app, ..NodeProject::of(context, &files, choice.manager, locked.as_ref()) };
    let lowest = node.range.span().map_or((node.major, 0), |((major, minor, _), _)| (major, minor));
    let application = detect::recognise(&project, lowest);
    if context.role != Role::Owner && application.build.is_none() {
        return Ok(None);
    }
    let manifests = inputs::manifests(&project);
    let stale = project.locked.map_or_else(Vec::new, |locked| stale::check(context.tree, locked, &manifests));
    if !stale.is_empty() {
        return Err(stale);
    }
    let mut proposal = assemble(&project, &choice, node, application)?;
    proposal.decisions.splice(0..0, decision);
    Ok(Some(proposal))
}

/// The package manager, and the application with the decision about it where there was a choice.
fn choose<'a>(
    context: &PlanContext<'_>,
    files: &'a ProjectFiles,
) -> Result<(ManagerChoice, &'a PackageJson, Option<Decision>), Vec<Diagnostic>> {
    let root = &files.root;
    let npmrc = files.npmrc.as_ref().ok().and_then(|text| text.as_deref());
    let choice = manager::choose(context.tree, root, files.pnpm.as_ref(), npmrc);
    let choice = match &files.workspace {
        None => both(choice, version::choose(JsRuntime::Node, context, root, root))?.0,
        // The members of a workspace ask for versions of their own: the application comes first.
        Some(_) => choice?,
    };
    let (app, decision) = detect::application(context, files).map_err(|problem| vec![problem])?;
    Ok((choice, app, decision))
}

fn assemble(
    project: &NodeProject<'_>,
    choice: &ManagerChoice,
    node: RuntimeVersion,
    application: Application,
) -> Result<Proposal, Vec<Diagnostic>> {
    let owns = project.context.role == Role::Owner;
    let bun = needs_bun(choice.manager, &application)
        .then(|| version::choose(JsRuntime::Bun, &project.context, project.root, project.app))
        .transpose()?;
    let has_node =
        choice.manager != PackageManager::Bun || application.programs.contains(&ImageProgram::Node);
    let chosen: Vec<&RuntimeVersion> = bun.iter().chain(has_node.then_some(&node)).collect();
    let runtimes: Vec<JsRuntime> = chosen.iter().map(|chosen| chosen.runtime).collect();
    let work = StepContext { project: *project, choice, runtimes: &runtimes, application: &application };
    let made = steps::steps(&work)?;

    let mut proposal = Proposal { declared_build: BuildRunner::Buildpack, ..Proposal::new() };
    let mut steps = vec![toolchain::npm()];
    proposal.packages.extend(toolchain::npm_packages());
    for &chosen in &chosen {
        let in_image = owns && application.programs.contains(&program(chosen.runtime));
        let scope = if in_image { Scope::Run } else { Scope::Build };
        steps.extend(toolchain::steps(chosen, scope));
        proposal.packages.extend(toolchain::packages(chosen, scope));
        proposal.versions.push(chosen.version.clone());
        proposal.decisions.push(chosen.decision.clone());
        proposal.diagnostics.extend(chosen.diagnostics.clone());
    }
    proposal.packages.extend(steps::packages(&work, &made));
    proposal.versions.extend(steps::version(&work).filter(|_| !made.steps.is_empty()));
    proposal.decisions.push(choice.decision.clone());
    proposal.decisions.extend(made.decisions);
    proposal.diagnostics.extend(choice.diagnostics.clone());
    proposal.diagnostics.extend(made.diagnostics);
    if work.installs() && project.locked.is_none() {
        proposal.diagnostics.push(messages::no_lock(choice.manager, &project.root.path));
    }
    proposal.source = application.source.clone();
    proposal.source.exclude.extend(
        steps::unrelated_members(&work)
            .iter()
            .filter_map(|member| Some(Selection::literal(member.dir.as_ref()?.as_str()))),
    );
    proposal.environment = if owns { environment(&work) } else { BTreeMap::new() };
    steps.extend(made.steps);
    proposal.steps = steps;
    take(&mut proposal, application, owns);
    Ok(proposal)
}

/// What the rules recognised becomes part of the proposal; a helper has nothing in the image but
/// what it builds.
fn take(proposal: &mut Proposal, application: Application, owns: bool) {
    let Application {
        processes, site, process_missing, packages, environment, decisions, diagnostics, ..
    } = application;
    proposal.packages.extend(packages);
    proposal.decisions.extend(decisions);
    if owns {
        proposal.processes = processes;
        proposal.site = site;
        proposal.process_missing = process_missing;
        proposal.environment.extend(environment);
        proposal.diagnostics.extend(diagnostics);
    } else {
        // What is said about processes is of no interest where there are none.
        proposal
            .diagnostics
            .extend(diagnostics.into_iter().filter(|found| found.severity == Severity::Error));
        proposal.packages.iter_mut().for_each(|package| package.scope = Scope::Build);
    }
}

fn needs_bun(manager: PackageManager, application: &Application) -> bool {
    manager == PackageManager::Bun || application.programs.contains(&ImageProgram::Bun)
}

fn program(tool: JsRuntime) -> ImageProgram {
    match tool {
        JsRuntime::Node => ImageProgram::Node,
        JsRuntime::Bun => ImageProgram::Bun,
    }
}

/// The variables of the image.
fn environment(work: &StepContext<'_>) -> BTreeMap<String, Setting> {
    let mut environment = BTreeMap::new();
    let mut set = |name: &str, value: String, why: &str| {
        environment.insert(name.to_owned(), Setting::default(value, why));
    };
    let mut path = Vec::new();
    if work.modules_in_image() {
        let others = work.application.dirs.iter().map(|dir| format!("/app/{dir}/node_modules/.bin"));
        path.extend(others.chain(steps::bin_dirs(&work.project)));
        let mut seen = BTreeSet::new();
        path.retain(|dir| seen.insert(dir.clone()));
    }
    for tool in work.runtimes.iter().filter(|&&tool| work.application.programs.contains(&program(tool))) {
        path.push(format!("/opt/{}/bin", tool.name()));
    }
    if work.manager_in_image() {
        path.push("/opt/manager/bin".to_owned());
    }
    if work.modules_in_image()
        && let Some(options) = work.loader()
    {
        set("NODE_OPTIONS", options, "packages lie in archives, which yarn's loader reads");
    }
    if !path.is_empty() {
        set("PATH", path.join(":"), "the runtime, and programs of the installed packages");
        set("NODE_ENV", "production".to_owned(), "what frameworks and libraries expect of an image");
    }
    environment
}
