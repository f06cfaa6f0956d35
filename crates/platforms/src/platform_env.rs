//! Variables that a platform sets for builds and processes although no file declares them, such as the one by
//! which an application recognises its platform. They enter the model with [`Origin::Default`]; writers do not
//! get them.

use std::collections::BTreeMap;

use packwright_planner::{
    AppModel, Component, DeclaredProcess, Language, Origin, Port, ProcessKind, Requested, Scoped, SourceTree,
    Strategy, Task, Variable, VariableValue,
};

use crate::dir_view::DirView;
use crate::names::translation::Present;
use crate::platform::{Platform, platform};

/// Gives builds that a platform's file describes the variables by which that platform's builds
/// know where they are: settings of applications ask for them.
pub(crate) fn add_build_variables(model: &mut AppModel) {
    for place in 0..model.components.len() {
        let component = &model.components[place];
        let described = component.phases.iter().flat_map(|phase| &phase.tasks).find_map(|task| match task {
            Task::Run(Requested { origin, .. }) => Some(origin),
            Task::Detected => None,
        });
        let Some(platform) = described.and_then(|origin| platform_of(model, origin)) else { continue };
        for (name, value) in platform.build_variables {
            let origin = Origin::Default(format!("what builds on {} have", platform.title));
            tell(&mut model.components[place], name, value, Scoped::Build, origin);
        }
    }
}

/// Gives processes the port that their platform always gives, where no file names another. It is that
/// of the chosen platform, or of the one whose file declares the process.
pub(crate) fn add_ports(
    model: &mut AppModel,
    tree: &dyn SourceTree,
    languages: &[&Language],
    chosen: Option<&Platform>,
) {
    for place in 0..model.components.len() {
        let component = &model.components[place];
        if !is_free(component) {
            continue;
        }
        let web = component.processes.iter().find(|process| process.name.as_str() == "web");
        let declaring = || web.and_then(|web| platform_of(model, &web.origin));
        let Some(platform) = chosen.or_else(declaring) else { continue };
        let view = DirView { tree, dir: component.dir(), languages, environment: &BTreeMap::new() };
        let present = Present::of(&view);
        let holds = |(language, _): &&(Option<&str>, u16)| language.is_none_or(|name| present.has(name));
        let Some((_, port)) = platform.ports.iter().find(holds) else { continue };
        let origin = Origin::Default(format!("the port of a web process on {}", platform.title));
        tell(&mut model.components[place], "PORT", &port.to_string(), Scoped::Run, origin);
    }
}

/// Whether a component may have a process that listens where its platform says.
fn is_free(component: &Component) -> bool {
    let is_web = |process: &&DeclaredProcess| process.name.as_str() == "web";
    let is_fixed =
        |process: &DeclaredProcess| process.port.as_ref().is_some_and(|port| port.value != Port::Variable);
    let runs =
        |process: &DeclaredProcess| !process.is_release() && !matches!(process.kind, ProcessKind::Cron(_));
    let web = component.processes.iter().find(is_web);
    // Without any process, one is detected.
    let answers = web.is_some() || !component.is_job && !component.processes.iter().any(runs);
    // An image listens where it always does.
    let foreign = component
        .strategy
        .as_ref()
        .is_some_and(|strategy| matches!(strategy.value, Strategy::Dockerfile { .. } | Strategy::Image(_)));
    let hinted = component.hints.iter().flat_map(|hints| &hints.processes).filter(is_web).any(is_fixed);
    answers && component.publish.is_none() && !web.is_some_and(is_fixed) && !(foreign && hinted)
}

/// The platform whose file a value is from.
fn platform_of(model: &AppModel, origin: &Origin) -> Option<&'static Platform> {
    let Origin::File { path, .. } = origin else { return None };
    let files = model.files.iter().find(|files| files.files.contains(path))?;
    platform(&files.platform)
}

fn tell(component: &mut Component, name: &str, value: &str, scope: Scoped, origin: Origin) {
    if component.variable(name).is_none() {
        let told = Variable::new(name, VariableValue::Literal(value.to_owned()), origin);
        component.environment.push(Variable { scope, ..told });
    }
}
