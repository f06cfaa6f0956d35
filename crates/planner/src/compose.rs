//! [`plan`]: buildpacks' proposals and platform files become one [`Plan`].
//!
//! ```text
//! locate ─▶ owner ─▶ helpers, server ─▶ processes ─▶ environment
//! ```
//!
//! Precedence per field: what the caller says, then the Procfile, then what a buildpack
//! detected. What loses is kept in the plan's decisions.

mod base;
mod languages;
mod locate;
mod processes;
mod steps;

use std::collections::BTreeMap;

use crate::{
    AppModel, Base, Buildpack, Command, Decision, DeclaredProcess, Diagnostic, Loser, Origin, PLAN_FORMAT,
    Plan, PlanOptions, Proposal, Selection, Setting, Severity, SourceTree, Subtree,
};
use languages::{Asked, Part};

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No buildpack recognised the tree.
    #[error("no application was recognised")]
    NothingDetected {
        /// What each buildpack looks for.
        looked_for: BTreeMap<String, Vec<String>>,
        /// The files at the top of the tree, at most ten.
        found: Vec<String>,
    },
    /// The tree was recognised and cannot be built.
    #[error("{}", .problems.first().map_or("no problem given", |problem| problem.message.as_str()))]
    Problems {
        /// All problems, at least one.
        problems: Vec<Diagnostic>,
    },
}

/// Directories of programs that every image has.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The port of a `web` process when nobody sets `PORT`.
const DEFAULT_PORT: u16 = 8080;

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
    let buildpacks = languages::allowed(buildpacks, options)?;
    let place = locate::locate(tree, &buildpacks, platforms, options)?;
    let mut plan = match &place.root {
        None => plan_of(tree, &buildpacks, platforms(tree), &place.options),
        Some(root) => {
            let inner = Subtree::new(tree, root.clone());
            plan_of(&inner, &buildpacks, platforms(&inner), &place.options)
        }
    }?;
    plan.root = place.root;
    plan.decisions.splice(0..0, place.decision);
    Ok(plan)
}

/// The plan of a tree that is one application.
fn plan_of(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    model: AppModel,
    options: &PlanOptions,
) -> Result<Plan, PlanError> {
    let model = with_start(model, options);
    let problems = errors_of(&model.diagnostics);
    if !problems.is_empty() {
        return Err(PlanError::Problems { problems });
    }
    let asked = Asked { tree, buildpacks, model: &model, options };
    let (parts, decisions) = asked.parts()?;
    if parts.is_empty() && model.processes.is_empty() {
        return Err(nothing_detected(tree, buildpacks));
    }
    compose(parts, decisions, &model, options)
}

/// The model with the caller's own start line in place of what the files say.
fn with_start(mut model: AppModel, options: &PlanOptions) -> AppModel {
    let Some(line) = &options.start else { return model };
    let name = "web".parse().expect("a process name");
    model.processes.retain(|process| process.name != name);
    let origin = Origin::Option("--start".to_owned());
    let web = DeclaredProcess { name, command: Command::shell(line), origin };
    model.processes.insert(0, web);
    model
}

fn compose(
    parts: Vec<Part>,
    decisions: Vec<Decision>,
    model: &AppModel,
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
        decisions,
        diagnostics: model.diagnostics.clone(),
    };
    let mut detected = Vec::new();
    let mut missing = Vec::new();
    let mut path = Vec::new();
    plan.steps = steps::ordered(&parts);
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
        packages.into_iter().for_each(|package| base::add(&mut plan.packages, package));
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
    base::asked_for(options).into_iter().for_each(|package| base::add(&mut plan.packages, package));
    path.push(SYSTEM_PATH.to_owned());
    let origin = Origin::Default("programs of the layers, then the system's".to_owned());
    plan.environment.insert("PATH".to_owned(), Setting { value: path.join(":"), origin });

    processes::choose(&mut plan, detected, missing, model);
    steps::give(&mut plan, options);
    set_environment(&mut plan, options);

    let mut problems = errors_of(&plan.diagnostics);
    if options.strict {
        problems.extend(plan.diagnostics.iter().filter(|found| found.severity == Severity::Warning).cloned());
    }
    match problems.is_empty() {
        true => Ok(plan),
        false => Err(PlanError::Problems { problems }),
    }
}

/// The suite that the proposals agree on; an error that names all of them otherwise.
fn choose_base(parts: &[Part]) -> Result<Base, PlanError> {
    let mut asked: Vec<_> = parts
        .iter()
        .filter_map(|part| part.proposal.suite.as_ref().map(|suite| (&part.buildpack, suite)))
        .collect();
    asked.dedup_by(|a, b| a.1.value == b.1.value);
    match asked.as_slice() {
        [] => Ok(Base::Debian {
            suite: base::DEFAULT_SUITE.to_owned(),
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

fn set_environment(plan: &mut Plan, options: &PlanOptions) {
    for (name, value) in options.application() {
        let origin = Origin::Option(format!("--env {name}"));
        let old =
            plan.environment.insert(name.clone(), Setting { value: value.clone(), origin: origin.clone() });
        if let Some(old) = old.filter(|old| old.value != *value) {
            plan.decisions.push(Decision {
                subject: format!("variable {name}"),
                value: value.clone(),
                origin,
                losers: vec![Loser { value: old.value, origin: old.origin }],
            });
        }
    }
    let is_web = plan.processes.iter().any(|process| process.name.as_str() == "web");
    if is_web {
        plan.port = Some(DEFAULT_PORT);
        let default = Setting {
            value: DEFAULT_PORT.to_string(),
            origin: Origin::Default("the port of a web process".to_owned()),
        };
        plan.environment.entry("PORT".to_owned()).or_insert(default);
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
            .map(|pack| {
                (pack.name().to_owned(), pack.looks_for().iter().map(|&name| name.to_owned()).collect())
            })
            .collect(),
        found,
    }
}

impl From<Diagnostic> for PlanError {
    fn from(problem: Diagnostic) -> PlanError {
        PlanError::Problems { problems: vec![problem] }
    }
}

impl PlanError {
    /// All problems, as diagnostics.
    pub fn problems(&self) -> Vec<Diagnostic> {
        match self {
            PlanError::Problems { problems } => problems.clone(),
            PlanError::NothingDetected { looked_for, found } => {
                let looked: Vec<String> =
                    looked_for.iter().map(|(name, files)| format!("{name}: {}", files.join(", "))).collect();
                let seen = match found.is_empty() {
                    true => "the directory has no files that are not ignored".to_owned(),
                    false => format!("found {}", found.join(", ")),
                };
                vec![
                    Diagnostic::error("plan/nothing-detected", self.to_string())
                        .why(format!("looked for {}; {seen}", looked.join("; ")))
                        .fix("name the directory of the application with `--root DIR`, or add one of these files; a Procfile or `--start` says how it starts"),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests;
