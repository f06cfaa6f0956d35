//! What platform files declare about the build of a Node application: which commands of it are
//! Node's, and the declared commands in the place of the script that would build.

use packwright_buildpack::declared::{self, Commands};
use packwright_buildpack::planner::{Command, CommandKind, Overridden};
use packwright_buildpack::shell_syntax::split;

use super::recognition::Recognition;
use crate::process;

/// The commands of Node. Packages that bring package managers are installers: the plan's own steps
/// have the one that is needed.
const COMMANDS: Commands = Commands {
    programs: &[
        "npm", "npx", "yarn", "pnpm", "pnpx", "bun", "bunx", "node", "corepack", "turbo", "nx", "next",
        "vite", "tsc",
    ],
    prepares: &[&["corepack"]],
    installs: &[
        &["npm", "install"],
        &["npm", "ci"],
        &["npm", "i"],
        &["npm", "clean-install"],
        &["yarn", "install"],
        &["yarn", "--immutable"],
        &["yarn", "--frozen-lockfile"],
        &["pnpm", "install"],
        &["pnpm", "i"],
        &["bun", "install"],
        &["bun", "i"],
    ],
    installs_alone: &["yarn"],
    installers: &["npm", "yarn", "pnpm", "bun", "corepack", "node", "n", "nvm"],
    migrations: &[
        &["prisma", "migrate", "deploy"],
        &["prisma", "db", "push"],
        &["knex", "migrate:latest"],
        &["sequelize", "db:migrate"],
        &["sequelize-cli", "db:migrate"],
        &["typeorm", "migration:run"],
        &["drizzle-kit", "migrate"],
        &["drizzle-kit", "push"],
        &["node-pg-migrate", "up"],
    ],
    ..Commands::NONE
};

/// What a simple command is to Node, by its words.
pub(crate) fn classify(words: &[String]) -> Option<CommandKind> {
    COMMANDS.classify(words)
}

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

    fn is(line: &str) -> Option<CommandKind> {
        classify(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn commands_that_install_what_manifests_name_are_known() {
        for line in [
            "npm ci",
            "npm install",
            "npm --prefer-offline ci",
            "npm i --legacy-peer-deps",
            "npm install -g pnpm@9",
            "yarn",
            "yarn install --frozen-lockfile",
            "yarn --immutable",
            "pnpm install --frozen-lockfile",
            "bun install",
            "corepack enable",
        ] {
            assert_eq!(is(line), Some(CommandKind::Installs), "{line}");
        }
    }

    #[test]
    fn others_run_or_release_or_are_nobodys() {
        for line in [
            "npm run build",
            "npm install -g sass",
            "yarn build",
            "npx tsc",
            "node build.js",
            "pnpm -r build",
        ] {
            assert_eq!(is(line), Some(CommandKind::Runs), "{line}");
        }
        for line in ["npx prisma migrate deploy", "npx knex migrate:latest"] {
            assert_eq!(is(line), Some(CommandKind::Releases), "{line}");
        }
        for line in ["pip install x", "echo npm ci", "make"] {
            assert_eq!(is(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_that_runs_one_script_is_that_script() {
        assert_eq!(script_of("npm run 'build:prod'").as_deref(), Some("build:prod"));
        assert_eq!(script_of("yarn build").as_deref(), Some("build"));
        assert_eq!(script_of("npm run build -- --mode x"), None);
    }
}
