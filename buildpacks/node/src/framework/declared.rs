//! What platform files declare about the build of a Node application: which commands of it are
//! Node's, and the declared commands in the place of the script that would build.

use packwright_buildpack::planner::{
    Command, CommandKind, Decision, DeclaredBuild, Origin, Overridden, Task,
};

use super::recognition::Recognition;
use crate::process;

/// Package managers, with the words by which they install what the manifests name.
const INSTALLERS: &[(&str, &[&str])] = &[
    ("npm", &["install", "ci", "i", "clean-install"]),
    ("yarn", &["install", "--immutable", "--frozen-lockfile"]),
    ("pnpm", &["install", "i"]),
    ("bun", &["install", "i"]),
];

/// Programs of this language.
const PROGRAMS: &[&str] = &[
    "npm", "npx", "yarn", "pnpm", "pnpx", "bun", "bunx", "node", "corepack", "turbo", "nx", "next", "vite",
    "tsc",
];

/// Packages that bring package managers: the plan's own steps have the one that is needed.
const OF_MANAGERS: &[&str] = &["npm", "yarn", "pnpm", "bun", "corepack", "node", "n", "nvm"];

/// Commands that change a database, by words that stand in them one after the other.
const MIGRATIONS: &[&[&str]] = &[
    &["prisma", "migrate", "deploy"],
    &["prisma", "db", "push"],
    &["knex", "migrate:latest"],
    &["sequelize", "db:migrate"],
    &["sequelize-cli", "db:migrate"],
    &["typeorm", "migration:run"],
    &["drizzle-kit", "migrate"],
    &["drizzle-kit", "push"],
    &["node-pg-migrate", "up"],
];

/// What a simple command is to Node, by its words.
pub(crate) fn classify(words: &[String]) -> Option<CommandKind> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let program = words.first()?.rsplit('/').next()?;
    if !PROGRAMS.contains(&program) {
        return None;
    }
    if MIGRATIONS.iter().any(|wanted| words.windows(wanted.len()).any(|part| part == *wanted)) {
        return Some(CommandKind::Releases);
    }
    if program == "corepack" || program == "yarn" && words.len() == 1 {
        return Some(CommandKind::Installs);
    }
    let installs = INSTALLERS.iter().find(|(name, _)| *name == program).is_some_and(|(_, verbs)| {
        let mut rest = words[1..].iter();
        let verb = rest.find(|word| verbs.contains(word) || !word.starts_with('-'));
        let named = |word: &&&str| !word.starts_with('-') && !OF_MANAGERS.contains(&package(word));
        verb.is_some_and(|verb| verbs.contains(verb)) && rest.filter(named).count() == 0
    });
    Some(if installs { CommandKind::Installs } else { CommandKind::Runs })
}

/// The name of a package without its version.
fn package(word: &str) -> &str {
    match word.get(1..).and_then(|rest| rest.find('@')) {
        Some(at) => &word[..at + 1],
        None => word,
    }
}

/// Puts the declared build in the place of the script. A command that only runs a script of the
/// package is that script, with all that is known about it.
pub(super) fn build(case: &mut Recognition<'_>) {
    let Some(DeclaredBuild { before, detected, after }) = &case.subject.project.context.model.build else {
        return;
    };
    let detected_command = case.script.as_deref().filter(|_| *detected).map(|script| {
        let origin = case.subject.project.app.script(script).map(|line| line.origin.clone());
        ((case.subject.run)(script), origin)
    });
    let lines: Vec<String> = before.iter().chain(after).map(|command| command.value.to_string()).collect();
    let first = before.first().or(after.first());
    let lost: Vec<Overridden> = match (&case.script, detected) {
        (Some(script), false) => case
            .subject
            .project
            .app
            .script(script)
            .map(|line| Overridden { value: line.value.clone(), origin: line.origin.clone() })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    let Some(first) = first else {
        // The file says what is to be done, and beside what the steps install that is nothing.
        if !lost.is_empty() {
            let tasks = case.subject.project.context.model.phases.iter().flat_map(|phase| &phase.tasks);
            let origin = tasks.clone().find_map(|task| match task {
                Task::Run(command) => Some(command.origin.clone()),
                Task::Detected => None,
            });
            case.notes.decisions.push(Decision {
                subject: "build command".to_owned(),
                value: "nothing".to_owned(),
                origin: origin
                    .unwrap_or_else(|| Origin::Default("the declared build has no commands".to_owned())),
                overridden: lost,
            });
        }
        case.script = None;
        case.build = None;
        case.builds_nothing = true;
        return;
    };
    if let ([only], None) = (lines.as_slice(), &detected_command)
        && let Some(script) =
            script_of(only).filter(|script| case.subject.project.app.script(script).is_some())
    {
        case.script = Some(script.to_owned());
        case.build = super::recognition::expanded(case.subject, script, &mut case.notes);
        return;
    }
    let text = |commands: &[packwright_buildpack::planner::Requested<Command>]| -> Vec<String> {
        commands.iter().map(|command| grouped(&command.value)).collect()
    };
    let mut all = text(before);
    all.extend(detected_command.iter().map(|(command, _)| command.to_string()));
    all.extend(text(after));
    let line = all.join(" && ");
    case.build = process::flat(case.subject).expand_line(&line, &first.origin).ok();
    case.command = Some((Command::Shell(line), first.origin.clone()));
    case.notes.decisions.push(Decision {
        subject: "build command".to_owned(),
        value: lines.join(" && "),
        origin: first.origin.clone(),
        overridden: lost,
    });
}

/// A command that may stand in a chain: a line with more than one command is a group.
fn grouped(command: &Command) -> String {
    match command {
        // What leaves its directory does so for itself.
        Command::Shell(text) if text.starts_with("cd ") || text.contains("&& cd ") => {
            format!("( {}\n)", text.trim_end())
        }
        Command::Shell(text) if text.contains(['\n', ';', '|']) => format!("{{ {}\n}}", text.trim_end()),
        other => other.to_string(),
    }
}

/// The script that a line runs, when it does nothing else.
fn script_of(line: &str) -> Option<&str> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["npm" | "pnpm" | "yarn" | "bun", "run", script] => Some(script),
        ["yarn" | "pnpm", script] if !script.starts_with('-') => Some(script),
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
    fn what_leaves_its_directory_does_so_for_itself() {
        assert_eq!(grouped(&Command::shell("cd web && npm run build")), "( cd web && npm run build\n)");
        assert_eq!(grouped(&Command::shell("npm run build")), "npm run build");
    }

    #[test]
    fn a_line_that_runs_one_script_is_that_script() {
        assert_eq!(script_of("npm run build:prod"), Some("build:prod"));
        assert_eq!(script_of("yarn build"), Some("build"));
        assert_eq!(script_of("npm run build -- --mode x"), None);
    }
}
