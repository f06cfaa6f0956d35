//! The hooks: `build` is the build, `deploy` and `post_deploy` run once for a release.

use packwright_planner::{
    BuildWork, Command, Diagnostic, FileWeight, Moment, Origin, Phase, ProcessKind, Requested, Task,
};
use packwright_shell_syntax::{Dialect, List, Simple, parse};

use crate::platformsh::reader::{ApplicationReader, is_something};
use crate::table::Table;

/// Reads `hooks` and `build`.
pub(super) fn hooks(app: &mut ApplicationReader<'_>, table: &Table<'_>) {
    let flavor = table.table("build").and_then(|build| {
        build.leave(&["caches"]);
        build.text("flavor")
    });
    let Some(hooks) = table.table("hooks") else { return };
    if let Some(script) = script(app, &hooks, "build") {
        keeps_going(app, &script);
        let run = Requested { value: shell(&script), origin: script.origin };
        let node = app.component.language.as_ref().is_some_and(|language| language.value == "node");
        let none = flavor.is_some_and(|flavor| flavor.value == "none");
        app.component.phases = match node && !none {
            // The default flavor of Node has installed the packages before the hook runs.
            true => vec![
                Phase { name: "default".to_owned(), work: BuildWork::Install, tasks: vec![Task::Detected] },
                Phase::of("build", BuildWork::Build, vec![run]),
            ],
            false => vec![Phase::of("build", BuildWork::All, vec![run])],
        };
    }
    let deploy = script(app, &hooks, "deploy");
    let after = script(app, &hooks, "post_deploy");
    let mut name = "release";
    for (script, moment) in [(deploy, Moment::BeforeTrafficAnyway), (after, Moment::AfterTraffic)] {
        let Some(script) = script else { continue };
        let process = app.add(name, ProcessKind::Release(moment), script.origin.clone());
        process.command = Some(shell(&script));
        name = "post-deploy";
    }
}

/// The text of a hook, or of the file that it takes in: `!include {type: string, path: build.sh}`.
fn script(app: &ApplicationReader<'_>, hooks: &Table<'_>, key: &str) -> Option<Requested<String>> {
    let value = hooks.value(key)?;
    let Some(path) = value.text_of("path") else { return hooks.text(key).filter(is_something) };
    let name = match app.component.dir() {
        None => path.to_owned(),
        Some(dir) => format!("{dir}/{path}"),
    };
    match app.view.read(app.dialect.name(), FileWeight::Decides, &name) {
        Some(Ok(seen)) => Some(Requested { value: seen.text, origin: Origin::line(&seen.path, 1) }),
        Some(Err(refused)) => {
            refused.diagnostics.into_iter().for_each(|told| app.document.say(told));
            None
        }
        None => {
            let message = format!("there is no file `{path}` for the hook `{key}`");
            app.document.refuse(value.line, &message, "write a path from the application's directory");
            None
        }
    }
}

/// The script as a line for the shell, all its lines kept.
pub(super) fn shell(script: &Requested<String>) -> Command {
    Command::shell(script.value.trim_end())
}

/// Says when a build goes on though one of its commands fails.
fn keeps_going(app: &ApplicationReader<'_>, script: &Requested<String>) {
    let read = parse(&script.value, Dialect::Bash);
    let goes_on = |list: &&List| list.iter().filter(|item| !item.joint.is_conditional()).count() > 1;
    if !read.lists().iter().any(goes_on) || read.commands().into_iter().any(ends_early) {
        return;
    }
    app.document.say(
        Diagnostic::warning(
            &app.code("keeps-going"),
            format!("{}: the build hook goes on when one of its commands fails", script.origin),
        )
        .why("it is one script without `set -e`, so that only its last command decides")
        .fix("write `set -e` in its first line")
        .at(script.origin.clone()),
    );
}

/// Whether a command makes its script end where one fails.
fn ends_early(command: &Simple) -> bool {
    let words = command.unquoted();
    let short = |word: &String| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
    words.first().is_some_and(|word| word == "set")
        && words.iter().any(|word| short(word) || word == "errexit")
}
