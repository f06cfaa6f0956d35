//! What a start adds to an application: its process, what it needs, and whether and where it
//! listens.

use packwright_buildpack::listening::{Listening, PORT};
use packwright_buildpack::planner::{Claim, Decision, Origin, Overridden, Process, Requested, Setting};

use crate::application::{Application, Modules};
use crate::framework::recognition::{Recognition, started};
use crate::framework::{build, speaks};
use crate::messages;
use crate::process::entry::ReachedFiles;
use crate::process::{self, StartCommand};

/// Lets every process of Node load the keys that the build of Next does not ship.
pub(super) fn keys(case: &Recognition<'_>, application: &mut Application) {
    if !case.needs_keys || case.row.is_none_or(|row| row.id != "next") {
        return;
    }
    let origin = Origin::Default(
        "the keys of server actions and draft mode are made at start, or taken from NEXT_SERVER_ACTIONS_ENCRYPTION_KEY".to_owned(),
    );
    let setting = Setting { value: format!("--require=/{}", build::KEYS_FILE), origin };
    application.environment.insert("NODE_OPTIONS".to_owned(), setting);
    if let Some(options) = case.subject.project.context.options.environment.get("NODE_OPTIONS") {
        application.diagnostics.push(messages::keys_not_loaded(options, build::KEYS_FILE));
    }
}

/// Adds the process of a start that the project names.
pub(super) fn begin(
    case: &Recognition<'_>,
    application: &mut Application,
    mut start: StartCommand,
    loser: Option<Overridden>,
    is_web: bool,
) {
    start.overridden.extend(loser.filter(|loser| loser.value != start.text));
    if case.needs_keys {
        start.command = process::with_options(start.command);
    }
    application.decisions.push(started(&start, &start.text, &start.origin, None));
    take(application, &start);
    let files = ReachedFiles::of(case.subject);
    if application.modules == Modules::Production
        && let Some((package, origin)) = files.development(&start.analysis.files)
    {
        application.modules = Modules::All;
        application.diagnostics.push(messages::development_loaded(&package, &origin));
    }
    let (mut process, mut listening) = process::process(case.subject, &files, &start, is_web);
    if listening.evidence.is_none()
        && let Some(member) = web_member(case, &start)
    {
        process = Process::web(process.command, process.origin);
        listening.evidence = Some(member);
    }
    if listening.evidence.is_some() {
        listens(case, application, &listening);
    }
    if case.row.is_none() {
        let found = process::entry::framework(case.subject);
        let (value, origin) = match found {
            Some((name, origin)) => (name.to_owned(), origin),
            None => ("none".to_owned(), Origin::Default("no framework among the dependencies".to_owned())),
        };
        let subject = "node framework";
        application.framework = Requested { value: value.clone(), origin: origin.clone() };
        application.decisions.insert(0, Decision::new(subject, value, origin));
    }
    match listening.evidence {
        Some(evidence) if is_web => application.claim = Claim::Server.by(evidence),
        Some(evidence) => {
            application.claim = Claim::Server.by(evidence.clone());
            let origin = evidence;
            let value = "web".to_owned();
            application.decisions.push(Decision::new("kind of process", value, origin));
        }
        None => {
            application.claim = Claim::Program.by(start.origin.clone());
            let origin = Origin::Detected("nothing in it answers HTTP or reads PORT".to_owned());
            let value = "worker".to_owned();
            application.decisions.push(Decision::new("kind of process", value, origin));
        }
    }
    application.processes.push(process);
}

/// The member of the workspace that answers HTTP, where the root starts scripts of several at once.
fn web_member(case: &Recognition<'_>, start: &StartCommand) -> Option<Origin> {
    let project = case.subject.project;
    let workspace = project.workspace.filter(|_| project.dir().is_none())?;
    // A file that it starts says itself whether it listens.
    if !start.analysis.files.is_empty() || !process::runs_members(&start.analysis.program) {
        return None;
    }
    let claims = workspace
        .members
        .iter()
        .filter_map(|member| speaks(project.context.tree, member, workspace.needs(member)));
    claims.into_iter().find(|claim| claim.value == Claim::Server).map(|claim| claim.origin)
}

/// Says what keeps requests from arriving. A port that is written in the source alone becomes
/// the image's `PORT`, so that requests find the program.
fn listens(case: &Recognition<'_>, application: &mut Application, listening: &Listening) {
    application
        .diagnostics
        .extend(listening.diagnostics("node", |port| format!("process.env.PORT ?? {port}")));
    let fixed = listening.port.as_ref().filter(|_| !listening.reads_port);
    if let Some(Requested { value, origin }) = fixed
        && case.subject.project.context.model.processes.is_empty()
    {
        let setting = Setting { value: value.to_string(), origin: origin.clone() };
        application.environment.insert(PORT.to_owned(), setting);
    }
}

/// Takes over what a start needs and says.
pub(super) fn take(application: &mut Application, start: &StartCommand) {
    application.modules = start.analysis.modules;
    application.programs.extend(start.analysis.programs.iter().copied());
    application.dirs.extend(start.analysis.dirs.iter().cloned());
    application.diagnostics.extend(start.analysis.diagnostics.iter().cloned());
}
