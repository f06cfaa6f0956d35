//! Finds the application in the tree: the whole tree, the directory that the caller names, the one to which
//! declared commands go, or the only directory that holds an application.

use super::directories::{LocatedApplication, candidates};
use super::entered;
use super::languages::{Candidate, PlanInputs, strongest};
use super::location::Location;
use super::start_option::with_start;
use crate::{
    AppModel, Buildpack, Claim, Component, Decision, Diagnostic, Language, Origin, PlanError, PlanOptions,
    RelPath, Requested, Role, Severity, SourceTree, Target,
};

/// Finds the application's directory.
///
/// Errors: the directory the caller names is not there; several directories hold an application
/// and the caller names none, or another one.
pub(super) fn locate<'a>(
    tree: &dyn SourceTree,
    buildpacks: &[&'a dyn Buildpack],
    model: &AppModel,
    options: &PlanOptions,
) -> Result<Location<'a>, PlanError> {
    if let Some(root) = &options.root {
        if !tree.files().iter().any(|file| file.path.is_within(root) && file.path != *root) {
            return Err(Diagnostic::error("plan/no-root", format!("there is no directory `{root}`"))
                .why("`--root` names it; a directory whose files are all ignored counts as none")
                .fix("name a directory of the source, relative to its top")
                .into());
        }
        return Ok(entered::with_declared(
            Location::below(root.clone(), options, options.app.clone(), None),
            root,
            model,
            buildpacks,
        ));
    }
    if let Some(app) = &options.app {
        return named(tree, buildpacks, model, options, app);
    }
    // How the caller starts an application says nothing about where it is.
    let said = model.said_by_files(None);
    if !speaks_of_an_application(&said)
        && let Some(place) = declared(model, options)?
    {
        return Ok(place);
    }
    let component = with_start(model.component(None), options);
    let answers = PlanInputs { tree, buildpacks, model: &component, options }.candidates();
    let here = |answers| Location::top(options.clone(), Some(answers));
    // Files of tools at the top are no application, and those of a language that is not built may be
    // beside one: there may be an application below.
    let has_process =
        |component: &Component| component.processes.iter().any(|process| process.command.is_some());
    let inputs = PlanInputs { tree, buildpacks, model: &component, options };
    if has_process(&said) {
        let below = || candidates(tree, buildpacks, model, options);
        let place = entered::location(&inputs, &answers, &below)?;
        return Ok(place.unwrap_or_else(|| here(answers)));
    }
    if strongest(&answers).is_some_and(|best| best.is_application()) {
        return Ok(here(answers));
    }
    let targets = targets(tree, buildpacks);
    if let [first, ..] = targets.as_slice() {
        if has_process(&component) {
            return Ok(here(answers));
        }
        // A member's directory alone lacks what the workspace shares, its lock for one.
        let labels: Vec<String> = targets.iter().map(Target::label).collect();
        return Err(Diagnostic::error(
            "plan/several-applications",
            format!("the workspace has {} members and no application at its top", targets.len()),
        )
        .why(labels.join("; "))
        .fix(format!("choose with `--app {}`", first.name))
        .into());
    }
    let candidates = candidates(tree, buildpacks, model, options);
    let is_supported = candidates.iter().any(|found| found.is_supported);
    let best = |claim: fn(Claim) -> bool| -> Vec<&LocatedApplication> {
        let of_rank = candidates.iter().filter(|found| found.is_supported == is_supported);
        of_rank.filter(|found| claim(found.claim.value)).collect()
    };
    let mut found = best(|claim| claim > Claim::Files);
    if found.is_empty() {
        found = best(|claim| claim == Claim::Files);
    }
    let remarks = at_the_top(&inputs, &answers, &found)?;
    match found.as_slice() {
        [] => Ok(here(answers)),
        [only] => {
            let overridden =
                candidates.iter().filter(|other| other.dir != only.dir).map(LocatedApplication::overridden);
            let decision = Decision {
                subject: "directory".to_owned(),
                value: only.dir.to_string(),
                origin: Origin::Detected(format!(
                    "the only directory with an application, {} {}",
                    only.buildpack,
                    only.claim.value.meaning()
                )),
                overridden: overridden.collect(),
            };
            Ok(Location { remarks, ..Location::below(only.dir.clone(), options, None, Some(decision)) })
        }
        several => Err(Diagnostic::error(
            "plan/several-applications",
            format!("there are {} applications and none at the top", several.len()),
        )
        .why(several.iter().map(|found| found.label()).collect::<Vec<_>>().join("; "))
        .fix(format!("choose with `--root {}`", several[0].dir))
        .into()),
    }
}

/// What is wrong with the files at the top, whose languages claim no application there. It is an error where
/// an application in `found` is of the same language: what the top lists is likely what that one needs.
fn at_the_top(
    top: &PlanInputs<'_, '_>,
    answers: &[Candidate<'_>],
    found: &[&LocatedApplication],
) -> Result<Vec<Diagnostic>, PlanError> {
    let mut remarks = Vec::new();
    for Candidate { buildpack, .. } in answers.iter().filter(|_| !found.is_empty()) {
        let Language { name, is_supported, .. } = *buildpack.language();
        let Err(error) = top.ask(*buildpack, Role::Owner, &[]) else { continue };
        match found.iter().any(|one| one.buildpack == name) {
            true => return Err(error),
            false if !is_supported => {}
            false => remarks.extend(error.problems().into_iter().map(|problem| match problem.severity {
                Severity::Error => Diagnostic { severity: Severity::Warning, ..problem },
                _ => problem,
            })),
        }
    }
    Ok(remarks)
}

/// The directory that the platform files name, when they say nothing about the top.
fn declared<'a>(model: &AppModel, options: &PlanOptions) -> Result<Option<Location<'a>>, PlanError> {
    let named: Vec<(&Component, &Requested<RelPath>)> = from_outside(model).collect();
    match named.as_slice() {
        [] => Ok(None),
        [(_, root)] => Ok(Some(Location::below(root.value.clone(), options, None, Some(chosen(root))))),
        [(first, root), ..] => {
            let label = |(component, root): &(&Component, &Requested<RelPath>)| match &component.name {
                Some(name) => format!("{} in `{}` ({})", name.value, root.value, root.origin),
                None => format!("`{}` ({})", root.value, root.origin),
            };
            let name = first.name.as_ref().map_or(root.value.as_str(), |name| &name.value);
            Err(Diagnostic::error(
                "plan/several-applications",
                format!("the platform files declare {} applications and none at the top", named.len()),
            )
            .why(named.iter().map(label).collect::<Vec<_>>().join("; "))
            .fix(format!("choose with `--app {name}`"))
            .into())
        }
    }
}

/// Whether a file that decides says how an application is built or run here.
fn speaks_of_an_application(component: &Component) -> bool {
    !component.processes.is_empty()
        || !component.phases.is_empty()
        || component.language.is_some()
        || component.publish.is_some()
}

/// The components whose directory is named by a file outside of it that decides.
fn from_outside(model: &AppModel) -> impl Iterator<Item = (&Component, &Requested<RelPath>)> {
    let decides = |component: &&Component| component.name.is_some() || speaks_of_an_application(component);
    let decided = model.components.iter().filter(decides);
    decided.filter_map(|component| {
        let root = component.root.as_ref()?;
        let outside = match &root.origin {
            Origin::File { path, .. } => !path.is_within(&root.value),
            _ => true,
        };
        outside.then_some((component, root))
    })
}

/// A word about applications that the platform files declare in other directories than `root`.
pub(super) fn others(model: &AppModel, root: Option<&RelPath>) -> Option<Diagnostic> {
    let others: Vec<(&Component, &Requested<RelPath>)> =
        from_outside(model).filter(|(_, dir)| Some(&dir.value) != root).collect();
    let (first, dir) = others.first()?;
    let names: Vec<String> = others.iter().map(|(_, dir)| format!("`{}`", dir.value)).collect();
    let name = first.name.as_ref().map_or(dir.value.as_str(), |name| &name.value);
    Some(
        Diagnostic::info(
            "plan/other-applications",
            format!("there are also applications in {}", names.join(", ")),
        )
        .why("the platform files declare them; each has an image of its own")
        .fix(format!("build it with `--app {name}`"))
        .at(dir.origin.clone()),
    )
}

fn chosen(root: &Requested<RelPath>) -> Decision {
    Decision {
        subject: "directory".to_owned(),
        value: root.value.to_string(),
        origin: root.origin.clone(),
        overridden: Vec::new(),
    }
}

/// The application that the caller names: a target that shares the top of the tree, which its
/// language chooses, or a directory of the tree.
fn named<'a>(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    model: &AppModel,
    options: &PlanOptions,
    app: &str,
) -> Result<Location<'a>, PlanError> {
    let targets = targets(tree, buildpacks);
    let wanted = app.trim_start_matches("./").trim_end_matches('/');
    if targets.iter().any(|target| is_called(wanted, Some(&target.name), &target.path)) {
        return Ok(Location::top(options.clone(), None));
    }
    let by_name = |component: &&Component| component.name.as_ref().is_some_and(|name| name.value == wanted);
    if let Some(component) = model.components.iter().find(by_name) {
        let origin = Origin::Option(format!("--app {app}"));
        return Ok(match component.dir() {
            None => {
                let options = PlanOptions { app: None, ..options.clone() };
                Location::top(options, None)
            }
            Some(dir) => {
                let root = Requested { value: dir.clone(), origin };
                Location::below(dir.clone(), options, None, Some(chosen(&root)))
            }
        });
    }
    let candidates = candidates(tree, buildpacks, model, options);
    let matching: Vec<&LocatedApplication> =
        candidates.iter().filter(|found| is_called(wanted, None, &found.dir)).collect();
    if let [only] = matching.as_slice() {
        let decision = Decision {
            subject: "directory".to_owned(),
            value: only.dir.to_string(),
            origin: Origin::Option(format!("--app {app}")),
            overridden: candidates
                .iter()
                .filter(|other| other.dir != only.dir)
                .map(LocatedApplication::overridden)
                .collect(),
        };
        return Ok(Location::below(only.dir.clone(), options, None, Some(decision)));
    }
    // A target may be found as a directory too.
    let others = candidates.iter().filter(|found| targets.iter().all(|target| target.path != found.dir));
    let known: Vec<String> =
        targets.iter().map(Target::label).chain(others.map(LocatedApplication::label)).collect();
    let why = match known.is_empty() {
        true => "no workspace and no directory with an application was found".to_owned(),
        false => format!("there are {}", known.join("; ")),
    };
    Err(Diagnostic::error("plan/no-such-app", format!("there is no one application called `{app}`"))
        .why(why)
        .fix("name one of them by its name or directory, or leave `--app` out")
        .into())
}

/// What shares the top of the tree and can be chosen by name.
fn targets(tree: &dyn SourceTree, buildpacks: &[&dyn Buildpack]) -> Vec<Target> {
    buildpacks.iter().flat_map(|pack| pack.targets(tree)).collect()
}

/// Whether `wanted` is the name, the directory, or the directory's last part.
fn is_called(wanted: &str, name: Option<&String>, dir: &RelPath) -> bool {
    name.is_some_and(|name| name == wanted || name.rsplit('/').next() == Some(wanted))
        || dir.as_str() == wanted
        || dir.name() == wanted
}

impl Target {
    fn label(&self) -> String {
        format!("{} ({})", self.name, self.path)
    }
}
