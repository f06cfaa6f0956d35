//! [`plan`]: proposals and platform files become one [`Plan`].
//!
//! Precedence per field: what the caller says, then the Procfile, then what a buildpack
//! detected. What loses is kept in the plan's decisions.

mod base;
mod processes;

use std::collections::BTreeMap;

use crate::{
    AppModel, Base, Buildpack, Decision, Diagnostic, Input, Loser, Network, Origin, PLAN_FORMAT, Plan,
    Proposal, SecretName, Selection, Setting, Severity, SourceTree, Step,
};

/// Variables with this prefix speak to Packwright and are no part of the application.
const OURS: &str = "PACKWRIGHT_";

/// What the caller chooses about a plan.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Variables for the image and for the steps that build the source. Those that start with
    /// `PACKWRIGHT_` speak to buildpacks and go no further.
    pub environment: BTreeMap<String, String>,
    /// Names of secrets for the steps that see source files.
    pub secrets: Vec<SecretName>,
    /// Whether a warning is an error.
    pub strict: bool,
}

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

/// Makes the plan for `tree`: asks every buildpack, applies the platform files in `model` and
/// the caller's `options`.
///
/// The result depends on these values alone. Errors: nothing recognised; all problems of all
/// buildpacks; under `strict`, all warnings.
pub fn plan(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    model: &AppModel,
    options: &PlanOptions,
) -> Result<Plan, PlanError> {
    let mut proposals: Vec<(String, Proposal)> = Vec::new();
    let mut problems: Vec<Diagnostic> = errors_of(&model.diagnostics);
    for buildpack in buildpacks {
        match buildpack.propose(tree, options) {
            Ok(Some(proposal)) => proposals.push((buildpack.name().to_owned(), proposal)),
            Ok(None) => {}
            Err(error) => problems.extend(error.problems),
        }
    }
    if !problems.is_empty() {
        return Err(PlanError::Problems { problems });
    }
    if proposals.is_empty() {
        return Err(nothing_detected(tree, buildpacks));
    }
    compose(proposals, model, options)
}

fn compose(
    proposals: Vec<(String, Proposal)>,
    model: &AppModel,
    options: &PlanOptions,
) -> Result<Plan, PlanError> {
    let mut plan = Plan {
        format: PLAN_FORMAT.to_owned(),
        buildpacks: proposals.iter().map(|(name, _)| name.clone()).collect(),
        base: choose_base(&proposals)?,
        versions: Vec::new(),
        packages: base::packages(),
        steps: Vec::new(),
        source: Selection::all(),
        environment: base::environment(),
        port: None,
        processes: Vec::new(),
        decisions: Vec::new(),
        diagnostics: model.diagnostics.clone(),
    };
    let mut detected = Vec::new();
    let mut missing = Vec::new();
    let mut path = Vec::new();
    for (_, proposal) in proposals {
        plan.versions.extend(proposal.versions);
        for package in proposal.packages {
            if !plan.packages.iter().any(|known| known.name == package.name && known.scope == package.scope) {
                plan.packages.push(package);
            }
        }
        plan.steps.extend(proposal.steps);
        for (name, setting) in proposal.environment {
            match name.as_str() {
                "PATH" => path.push(setting.value),
                _ => {
                    plan.environment.entry(name).or_insert(setting);
                }
            }
        }
        detected.extend(proposal.processes);
        missing.extend(proposal.process_missing);
        plan.decisions.extend(proposal.decisions);
        plan.diagnostics.extend(proposal.diagnostics);
    }
    path.push(SYSTEM_PATH.to_owned());
    let origin = Origin::Default("programs of the layers, then the system's".to_owned());
    plan.environment.insert("PATH".to_owned(), Setting { value: path.join(":"), origin });

    processes::choose(&mut plan, detected, missing, model);
    give_to_steps(&mut plan.steps, options);
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
fn choose_base(proposals: &[(String, Proposal)]) -> Result<Base, PlanError> {
    let mut asked: Vec<_> =
        proposals.iter().filter_map(|(name, p)| p.suite.as_ref().map(|suite| (name, suite))).collect();
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

/// Gives the caller's variables and secrets to the steps that are meant to have them: variables
/// to those without network and to those that list them as settings, secrets to those that see
/// source files.
fn give_to_steps(steps: &mut [Step], options: &PlanOptions) {
    for step in steps {
        let offline = step.network == Network::None;
        for (name, value) in application(options) {
            if offline || step.obeys(name) {
                step.environment.insert(name.clone(), value.clone());
            }
        }
        let sees_source = step.inputs.iter().any(|input| matches!(input, Input::Source(_)));
        if sees_source {
            for secret in &options.secrets {
                if !step.secrets.contains(secret) {
                    step.secrets.push(secret.clone());
                }
            }
        }
    }
}

/// The caller's variables that are the application's.
fn application(options: &PlanOptions) -> impl Iterator<Item = (&String, &String)> {
    options.environment.iter().filter(|(name, _)| !name.starts_with(OURS))
}

fn set_environment(plan: &mut Plan, options: &PlanOptions) {
    for (name, value) in application(options) {
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
                        .fix("name the directory of the application, or add one of these files; a Procfile says how it starts"),
                ]
            }
        }
    }
}

#[cfg(test)]
mod tests;
