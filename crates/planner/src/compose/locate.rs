//! Where in the tree the application is: all of it, the directory the caller names, or the only
//! directory that holds one.

use std::collections::BTreeMap;

use packwright_oci::RelPath;

use crate::{
    AppModel, Buildpack, Claim, Decision, Diagnostic, Given, Loser, Member, Origin, PlanError, PlanOptions,
    Requested, Role, SourceTree, Subtree,
};

/// How deep below the top an application is looked for.
const DEPTH: usize = 2;

/// Directories whose programs serve the people who work on the source, not its users: none is
/// taken for the application unless the caller names it.
const BESIDE: &[&str] = &[
    "bin",
    "ci",
    "demo",
    "demos",
    "doc",
    "docs",
    "example",
    "examples",
    "fixtures",
    "node_modules",
    "script",
    "scripts",
    "test",
    "tests",
    "tools",
    "vendor",
];

/// Where the application is.
pub(super) struct Place {
    /// Its directory, unless it is the whole tree.
    pub(super) root: Option<RelPath>,
    /// The caller's options for what is there.
    pub(super) options: PlanOptions,
    /// What was decided about it.
    pub(super) decision: Option<Decision>,
}

/// A directory that holds an application.
struct Candidate {
    dir: RelPath,
    buildpack: String,
    claim: Requested<Claim>,
}

/// Finds the application's directory.
///
/// Errors: the directory the caller names is not there; several directories hold an application
/// and the caller names none, or another one.
pub(super) fn locate(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    platforms: &dyn Fn(&dyn SourceTree) -> AppModel,
    options: &PlanOptions,
) -> Result<Place, PlanError> {
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
        return named(tree, buildpacks, platforms, options, app);
    }
    let here = || Place { root: None, options: options.clone(), decision: None };
    // Files of tools at the top are no application: there may be one below.
    if recognised(tree, buildpacks, &platforms(tree), options)
        .is_some_and(|(_, claim)| claim.value > Claim::Tools)
    {
        return Ok(here());
    }
    if options.start.is_some() || !platforms(tree).processes.is_empty() {
        return Ok(here());
    }
    let members = members(tree, buildpacks);
    if let [first, ..] = members.as_slice() {
        // A member's directory alone lacks what the workspace shares, its lock for one.
        let told: Vec<String> = members.iter().map(Member::told).collect();
        return Err(Diagnostic::error(
            "plan/several-applications",
            format!("the workspace has {} members and no application at its top", members.len()),
        )
        .why(told.join("; "))
        .fix(format!("choose with `--app {}`", first.name))
        .into());
    }
    let candidates = candidates(tree, buildpacks, platforms, options);
    let best = |claim: fn(Claim) -> bool| -> Vec<&Candidate> {
        candidates.iter().filter(|found| claim(found.claim.value)).collect()
    };
    let mut found = best(|claim| claim > Claim::Files);
    if found.is_empty() {
        found = best(|claim| claim == Claim::Files);
    }
    match found.as_slice() {
        [] => Ok(here()),
        [only] => {
            let losers = candidates.iter().filter(|other| other.dir != only.dir).map(Candidate::loser);
            let decision = Decision {
                subject: "directory".to_owned(),
                value: only.dir.to_string(),
                origin: Origin::Detected(format!(
                    "the only directory with an application, {} {}",
                    only.buildpack,
                    only.claim.value.meaning()
                )),
                losers: losers.collect(),
            };
            Ok(placed(only.dir.clone(), options, None, Some(decision)))
        }
        several => Err(Diagnostic::error(
            "plan/several-applications",
            format!("there are {} applications and none at the top", several.len()),
        )
        .why(several.iter().map(|found| found.told()).collect::<Vec<_>>().join("; "))
        .fix(format!("choose with `--root {}`", several[0].dir))
        .into()),
    }
}

fn placed(root: RelPath, options: &PlanOptions, app: Option<String>, decision: Option<Decision>) -> Place {
    let options = PlanOptions { root: None, app, ..options.clone() };
    Place { root: Some(root), options, decision }
}

/// The application that the caller names: a member of a workspace, which its language chooses, or
/// a directory of the tree.
fn named(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    platforms: &dyn Fn(&dyn SourceTree) -> AppModel,
    options: &PlanOptions,
    app: &str,
) -> Result<Place, PlanError> {
    let members = members(tree, buildpacks);
    let wanted = app.trim_start_matches("./").trim_end_matches('/');
    if members.iter().any(|member| is_called(wanted, Some(&member.name), &member.dir)) {
        return Ok(Place { root: None, options: options.clone(), decision: None });
    }
    let candidates = candidates(tree, buildpacks, platforms, options);
    let matching: Vec<&Candidate> =
        candidates.iter().filter(|found| is_called(wanted, None, &found.dir)).collect();
    if let [only] = matching.as_slice() {
        let decision = Decision {
            subject: "directory".to_owned(),
            value: only.dir.to_string(),
            origin: Origin::Option(format!("--app {app}")),
            losers: candidates.iter().filter(|other| other.dir != only.dir).map(Candidate::loser).collect(),
        };
        return Ok(placed(only.dir.clone(), options, None, Some(decision)));
    }
    let known: Vec<String> =
        members.iter().map(Member::told).chain(candidates.iter().map(Candidate::told)).collect();
    let why = match known.is_empty() {
        true => "no workspace and no directory with an application was found".to_owned(),
        false => format!("there are {}", known.join("; ")),
    };
    Err(Diagnostic::error("plan/no-such-app", format!("there is no one application called `{app}`"))
        .why(why)
        .fix("name one of them by its name or directory, or leave `--app` out")
        .into())
}

/// The members of the workspaces that have their top here.
fn members(tree: &dyn SourceTree, buildpacks: &[&dyn Buildpack]) -> Vec<Member> {
    buildpacks.iter().flat_map(|pack| pack.members(tree)).collect()
}

/// Whether `wanted` is the name, the directory, or the directory's last part.
fn is_called(wanted: &str, name: Option<&String>, dir: &RelPath) -> bool {
    name.is_some_and(|name| name == wanted || name.rsplit('/').next() == Some(wanted))
        || dir.as_str() == wanted
        || dir.name() == wanted
}

/// The strongest claim on a tree.
fn recognised(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    model: &AppModel,
    options: &PlanOptions,
) -> Option<(String, Requested<Claim>)> {
    let claims = buildpacks.iter().filter_map(|pack| {
        let claim = match pack.propose(&Given { tree, model, options, role: Role::Owner }) {
            Ok(proposal) => proposal?.claim,
            Err(error) => error.claim,
        };
        Some((pack.name().to_owned(), claim))
    });
    // The first of equals, as when the owner is chosen.
    claims.reduce(|best, next| if next.1.value > best.1.value { next } else { best })
}

/// The directories that hold an application, none inside another, in the order of their paths.
fn candidates(
    tree: &dyn SourceTree,
    buildpacks: &[&dyn Buildpack],
    platforms: &dyn Fn(&dyn SourceTree) -> AppModel,
    options: &PlanOptions,
) -> Vec<Candidate> {
    let names: Vec<&str> = buildpacks.iter().flat_map(|pack| pack.looks_for().iter().copied()).collect();
    // Only directories with a telling file are asked about.
    let mut dirs: BTreeMap<RelPath, ()> = BTreeMap::new();
    for file in tree.files() {
        let Some(dir) = file.path.parent() else { continue };
        let beside = dir.parts().any(|part| part.starts_with('.') || BESIDE.contains(&part));
        if dir.depth() <= DEPTH && !beside && names.contains(&file.path.name()) {
            dirs.insert(dir, ());
        }
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for dir in dirs.into_keys() {
        if candidates.iter().any(|outer| dir.is_within(&outer.dir)) {
            continue;
        }
        let inner = Subtree::new(tree, dir.clone());
        let options = PlanOptions { app: None, ..options.clone() };
        let claim = recognised(&inner, buildpacks, &platforms(&inner), &options);
        if let Some((buildpack, claim)) = claim.filter(|(_, claim)| claim.value > Claim::Tools) {
            candidates.push(Candidate { dir, buildpack, claim });
        }
    }
    candidates
}

impl Member {
    fn told(&self) -> String {
        format!("{} ({})", self.name, self.dir)
    }
}

impl Candidate {
    fn told(&self) -> String {
        format!("`{}` ({} {})", self.dir, self.buildpack, self.claim.value.meaning())
    }

    fn loser(&self) -> Loser {
        Loser { value: self.told(), origin: self.claim.origin.clone() }
    }
}
