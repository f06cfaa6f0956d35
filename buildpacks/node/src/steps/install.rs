//! `node.lock` and `node.install`: which packages, and the packages. No script of theirs runs.

use packwright_buildpack::planner::{Command, Diagnostic, Output, Step};

use super::context::StepContext;
use super::fetch::fetch;
use super::nested;
use super::parts::{app_output, program};
use crate::inputs::{self, Named};
use crate::manager::PackageManager;
use packwright_buildpack::step::{after, exec, path};

/// Makes a lock that npm accepts where optional packages were not to be had.
const COMPLETE: &str = include_str!("complete.cjs");
/// Where the answer of `node.lock` lies.
const LOCKS: &str = "packwright/node/lock";

/// The lock file of each manager.
fn lock_name(manager: PackageManager) -> &'static str {
    match manager {
        PackageManager::Npm => "package-lock.json",
        PackageManager::Pnpm => "pnpm-lock.yaml",
        PackageManager::Yarn | PackageManager::Berry => "yarn.lock",
        PackageManager::Bun => "bun.lock",
    }
}

/// `node.lock`: makes the lock file that the project lacks. Its text goes into packwright.lock.
pub(super) fn lock(work: &StepContext<'_>, named: &Named) -> Result<Step, Vec<Diagnostic>> {
    let mut lock =
        fetch(work, named, "node.lock", "finds the versions of the packages, which no lock file names");
    lock.inputs.push(inputs::install(&work.project)?);
    lock.resolves = true;
    if work.project.locked.is_some() {
        nested::lock(work, &mut lock);
        return Ok(lock);
    }
    let make = match work.manager() {
        PackageManager::Npm => exec(&[
            "npm",
            "install",
            "--package-lock-only",
            "--ignore-scripts",
            "--include=dev",
            // No address of a registry goes into the lock: the same versions come from any of them.
            "--omit-lockfile-registry-resolved",
        ]),
        PackageManager::Pnpm => {
            exec(&["pnpm", "install", "--lockfile-only", "--ignore-scripts", "--no-frozen-lockfile"])
        }
        // yarn 1 makes a lock by installing; the packages go with the step.
        PackageManager::Yarn => exec(&[
            "yarn",
            "install",
            "--ignore-scripts",
            "--non-interactive",
            "--ignore-engines",
            "--no-progress",
            "--production=false",
        ]),
        PackageManager::Berry => exec(&["yarn", "install", "--mode=update-lockfile", "--no-immutable"]),
        PackageManager::Bun => {
            exec(&["bun", "install", "--lockfile-only", "--ignore-scripts", "--save-text-lockfile"])
        }
    };
    let file = lock_name(work.manager());
    lock.commands = vec![make];
    if work.manager() == PackageManager::Npm {
        lock.commands.extend(program("complete.cjs", COMPLETE, &[file.to_owned()]));
    }
    lock.commands.push(Command::Shell(format!("mkdir -p /{LOCKS} && cp /app/{file} /{LOCKS}/{file}")));
    let output = path(&format!("{LOCKS}/{file}"));
    lock.outputs.push(Output { path: output, layer: None, scrub: Vec::new() });
    nested::lock(work, &mut lock);
    Ok(lock)
}

/// `node.install`: fetches exactly what the lock names, development dependencies as well.
pub(super) fn install(work: &StepContext<'_>, named: &Named) -> Result<Step, Vec<Diagnostic>> {
    let mut install = fetch(work, named, "node.install", "installs exactly the packages that the lock names");
    if work.project.locked.is_none() {
        install.inputs.push(after("node.lock"));
    }
    install.inputs.push(inputs::install(&work.project)?);
    let file = lock_name(work.manager());
    let mut scrub = Vec::new();
    if work.project.locked.is_none() {
        install.commands.push(Command::Shell(format!("cp /{LOCKS}/{file} /app/{file}")));
        // Every command of yarn 2 and later looks its project up in its lock, `yarn rebuild` and `yarn run` too.
        if work.manager() != PackageManager::Berry {
            scrub.push(file.to_owned());
        }
    }
    install.commands.push(match work.manager() {
        PackageManager::Npm => {
            exec(&["npm", "ci", "--ignore-scripts", "--include=dev", "--include=optional"])
        }
        PackageManager::Pnpm => exec(&[
            "pnpm",
            "install",
            "--frozen-lockfile",
            "--ignore-scripts",
            "--prod=false",
            // The store is a cache, which is another file system and outlives the step.
            "--package-import-method=copy",
        ]),
        PackageManager::Yarn => exec(&[
            "yarn",
            "install",
            "--frozen-lockfile",
            "--ignore-scripts",
            "--non-interactive",
            "--ignore-engines",
            "--no-progress",
            "--production=false",
        ]),
        PackageManager::Berry => exec(&["yarn", "install", "--immutable", "--mode=skip-build"]),
        PackageManager::Bun => {
            exec(&["bun", "install", "--frozen-lockfile", "--ignore-scripts", "--backend=copyfile"])
        }
    });
    scrub.extend(nested::install(work, &mut install));
    install.outputs.push(app_output(None, scrub));
    Ok(install)
}
