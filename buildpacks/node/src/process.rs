//! From scripts to processes: the line of the start script, with all scripts that it runs in
//! their places, so that no package manager stands between the image and the program.

mod analysis;
pub(crate) mod entry;
mod env_files;
mod expand;
pub(crate) mod installs;
mod line;
mod listening;
mod manager_call;
pub(crate) mod programs;
mod shell_script;

use packwright_buildpack::listening::Listening;
use packwright_buildpack::planner::{Command, Diagnostic, Origin, Overridden, Process, RelPath};

use crate::application::{AppContext, ImageProgram, Modules};
use crate::messages;

pub(crate) use analysis::{Analysis, analyse};
pub(crate) use entry::package_of;
pub(crate) use expand::{Expansion, ScriptExpander};
pub(crate) use line::{Segment, line, parse};
pub(crate) use manager_call::{Place, place_of};
use programs::Making;
pub(crate) use programs::{Serving, runs_members, serving};

/// A way to start the application.
#[derive(Debug, Clone)]
pub(crate) struct StartCommand {
    /// The command, in `/app`.
    pub(crate) command: Command,
    /// The line that says so.
    pub(crate) origin: Origin,
    /// What the line needs and serves.
    pub(crate) analysis: Analysis,
    /// What it says, in one line.
    pub(crate) text: String,
    /// What else could have been started.
    pub(crate) overridden: Vec<Overridden>,
}

/// Scripts that start an application, the first that is for production wins.
pub(crate) const START: &[&str] =
    &["start", "start:prod", "start:production", "production", "prod", "serve:prod"];

/// Scripts of a project that run when its packages are installed, in this order.
pub(crate) const AT_INSTALLATION: &[&str] =
    &["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];

/// The start script for production, and the one that serves for development only. `build` is
/// what the build runs before.
pub(crate) struct StartScripts {
    /// The script to run.
    pub(crate) start: Option<StartCommand>,
    /// A script that is none for production: a development server, or one of finished files.
    pub(crate) other: Option<StartCommand>,
    /// What is wrong with scripts.
    pub(crate) problems: Vec<Diagnostic>,
}

/// Reads the start scripts.
pub(crate) fn starts(subject: &AppContext<'_>, build: Option<&Expansion>) -> StartScripts {
    let mut found = StartScripts { start: None, other: None, problems: Vec::new() };
    let mut watching = None;
    for name in START {
        match scripts(subject).expand(name) {
            None => {}
            // A script `prod` may be the one that builds.
            Some(Ok(expansion)) if build.is_some_and(|build| build.segments == expansion.segments) => {}
            // A circle that several of the scripts come into is told once.
            Some(Err(problem)) => found.problems = vec![problem],
            Some(Ok(expansion)) => {
                let start = of(subject, expansion, build);
                let slot = match start.analysis.serving {
                    Serving::Program if start.analysis.asks_for_development => &mut watching,
                    Serving::Program => &mut found.start,
                    Serving::Watching => &mut watching,
                    Serving::Development | Serving::Files => &mut found.other,
                };
                slot.get_or_insert(start);
            }
        }
        if found.start.is_some() {
            break;
        }
    }
    found.start = match (found.start, watching) {
        (Some(mut start), Some(other)) => {
            start.overridden.push(Overridden { value: other.text, origin: other.origin });
            Some(start)
        }
        (start, watching) => start.or(watching),
    };
    found
}

/// The scripts of the application.
pub(crate) fn scripts<'a>(subject: &AppContext<'a>) -> ScriptExpander<'a> {
    let packages = subject.project.packages();
    ScriptExpander { manifest: subject.project.app, packages, hooks: subject.hooks, flat: false }
}

/// The same to look at what they call, and not to run it.
pub(crate) fn flat<'a>(subject: &AppContext<'a>) -> ScriptExpander<'a> {
    ScriptExpander { flat: true, ..scripts(subject) }
}

/// A script as a way to start.
fn of(subject: &AppContext<'_>, expansion: Expansion, build: Option<&Expansion>) -> StartCommand {
    let origin = expansion.origin.clone();
    let (mut segments, dropped) = without_build(expansion.segments, build);
    let missing = env_files::made_optional(subject, &mut segments);
    let kept = kept_in_front(&mut segments);
    let mut analysis = analyse(subject, &segments, &origin, build.is_some());
    if let Some(dropped) = dropped {
        analysis.diagnostics.push(messages::build_not_repeated(&dropped, &origin));
    }
    analysis.diagnostics.extend(kept.map(|(was, now)| messages::kept_in_front(&was, &now, &origin)));
    analysis.diagnostics.extend(missing.iter().map(|path| messages::env_file_missing(path, &origin)));
    let text = line(&segments);
    StartCommand { command: command(subject, &segments), origin, analysis, text, overridden: Vec::new() }
}

/// Lets a process manager stay in front where it would go to the background: the image would end with it. Gives the
/// command before and after. Source: PM2's documentation, "Docker Integration"; forever's, "Usage".
fn kept_in_front(segments: &mut [Segment]) -> Option<(String, String)> {
    let last = segments.last_mut()?;
    let before = last.to_string();
    let start = last.split().0.len();
    let texts: Vec<&str> = last.words[start..].iter().map(|word| word.text.as_str()).collect();
    let stays = texts.iter().any(|word| matches!(*word, "--no-daemon" | "--attach"));
    match texts.as_slice() {
        ["pm2", "start", ..] if !stays => {
            let word = &mut last.words[start];
            word.raw = "pm2-runtime".to_owned();
            word.text = word.raw.clone();
        }
        ["forever", "start", ..] => drop(last.words.remove(start + 1)),
        _ => return None,
    }
    Some((before, last.to_string()))
}

/// The segments without the build at their start, when the build step runs exactly that. What only tidies up
/// around it goes as well.
fn without_build(segments: Vec<Segment>, build: Option<&Expansion>) -> (Vec<Segment>, Option<String>) {
    let Some(build) = build else { return (segments, None) };
    let length = build.segments.len();
    let same = |(ours, theirs): (&Segment, &Segment)| ours.words == theirs.words;
    let starts =
        |at: usize| segments[at..].len() > length && segments[at..].iter().zip(&build.segments).all(same);
    let tidies = |segment: &Segment| programs::making(&segment.texts()) == Some(Making::Tidies);
    let before = segments.iter().take_while(|segment| tidies(segment)).count();
    let end = match () {
        _ if length > 0 && starts(0) => length,
        _ if length > 0 && starts(before) => before + length,
        _ => return (segments, None),
    };
    if segments[1..=end].iter().any(|segment| segment.joint != "&&") {
        return (segments, None);
    }
    let mut rest = segments;
    let dropped: Vec<Segment> = rest.drain(..end).collect();
    rest[0].joint = "";
    (rest, Some(line(&dropped)))
}

/// What the start script compiles before it starts something, `prestart` for example: that is the build where
/// there is no other. Source: npm's documentation, "Pre & Post Scripts".
pub(crate) fn compiles_first(subject: &AppContext<'_>) -> Option<Expansion> {
    let name = START.iter().find(|name| subject.project.app.script(name).is_some())?;
    let Expansion { mut segments, origin } = scripts(subject).expand(name)?.ok()?;
    let makes = |segment: &Segment| {
        let is_plain = segment.opens == 0 && segment.closes == 0 && !segment.background;
        is_plain && matches!(segment.joint, "" | "&&") && programs::making(&segment.texts()).is_some()
    };
    let length = segments.iter().take_while(|segment| makes(segment)).count();
    if segments.get(length).is_none_or(|next| next.joint != "&&") {
        return None;
    }
    segments.truncate(length);
    segments.iter().any(|segment| compiles(&segment.texts())).then_some(Expansion { segments, origin })
}

/// Whether a command of these words makes files of the source.
pub(crate) fn compiles(words: &[&str]) -> bool {
    programs::making(words) == Some(Making::Compiles)
}

/// The command that runs the segments in the application's directory.
pub(crate) fn command(subject: &AppContext<'_>, segments: &[Segment]) -> Command {
    let text = line(segments);
    match (subject.project.dir(), segments) {
        (None, [only]) if only.needs_no_shell() => {
            Command::Exec(only.words.iter().map(|word| word.text.clone()).collect())
        }
        (None, _) => Command::Shell(text),
        (Some(dir), _) => {
            Command::Shell(format!("{} && {text}", Command::Exec(vec!["cd".to_owned(), dir.to_string()])))
        }
    }
}

/// The command of a line for the shell in the application's directory.
pub(crate) fn shell(subject: &AppContext<'_>, line: &str) -> Command {
    match subject.project.dir() {
        None => Command::shell(line),
        Some(dir) => {
            Command::Shell(format!("{} && {line}", Command::Exec(vec!["cd".to_owned(), dir.to_string()])))
        }
    }
}

/// The command of these words in the application's directory.
pub(crate) fn words_command(subject: &AppContext<'_>, words: &[String]) -> Command {
    let command = Command::Exec(words.to_vec());
    match subject.project.dir() {
        None => command,
        Some(dir) => {
            Command::Shell(format!("{} && {command}", Command::Exec(vec!["cd".to_owned(), dir.to_string()])))
        }
    }
}

/// The command with its own options for Node added to those of the image, which they would hide.
pub(crate) fn with_options(command: Command) -> Command {
    match command {
        Command::Shell(line) => {
            Command::Shell(line.replace("NODE_OPTIONS=", "NODE_OPTIONS=\"$NODE_OPTIONS \""))
        }
        exec => exec,
    }
}

/// A program without a start script.
pub(crate) fn from_entry(subject: &AppContext<'_>, built: bool) -> Result<StartCommand, Diagnostic> {
    let found = entry::find(subject, built)?;
    let text = found.words.join(" ");
    let segments = parse(&text).unwrap_or_default();
    let mut analysis = analyse(subject, &segments, &found.origin, built);
    // The analysis on a typed file is the entry's own, with its own words.
    analysis.diagnostics.retain(|told| told.code != "node/types-not-stripped");
    analysis.diagnostics.extend(found.problem);
    analysis.files = vec![found.file.clone()];
    analysis.file = Some(found.file);
    analysis.programs.push(found.program);
    analysis.programs.dedup();
    Ok(StartCommand {
        command: words_command(subject, &found.words),
        origin: found.origin,
        analysis,
        text,
        overridden: found.overridden,
    })
}

/// The process of a start: `web` when the program answers HTTP, `worker` otherwise, so that
/// nothing sends HTTP to a program that never listens; and where it listens.
pub(crate) fn process(
    subject: &AppContext<'_>,
    files: &entry::ReachedFiles<'_>,
    start: &StartCommand,
    is_web: bool,
) -> (Process, Listening) {
    let named = &start.analysis.files;
    // A framework's own program knows where to listen.
    let starts = if is_web && named.is_empty() { Vec::new() } else { entry::sources(subject, named) };
    let mut listening = listening::listening(subject, files, starts);
    listening.evidence = match is_web {
        true => Some(start.origin.clone()),
        false => listening.evidence.or_else(|| entry::framework(subject).map(|(_, origin)| origin)),
    };
    let process = listening.process(start.command.clone(), start.origin.clone());
    (process, listening)
}

/// What declared processes need in the image.
pub(crate) struct DeclaredNeeds {
    /// Which installed packages.
    pub(crate) modules: Modules,
    /// Which programs besides.
    pub(crate) programs: Vec<ImageProgram>,
    /// Directories of other packages in which they run programs.
    pub(crate) dirs: Vec<RelPath>,
}

/// What the processes that platform files declare need in the image.
pub(crate) fn declared(subject: &AppContext<'_>) -> DeclaredNeeds {
    let mut modules = Modules::Production;
    let mut programs = Vec::new();
    let mut dirs = Vec::new();
    for (_, command, origin) in subject.project.context.model.commands() {
        let text = command.to_string();
        let Ok(expansion) = scripts(subject).expand_line(&text, origin) else { continue };
        let analysis = analyse(subject, &expansion.segments, origin, true);
        if analysis.modules == Modules::All {
            modules = Modules::All;
        }
        programs.extend(analysis.programs);
        dirs.extend(analysis.dirs);
        // The command stands as it is written: what it calls by name must be there.
        let direct = parse(&text).unwrap_or_default();
        programs.extend(analyse(subject, &direct, origin, true).programs);
    }
    programs.sort();
    programs.dedup();
    DeclaredNeeds { modules, programs, dirs }
}
