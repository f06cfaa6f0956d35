//! Secrets in files. Each is reported, and its file stays out of the image, because everyone who has the image
//! can read it. A platform's file stays out of every step too; a script of the build may be what a step runs.

use std::collections::BTreeSet;

use crate::{Diagnostic, Exposed, FileWeight, Input, Origin, Plan, RelPath, Selection};

/// Leaves the files with `exposed` secrets out of a plan whose application is in `root`.
pub(super) fn keep_out(plan: &mut Plan, exposed: &[Exposed], root: Option<&RelPath>) {
    plan.diagnostics.extend(exposed.iter().map(exposed_secret));
    let mut known = BTreeSet::new();
    let paths = exposed.iter().filter_map(|secret| inside(&secret.origin, root));
    for path in paths.filter(|path| known.insert(path.clone())) {
        let pattern = Selection::literal(&path);
        let of_steps =
            plan.steps.iter_mut().flat_map(|step| &mut step.inputs).filter_map(|input| match input {
                Input::Source(selection) => Some(selection),
                Input::Step(_) => None,
            });
        for selection in of_steps.chain([&mut plan.source]) {
            selection.exclude.push(pattern.clone());
        }
    }
}

/// Leaves the `scripts` of the build that have secrets out of the image of a plan, but for those that
/// a process names.
pub(super) fn keep_scripts_out(plan: &mut Plan, scripts: &[Exposed], root: Option<&RelPath>) {
    let mut known = BTreeSet::new();
    for (script, path) in scripts.iter().filter_map(|script| Some((script, inside(&script.origin, root)?))) {
        if !known.insert(path.clone()) {
            continue;
        }
        let stays = plan.processes.iter().any(|process| names(&process.command.to_string(), &path));
        plan.diagnostics.push(told_of_script(script, stays));
        if !stays {
            plan.source.exclude.push(Selection::literal(&path));
        }
    }
}

/// Whether a command names the file at `path`, and not just one whose name ends in the same way.
fn names(command: &str, path: &str) -> bool {
    let goes_on = |character: char| character.is_alphanumeric() || "-_.".contains(character);
    command.match_indices(path).any(|(at, _)| {
        let before = command[..at]
            .strip_suffix("./")
            .or(command[..at].strip_suffix("/app/"))
            .unwrap_or(&command[..at]);
        !before.ends_with(|last| goes_on(last) || last == '/')
            && !command[at + path.len()..].starts_with(goes_on)
    })
}

/// The path of a file from the directory of the application, if it is in there.
fn inside(origin: &Origin, root: Option<&RelPath>) -> Option<String> {
    let Origin::File { path, .. } = origin else { return None };
    match root {
        None => Some(path.to_string()),
        Some(root) => path.as_str().strip_prefix(root.as_str())?.strip_prefix('/').map(str::to_owned),
    }
}

fn exposed_secret(secret: &Exposed) -> Diagnostic {
    let Exposed { name, origin, weight } = secret;
    let message = format!("{origin} has a value for {name} that looks like a secret");
    let diagnostic = match weight {
        FileWeight::Decides => Diagnostic::warning("plan/secret-in-file", message),
        FileWeight::Hints => Diagnostic::info("plan/secret-in-file", message),
    };
    diagnostic
        .why("what is in an image, or in a repository, is known to everybody who can read it; the value and its file are kept out of the image and of the build")
        .fix("take it out of the file, change it where it is used, and set it where the image runs")
        .at(origin.clone())
}

fn told_of_script(Exposed { name, origin, .. }: &Exposed, stays: bool) -> Diagnostic {
    let why = match stays {
        true => "a process starts with the script, which is in the image, where everybody can read it",
        false => {
            "everybody who has the repository can read it; the script is kept out of the image, and no command of the plan has the secret"
        }
    };
    Diagnostic::warning("plan/secret-in-script", format!("{origin} has what looks like a secret: {name}"))
        .why(why)
        .fix("take it out of the script, change it where it is used, and give it with `--secret` or set it where the image runs")
        .at(origin.clone())
}
