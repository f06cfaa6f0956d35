//! Secrets that stand in files: each is said, and its file stays out of the image and of every
//! step, since whoever has the image can read what is in it.

use crate::{Diagnostic, Exposed, Input, Origin, Plan, RelPath, Selection, Weight};

/// Leaves the files with `exposed` secrets out of a plan whose application is in `root`.
pub(super) fn keep_out(plan: &mut Plan, exposed: &[Exposed], root: Option<&RelPath>) {
    plan.diagnostics.extend(exposed.iter().map(told));
    for path in exposed.iter().filter_map(|secret| inside(&secret.origin, root)) {
        let pattern = Selection::literal(&path);
        let of_steps =
            plan.steps.iter_mut().flat_map(|step| &mut step.inputs).filter_map(|input| match input {
                Input::Source(selection) => Some(selection),
                Input::Step(_) => None,
            });
        for selection in of_steps.chain([&mut plan.source]) {
            if !selection.exclude.contains(&pattern) {
                selection.exclude.push(pattern.clone());
            }
        }
    }
}

/// The path of a file from the directory of the application, if it is in there.
fn inside(origin: &Origin, root: Option<&RelPath>) -> Option<String> {
    let Origin::File { path, .. } = origin else { return None };
    match root {
        None => Some(path.to_string()),
        Some(root) => path.as_str().strip_prefix(root.as_str())?.strip_prefix('/').map(str::to_owned),
    }
}

fn told(secret: &Exposed) -> Diagnostic {
    let Exposed { name, origin, weight } = secret;
    let message = format!("{origin} has a value for {name} that looks like a secret");
    let diagnostic = match weight {
        Weight::Decides => Diagnostic::warning("plan/secret-in-file", message),
        Weight::Hints => Diagnostic::info("plan/secret-in-file", message),
    };
    diagnostic
        .why("what is in an image, or in a repository, is known to everybody who can read it; the value and its file are kept out of the image and of the build")
        .fix("take it out of the file, change it where it is used, and set it where the image runs")
        .at(origin.clone())
}
