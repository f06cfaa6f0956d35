//! Which package of a workspace is the application. Reads no file.

use packwright_buildpack::planner::{
    Claim, Decision, Diagnostic, Origin, Overridden, PlanContext, Requested, Role,
};

use super::packages::Workspace;
use crate::manifest::PackageJson;
use crate::messages;
use crate::packages::Packages;
use crate::process::{self, Place, ScriptExpander, place_of};

/// Chooses the application: the one that the caller names, the one that the root's start script names (the root
/// where it starts a program of its own), the only member that is an application, or the root where a platform's file or the caller says what
/// runs. There is a decision where there was a choice. `is_built` tells whether a framework builds a package and
/// starts what it made.
///
/// Errors: no member of that name; several applications, of which nothing chooses one.
pub(crate) fn choose_app<'a>(
    context: &PlanContext<'_>,
    root: &'a PackageJson,
    workspace: Option<&'a Workspace>,
    claim_of: &dyn Fn(&PackageJson) -> Option<Requested<Claim>>,
    is_built: &dyn Fn(&PackageJson) -> bool,
) -> Result<(&'a PackageJson, Option<Decision>), Diagnostic> {
    // Who helps another language has no say in what that language's members are called.
    let named = |app: &&String| {
        let known = workspace.is_some_and(|workspace| !workspace.called(app).is_empty());
        context.role == Role::Owner || known
    };
    let wanted = context.options.app.as_ref().filter(named);
    let Some(workspace) = workspace.filter(|workspace| !workspace.members.is_empty()) else {
        return match wanted {
            Some(app) => Err(messages::no_workspace(app, &root.path)),
            None => Ok((root, None)),
        };
    };
    let claims = |member: &'a PackageJson| claim_of(member).map(|claim| (member, claim));
    let applications: Vec<(&PackageJson, Requested<Claim>)> =
        workspace.members.iter().filter_map(claims).collect();
    let overridden = |winner: &PackageJson| -> Vec<Overridden> {
        let others = applications.iter().filter(|(member, _)| member.path != winner.path);
        others
            .map(|(member, claim)| Overridden { value: member.title(), origin: claim.origin.clone() })
            .collect()
    };
    let decision = |winner: &PackageJson, origin: Origin| {
        let overridden = overridden(winner);
        Some(Decision::new("application", winner.title(), origin).over(overridden))
    };
    if let Some(wanted) = wanted {
        let origin = Origin::Option(format!("--app {wanted}"));
        return match workspace.called(wanted).as_slice() {
            [only] => Ok((only, decision(only, origin))),
            [] => Err(messages::no_member(wanted, &described(workspace.members.iter()))),
            several => Err(messages::several_members(wanted, &described(several.iter().copied()))),
        };
    }
    if let Some((chosen, origin)) = by_root(root, workspace, claim_of, is_built) {
        return Ok((chosen, decision(chosen, origin)));
    }
    let strongest = applications.iter().map(|(_, claim)| claim.value).max();
    let best: Vec<&(&PackageJson, Requested<Claim>)> =
        applications.iter().filter(|(_, claim)| Some(claim.value) == strongest).collect();
    match (applications.as_slice(), best.as_slice()) {
        ([], _) => Ok((root, None)),
        // A program beside a web application is a tool more often than not.
        (_, [(only, claim)]) if applications.len() == 1 || claim.value >= Claim::Site => {
            Ok((only, decision(only, claim.origin.clone())))
        }
        // Who says what the tree runs from its root means the root.
        _ => match declared(context) {
            Some(origin) => Ok((root, decision(root, origin))),
            None => Err(messages::several_applications(
                &workspace.origin,
                &applications[0].0.title(),
                &described(applications.iter().map(|(member, _)| *member)),
            )),
        },
    }
}

fn described<'a>(members: impl Iterator<Item = &'a PackageJson>) -> Vec<String> {
    members.map(PackageJson::described).collect()
}

/// Who says what the tree runs, whatever its members are.
fn declared(context: &PlanContext<'_>) -> Option<Origin> {
    let by_option = context.options.start.as_ref().map(|_| Origin::Option("--start".to_owned()));
    by_option.or_else(|| context.model.processes.first().map(|process| process.origin.clone()))
}

/// What the start script of a workspace's root starts.
enum RootStart<'a> {
    /// A program of its own, wherever its file lies.
    Own,
    /// What this member starts.
    Of(&'a PackageJson),
    /// Nothing in particular: whatever its members start, or the tasks of a runner.
    Nothing,
}

/// Programs that run scripts of several packages.
const RUNNERS: &[&str] =
    &["turbo", "nx", "moon", "lerna", "concurrently", "npm-run-all", "run-p", "run-s", "wsrun"];

/// What the root starts: read from its script, in which the scripts of the root are put in their places.
fn root_start<'a>(root: &'a PackageJson, workspace: &'a Workspace) -> Option<RootStart<'a>> {
    let start = process::START.iter().find(|name| root.script(name).is_some())?;
    let packages = Packages { workspace: Some(workspace), ..Packages::only(root) };
    let scripts = ScriptExpander { manifest: root, packages, hooks: false, flat: true };
    let Ok(expansion) = scripts.expand(start)? else { return Some(RootStart::Own) };
    let mut of: Vec<&PackageJson> = Vec::new();
    let mut runs_many = false;
    let mut is_own = false;
    let mut moved: Option<&PackageJson> = None;
    let last = expansion.segments.len() - 1;
    for (index, segment) in expansion.segments.iter().enumerate() {
        let words = segment.texts();
        let Some(program) = words.first() else { continue };
        let member = place_of(&words).map(|place| (packages.at(&place, root), place));
        match member {
            Some((Some(member), Place::Dir(_))) if *program == "cd" => moved = Some(member),
            Some((Some(member), _)) if !of.iter().any(|known| known.path == member.path) => of.push(member),
            Some((Some(_), _)) => {}
            Some((None, Place::Members | Place::Member(_))) => runs_many = true,
            _ if RUNNERS.contains(program) || RUNNERS.iter().any(|name| words.get(1) == Some(name)) => {
                runs_many = true;
            }
            // A framework's own program in a member's directory is how that member starts.
            _ if index == last => match moved.filter(|_| !names_file(&words)) {
                Some(member) => of.push(member),
                None => is_own = true,
            },
            _ => {}
        }
    }
    Some(match of.as_slice() {
        [member] if !runs_many && !is_own => RootStart::Of(member),
        [] if !runs_many => RootStart::Own,
        _ if is_own => RootStart::Own,
        _ => RootStart::Nothing,
    })
}

/// Whether a command gives a runtime a file of the source.
fn names_file(words: &[&str]) -> bool {
    let ends = [".js", ".mjs", ".cjs", ".ts", ".mts", ".sh"];
    words.iter().any(|word| ends.iter().any(|end| word.ends_with(end))) || words.first() == Some(&"node")
}

/// The application that the start script of the root names: a member, where its framework builds it or the root
/// builds nothing, and else the root, whose script `build` may make what that member serves.
fn by_root<'a>(
    root: &'a PackageJson,
    workspace: &'a Workspace,
    claim_of: &dyn Fn(&PackageJson) -> Option<Requested<Claim>>,
    is_built: &dyn Fn(&PackageJson) -> bool,
) -> Option<(&'a PackageJson, Origin)> {
    match root_start(root, workspace) {
        None | Some(RootStart::Own) => Some((root, claim_of(root)?.origin)),
        Some(RootStart::Nothing) => None,
        Some(RootStart::Of(member)) => {
            let start = process::START.iter().find_map(|name| root.script(name))?;
            let chosen = if is_built(member) || root.script("build").is_none() { member } else { root };
            Some((chosen, start.origin.clone()))
        }
    }
}
