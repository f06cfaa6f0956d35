//! What platform files declare about a Python application: the step that runs the commands of a
//! declared build, and what a chosen platform refuses.

mod classify;
pub(crate) mod installs;
mod pip_shim;
mod runner;

use packwright_buildpack::planner::{
    Command, Decision, DeclaredBuild, Diagnostic, Input, LayerKind, Network, Origin, Output, Overridden,
    PlanContext, Requested, Selection, Step,
};

use crate::framework::application::{Application, StaticFiles};
use crate::manager::Manifests;
use crate::messages;
use crate::steps;
pub(crate) use classify::{classify, installs_with};
use pip_shim::SHIMS;
pub(crate) use runner::without_runner;

/// Words that name a way to install, for a platform on which two of them are an error.
pub(crate) fn customs(context: &PlanContext<'_>, manifests: &Manifests) -> Result<(), Vec<Diagnostic>> {
    let (Some(platform), true) = (&context.model.customs.platform, context.model.customs.one_manager) else {
        return Ok(());
    };
    match manifests.files_of_managers().as_slice() {
        [first, second, ..] => Err(vec![messages::one_manager(platform, first, second)]),
        _ => Ok(()),
    }
}

/// Puts the declared build in the place of what is detected: `python.static` goes where the build
/// takes its place.
pub(crate) fn build(
    context: &PlanContext<'_>,
    application: &Application,
    made: &mut Vec<Step>,
) -> Option<Decision> {
    let DeclaredBuild { before, detected, after } = context.model.build.as_ref()?;
    let static_step = made.iter().position(|step| step.name.as_str() == "python.static");
    let replaced = static_step.filter(|_| !detected).map(|at| made.remove(at));
    let loser = replaced.map(|_| Overridden {
        value: "collectstatic".to_owned(),
        origin: Origin::Detected("Django with static files".to_owned()),
    });
    let commands: Vec<&Requested<Command>> = before.iter().chain(after).collect();
    let Some(first) = commands.first() else {
        // What the file declares is done by the steps that install, and nothing is built.
        return loser.map(|loser| Decision {
            subject: "build command".to_owned(),
            value: "nothing".to_owned(),
            origin: installs::origin(context.model),
            overridden: vec![loser],
        });
    };
    let files = application.static_files.as_ref();
    let before: Vec<&Requested<Command>> = before.iter().collect();
    let after: Vec<&Requested<Command>> = after.iter().collect();
    match made.iter().position(|step| step.name.as_str() == "python.static") {
        // What comes before the detected work may make files that are collected.
        Some(at) => {
            if !before.is_empty() {
                made[at].inputs.push(steps::after("python.build"));
                let build = step("python.build", context, files, &before, &made[..at]);
                made.insert(at, build);
            }
            if !after.is_empty() {
                let name = if before.is_empty() { "python.build" } else { "python.finish" };
                let build = step(name, context, files, &after, made);
                made.push(build);
            }
        }
        None => {
            let build = step("python.build", context, files, &commands, made);
            made.push(build);
        }
    }
    let lines: Vec<String> = commands.iter().map(|command| command.value.to_string()).collect();
    Some(Decision {
        subject: "build command".to_owned(),
        value: lines.join(" && "),
        origin: first.origin.clone(),
        overridden: loser.into_iter().collect(),
    })
}

/// `python.build` or its like: declared commands, in the application's environment and without network.
fn step(
    name: &str,
    context: &PlanContext<'_>,
    files: Option<&StaticFiles>,
    commands: &[&Requested<Command>],
    made: &[Step],
) -> Step {
    let has = |name: &str| made.iter().any(|step| step.name.as_str() == name);
    let mut build = steps::step(name, "runs the build commands that the platform file declares");
    build.hint = Some(messages::BUILD_HINT.to_owned());
    build.inputs.extend(
        ["python.uv", "python.install", "python.project"]
            .into_iter()
            .filter(|name| has(name))
            .map(steps::after),
    );
    build.inputs.push(Input::Source(Selection::all()));
    // Behind the source: what was built replaces an older copy among the files.
    let built = ["python.build", "python.static"].into_iter().filter(|name| has(name));
    build.inputs.extend(built.map(steps::after));
    build.commands.push(pip_shim::place());
    build.commands.extend(commands.iter().map(|command| without_runner(&command.value)));
    let fixed = [
        (
            "PATH",
            format!("{SHIMS}:/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ),
        ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
        ("VIRTUAL_ENV", "/opt/venv".to_owned()),
        ("UV_CACHE_DIR", "/tmp/uv".to_owned()),
        ("UV_PYTHON_DOWNLOADS", "never".to_owned()),
    ];
    build.environment = fixed.map(|(name, value)| (name.to_owned(), value)).into();
    if context.options.build_network == Network::None {
        build.environment.insert("UV_OFFLINE".to_owned(), "1".to_owned());
    }
    if let Some(files) = files {
        build.environment.insert("DJANGO_SETTINGS_MODULE".to_owned(), files.settings.clone());
        let dummies = files.secret_keys.iter().map(|name| (name.clone(), steps::DUMMY_KEY.to_owned()));
        build.environment.extend(dummies);
    }
    let scrub =
        ["**/__pycache__", "**/*.pyc", "**/*.egg-info", "**/node_modules"].map(str::to_owned).to_vec();
    build.outputs = vec![Output { path: steps::path("app"), layer: Some(LayerKind::Build), scrub }];
    build
}
