//! What platform files and the caller set: variables, the port, packages of the system, files
//! that stay out.

use std::collections::BTreeMap;

use crate::{
    Component, Decision, Diagnostic, LayerKind, Loser, Origin, Package, PackageSystem, Plan, PlanOptions, Port,
    Scoped, Setting, Strategy, VariableValue,
};

/// The port of a `web` process when nobody sets `PORT`.
const DEFAULT_PORT: u16 = 8080;

/// Packages that the platform files ask for.
pub(super) fn packages(component: &Component) -> Vec<Package> {
    let debian = component.packages.iter().filter(|package| package.system == PackageSystem::Debian);
    debian
        .map(|package| Package {
            name: package.name.value.clone(),
            scope: package.scope,
            layer: LayerKind::System,
            why: format!("{} asks for it", package.name.origin),
        })
        .collect()
}

/// Sets the variables whose values the platform files have, and says which ones they expect from
/// elsewhere, and what of the files cannot be followed.
pub(super) fn declare(plan: &mut Plan, component: &Component) {
    let mut expected = Vec::new();
    for variable in &component.environment {
        match &variable.value {
            VariableValue::Literal(value) if variable.scope != Scoped::Build && variable.name != "PORT" => {
                let setting = Setting { value: value.clone(), origin: variable.origin.clone() };
                let old = plan.environment.insert(variable.name.clone(), setting);
                if let Some(old) = old.filter(|old| old.value != *value) {
                    plan.decisions.push(Decision {
                        subject: format!("variable {}", variable.name),
                        value: value.clone(),
                        origin: variable.origin.clone(),
                        losers: vec![Loser { value: old.value, origin: old.origin }],
                    });
                }
            }
            VariableValue::Literal(_) | VariableValue::Optional => {}
            VariableValue::Withheld => plan.diagnostics.push(withheld(&variable.name, &variable.origin)),
            VariableValue::Required
            | VariableValue::Generated
            | VariableValue::Service(_)
            | VariableValue::Elsewhere(_) => {
                expected.push(format!("{} ({})", variable.name, variable.value.told()));
            }
        }
    }
    if !expected.is_empty() {
        plan.diagnostics.push(
            Diagnostic::info("plan/variables-expected", format!("the application expects {}", expected.join(", ")))
                .why("the platform files declare these variables without a value")
                .fix("set them where the image runs; the build gets those that `--env` or `--secret` give it"),
        );
    }
    if let Some(strategy) = &component.strategy {
        plan.diagnostics.extend(unfollowed(&strategy.value, &strategy.origin));
    }
}

fn withheld(name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("plan/secret-in-file", format!("{origin} has a value for {name} that looks like a secret"))
        .why("what is in an image, or in a repository, is known to everybody who can read it; the value is kept out of the image and of the build")
        .fix("take it out of the file, change it where it is used, and set it where the image runs")
        .at(origin.clone())
}

/// A word about a way to build that is not taken.
fn unfollowed(strategy: &Strategy, origin: &Origin) -> Option<Diagnostic> {
    let (what, instead) = match strategy {
        Strategy::Detect | Strategy::Program(_) => return None,
        Strategy::Dockerfile { path, .. } => (
            format!("{origin} asks for a build with `{path}`"),
            "Dockerfiles are read for hints and not run; the image is made from the source as detected",
        ),
        Strategy::Image(reference) => (
            format!("{origin} asks for the image `{reference}` as it is"),
            "the image is made from the source instead",
        ),
        Strategy::Buildpacks { builder, list } => {
            let named: Vec<&str> = builder.iter().chain(list).map(String::as_str).collect();
            (
                format!("{origin} asks for the buildpacks {}", named.join(", ")),
                "foreign buildpacks are not run; Packwright's own are chosen by what is detected",
            )
        }
    };
    Some(
        Diagnostic::warning("plan/other-build", what)
            .why(instead)
            .fix("compare `packwright explain` with what that build does; `--env`, `--start` and `--buildpack` change the plan")
            .at(origin.clone()),
    )
}

/// The variables that the platform files set for the build.
pub(super) fn of_the_build(component: &Component) -> BTreeMap<String, String> {
    let literal = component.environment.iter().filter_map(|variable| match &variable.value {
        VariableValue::Literal(value) if variable.scope != Scoped::Run && variable.name != "PORT" => {
            Some((variable.name.clone(), value.clone()))
        }
        _ => None,
    });
    literal.collect()
}

/// Sets the caller's variables.
pub(super) fn give(plan: &mut Plan, options: &PlanOptions) {
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
}

/// Chooses the port of a `web` process: what the caller set, then the port that the platform
/// files name, then the default.
pub(super) fn port(plan: &mut Plan, component: &Component) {
    if !plan.processes.iter().any(|process| process.name.as_str() == "web") {
        return;
    }
    let ports = |component: &Component| -> Vec<(u16, Origin)> {
        let fixed = component.processes.iter().filter(|process| process.name.as_str() == "web").filter_map(
            |process| match &process.port.as_ref()?.value {
                Port::Fixed(port) => Some((*port, process.port.as_ref()?.origin.clone())),
                Port::Variable | Port::Socket(_) => None,
            },
        );
        let variable = component.variable("PORT").and_then(|variable| match &variable.value {
            VariableValue::Literal(value) => Some((value.parse().ok()?, variable.origin.clone())),
            _ => None,
        });
        variable.into_iter().chain(fixed).collect()
    };
    let mut said = ports(component);
    said.extend(component.hints.iter().flat_map(|hints| ports(hints)));
    let (port, origin) = match said.first() {
        Some((port, origin)) => (*port, origin.clone()),
        None => (DEFAULT_PORT, Origin::Default("the port of a web process".to_owned())),
    };
    let losers: Vec<Loser> = said
        .iter()
        .filter(|(other, _)| *other != port)
        .map(|(port, origin)| Loser { value: port.to_string(), origin: origin.clone() })
        .collect();
    if !losers.is_empty() {
        let (value, origin) = (port.to_string(), origin.clone());
        plan.decisions.push(Decision { subject: "port".to_owned(), value, origin, losers });
    }
    let setting = Setting { value: port.to_string(), origin };
    let chosen = plan.environment.entry("PORT".to_owned()).or_insert(setting);
    plan.port = Some(chosen.value.parse().unwrap_or(port));
}

/// Leaves out of the image what the platform files say is no part of it.
pub(super) fn leave_out(plan: &mut Plan, component: &Component) {
    for ignored in &component.ignore {
        let pattern = ignored.value.trim_end_matches('/');
        let pattern = match pattern.strip_prefix('/') {
            Some(here) => here.to_owned(),
            None if pattern.contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        for pattern in [pattern.clone(), format!("{pattern}/**")] {
            if !plan.source.exclude.contains(&pattern) {
                plan.source.exclude.push(pattern);
            }
        }
    }
}
