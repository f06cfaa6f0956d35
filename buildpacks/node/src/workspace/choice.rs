//! Which package of a workspace is the application. Reads no file.

use packwright_buildpack::planner::{
    Claim, Command, Decision, Diagnostic, Origin, Overridden, PlanContext, RelPath, Requested, Role,
};

use super::packages::Workspace;
use crate::manifest::PackageJson;
use crate::{messages, process};

/// Chooses the application: the one that the caller names, the root where it has something to start,
/// the only member that is an application, or the root where a platform's file or the caller says what
/// runs. There is a decision where there was a choice.
///
/// Errors: no member of that name; several applications, of which nothing chooses one.
pub(crate) fn choose_app<'a>(
    context: &PlanContext<'_>,
    root: &'a PackageJson,
    workspace: Option<&'a Workspace>,
    claim_of: &dyn Fn(&PackageJson) -> Option<Requested<Claim>>,
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
    if let Some(claim) = own_application(root, workspace, claim_of) {
        return Ok((root, decision(root, claim.origin)));
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

/// What the root of a workspace has to start itself. A script that only passes on to a member or
/// to all of them is none.
fn own_application(
    root: &PackageJson,
    workspace: &Workspace,
    claim_of: &dyn Fn(&PackageJson) -> Option<Requested<Claim>>,
) -> Option<Requested<Claim>> {
    let passes_on = |script: &str| {
        const WORDS: &[&str] = &[
            "turbo",
            "nx",
            "moon",
            "lerna",
            "--filter",
            "-F",
            "--workspace",
            "-w",
            "--workspaces",
            "-ws",
            "workspace",
            "workspaces",
            "-r",
            "--recursive",
            "-C",
            "--cwd",
            "--prefix",
            "concurrently",
            "npm-run-all",
            "foreach",
        ];
        let dirs: Vec<&RelPath> = workspace.members.iter().filter_map(|member| member.dir.as_ref()).collect();
        let is_member = |word: &str| {
            let ends = |letter: char| !(letter.is_alphanumeric() || "-_./@".contains(letter));
            let paths = word.split(ends).map(|part| part.trim_start_matches("./").trim_end_matches('/'));
            paths
                .filter_map(|path| path.parse::<RelPath>().ok())
                .any(|path| dirs.iter().any(|&dir| path == *dir || path.is_within(dir)))
        };
        let names = |word: &String| {
            WORDS.contains(&word.as_str())
                || word.starts_with("--filter=")
                || word.starts_with("--workspace=")
                || is_member(word)
        };
        Command::shell(script).simple_commands().concat().iter().any(names)
    };
    let start = process::START.iter().find_map(|name| root.script(name));
    if start.is_some_and(|script| passes_on(&script.value)) {
        return None;
    }
    claim_of(root)
}
