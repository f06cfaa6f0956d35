//! How a build step runs a script of a member from the root of the tree.

use packwright_buildpack::files;
use packwright_buildpack::planner::{Command, RelPath};

use super::packages::Runner;
use crate::manager::kind::PackageManager;
use crate::manifest::PackageJson;
use crate::project::NodeProject;

/// How a build step runs a script of the application, from the root of the tree. What the
/// application needs of other members is built before it.
pub(crate) fn run(project: &NodeProject<'_>, script: &str) -> Command {
    let own = |member: &PackageJson, script: &str| {
        Command::Exec(run_in(project.manager, member, script)).to_string()
    };
    let (Some(workspace), Some(dir)) = (project.workspace, project.dir()) else {
        return Command::Exec(run_in(project.manager, project.app, script));
    };
    if !script.starts_with("build") {
        return Command::Exec(run_in(project.manager, project.app, script));
    }
    let name = project.app.title();
    match workspace.runner.as_ref().map(|runner| runner.value) {
        Some(Runner::Turbo) => {
            Command::Exec(["turbo", "run", script, &format!("--filter={name}")].map(str::to_owned).to_vec())
        }
        Some(Runner::Nx) => {
            let project_name = nx_name(project, dir).unwrap_or(name);
            Command::Exec(["nx", "run", &format!("{project_name}:{script}")].map(str::to_owned).to_vec())
        }
        None if project.manager == PackageManager::Pnpm && project.app.name.is_some() => Command::Exec(
            ["pnpm", "--filter", &format!("{name}..."), "run", script].map(str::to_owned).to_vec(),
        ),
        None => {
            let needed = workspace.needed_by(project.app);
            let before = needed.iter().filter(|member| member.script("build").is_some());
            let mut lines: Vec<String> = before.map(|member| own(member, "build")).collect();
            if lines.is_empty() {
                return Command::Exec(run_in(project.manager, project.app, script));
            }
            lines.push(own(project.app, script));
            Command::Shell(lines.join(" && "))
        }
    }
}

/// The words that run the script of a member, from the root of the tree.
fn run_in(manager: PackageManager, member: &PackageJson, script: &str) -> Vec<String> {
    let Some(dir) = &member.dir else { return manager.run(script) };
    let words: Vec<&str> = match manager {
        PackageManager::Npm => vec!["npm", "--prefix", dir.as_str(), "run", script],
        PackageManager::Pnpm => vec!["pnpm", "--dir", dir.as_str(), "run", script],
        PackageManager::Yarn | PackageManager::Berry => vec!["yarn", "--cwd", dir.as_str(), "run", script],
        PackageManager::Bun => vec!["bun", "run", "--cwd", dir.as_str(), script],
    };
    words.into_iter().map(str::to_owned).collect()
}

/// What nx calls the member: its `project.json` may say.
fn nx_name(project: &NodeProject<'_>, dir: &RelPath) -> Option<String> {
    let json = files::json_file(project.context.tree, &dir.join("project.json").ok()?).ok().flatten()?;
    json.value.text_of("name").map(str::to_owned)
}
