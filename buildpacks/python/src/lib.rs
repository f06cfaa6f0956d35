//! The Python buildpack: from a source tree to a proposal, without effects.
//!
//! ```text
//! manifests ─▶ manager ─▶ version ─▶ dependencies ─▶ application ─▶ steps
//! ```
//!
//! Files are read and never run. Every choice carries its origin, and overridden values are reported.
//! The README beside this crate lists the files, the precedence and the limits.

#![expect(
    clippy::result_large_err,
    reason = "a problem ends the plan: its size on the way out does not matter"
)]

mod against;
mod browsers;
mod claim;
mod compiled;
mod configuration;
mod credentials;
mod declared;
mod dependencies;
mod entry;
mod framework;
mod gunicorn_settings;
mod implicit_setuptools;
mod manager;
mod manifest;
mod member_view;
mod messages;
mod native;
mod native_project;
mod nltk_data;
mod packages;
mod packages_file;
mod pins;
mod project_files;
mod releases;
mod runtime;
mod server;
mod standard_library;
mod steps;
mod syntax;
mod unlisted;
mod variables;
mod version;
mod wheel_coverage;

use std::collections::BTreeMap;

use packwright_buildpack::files;
use packwright_buildpack::planner::{
    BuildRunner, Buildpack, Claim, Command, CommandKind, Decision, Diagnostic, Language, Network,
    PlanContext, PlanOptions, ProcessName, Proposal, RelPath, Requested, Role, Setting, SourceTree, Step,
    Target, has,
};
use packwright_buildpack::problem::both;
use packwright_buildpack::step;

use configuration::Configuration;
use manager::Manifests;
use manifest::{locked, named_files};
use member_view::MemberView;
use project_files::{GATEWAYS, LOOKS_FOR, MAIN_FILES, MANIFESTS};
use variables::Variable;

/// The Python buildpack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Python;

/// What is true of Python in every application.
const LANGUAGE: Language = Language::new("python", "Python")
    .manifests(LOOKS_FOR)
    .source_suffixes(&[".py"])
    .version_files(&[".python-version", ".python-versions", ".tool-versions", "mise.toml", "runtime.txt"])
    .package_managers(&["pip", "uv", "poetry", "pdm", "pipenv"])
    .client_variables(&["pdm_*", "pip_*", "pipenv_*", "poetry_*", "setuptools_scm_*", "uv_*"])
    .never_in_image(&[
        (".venv", "the build installs it"),
        ("__pycache__", "the build makes it"),
        (".tox", "test environments"),
        (".nox", "test environments"),
        (".pytest_cache", "a tool's cache"),
        (".mypy_cache", "a tool's cache"),
        (".ruff_cache", "a tool's cache"),
    ])
    // Source: PEP 405, "Specification".
    .never_beside(&[("pyvenv.cfg", "a virtual environment, which the build makes itself")]);

impl Buildpack for Python {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        recognises(context.tree).then(|| claim::claim(context))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        // Python builds nothing for an application of another language.
        if context.role != Role::Owner || !recognises(context.tree) {
            return Ok(None);
        }
        propose(context).map(Some)
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        declared::classify(words)
    }

    fn installs_with(&self, words: &[String], tree: &dyn SourceTree) -> Option<&'static str> {
        declared::installs_with(words, tree)
    }

    fn launch_command(&self, command: &Command) -> Option<Command> {
        declared::COMMANDS.launch(command)
    }

    fn targets(&self, tree: &dyn SourceTree) -> Vec<Target> {
        let places = locked::uv_members(tree).into_iter();
        let mut members: Vec<Target> = places
            .filter_map(|place| Some(Target { name: place.name, path: place.dir.parse().ok()? }))
            .collect();
        members.sort_by(|a, b| a.path.cmp(&b.path));
        members
    }
}

fn recognises(tree: &dyn SourceTree) -> bool {
    [MANIFESTS, GATEWAYS, MAIN_FILES].into_iter().flatten().any(|name| has(tree, name))
}

/// Makes the proposal, in the order of the picture above.
fn propose(context: &PlanContext<'_>) -> Result<Proposal, Vec<Diagnostic>> {
    let PlanContext { tree, options, .. } = *context;
    let list = declared::installs::list(tree, context.model).map(|list| list.value);
    let manifests = Manifests::read(tree, options.app.as_deref(), list)?;
    declared::customs(context, &manifests)?;
    let version = version::choose(context, manifests.version_requests(), manifests.wheel_coverage());
    let choice = both(manager::choose(&manifests, context.model), version)?;
    let (manager, version) = choice;
    let delivery = &version.delivery;
    let mut dependencies = manifests.dependencies(manager.manager, delivery);
    if let Some(names) = &version.without_wheels {
        dependencies.build_only(names, &manager.decision.origin);
    }
    let chosen = manifests.member();
    let view = chosen.as_ref().map(|dir| MemberView::new(tree, dir));
    let seen = view.as_ref().map_or(tree, |view| view as &dyn SourceTree);
    let configuration = Configuration::of(context);
    let mut application = framework::recognise(seen, &configuration, &dependencies);
    if let Some(dir) = &chosen {
        MemberView::name_modules(&mut application, dir);
    }
    if let Some(member) = manifests.member_with(&application).filter(|_| options.app.is_none()) {
        // A root that answers requests itself owns the workspace.
        let root = MemberView::without(tree, &manifests.members_apart());
        let own = framework::recognise(&root, &configuration, &dependencies);
        let is_web = own.processes.iter().any(|process| process.name == ProcessName::web());
        if !is_web {
            return of_member(context, member);
        }
        application = own;
    }
    let servers = server::added(context, &mut application, &dependencies);
    if let Some(problem) = unlisted::problem(context, seen, &manager, &application) {
        return Err(vec![problem]);
    }
    let hidden = unlisted::left_out(seen, &application);
    let mut steps = manager::steps(manager.manager, tree, &manifests, delivery, &servers)?;
    declared::leave_collecting(context, &mut application);
    if let Some(files) = application.static_files.as_ref().filter(|files| !files.left_to_others) {
        let after = steps.iter().any(|step| step.name.as_str() == "python.project");
        steps.push(steps::static_files(files, after));
    }
    let declared_build = declared::build(context, &application, &mut steps);
    runtime::bring(delivery, &mut steps);
    files::show_link_targets(tree, &mut steps);
    step::give_netrc(&mut steps, &options.secrets);
    credentials::bind(tree, &mut steps);
    let asked = packages_file::read(seen, &application);
    let browsers = browsers::of(context, seen, &dependencies);
    let fetches = steps.iter().any(|step| step.network == Network::Fetch);
    let manager_origin = manager.decision.origin.clone();
    let mut decisions = vec![version.decision.clone(), manager.decision];
    decisions.extend(application.decisions);
    decisions.extend(declared_build);
    let (lists, left_out) = declared::installs::remarks(tree, context.model, &manifests, manager.manager);
    decisions.extend(lists);
    decisions.extend(packages::decisions(delivery, &dependencies, &application.apps));
    decisions.extend(asked.decisions);
    decisions.extend(browsers.decisions);
    let mut diagnostics = version.diagnostics.clone();
    diagnostics.extend(asked.diagnostics);
    diagnostics.extend(browsers.diagnostics);
    diagnostics.extend(nltk_data::remark(tree, &dependencies));
    diagnostics.extend(gunicorn_settings::remark(context));
    diagnostics.extend(hidden);
    diagnostics.extend(
        native::gone(&dependencies, delivery)
            .map(|(requirement, program)| messages::program_gone(requirement, program, delivery.suite)),
    );
    diagnostics.extend(manager.diagnostics);
    diagnostics.extend(left_out);
    diagnostics.extend(manifests.inline_remark(manager.manager, &manager_origin, &dependencies));
    diagnostics.extend(
        manifests.floating(manager.manager).and_then(|list| implicit_setuptools::diagnostic(&list.listed)),
    );
    diagnostics.extend(application.diagnostics);
    let mut packages = runtime::packages(delivery, fetches);
    packages.extend(packages::packages(delivery, &dependencies, &application.apps));
    packages.extend(asked.packages);
    packages.extend(browsers.packages);
    if manifests.is_versioned(manager.manager) {
        let known: Vec<String> = packages.iter().map(|package| package.name.clone()).collect();
        packages.extend(runtime::git().filter(|package| !known.contains(&package.name)));
    }
    let compiling = compiled::needed(&dependencies, delivery, version.with_more_wheels, &packages);
    packages.extend(compiling.packages);
    decisions.extend(compiling.decisions);
    diagnostics.extend(compiling.diagnostics);
    let is_built = steps.iter().any(|step| step.name.as_str() == "python.project");
    if let Some(own) = native_project::compiler(tree, chosen.as_ref()).filter(|_| is_built) {
        let compiling = compiled::of_project(&own, delivery, options.build_network, &packages);
        packages.extend(compiling.packages);
        decisions.extend(compiling.decisions);
        diagnostics.extend(compiling.diagnostics);
    }
    let looks = |step: &Step| matches!(step.name.as_str(), "python.export" | "python.project");
    let pyproject = manifests.pyproject.as_ref().filter(|_| steps.iter().any(looks));
    diagnostics.extend(pyproject.and_then(|file| {
        let absent = named_files::absent(&file.named_files, tree);
        (!absent.is_empty()).then(|| messages::named_absent(&file.path, &absent))
    }));
    diagnostics.extend(steps::pretends(&steps).map(messages::version_pretended));
    Ok(Proposal {
        suite: Some(version.suite()),
        packages,
        versions: vec![version.tool],
        question: steps::question(&steps, options),
        steps,
        environment: environment(&application.import_roots, variables::wanted(&dependencies, &servers)),
        processes: application.processes,
        declared_build: BuildRunner::Buildpack,
        process_missing: application.process_missing,
        decisions,
        diagnostics,
        ..Proposal::new()
    })
}

/// The proposal for the member of a workspace that holds the application.
fn of_member(context: &PlanContext<'_>, member: Requested<String>) -> Result<Proposal, Vec<Diagnostic>> {
    let options = PlanOptions { app: Some(member.value.clone()), ..context.options.clone() };
    let mut proposal = propose(&PlanContext { options: &options, ..*context })?;
    proposal.decisions.insert(0, Decision::new("workspace member", member.value, member.origin));
    Ok(proposal)
}

fn environment(
    import_roots: &[RelPath],
    variables: impl Iterator<Item = &'static Variable>,
) -> BTreeMap<String, Setting> {
    let mut environment = BTreeMap::new();
    let mut set = |name: &str, value: String, why: &str| {
        environment.insert(name.to_owned(), Setting::default(value, why));
    };
    set("PATH", "/opt/venv/bin".to_owned(), "programs of the installed packages");
    set("PYTHONUNBUFFERED", "1".to_owned(), "output appears when it is written");
    set(
        "PYTHONDONTWRITEBYTECODE",
        "1".to_owned(),
        "the file system of a container does not live long enough to be worth it",
    );
    for variable in variables {
        set(variable.name, variable.value.to_owned(), variable.why);
    }
    if !import_roots.is_empty() {
        let roots: Vec<String> = import_roots.iter().map(|dir| format!("/app/{dir}")).collect();
        set("PYTHONPATH", roots.join(":"), "the application's modules are imported from there");
    }
    environment
}
