//! What the command lines of other builders have in common: a plan may lack a start command, nobody sets a port that nobody
//! asked for, and variables that look like secrets are kept out of the image.

mod port;

use std::collections::BTreeMap;

use packwright_engine::planner::{
    AppModel, Origin, Plan, PlanError, PlanOptions, SecretName, SourceTree, Variable, VariableValue,
};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::source::Source;

/// The shortest text that can be searched for in what a build leaves.
const SHORTEST_SECRET: usize = 8;

/// The plan for `source` by a model of the caller's, and why it has no process, when it has none; nothing when no
/// application is recognised.
///
/// Errors: problems that keep the source from being built.
pub(crate) fn attempt(
    catalog: &Catalog,
    source: &Source,
    options: &PlanOptions,
    model: &dyn Fn(&dyn SourceTree) -> AppModel,
) -> Result<Option<(Plan, Option<PlanError>)>, Error> {
    let model = |tree: &dyn SourceTree| -> AppModel {
        let mut model = model(tree);
        model.diagnostics.splice(0..0, source.diagnostics().iter().cloned());
        model
    };
    let why = match packwright_engine::plan(source, &catalog.buildpacks(), &model, options) {
        Ok(mut plan) => {
            let said = options.environment.contains_key(port::PORT)
                || model(source).component(plan.root.as_ref()).variable(port::PORT).is_some();
            if !said {
                port::leave_to_commands(&mut plan);
            }
            return Ok(Some((plan, None)));
        }
        Err(PlanError::NothingDetected { .. }) => return Ok(None),
        Err(why) => why,
    };
    // When a start command is all that is missing, there is a plan without one.
    let started = PlanOptions { start: Some("true".to_owned()), ..options.clone() };
    match packwright_engine::plan(source, &catalog.buildpacks(), &model, &started) {
        Ok(mut plan) => {
            plan.processes.retain(|process| process.name.as_str() != "web");
            plan.port = None;
            Ok(Some((plan, Some(why))))
        }
        Err(_) => Err(why.into()),
    }
}

/// The variables that look like secrets.
pub(crate) fn secrets(environment: &BTreeMap<String, String>) -> BTreeMap<SecretName, String> {
    let is_secret = |name: &str, value: &str| {
        let looked_at = Variable::literal(name, value, Origin::Option("--env".to_owned()));
        looked_at.value == VariableValue::Withheld && value.len() >= SHORTEST_SECRET
    };
    let kept = environment.iter().filter(|(name, value)| is_secret(name, value));
    kept.filter_map(|(name, value)| Some((name.parse().ok()?, value.clone()))).collect()
}
