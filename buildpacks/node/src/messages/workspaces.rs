//! What is said about workspaces and the choice of an application among them.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested};

use packwright_buildpack::problem::error_at;

pub(crate) fn bad_workspace_pattern(pattern: &Requested<String>) -> Diagnostic {
    error_at(
        "node/workspace-pattern",
        &pattern.origin,
        format!("`{}` in {} is no path pattern", pattern.value, pattern.origin),
    )
    .fix("write directories, with `*` for any name")
}

pub(crate) fn two_members(name: &Requested<String>, other: &RelPath) -> Diagnostic {
    error_at(
        "node/two-members",
        &name.origin,
        format!("{} and {other} are both called `{}`", name.origin, name.value),
    )
    .fix("give each package of the workspace a name of its own")
}

pub(crate) fn no_workspace(app: &str, root: &RelPath) -> Diagnostic {
    error_at(
        "node/no-such-app",
        &Origin::file(root),
        format!("`--app {app}` names a member of a workspace, but {} has none", root),
    )
    .fix("leave `--app` out")
}

pub(crate) fn outside_workspace(
    name: &str,
    range: &Requested<String>,
    app: Option<&Requested<String>>,
) -> Diagnostic {
    let app = app.map_or("NAME", |app| app.value.as_str());
    error_at(
        "node/outside-workspace",
        &range.origin,
        format!("{} asks for `{name}` `{}`, which only the workspace around it can resolve", range.origin, range.value),
    )
    .why("its root, with the lock file and the other members, is not part of the directory that is built")
    .fix(format!("plan from the root of the workspace: `--app {app}` in the place of `--root` and of the directory that a platform's file names"))
}

/// `members` names every member with its directory, as do the messages below.
pub(crate) fn no_member(wanted: &str, members: &[String]) -> Diagnostic {
    Diagnostic::error("node/no-such-app", format!("no package of the workspace is called `{wanted}`"))
        .why(format!("there are {}", members.join(", ")))
        .fix("name one of them by its name or directory")
}

pub(crate) fn several_members(wanted: &str, members: &[String]) -> Diagnostic {
    Diagnostic::error("node/no-such-app", format!("`{wanted}` can mean {} packages", members.len()))
        .why(format!("there are {}", members.join(", ")))
        .fix("name it by its whole name or directory")
}

pub(crate) fn several_applications(origin: &Origin, first: &str, members: &[String]) -> Diagnostic {
    error_at(
        "node/several-applications",
        origin,
        format!("the workspace of {origin} has {} applications, and nothing says which", members.len()),
    )
    .why(format!("there are {}", members.join(", ")))
    .fix(format!("choose with `--app`, for example `--app {first}`"))
}

pub(crate) fn several_nx_applications(first: &str, projects: &[String]) -> Diagnostic {
    Diagnostic::error(
        "node/several-applications",
        format!("the repository has {} projects of Nx to build, and nothing says which", projects.len()),
    )
    .why(format!("there are {}", projects.join(", ")))
    .fix(format!(
        "choose with `--app`, for example `--app {first}`, or name it as `defaultProject` in nx.json"
    ))
}
