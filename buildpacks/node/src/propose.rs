//! The story from top to bottom: from what the buildpack was asked to its proposal.

use std::collections::BTreeMap;

use packwright_planner::{
    Claim, Diagnostic, Origin, PlanContext, Proposal, Requested, Role, Scope, Selection, Setting, Severity,
};

use crate::application::{AppContext, Application, ImageProgram};
use crate::lock::stale;
use crate::manager::{self, ManagerChoice, PackageManager};
use crate::manifest::{self, PackageJson};
use crate::nx::Repository;
use crate::project::NodeProject;
use crate::steps::{self, StepContext};
use crate::version::{self, JsRuntime, RuntimeVersion};
use crate::workspace;
use crate::workspace::packages::MemberUse;
use crate::workspace::packages::{self, Workspace};
use crate::{files, framework, inputs, messages, toolchain};

/// Why there is no proposal.
pub(crate) struct Refused {
    /// How strongly the tree speaks for Node all the same, as far as that is known.
    pub(crate) claim: Option<Requested<Claim>>,
    /// All problems.
    pub(crate) problems: Vec<Diagnostic>,
}

impl From<Vec<Diagnostic>> for Refused {
    fn from(problems: Vec<Diagnostic>) -> Refused {
        Refused { claim: None, problems }
    }
}

/// What this buildpack does in the role that it is given.
pub(crate) fn propose(context: &PlanContext<'_>) -> Result<Option<(Proposal, Requested<Claim>)>, Refused> {
    let Some(root) = PackageJson::read(context.tree, &steps::parts::path(manifest::FILE))? else {
        return Ok(None);
    };
    let pnpm = packages::pnpm_settings(context.tree).map_err(|problem| vec![problem])?;
    let npmrc = files::text(context.tree, &steps::parts::path(".npmrc"));
    let workspace = Workspace::read(context.tree, &root, pnpm.as_ref())?;
    // What a workspace's members ask for is heard when it is known which of them is meant.
    let alone = |manager| match &workspace {
        None => both(manager, version::choose(JsRuntime::Node, context, &root, &root)).map(|both| both.0),
        Some(_) => manager,
    };
    let npmrc_text = npmrc.as_ref().ok().and_then(|text| text.as_deref());
    let mut choice = alone(manager::choose(context.tree, &root, pnpm.as_ref(), npmrc_text))?;
    let locked = choice.locked.take();
    let nx = match &workspace {
        None => Repository::read(context.tree, &root)?,
        Some(_) => None,
    };
    let whole = NodeProject {
        context: *context,
        root: &root,
        app: &root,
        pnpm: pnpm.as_ref(),
        npmrc: &npmrc,
        workspace: workspace.as_ref(),
        nx: nx.as_ref(),
        manager: choice.manager,
        locked: locked.as_ref(),
    };
    let claim_of = |member: &PackageJson| {
        let needed = workspace.as_ref().map_or(MemberUse::ByNone, |workspace| workspace.needs(member));
        framework::speaks(context.tree, member, needed)
    };
    let named = context.options.app.as_ref();
    let (app, decision) = match nx.as_ref().zip(named).and_then(|(nx, app)| nx.called(app)) {
        Some(_) => (&root, None),
        None => workspace::choice::choose_app(context, &root, workspace.as_ref(), &claim_of).map_err(
            |problem| {
                let claims = inputs::manifests(&whole).into_iter().filter_map(claim_of);
                Refused { claim: claims.max_by_key(|claim| claim.value), problems: vec![problem] }
            },
        )?,
    };
    let node = version::choose(JsRuntime::Node, context, &root, app)?;
    let choice = manager::fitting(choice, &node);
    let project = NodeProject { app, ..whole };
    let application = recognise(&project, &node);
    if context.role != Role::Owner && application.build.is_none() {
        return Ok(None);
    }
    let claim = application.claim.clone();
    let refused = |problems| Refused { claim: Some(claim.clone()), problems };
    let stale = project
        .locked
        .map_or_else(Vec::new, |locked| stale::check(context.tree, locked, &inputs::manifests(&project)));
    if !stale.is_empty() {
        return Err(refused(stale));
    }
    let mut proposal = assemble(&project, &choice, node, application).map_err(refused)?;
    proposal.decisions.splice(0..0, decision);
    Ok(Some((proposal, claim)))
}

fn recognise(project: &NodeProject<'_>, node: &RuntimeVersion) -> Application {
    let run = |script: &str| workspace::scripts::run(project, script);
    let lowest = node.range.span().map_or((node.major, 0), |((major, minor, _), _)| (major, minor));
    let hooks = project.manager.has_hooks();
    framework::recognise(&AppContext {
        project: *project,
        hooks,
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
        _ => "trixie",
    }
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
    let runtimes: Vec<JsRuntime> = chosen.iter().map(|chosen| chosen.tool).collect();
    let work = StepContext { project: *project, choice, runtimes: &runtimes, application: &application };
    let made = steps::steps(&work)?;

    let mut proposal = Proposal::new();
    let mut steps = vec![toolchain::npm()];
    proposal.packages.extend(toolchain::npm_packages());
    for &chosen in &chosen {
        let in_image = owns && application.programs.contains(&program(chosen.tool));
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
        environment.insert(name.to_owned(), Setting { value, origin: Origin::Default(why.to_owned()) });
    };
    let mut path = Vec::new();
    if work.modules_in_image() {
        path.extend(steps::bin_dirs(&work.project));
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

/// Both values, or the problems of both.
fn both<A, B>(
    first: Result<A, Vec<Diagnostic>>,
    second: Result<B, Vec<Diagnostic>>,
) -> Result<(A, B), Vec<Diagnostic>> {
    match (first, second) {
        (Ok(first), Ok(second)) => Ok((first, second)),
        (Err(mut problems), Err(more)) => {
            problems.extend(more);
            Err(problems)
        }
        (Err(problems), Ok(_)) | (Ok(_), Err(problems)) => Err(problems),
    }
}
