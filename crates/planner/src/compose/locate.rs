//! Finds the application in the tree: the whole tree, the directory that the caller names, or the only
//! directory that holds an application.

use std::collections::BTreeMap;

use packwright_oci::RelPath;

use super::languages::{Candidate, PlanInputs, strongest};
use super::rooted::Rooted;
use super::start_option::with_start;
use crate::{
    AppModel, Buildpack, Claim, Component, Decision, Diagnostic, Language, Origin, Overridden, PlanError,
    PlanOptions, PublicVariable, Requested, SourceTree, Subtree, Target,
};

/// How deep below the top an application is looked for.
const DEPTH: usize = 2;

/// Names of directories whose programs serve the people who work on the source, not its users: none
/// is taken for the application unless the caller names it.
pub const FOR_DEVELOPERS: &[&str] = &[
    "ci", "demo", "demos", "doc", "docs", "example", "examples", "fixtures", "script", "scripts", "test",
    "tests", "tools",
];

/// Names of directories in which no application is looked for, besides [`FOR_DEVELOPERS`]: scripts
/// that start one, and the code of others.
const BESIDE: &[&str] = &["bin", "vendor"];

/// Whether `dir` lies beside the application: it is for the people who work on the source, a tool's
/// own, or the tools of one of `languages` fill it. No application is looked for there.
pub fn is_beside<'a>(dir: &RelPath, languages: impl IntoIterator<Item = &'a Language>) -> bool {
    let neutral =
        |part: &str| part.starts_with('.') || FOR_DEVELOPERS.contains(&part) || BESIDE.contains(&part);
    dir.parts().any(neutral)
        || languages.into_iter().any(|language| dir.parts().any(|part| language.fills(part)))
}

/// Where the application is.
pub(super) struct Location<'a> {
    /// Its directory, unless it is the whole tree.
    pub(super) root: Option<RelPath>,
    /// The caller's options for what is there.
    pub(super) options: PlanOptions,
    /// What was decided about it.
    pub(super) decision: Option<Decision>,
    /// What the languages said, where they were asked about just this place.
    pub(super) answers: Option<Vec<Candidate<'a>>>,
}

/// A directory that holds an application.
struct LocatedApplication {
    dir: RelPath,
    buildpack: String,
    claim: Requested<Claim>,
    /// Whether the language is built, and not only recognised.
    is_supported: bool,
}

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
        return Ok(placed(root.clone(), options, options.app.clone(), None));
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
    let here =
        |answers| Location { root: None, options: options.clone(), decision: None, answers: Some(answers) };
    // Files of tools at the top are no application, and those of a language that is not built may be
    // beside one: there may be an application below.
    let has_process =
        |component: &Component| component.processes.iter().any(|process| process.command.is_some());
    if has_process(&said) || strongest(&answers).is_some_and(|best| best.is_application()) {
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
            Ok(placed(only.dir.clone(), options, None, Some(decision)))
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

fn placed<'a>(
    root: RelPath,
    options: &PlanOptions,
    app: Option<String>,
    decision: Option<Decision>,
) -> Location<'a> {
    let below = |variable: &PublicVariable| {
        Some(PublicVariable { file: variable.file.below(&root)?, ..variable.clone() })
    };
    let public = options.public.iter().filter_map(below).collect();
    let options = PlanOptions { root: None, app, public, ..options.clone() };
    Location { root: Some(root), options, decision, answers: None }
}

/// The directory that the platform files name, when they say nothing about the top.
fn declared<'a>(model: &AppModel, options: &PlanOptions) -> Result<Option<Location<'a>>, PlanError> {
    let named: Vec<(&Component, &Requested<RelPath>)> = from_outside(model).collect();
    match named.as_slice() {
        [] => Ok(None),
        [(_, root)] => Ok(Some(placed(root.value.clone(), options, None, Some(chosen(root))))),
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
        return Ok(Location { root: None, options: options.clone(), decision: None, answers: None });
    }
    let by_name = |component: &&Component| component.name.as_ref().is_some_and(|name| name.value == wanted);
    if let Some(component) = model.components.iter().find(by_name) {
        let origin = Origin::Option(format!("--app {app}"));
        return Ok(match component.dir() {
            None => {
                let options = PlanOptions { app: None, ..options.clone() };
                Location { root: None, options, decision: None, answers: None }
            }
            Some(dir) => {
                let root = Requested { value: dir.clone(), origin };
                placed(dir.clone(), options, None, Some(chosen(&root)))
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
        return Ok(placed(only.dir.clone(), options, None, Some(decision)));
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

/// The directories that hold an application, none inside another, in the order of their paths.
fn candidates(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    model: &AppModel,
    options: &PlanOptions,
) -> Vec<LocatedApplication> {
    let languages = || buildpacks.iter().map(|pack| pack.language());
    let names: Vec<&str> = languages().flat_map(|language| language.manifests).copied().collect();
    // Only directories with a telling file are asked about.
    let mut dirs: BTreeMap<RelPath, ()> = BTreeMap::new();
    for file in tree.files() {
        let Some(dir) = file.path.parent() else { continue };
        if dir.depth() <= DEPTH && names.contains(&file.path.name()) && !is_beside(&dir, languages()) {
            dirs.insert(dir, ());
        }
    }
    let mut candidates: Vec<LocatedApplication> = Vec::new();
    for dir in dirs.into_keys() {
        if candidates.iter().any(|outer| dir.is_within(&outer.dir)) {
            continue;
        }
        let inner = Subtree::new(tree, dir.clone());
        let options = PlanOptions { app: None, ..options.clone() };
        let component = model.component(Some(&dir));
        let answers =
            PlanInputs { tree: &inner, buildpacks, model: &component, options: &options }.candidates();
        if let Some(best) = strongest(&answers).filter(|best| best.claim.value > Claim::Tools) {
            let Language { name, is_supported, .. } = *best.buildpack.language();
            let mut claim = best.claim.clone();
            Rooted::new(&inner, &dir, &component).origin(&mut claim.origin);
            candidates.push(LocatedApplication { dir, buildpack: name.to_owned(), claim, is_supported });
        }
    }
    candidates
}

impl Target {
    fn label(&self) -> String {
        format!("{} ({})", self.name, self.path)
    }
}

impl LocatedApplication {
    fn label(&self) -> String {
        format!("`{}` ({} {})", self.dir, self.buildpack, self.claim.value.meaning())
    }

    fn overridden(&self) -> Overridden {
        Overridden { value: self.label(), origin: self.claim.origin.clone() }
    }
}
