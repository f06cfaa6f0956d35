//! [`plan`]: combines the proposals of buildpacks and the model of platform files into one [`Plan`].
//!
//! ```text
//! locate ─▶ owner ─▶ helpers, server ─▶ processes ─▶ environment
//! ```
//!
//! Precedence per field: what the caller says, then the platform files, which the model has in
//! order, then what a buildpack detected, then files that only give hints. What loses is kept in
//! the plan's decisions.

mod base;
mod declared;
mod declared_step;
mod directories;
mod entered;
mod exposed;
mod front_ends;
mod hinted_build;
mod languages;
mod line;
mod locate;
mod location;
mod processes;
mod rooted;
mod script;
mod settings;
mod socket;
mod start_option;
mod steps;
mod unbuilt;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::{
    AppModel, Base, Buildpack, CachedTree, Command, Component, Decision, DeclaredBuild, Diagnostic, Origin,
    PLAN_FORMAT, Plan, PlanError, PlanOptions, Proposal, RelPath, Selection, Setting, Severity, SourceTree,
    Subtree,
};
pub use base::{BASE_PROGRAMS, BUILTINS, DEFAULT_SUITE, has_program};
use declared::SettledBuild;
pub(crate) use declared::without_releases;
pub use directories::{FOR_DEVELOPERS, is_beside};
use languages::{Candidate, Participant, Participants, PlanInputs};
use rooted::Rooted;
use start_option::with_start;

/// Makes the plan for the application in `tree`: finds its directory, asks every buildpack, and
/// applies what the platform files say, which `platforms` reads, and the caller's `options`.
///
/// The result depends on these values alone. Errors: nothing recognised; several applications
/// and no word which; all problems of the buildpacks that take part; under `strict`, all
/// warnings.
pub fn plan(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    platforms: &dyn Fn(&dyn SourceTree) -> AppModel,
    options: &PlanOptions,
) -> Result<Plan, PlanError> {
    let tree = &CachedTree::new(tree);
    let buildpacks = languages::allowed(buildpacks, options)?;
    let model = platforms(tree);
    let location = locate::locate(tree, &buildpacks, &model, options)?;
    let root = location.root.as_ref();
    let problems = errors_of(&remarks(&model, root));
    if !problems.is_empty() {
        return Err(PlanError::Problems { problems });
    }
    let inner;
    let tree = match root {
        None => tree,
        Some(root) => {
            inner = Subtree::new(tree, root.clone());
            &inner as &dyn SourceTree
        }
    };
    let (component, caller_decisions) = match location.declared {
        Some(declared) => (entered::joined(declared, model.component(root)), Vec::new()),
        None => model.application(root),
    };
    let component = with_start(component, &location.options);
    let SettledBuild { mut component, remarks: mut about_declared, installs, exposed: scripts } =
        declared::settle_build(component, tree, root, &buildpacks);
    about_declared.extend(socket::replaced(&mut component));
    // What was inputs before had no word about the build.
    let answers = location.answers.filter(|_| component.phases.is_empty());
    let inputs = PlanInputs { tree, buildpacks: &buildpacks, model: &component, options: &location.options };
    let mut plan = plan_of(&inputs, root, answers)?;
    installs.iter().for_each(|install| install.settle(&mut about_declared, &plan));
    plan.diagnostics.extend(about_declared);
    plan.diagnostics.extend(hinted_build::remark(&component, &plan));
    plan.diagnostics.splice(0..0, remarks(&model, root));
    plan.diagnostics.extend(locate::others(&model, root));
    plan.diagnostics.extend(location.remarks);
    let before = location.decision.into_iter().chain(model.decisions).chain(caller_decisions);
    plan.decisions = joined(before.chain(std::mem::take(&mut plan.decisions)));
    exposed::keep_out(&mut plan, &model.exposed, location.root.as_ref());
    exposed::keep_scripts_out(&mut plan, &scripts, location.root.as_ref());
    plan.root = location.root;
    match problems_of(&plan, options) {
        problems if problems.is_empty() => Ok(plan),
        problems => Err(PlanError::Problems { problems }),
    }
}

/// Decisions that name the same winner as one: between the files, then against what is detected.
fn joined(decisions: impl Iterator<Item = Decision>) -> Vec<Decision> {
    let mut joined: Vec<Decision> = Vec::new();
    let mut places: BTreeMap<(String, String, Origin), usize> = BTreeMap::new();
    for decision in decisions {
        let Decision { subject, value, origin, .. } = &decision;
        match places.entry((subject.clone(), value.clone(), origin.clone())) {
            Entry::Occupied(known) => joined[*known.get()].overridden.extend(decision.overridden),
            Entry::Vacant(new) => {
                new.insert(joined.len());
                joined.push(decision);
            }
        }
    }
    joined
}

/// What the platform files' readers have to say. A file that is neither above the application in
/// `root`, nor in it, nor in a folder that platforms keep at the top, is about another one: what is
/// wrong with it is no reason to build nothing.
fn remarks(model: &AppModel, root: Option<&RelPath>) -> Vec<Diagnostic> {
    let about_it = |path: &RelPath| match path.parent() {
        None => true,
        Some(dir) => {
            let folder = path.parts().next().is_some_and(|part| part.starts_with('.'));
            folder || root.is_some_and(|root| dir.is_within(root) || root.is_within(&dir))
        }
    };
    let remark = |remark: &Diagnostic| match &remark.at {
        Some(Origin::File { path, .. }) if !about_it(path) && remark.severity == Severity::Error => {
            Diagnostic { severity: Severity::Info, ..remark.clone() }
        }
        _ => remark.clone(),
    };
    model.diagnostics.iter().map(remark).collect()
}

/// The plan of a tree that is one application, the one in `root`.
fn plan_of<'a>(
    inputs: &PlanInputs<'a, '_>,
    root: Option<&RelPath>,
    answers: Option<Vec<Candidate<'a>>>,
) -> Result<Plan, PlanError> {
    let PlanInputs { tree, buildpacks, model: component, options } = *inputs;
    let rooted = root.map(|root| Rooted::new(tree, root, component));
    let answers = answers.unwrap_or_else(|| inputs.candidates());
    let Participants { mut parts, mut decisions, build, warnings } =
        inputs.parts(answers).map_err(|error| match &rooted {
            Some(rooted) => rooted.error(error),
            None => error,
        })?;
    if parts.is_empty() && !component.processes.iter().any(|process| process.command.is_some()) {
        return Err(nothing_detected(tree, buildpacks));
    }
    let mut unbuilt = if parts.is_empty() { unbuilt::remarks(component, tree) } else { Vec::new() };
    if let Some(rooted) = rooted {
        unbuilt.iter_mut().for_each(|remark| rooted.diagnostic(remark));
        parts.iter_mut().for_each(|part| rooted.proposal(&mut part.proposal));
        decisions.iter_mut().for_each(|decision| rooted.decision(decision));
    }
    let mut plan = compose(parts, decisions, component, build.as_ref(), options)?;
    plan.diagnostics.extend(warnings);
    if !plan.buildpacks.is_empty() {
        plan.diagnostics.extend(unbuilt::missing_paths(&plan, tree));
    }
    plan.diagnostics.extend(unbuilt);
    Ok(plan)
}

fn compose(
    mut parts: Vec<Participant>,
    decisions: Vec<Decision>,
    component: &Component,
    build: Option<&DeclaredBuild>,
    options: &PlanOptions,
) -> Result<Plan, PlanError> {
    let mut plan = Plan {
        format: PLAN_FORMAT.to_owned(),
        buildpacks: parts.iter().map(|part| part.buildpack.clone()).collect(),
        root: None,
        base: choose_base(&parts)?,
        versions: Vec::new(),
        packages: base::packages(),
        steps: Vec::new(),
        source: parts.first().map_or(Selection::all(), |owner| owner.proposal.source.clone()),
        environment: base::environment(),
        port: None,
        processes: Vec::new(),
        question: parts.first().and_then(|owner| owner.proposal.question.clone()),
        decisions,
        diagnostics: Vec::new(),
    };
    let stands_alone = parts.first().is_some_and(|owner| owner.proposal.stands_alone);
    let mut detected = Vec::new();
    let mut missing = Vec::new();
    let mut path = Vec::new();
    declared_step::add(&mut plan, &mut parts, build);
    plan.steps.extend(steps::ordered(&parts));
    for Proposal {
        versions,
        packages,
        environment,
        processes,
        process_missing,
        decisions,
        diagnostics,
        ..
    } in parts.into_iter().map(|part| part.proposal)
    {
        plan.versions.extend(versions);
        base::add(&mut plan.packages, packages);
        for (name, setting) in environment {
            match name.as_str() {
                "PATH" => path.push(setting.value),
                _ => {
                    plan.environment.entry(name).or_insert(setting);
                }
            }
        }
        detected.extend(processes);
        missing.extend(process_missing);
        plan.decisions.extend(decisions);
        plan.diagnostics.extend(diagnostics);
    }
    let asked = [base::asked_for(options), settings::packages(component)].concat();
    path.push(base::SYSTEM_PATH.to_owned());
    let origin = Origin::Default("programs of the layers, then the system's".to_owned());
    plan.environment.insert("PATH".to_owned(), Setting { value: path.join(":"), origin });

    settings::declare(&mut plan, component);
    processes::choose(&mut plan, detected, missing, component);
    if stands_alone && plan.processes.iter().all(|process| matches!(process.command, Command::Exec(_))) {
        base::without_tools(&mut plan.packages);
    }
    base::add(&mut plan.packages, asked);
    steps::give(&mut plan, component, options);
    settings::give(&mut plan, options);
    settings::port(&mut plan, component);
    settings::leave_out(&mut plan, component);
    Ok(plan)
}

/// The diagnostics that keep a plan from being built.
fn problems_of(plan: &Plan, options: &PlanOptions) -> Vec<Diagnostic> {
    let mut problems = errors_of(&plan.diagnostics);
    if options.strict {
        problems.extend(plan.diagnostics.iter().filter(|found| found.severity == Severity::Warning).cloned());
    }
    problems
}

/// The suite that the proposals agree on; an error that names all of them otherwise.
fn choose_base(parts: &[Participant]) -> Result<Base, PlanError> {
    let mut inputs: Vec<_> = parts
        .iter()
        .filter_map(|part| part.proposal.suite.as_ref().map(|suite| (&part.buildpack, suite)))
        .collect();
    inputs.dedup_by(|a, b| a.1.value == b.1.value);
    match inputs.as_slice() {
        [] => Ok(Base::Debian {
            suite: DEFAULT_SUITE.to_owned(),
            origin: Origin::Default("the current Debian stable".to_owned()),
        }),
        [(_, suite)] => Ok(Base::Debian { suite: suite.value.clone(), origin: suite.origin.clone() }),
        [first, second, ..] => Err(PlanError::Problems {
            problems: vec![
                Diagnostic::error(
                    "plan/suites-differ",
                    format!(
                        "{} needs Debian {}, {} needs Debian {}",
                        first.0, first.1.value, second.0, second.1.value
                    ),
                )
                .why(format!("{}; {}", first.1.origin, second.1.origin))
                .fix("ask for language versions that one Debian release has"),
            ],
        }),
    }
}

fn errors_of(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned().collect()
}

fn nothing_detected(tree: &dyn SourceTree, buildpacks: &[&dyn Buildpack]) -> PlanError {
    let mut found: Vec<String> = tree
        .files()
        .iter()
        .map(|file| match file.path.as_str().split_once('/') {
            Some((dir, _)) => format!("{dir}/"),
            None => file.path.to_string(),
        })
        .collect();
    found.dedup();
    found.truncate(10);
    PlanError::NothingDetected {
        looked_for: buildpacks
            .iter()
            .filter(|pack| pack.language().is_supported)
            .map(|pack| {
                let language = pack.language();
                (language.name.to_owned(), language.manifests.iter().map(|&name| name.to_owned()).collect())
            })
            .collect(),
        found,
    }
}

#[cfg(test)]
mod tests;
