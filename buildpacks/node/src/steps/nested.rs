//! Packages in directories of their own that scripts of the application install: what the steps do for them, so
//! that the scripts need no network. Each has its own lock file, or gets one.

use packwright_buildpack::planner::{Command, Input, Output, RelPath, Selection, Step, has};
use packwright_buildpack::step::{after, path};

use super::context::StepContext;

/// Where the lock files lie that `node.lock` makes.
const LOCKS: &str = "packwright/node/lock";

/// How a package of its own directory is installed: its lock file, and the lines that make and obey it.
struct Installer {
    lock: &'static str,
    make: &'static str,
    obey: &'static str,
}

/// By their lock files, the first that is there; npm where there is none. Only npm is there beside another manager.
const NPM: Installer = Installer {
    lock: "package-lock.json",
    make: "/opt/npm/npm install --package-lock-only --ignore-scripts --include=dev --omit-lockfile-registry-resolved",
    obey: "/opt/npm/npm ci --ignore-scripts --include=dev --include=optional",
};
const OTHERS: &[Installer] = &[
    Installer {
        lock: "yarn.lock",
        make: "",
        obey: "yarn install --frozen-lockfile --ignore-scripts --non-interactive --ignore-engines --no-progress --production=false",
    },
    Installer {
        lock: "pnpm-lock.yaml",
        make: "",
        obey: "pnpm install --frozen-lockfile --ignore-scripts --ignore-workspace --prod=false --package-import-method=copy",
    },
];

fn installer(work: &StepContext<'_>, dir: &RelPath) -> &'static Installer {
    let tree = work.project.context.tree;
    OTHERS.iter().find(|other| has(tree, &format!("{dir}/{}", other.lock))).unwrap_or(&NPM)
}

/// The directories whose lock file is missing.
fn unlocked<'a>(work: &'a StepContext<'_>) -> impl Iterator<Item = &'a RelPath> {
    let is_there =
        |dir: &RelPath| has(work.project.context.tree, &format!("{dir}/{}", installer(work, dir).lock));
    work.application.nested.iter().filter(move |dir| !is_there(dir))
}

/// Whether a lock file must be made.
pub(super) fn needs_locks(work: &StepContext<'_>) -> bool {
    unlocked(work).next().is_some()
}

/// What installing steps see of these packages.
pub(super) fn files(work: &StepContext<'_>) -> Option<Input> {
    let tree = work.project.context.tree;
    let names = |dir: &RelPath| {
        ["package.json", ".npmrc", installer(work, dir).lock].map(|name| format!("{dir}/{name}"))
    };
    let files: Vec<String> =
        work.application.nested.iter().flat_map(names).filter(|name| has(tree, name)).collect();
    (!files.is_empty()).then(|| Input::Source(Selection::files(files)))
}

fn in_dir(dir: &RelPath, line: &str) -> Command {
    Command::Shell(format!("cd {} && {line}", Command::Exec(vec![dir.to_string()])))
}

/// Makes the lock files that are missing.
pub(super) fn lock(work: &StepContext<'_>, step: &mut Step) {
    step.inputs.extend(files(work));
    for dir in unlocked(work) {
        let Installer { lock, make, .. } = installer(work, dir);
        step.commands.push(in_dir(dir, make));
        let place = format!("{LOCKS}/{dir}");
        let words = |words: &[&str]| Command::Exec(words.iter().map(|&word| word.to_owned()).collect());
        step.commands.push(words(&["mkdir", "-p", &format!("/{place}")]));
        step.commands.push(words(&["cp", &format!("/app/{dir}/{lock}"), &format!("/{place}/{lock}")]));
        step.outputs.push(Output { path: path(&format!("{place}/{lock}")), layer: None, scrub: Vec::new() });
    }
}

/// Installs the packages by their lock files; gives what is no part of the output.
pub(super) fn install(work: &StepContext<'_>, step: &mut Step) -> Vec<String> {
    step.inputs.extend(files(work));
    if needs_locks(work) && work.project.locked.is_some() {
        step.inputs.push(after("node.lock"));
    }
    let mut made = Vec::new();
    for dir in unlocked(work) {
        let lock = installer(work, dir).lock;
        let from = format!("/{LOCKS}/{dir}/{lock}");
        step.commands.push(Command::Exec(vec!["cp".to_owned(), from, format!("/app/{dir}/{lock}")]));
        made.push(format!("{dir}/{lock}"));
    }
    let dirs = work.application.nested.iter();
    step.commands.extend(dirs.map(|dir| in_dir(dir, installer(work, dir).obey)));
    made
}

/// Whether a process uses the packages in this directory: it runs there, or is started from a file there.
pub(super) fn is_used(work: &StepContext<'_>, dir: &RelPath) -> bool {
    let is_there =
        |word: &str| word.trim_start_matches("./").starts_with(&format!("{dir}/")) || word == dir.as_str();
    let declared = work.project.context.model.commands().map(|(_, command, _)| command);
    let own = work.application.processes.iter().map(|process| &process.command);
    let named = own
        .chain(declared)
        .any(|command| command.simple_commands().concat().iter().any(|word| is_there(word)));
    named || work.application.dirs.contains(dir)
}
