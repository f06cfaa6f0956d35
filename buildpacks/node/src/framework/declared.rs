//! What platform files declare about the build of a Node application: the declared commands in the place of the
//! script that would build.

use packwright_buildpack::declared;
use packwright_buildpack::planner::{Command, Overridden};
use packwright_buildpack::shell_syntax::split;

use super::recognition::Recognition;
use crate::process;

/// Puts the declared build in the place of the script. A command that only runs a script of the
/// package is that script, with all that is known about it.
pub(super) fn build(case: &mut Recognition<'_>) {
    let model = case.subject.project.context.model;
    let app = case.subject.project.app;
    let Some(build) = &model.build else { return };
    let replaced = case.script.as_deref().filter(|_| !build.detected).and_then(|script| app.script(script));
    let replaced = replaced.map(|line| Overridden { value: line.value.clone(), origin: line.origin.clone() });
    let Some(first) = declared::commands(build).next() else {
        // The file says what is to be done, and beside what the steps install that is nothing.
        case.notes.decisions.extend(declared::decision(model, replaced));
        case.script = None;
        case.build = None;
        case.builds_nothing = true;
        return;
    };
    let detected = case.script.as_deref().filter(|_| build.detected).map(case.subject.run);
    if detected.is_none()
        && let [only] = declared::commands(build).collect::<Vec<_>>().as_slice()
        && let Some(script) = script_of(&only.value.to_string()).filter(|script| app.script(script).is_some())
    {
        case.build = super::recognition::expanded(case.subject, &script, &mut case.notes);
        case.script = Some(script);
        return;
    }
    let all = declared::around(Some(build), detected.into_iter().collect());
    let line = all.iter().map(declared::grouped).collect::<Vec<_>>().join(" && ");
    case.build = process::flat(case.subject).expand_line(&line, &first.origin).ok();
    case.command = Some((Command::Shell(line), first.origin.clone()));
    case.notes.decisions.extend(declared::decision(model, replaced));
}

/// The script that a line runs, when it does nothing else.
fn script_of(line: &str) -> Option<String> {
    let words = split(line)?;
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["npm" | "pnpm" | "yarn" | "bun", "run", script] => Some((*script).to_owned()),
        ["yarn" | "pnpm", script] if !script.starts_with('-') => Some((*script).to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_runs_one_script_is_that_script() {
        assert_eq!(script_of("npm run 'build:prod'").as_deref(), Some("build:prod"));
        assert_eq!(script_of("yarn build").as_deref(), Some("build"));
        assert_eq!(script_of("npm run build -- --mode x"), None);
    }
}
