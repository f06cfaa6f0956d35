//! Declared commands that begin with `cd DIR`: the application is then the one in that directory, and
//! what the top of the source declares is told from there. Looks at no file.

use packwright_shell_syntax::{Dialect, Joint, parse};

use super::base;
use super::directories::LocatedApplication;
use super::languages::{Candidate, PlanInputs, strongest};
use super::line;
use super::location::Location;
use crate::{
    AppModel, Buildpack, Claim, Command, CommandKind, Component, Decision, DeclaredProcess, Diagnostic,
    Origin, Overridden, PlanError, RelPath, Requested, Subtree, Task, find,
};

/// The application below the top that the declared processes start: the one in the directory to which all of
/// them go. `top` is what is declared there, `answers` what the languages say of it, `below` finds the
/// directories that hold an application. `None` where the processes start what is at the top.
///
/// Errors: the build needs the top; there is nothing at the top, and the processes start a program that only
/// an application below would bring.
pub(super) fn location<'a>(
    top: &PlanInputs<'a, '_>,
    answers: &[Candidate<'a>],
    below: &dyn Fn() -> Vec<LocatedApplication>,
) -> Result<Option<Location<'a>>, PlanError> {
    let PlanInputs { tree, buildpacks, model, options } = *top;
    let best = strongest(answers).filter(|best| best.is_application());
    // A language that knows a declared process at the top runs it there.
    if best.is_some_and(|best| best.claim.value == Claim::Server) {
        return Ok(None);
    }
    if let Some(dir) = directory(model) {
        let inner = Subtree::new(tree, dir.value.clone());
        let seen = seen_from(model.clone(), &dir, buildpacks);
        let component = seen.as_ref().map_or(model, |component| component);
        let there = PlanInputs { tree: &inner, buildpacks, model: component, options }.candidates();
        if strongest(&there).is_some_and(Candidate::is_application) {
            let overridden = best.map(|best| {
                let value =
                    format!("the top ({} {})", best.buildpack.language().name, best.claim.value.meaning());
                Overridden { value, origin: best.claim.origin.clone() }
            });
            let decision = Decision {
                subject: "directory".to_owned(),
                value: dir.value.to_string(),
                origin: dir.origin.clone(),
                overridden: overridden.into_iter().collect(),
            };
            let place = Location::below(dir.value.clone(), options, None, Some(decision));
            return Ok(Some(Location { declared: Some(seen?), ..place }));
        }
    }
    if best.is_some() || !answers.is_empty() {
        return Ok(None);
    }
    let Some((program, origin)) = unknown_program(top) else { return Ok(None) };
    let found: Vec<LocatedApplication> = below().into_iter().filter(|found| found.is_supported).collect();
    match found.first() {
        None => Ok(None),
        Some(first) => Err(nothing_at_the_top(&program, &origin, first, &found).into()),
    }
}

/// `place`, which the caller names, with what the top declares for `root`, where the commands go to it and no
/// file in it says otherwise.
pub(super) fn with_declared<'a>(
    place: Location<'a>,
    root: &RelPath,
    model: &AppModel,
    buildpacks: &[&dyn Buildpack],
) -> Location<'a> {
    let own = model.component(Some(root));
    let top = model.component(None);
    let dir = directory(&top).filter(|dir| dir.value == *root && own.processes.is_empty());
    let declared = dir.and_then(|dir| seen_from(top, &dir, buildpacks).ok());
    Location { declared, ..place }
}

/// What the top declares for a directory, with what the files of the directory itself ask for besides.
pub(super) fn joined(mut declared: Component, own: Component) -> Component {
    declared.versions.extend(own.versions);
    declared.packages.extend(own.packages);
    let is_new = |name: &str| declared.environment.iter().all(|known| known.name != name);
    let more: Vec<_> = own.environment.into_iter().filter(|one| is_new(&one.name)).collect();
    declared.environment.extend(more);
    declared
}

/// The first program of a declared process that neither the image nor the source has.
fn unknown_program(top: &PlanInputs<'_, '_>) -> Option<(String, Origin)> {
    let of = |process: &DeclaredProcess| {
        let programs = process.command.as_ref()?.programs();
        let is_there =
            |name: &str| name.contains('/') || base::has_program(name) || find(top.tree, name).is_some();
        let program = programs.into_iter().find(|name| !is_there(name))?;
        Some((program, process.origin.clone()))
    };
    top.model.processes.iter().filter(|_| top.model.packages.is_empty()).find_map(of)
}

fn nothing_at_the_top(
    program: &str,
    origin: &Origin,
    first: &LocatedApplication,
    found: &[LocatedApplication],
) -> Diagnostic {
    let labels: Vec<String> = found.iter().map(LocatedApplication::label).collect();
    Diagnostic::error(
        "plan/application-below",
        format!("{origin} starts `{program}`, and no language is recognised at the top of the source"),
    )
    .why(format!("nothing there would install `{program}`; below there is {}", labels.join("; ")))
    .fix(format!("choose with `--root {}`, or begin the command with `cd {} && `", first.dir, first.dir))
    .at(origin.clone())
}

/// The directory that every declared process goes to before it starts anything; `None` where one of them
/// stays, or two go to different directories.
fn directory(component: &Component) -> Option<Requested<RelPath>> {
    let mut found: Option<Requested<RelPath>> = None;
    for DeclaredProcess { command, origin, .. } in &component.processes {
        let Some(command) = command else { continue };
        let (dir, _) = entering(command)?;
        match &found {
            Some(known) if known.value != dir => return None,
            Some(_) => {}
            None => found = Some(Requested { value: dir, origin: origin.clone() }),
        }
    }
    found
}

/// What the top declares, as seen from `dir`: commands that install what files below `dir` list name them from
/// there.
///
/// Errors: a command of the build that needs the top of the source.
fn seen_from(
    mut component: Component,
    dir: &Requested<RelPath>,
    buildpacks: &[&dyn Buildpack],
) -> Result<Component, PlanError> {
    let installs =
        |words: &[String]| buildpacks.iter().any(|pack| pack.classify(words) == Some(CommandKind::Installs));
    for process in &mut component.processes {
        if let Some(command) = &mut process.command {
            *command = entering(command).map_or_else(|| command.clone(), |(_, inner)| inner);
        }
    }
    for task in component.phases.iter_mut().flat_map(|phase| &mut phase.tasks) {
        let Task::Run(command) = task else { continue };
        command.value = match entering(&command.value) {
            Some((entered, inner)) if entered == dir.value => inner,
            _ => installing(command, &dir.value, &installs).ok_or_else(|| needs_the_top(command, dir))?,
        };
    }
    component.root = Some(dir.clone());
    Ok(component)
}

/// The directory that a command goes to first, and the rest of it; `None` where it does not, or comes back.
fn entering(command: &Command) -> Option<(RelPath, Command)> {
    let text = command.script();
    let script = parse(&text, Dialect::Bash);
    let [first, second, ..] = script.list.as_slice() else { return None };
    let simple = first.simple().filter(|simple| simple.assignments.is_empty())?;
    let [cd, target] = simple.words.as_slice() else { return None };
    let is_joined = matches!(second.joint, Joint::And | Joint::Semicolon | Joint::Newline);
    if cd.literal().as_deref() != Some("cd") || !is_joined || script.rest.is_some() {
        return None;
    }
    let target = target.literal()?;
    let dir: RelPath = target.trim_start_matches("./").trim_end_matches('/').parse().ok()?;
    let rest = &text[second.pipeline.start..];
    // Whoever leaves the directory again needs more than what is in it.
    let leaves = |word: &str| word == ".." || word.contains("../") || word == "-" || word.contains("$OLDPWD");
    let moves = |words: &Vec<String>| matches!(words[0].as_str(), "cd" | "pushd" | "popd");
    let inner = match command.opened() {
        Some(opened) => Command::Exec(vec![opened.shell, opened.options, rest.to_owned()]),
        None => Command::shell(rest),
    };
    let commands = inner.simple_commands();
    let goes_on = commands.iter().any(|words| moves(words) || words.iter().any(|word| leaves(word)));
    (!goes_on).then_some((dir, inner))
}

/// A command at the top that does nothing but install what files below `dir` list, as it is written from
/// there.
fn installing(
    command: &Requested<Command>,
    dir: &RelPath,
    installs: &dyn Fn(&[String]) -> bool,
) -> Option<Command> {
    let read = line::read(command);
    let mut parts = read.parts().peekable();
    parts.peek()?;
    let mut inner = Vec::new();
    for part in parts {
        let [words] = part.commands.as_slice() else { return None };
        let below =
            |word: &String| word.trim_start_matches("./").strip_prefix(dir.as_str()).map(str::to_owned);
        let names_it = words.iter().any(|word| below(word).is_some_and(|rest| rest.starts_with('/')));
        // A command without a file of its own, such as `pip install --upgrade pip`, is the same anywhere.
        if !installs(words) || !(names_it || words.iter().all(|word| !word.contains('/'))) {
            return None;
        }
        let word = |word: &String| match below(word) {
            Some(rest) if rest.starts_with('/') => rest.trim_start_matches('/').to_owned(),
            _ => word.clone(),
        };
        inner.push(Command::Exec(words.iter().map(word).collect()).to_string());
    }
    Some(Command::shell(inner.join(" && ")))
}

fn needs_the_top(command: &Requested<Command>, dir: &Requested<RelPath>) -> PlanError {
    let Requested { value, origin } = dir;
    Diagnostic::error(
        "plan/application-below",
        format!("{origin} starts an application in `{value}`, and {} builds it at the top", command.origin),
    )
    .why(format!("`{}` does not go to `{value}`, and at the top there is no application", command.value))
    .fix(format!("begin the command with `cd {value} && `, or choose the directory with `--root {value}`"))
    .at(command.origin.clone())
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_enter_a_directory() {
        for (line, expected) in [
            ("cd backend && uvicorn app:app", Some("backend: uvicorn app:app")),
            ("cd ./apps/api/; exec node server.js", Some("apps/api: exec node server.js")),
            ("bash -c 'cd backend && uvicorn app:app'", Some("backend: bash -c 'uvicorn app:app'")),
            ("cd \"web\"\nA=1 ./run | tee log", Some("web: A=1 ./run | tee log")),
            ("cd backend || exit 1; uvicorn app:app", None),
            ("cd backend && cd app && uvicorn app:app", None),
            ("cd backend && uvicorn --env-file ../.env app:app", None),
            ("cd $DIR && uvicorn app:app", None),
            ("cd /srv && ./run", None),
            ("cd .. && ./run", None),
            ("cd backend", None),
            ("uvicorn app:app", None),
        ] {
            let found = entering(&Command::shell(line)).map(|(dir, inner)| format!("{dir}: {inner}"));
            assert_eq!(found.as_deref(), expected, "{line}");
        }
    }
}
