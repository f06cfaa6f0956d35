//! Applies what platform files and the caller set: variables, the port, system packages, excluded files.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Component, Decision, Diagnostic, LayerKind, Origin, Overridden, Package, PackageSystem, Plan,
    PlanOptions, Port, Scoped, Setting, Strategy, VariableValue,
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
            VariableValue::Literal(value) if variable.name == "PATH" && variable.scope != Scoped::Build => {
                plan.diagnostics.extend(extend_path(
                    plan.environment.get_mut("PATH"),
                    value,
                    &variable.origin,
                ));
            }
            VariableValue::Literal(_) if variable.name == "HOME" => {
                plan.diagnostics.push(fixed("HOME", &variable.origin))
            }
            VariableValue::Literal(value) if variable.scope != Scoped::Build && variable.name != "PORT" => {
                let setting = Setting { value: value.clone(), origin: variable.origin.clone() };
                let old = plan.environment.insert(variable.name.clone(), setting);
                if let Some(old) = old.filter(|old| old.value != *value) {
                    plan.decisions.push(Decision {
                        subject: format!("variable {}", variable.name),
                        value: value.clone(),
                        origin: variable.origin.clone(),
                        overridden: vec![Overridden { value: old.value, origin: old.origin }],
                    });
                }
            }
            VariableValue::Literal(_) | VariableValue::Optional | VariableValue::Withheld => {}
            VariableValue::Required
            | VariableValue::Generated
            | VariableValue::Service(_)
            | VariableValue::Elsewhere(_) => {
                expected.push(format!("{} ({})", variable.name, variable.value.description()));
            }
        }
    }
    if !expected.is_empty() {
        plan.diagnostics.push(
            Diagnostic::info(
                "plan/variables-expected",
                format!("the application expects {}", expected.join(", ")),
            )
            .why("the platform files declare these variables without a value")
            .fix("set them where the image runs; the build gets those that `--env` or `--secret` give it"),
        );
    }
    if let Some(strategy) = &component.strategy {
        plan.diagnostics.extend(unfollowed(&strategy.value, &strategy.origin));
    }
    plan.diagnostics.extend(left_to_the_platform(component));
}

/// Words about what a platform does beside the image, and nobody does elsewhere.
fn left_to_the_platform(component: &Component) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    let statics: Vec<String> =
        component.statics.iter().map(|files| format!("`{}` at {}", files.dir, files.url.value)).collect();
    if let Some(first) = component.statics.first() {
        remarks.push(
            Diagnostic::info(
                "plan/static-files",
                format!("the platform serves {} itself", statics.join(", ")),
            )
            .why("elsewhere the application gets those requests")
            .fix("let the application serve them too, or the server in front of it")
            .at(first.url.origin.clone()),
        );
    }
    let volumes: Vec<&str> = component.volumes.iter().map(|volume| volume.path.value.as_str()).collect();
    if let Some(first) = component.volumes.first() {
        remarks.push(
            Diagnostic::info(
                "plan/volumes",
                format!("the application expects what it writes to {} to last", volumes.join(", ")),
            )
            .why("the platform file mounts volumes there; an image has none")
            .fix("mount volumes there where the image runs")
            .at(first.path.origin.clone()),
        );
    }
    remarks
}

/// Adds to the image's `PATH` what a file puts before or behind `$PATH`. A file that has no `$PATH`
/// would leave the image without the programs of its own layers, and is not followed.
fn extend_path(path: Option<&mut Setting>, value: &str, origin: &Origin) -> Option<Diagnostic> {
    let path = path?;
    let reference = ["${PATH}", "$PATH"].into_iter().find_map(|name| value.split_once(name));
    let Some((before, behind)) =
        reference.filter(|(before, behind)| !format!("{before}{behind}").contains('$'))
    else {
        return Some(fixed("PATH", origin));
    };
    path.value = format!("{before}{}{behind}", path.value);
    None
}

fn fixed(name: &str, origin: &Origin) -> Diagnostic {
    let fix = match name {
        "PATH" => "put directories before or behind `$PATH`",
        _ => "leave the variable out",
    };
    Diagnostic::warning(
        "plan/fixed-variable",
        format!("{origin} sets {name}, which the image sets by itself"),
    )
    .why("the programs of its layers would not be found, or not find their files")
    .fix(fix)
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
        // Readers warn about those whose work is not known.
        Strategy::Buildpacks { builder, list } => {
            let named: Vec<&str> = builder.iter().chain(list).map(String::as_str).collect();
            let what = format!("{origin} asks for the buildpacks {}", named.join(", "));
            let why = "Packwright's own do their work; they are chosen by what is detected";
            return Some(Diagnostic::info("plan/other-build", what).why(why).at(origin.clone()));
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
        VariableValue::Literal(value)
            if variable.scope != Scoped::Run
                && !["HOME", "PATH", "PORT"].contains(&variable.name.as_str()) =>
        {
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
                overridden: vec![Overridden { value: old.value, origin: old.origin }],
            });
        }
    }
}

/// Chooses the port of a `web` process: what is set as `PORT`, then the port that the platform files
/// name, then the default.
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
    // What is set by now counts before all: the caller's, a file's, or the one that the source is known
    // to listen on.
    let set =
        plan.environment.get("PORT").and_then(|set| Some((set.value.parse().ok()?, set.origin.clone())));
    let mut said: Vec<(u16, Origin)> = set.into_iter().chain(ports(component)).collect();
    // A hint of a port that only root may have is one of a server in front.
    said.extend(component.hints.iter().flat_map(|hints| ports(hints)).filter(|(port, _)| *port >= 1024));
    let default = || Origin::Default("the port of a web process".to_owned());
    let (port, origin) = said.first().cloned().unwrap_or_else(|| (DEFAULT_PORT, default()));
    let overridden: Vec<Overridden> = said
        .iter()
        .filter(|(other, _)| *other != port)
        .map(|(port, origin)| Overridden { value: port.to_string(), origin: origin.clone() })
        .collect();
    if !said.is_empty() {
        let (value, origin) = (port.to_string(), origin.clone());
        plan.decisions.push(Decision { subject: "port".to_owned(), value, origin, overridden });
    }
    let setting = Setting { value: port.to_string(), origin };
    let chosen = plan.environment.entry("PORT".to_owned()).or_insert(setting);
    plan.port = Some(chosen.value.parse().unwrap_or(port));
}

/// Leaves out of the image what the platform files say is no part of it.
pub(super) fn leave_out(plan: &mut Plan, component: &Component) {
    let mut known: BTreeSet<String> = plan.source.exclude.iter().cloned().collect();
    for ignored in &component.ignore {
        let pattern = ignored.value.trim_end_matches('/');
        let pattern = match pattern.strip_prefix('/') {
            Some(here) => here.to_owned(),
            None if pattern.contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        for pattern in [pattern.clone(), format!("{pattern}/**")] {
            if known.insert(pattern.clone()) {
                plan.source.exclude.push(pattern);
            }
        }
    }
}
