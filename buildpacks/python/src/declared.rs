//! What platform files declare about a Python application: the step that runs the commands of a
//! declared build, and what a chosen platform refuses.

mod classify;
pub(crate) mod installs;
mod pip_shim;

use packwright_buildpack::declared;
use packwright_buildpack::planner::{
    Command, Decision, Diagnostic, Input, LayerKind, Network, Origin, Output, Overridden, PlanContext,
    Requested, Selection, Step, text,
};
use packwright_buildpack::step::{self, SYSTEM_PATH};

use crate::framework::application::{Application, StaticFiles};
use crate::manager::Manifests;
use crate::messages;
use crate::steps;
pub(crate) use classify::{COMMANDS, classify, installs_with};
use pip_shim::SHIMS;

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

/// Leaves the collecting of static files to others: the chosen platform does it only where a file asks for it, or a
/// process does it when it starts. A step of our own would load settings that find their variables nowhere.
pub(crate) fn leave_collecting(context: &PlanContext<'_>, application: &mut Application) {
    let Some(files) = &mut application.static_files else { return };
    let customs = &context.model.customs;
    let by_process = context.model.processes.iter().find_map(|process| {
        let collects = |text: &str| text.contains("collectstatic");
        let line = process.command.as_ref().filter(|_| !process.is_release())?.to_string();
        let scripts = line.split_whitespace().filter_map(|word| {
            text(context.tree, word.trim_start_matches("./").trim_matches(['"', '\''])).ok().flatten()
        });
        let calls = |script: &String| {
            script.lines().any(|line| !line.trim_start().starts_with('#') && collects(line))
        };
        (collects(&line) || scripts.filter(|script| script.starts_with("#!")).any(|script| calls(&script)))
            .then_some(&process.origin)
    });
    let said = match (customs.collects_assets, by_process, &customs.platform) {
        (Some(true), ..) => return,
        (_, Some(origin), _) => messages::collected_at_start(origin),
        (Some(false), None, Some(platform)) if context.model.build.is_none() => {
            messages::not_collected_there(platform)
        }
        (Some(false), ..) => {
            files.left_to_others = true;
            return;
        }
        (None, None, _) => return,
    };
    files.left_to_others = true;
    // Nothing here runs without these variables any more.
    application.diagnostics.retain(|told| told.code != messages::SETTINGS_NEED);
    application.diagnostics.push(said);
}

/// Puts the declared build in the place of what is detected: `python.static` goes where the build
/// takes its place.
pub(crate) fn build(
    context: &PlanContext<'_>,
    application: &Application,
    made: &mut Vec<Step>,
) -> Option<Decision> {
    let build = context.model.build.as_ref()?;
    let static_files = made.iter().position(|step| step.name.as_str() == "python.static");
    let replaced = static_files.filter(|_| !build.detected).map(|at| made.remove(at));
    let replaced = replaced
        .map(|_| Overridden::new("collectstatic", Origin::Detected("Django with static files".into())));
    let files = application.static_files.as_ref();
    match made.iter().position(|step| step.name.as_str() == "python.static") {
        // What comes before the detected work may make files that are collected.
        Some(at) => {
            if !build.before.is_empty() {
                made[at].inputs.push(step::after("python.build"));
                let step = build_step("python.build", context, files, &build.before, &made[..at]);
                made.insert(at, step);
            }
            if !build.after.is_empty() {
                let name = if build.before.is_empty() { "python.build" } else { "python.finish" };
                made.push(build_step(name, context, files, &build.after, made));
            }
        }
        None => {
            let commands: Vec<Requested<Command>> = declared::commands(build).cloned().collect();
            if !commands.is_empty() {
                made.push(build_step("python.build", context, files, &commands, made));
            }
        }
    }
    declared::decision(context.model, replaced)
}

/// `python.build` or its like: declared commands, in the application's environment and without network.
fn build_step(
    name: &str,
    context: &PlanContext<'_>,
    files: Option<&StaticFiles>,
    commands: &[Requested<Command>],
    made: &[Step],
) -> Step {
    let has = |name: &str| made.iter().any(|step| step.name.as_str() == name);
    let mut build = step::step(name, "runs the build commands that the platform file declares");
    build.hint = Some(messages::BUILD_HINT.to_owned());
    build.inputs.extend(
        ["python.uv", "python.install", "python.project"]
            .into_iter()
            .filter(|name| has(name))
            .map(step::after),
    );
    build.inputs.push(Input::Source(Selection::all()));
    // Behind the source: what was built replaces an older copy among the files.
    let built = ["python.build", "python.static"].into_iter().filter(|name| has(name));
    build.inputs.extend(built.map(step::after));
    build.commands.push(pip_shim::place());
    let launched = |command: &Command| COMMANDS.launch(command).unwrap_or_else(|| command.clone());
    build.commands.extend(commands.iter().map(|command| launched(&command.value)));
    let fixed = [
        ("PATH", format!("{SHIMS}:/opt/venv/bin:{SYSTEM_PATH}")),
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
        build.environment.extend(files.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let scrub = ["**/__pycache__", "**/*.pyc", "**/*.egg-info", "**/node_modules"];
    build.outputs = vec![Output::layer(step::path("app"), LayerKind::Build).without(scrub)];
    build
}
