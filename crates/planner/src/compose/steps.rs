//! Joins the steps of all participants into one list, and adds the caller's variables, secrets and network.

use super::languages::Participant;
use crate::{Component, Diagnostic, Input, LayerKind, Network, Plan, PlanOptions, SecretName, Step};

/// Helpers' steps first; the owner's steps that see the whole source also see what helpers
/// built for the image. Parts are the owner, then helpers, then a server.
pub(super) fn ordered(parts: &[Participant]) -> Vec<Step> {
    let helped: Vec<Step> =
        parts.iter().filter(|part| part.helps).flat_map(|part| part.proposal.steps.clone()).collect();
    let builds = |step: &&Step| step.outputs.iter().any(|output| output.layer == Some(LayerKind::Build));
    let built: Vec<Input> = helped.iter().filter(builds).map(|step| Input::Step(step.name.clone())).collect();
    let mut own: Vec<Step> =
        parts.iter().filter(|part| !part.helps).flat_map(|part| part.proposal.steps.clone()).collect();
    for step in own.iter_mut().filter(|step| sees_all(step)) {
        // Behind the source: what was built replaces an older copy among the files.
        step.inputs.extend(built.iter().cloned());
    }
    [helped, own].concat()
}

fn sees_all(step: &Step) -> bool {
    step.inputs.iter().any(
        |input| matches!(input, Input::Source(source) if source.include.iter().any(|pattern| pattern == "**")),
    )
}

pub(super) fn sees_source(step: &Step) -> bool {
    step.inputs.iter().any(|input| matches!(input, Input::Source(_)))
}

/// Gives the caller's variables and secrets to the steps that are meant to have them: variables
/// to those without network and to those that list them as settings; secrets to those that see
/// source files, with network only where the step lists them, since foreign code runs there; the
/// network, where the caller allows it, to those that see source files.
pub(super) fn give(plan: &mut Plan, component: &Component, options: &PlanOptions) {
    let declared = super::settings::of_the_build(component);
    let mut opened = Vec::new();
    for step in &mut plan.steps {
        let offline = step.network == Network::None;
        for (name, value) in &declared {
            if offline && sees_source(step) || step.obeys(name) {
                step.environment.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        for (name, value) in options.application() {
            if offline || step.obeys(name) {
                step.environment.insert(name.clone(), value.clone());
            }
        }
        if !sees_source(step) {
            continue;
        }
        for secret in &options.secrets {
            if (offline || step.obeys(secret.as_str())) && !step.secrets.contains(secret) {
                step.secrets.push(secret.clone());
            }
        }
        if offline && options.build_network == Network::Fetch {
            step.network = Network::Fetch;
            opened.push(step.name.to_string());
        }
    }
    let unused = |secret: &&SecretName| !plan.steps.iter().any(|step| step.secrets.contains(secret));
    let unused = options.secrets.iter().filter(unused).map(|secret| {
        Diagnostic::info("plan/secret-unused", format!("no step is given the secret `{secret}`"))
            .why("steps that build the source get all secrets, steps with network those that they list")
            .fix("leave the flag out, or give the value to the running application")
    });
    let unused: Vec<Diagnostic> = unused.collect();
    plan.diagnostics.extend(unused);
    if !opened.is_empty() {
        plan.diagnostics.push(
            Diagnostic::info("plan/build-network", format!("{} may reach the network", opened.join(", ")))
                .why("`--build-network` allows it; what is fetched there is in no lock, so the same source can give another image")
                .fix("leave the flag out when the build needs nothing from the network"),
        );
    }
}
