//! `node.scripts`: install scripts, without network. With network, the script of a package that a lock
//! file names by digest could fetch what no lock file names.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::documents::Value;
use packwright_buildpack::files;
use packwright_buildpack::planner::{
    Command, Decision, Diagnostic, Input, Network, Origin, Overridden, Selection, Step, find, has,
};
use packwright_buildpack::step::{self, CERTIFICATES, after, exec, step};

use super::context::StepContext;
use super::fetch::client;
use super::nested;
use super::parts::{app_output, program, whole_source};
use crate::lock::InstallScripts;
use crate::manager::{ManagerVersion, PackageManager};
use crate::manifest::PackageJson;
use crate::process::AT_INSTALLATION;
use crate::syntax::JsSource;
use crate::version::range::Range;
use crate::{inputs, messages, native, toolchain};

/// The step and what was decided about it.
pub(super) struct ScriptsStep {
    pub(super) step: Step,
    pub(super) decision: Option<Decision>,
    pub(super) compiles: bool,
}

/// What projects call in these scripts that has no use in a build: git hooks, and checks of which
/// package manager runs.
const IDLE: &[&str] =
    &["husky", "lefthook", "simple-git-hooks", "only-allow", "is-ci", "pre-commit", "yorkie", "git config"];

/// The step; `None` when nothing has a script.
///
/// Errors: settings that cannot be read.
pub(super) fn scripts(work: &StepContext<'_>) -> Result<Option<ScriptsStep>, Vec<Diagnostic>> {
    let of_packages = packages_have_scripts(work) || !work.application.nested.is_empty();
    let own = own_scripts(work);
    if !of_packages && own.is_empty() {
        return Ok(None);
    }
    let mut scripts =
        step("node.scripts", "runs the install scripts of packages and of the project, without network");
    scripts.hint = Some(messages::SCRIPTS_HINT.to_owned());
    scripts.inputs = work.tools();
    scripts.inputs.push(after("node.install"));
    scripts.inputs.push(inputs::install(&work.project)?);
    scripts.inputs.extend(nested::files(work));
    scripts.inputs.extend(own_inputs(work, &own));
    scripts.environment = work.environment();
    scripts.environment.insert("npm_config_nodedir".to_owned(), toolchain::NODE_DEV.to_owned());
    if of_packages {
        scripts.commands.extend(rebuild(work));
    }
    for (manifest, name) in &own {
        scripts.commands.push(match work.relieved(manifest, name) {
            Some(line) => Command::shell(line),
            None => run(work, manifest, name),
        });
    }
    scripts.outputs.push(app_output(None, Vec::new()));
    let decision = open_network(work, &mut scripts)?;
    let compiles = match work.project.locked {
        Some(locked) => locked.packages().any(|(name, found)| {
            found.scripts != InstallScripts::No && (found.is_native || native::compiles(name))
        }),
        None => inputs::manifests(&work.project)
            .iter()
            .any(|manifest| manifest.all_dependencies().any(|(_, name, _)| native::compiles(name))),
    };
    scripts.environment.extend(native_environment(work));
    Ok(Some(ScriptsStep { step: scripts, decision, compiles: of_packages && compiles }))
}

/// The variables that prevent downloads which no build needs.
pub(super) fn native_environment(work: &StepContext<'_>) -> BTreeMap<String, String> {
    let manifests = inputs::manifests(&work.project);
    let asked = manifests.iter().flat_map(|manifest| manifest.all_dependencies().map(|(_, name, _)| name));
    let locked = work.project.locked.into_iter().flat_map(|locked| locked.packages().map(|(name, _)| name));
    native::install_environment(&asked.chain(locked).collect())
}

/// Whether a package may have an install script that its manager would run.
fn packages_have_scripts(work: &StepContext<'_>) -> bool {
    if work.manager() == PackageManager::Pnpm && asks_for_approval(work) && !work.choice.approves {
        return false;
    }
    match work.project.locked {
        None => true,
        Some(locked) if !locked.is_readable => true,
        Some(locked) => locked.packages().any(|(_, package)| package.scripts != InstallScripts::No),
    }
}

/// A warning about native packages whose install scripts pnpm will not run, as no file approves them.
pub(super) fn unapproved(work: &StepContext<'_>) -> Option<Diagnostic> {
    let locked = work
        .project
        .locked
        .filter(|_| work.manager() == PackageManager::Pnpm && !packages_have_scripts(work))?;
    let native: Vec<&str> =
        locked.packages().filter(|(_, found)| found.is_native).map(|(name, _)| name).collect();
    (!native.is_empty()).then(|| messages::scripts_not_approved(&native, &work.choice.version.origin))
}

/// pnpm runs only approved scripts from version 10 on.
fn asks_for_approval(work: &StepContext<'_>) -> bool {
    let range = match &work.choice.version.value {
        ManagerVersion::Exact { version, .. } => version.clone(),
        ManagerVersion::Range(range) => range.clone(),
        _ => return true,
    };
    let lowest = Range::parse(&range).and_then(|range| range.span());
    lowest.is_none_or(|((major, _, _), _)| major >= 10)
}

/// The commands that run the scripts of packages.
fn rebuild(work: &StepContext<'_>) -> Vec<Command> {
    let dirs: Vec<String> = inputs::manifests(&work.project)
        .iter()
        .filter_map(|found| Some(found.dir.as_ref()?.to_string()))
        .chain(work.application.nested.iter().map(ToString::to_string))
        .collect();
    let with = |allowed: String| {
        let arguments: Vec<String> = std::iter::once(allowed).chain(dirs.iter().cloned()).collect();
        program("rebuild.cjs", REBUILD, &arguments).into()
    };
    match work.manager() {
        PackageManager::Pnpm if work.project.workspace.is_some() => {
            vec![exec(&["pnpm", "rebuild", "--recursive"])]
        }
        PackageManager::Pnpm => vec![exec(&["pnpm", "rebuild"])],
        PackageManager::Berry => vec![exec(&["yarn", "rebuild"])],
        PackageManager::Npm | PackageManager::Yarn => with("all".to_owned()),
        PackageManager::Bun => with(trusted(work)),
    }
}

const REBUILD: &str = include_str!("rebuild.cjs");

/// bun runs the scripts of packages that the project trusts, or else of those that it trusts
/// itself.
fn trusted(work: &StepContext<'_>) -> String {
    let Some(list) = work.project.root.json.get("trustedDependencies") else { return "trusted".to_owned() };
    let names: Vec<&str> = list.items().iter().filter_map(Value::text).collect();
    names.join(",")
}

/// The scripts of the project itself: the root's, and those of the application and of the members
/// that it needs; of all members where the root is the application, since nobody knows which it starts.
/// Source: npm's documentation, "npm ci", "workspaces".
fn own_scripts<'a>(work: &StepContext<'a>) -> Vec<(&'a PackageJson, &'static str)> {
    let project = work.project;
    let mut manifests = vec![project.root];
    if let Some(workspace) = project.workspace {
        if project.app.path == project.root.path {
            manifests.extend(workspace.in_order());
        } else {
            manifests.extend(workspace.needed_by(project.app));
            manifests.push(project.app);
        }
    }
    let mut found = Vec::new();
    for manifest in manifests {
        for &name in AT_INSTALLATION {
            let only_installs = work.relieved(manifest, name).is_some_and(str::is_empty);
            if !only_installs && manifest.script(name).is_some_and(|script| !is_idle(&script.value)) {
                found.push((manifest, name));
            }
        }
    }
    found
}

/// Whether every command of the line only sets up git hooks or checks the package manager.
fn is_idle(line: &str) -> bool {
    let commands = Command::shell(line).simple_commands();
    !commands.is_empty() && commands.iter().all(|words| command_is_idle(fetched(words)))
}

fn command_is_idle(words: &[String]) -> bool {
    let is = |idle: &&str| {
        words.join(" ").strip_prefix(idle).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    IDLE.iter().any(is) || matches!(words.join(" ").as_str(), "true" | "exit 0" | ":")
}

/// The command behind `npx`.
fn fetched(words: &[String]) -> &[String] {
    let skipped = words.iter().take_while(|word| matches!(word.as_str(), "npx" | "-y" | "--yes")).count();
    &words[skipped..]
}

/// The command that runs one script of `manifest` and no other around it.
fn run(work: &StepContext<'_>, manifest: &PackageJson, script: &str) -> Command {
    let dir = manifest.dir.as_ref().map(|dir| format!("/app/{dir}"));
    let mut line: Vec<String> = match work.manager() {
        PackageManager::Berry => ["yarn", "run"].map(str::to_owned).to_vec(),
        // The same for all: pnpm and bun would run what is before and after, and some run all of it
        // under the name `install`.
        _ => ["/opt/npm/npm", "run", "--ignore-scripts"].map(str::to_owned).to_vec(),
    };
    if work.manager() != PackageManager::Berry && work.project.root.json.get("devEngines").is_some() {
        // It may name another manager, whose work this is.
        line.push("--force".to_owned());
    }
    line.push(script.to_owned());
    match dir {
        None => Command::Exec(line),
        Some(dir) => Command::Shell(format!("cd {} && {}", Command::Exec(vec![dir]), Command::Exec(line))),
    }
}

/// The source files that the project's own scripts need: those that their words name; all of them
/// when a word is not understood.
fn own_inputs(work: &StepContext<'_>, own: &[(&PackageJson, &'static str)]) -> Option<Input> {
    let tree = work.project.context.tree;
    let mut files: Vec<String> = Vec::new();
    for (manifest, name) in own {
        let commands = Command::shell(&manifest.script(name)?.value).simple_commands();
        if commands.is_empty() {
            return Some(whole_source());
        }
        for words in &commands {
            let words = fetched(words);
            match words.first().map_or("", String::as_str) {
                "patch-package" => files.extend(beside(manifest, "patches")),
                "prisma" => files.extend(schema(work, manifest)),
                "node" => match words.get(1).and_then(|file| alone(work, manifest, file)) {
                    Some(path) => files.push(path),
                    None => return Some(whole_source()),
                },
                "echo" | "true" | ":" | "exit" => {}
                _ if command_is_idle(words) => {}
                _ => return Some(whole_source()),
            }
        }
    }
    files.retain(|path| {
        has(tree, path) || tree.files().iter().any(|file| file.path.as_str().starts_with(&format!("{path}/")))
    });
    files.sort();
    files.dedup();
    (!files.is_empty()).then(|| Input::Source(Selection::files(files)))
}

/// Modules of Node that reach no file and start no program.
const HARMLESS: &[&str] = &["assert", "crypto", "events", "os", "path", "process", "url", "util"];

/// The file of a program that needs no other file of the source: it loads and reads none, and starts no program.
/// `None` for any other, and for one that is not understood.
fn alone(work: &StepContext<'_>, manifest: &PackageJson, file: &str) -> Option<String> {
    let path = manifest.beside(file).filter(|_| !file.starts_with('-'))?;
    let text = files::text(work.project.context.tree, &path).ok().flatten()?;
    let script = JsSource::read(&text);
    let is_harmless = |name: &str| HARMLESS.contains(&name.strip_prefix("node:").unwrap_or(name));
    let computes = || script.calls(&["import"]).or_else(|| script.calls(&["require"])).is_some();
    let all = script.imports();
    let literal = text.matches("require(").count() + text.matches("import(").count() <= all.len();
    (all.iter().all(|(name, _)| is_harmless(name)) && (literal || !computes())).then(|| path.to_string())
}

fn beside(manifest: &PackageJson, name: &str) -> Option<String> {
    manifest.beside(name).map(|path| path.to_string())
}

/// Where prisma looks for its schema.
fn schema(work: &StepContext<'_>, manifest: &PackageJson) -> Vec<String> {
    let named = manifest.json.at(&["prisma", "schema"]).and_then(Value::text);
    let places = ["prisma", "schema.prisma", "prisma.config.ts", "prisma.config.js", "prisma.config.mjs"];
    let places = places.into_iter().chain(named).filter_map(|name| beside(manifest, name));
    places.filter(|path| find(work.project.context.tree, path).is_some() || !path.contains('.')).collect()
}

/// Opens the network for packages that are known to fetch something in their scripts, when no
/// variable keeps them from it and nothing can be compiled in its place.
fn open_network(work: &StepContext<'_>, scripts: &mut Step) -> Result<Option<Decision>, Vec<Diagnostic>> {
    let why: BTreeSet<String> = with_scripts(work)
        .iter()
        .filter_map(|(name, version)| {
            let reason = native::fetches_at_install(name, version)?;
            Some(messages::network_for_scripts(name, reason))
        })
        .collect();
    if why.is_empty() {
        return Ok(None);
    }
    scripts.network = Network::Fetch;
    scripts.why = "runs the install scripts of packages and of the project, with network".to_owned();
    // Every package's scripts run there: the way to the network, and no credentials.
    let fetch = step::fetch("node.scripts", &scripts.why, &[client(work.manager())]);
    scripts.settings = fetch.settings;
    scripts.settings.retain(|name| name.to_ascii_lowercase().contains("proxy"));
    scripts.transient = fetch.transient;
    scripts.environment.insert("NODE_EXTRA_CA_CERTS".to_owned(), CERTIFICATES.to_owned());
    Ok(Some(
        Decision::new(
            "network of node.scripts",
            "open",
            Origin::Detected(why.into_iter().collect::<Vec<_>>().join("; ")),
        )
        .over([Overridden {
            value: "closed".to_owned(),
            origin: Origin::Default("install scripts have no network".to_owned()),
        }]),
    ))
}

/// The packages that may have install scripts, each with its version: by the lock file, or else those that the
/// manifests name, in the lowest version that they accept.
fn with_scripts(work: &StepContext<'_>) -> Vec<(String, String)> {
    let owned = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    match work.project.locked {
        Some(locked) => locked
            .packages()
            .filter(|(_, package)| package.scripts != InstallScripts::No)
            .map(|(name, package)| owned(name, &package.version))
            .collect(),
        None => inputs::manifests(&work.project)
            .iter()
            .flat_map(|manifest| manifest.all_dependencies())
            .map(|(_, name, range)| {
                let lowest = Range::parse(&range.value).and_then(|range| range.span());
                let version = lowest.map_or(String::new(), |((a, b, c), _)| format!("{a}.{b}.{c}"));
                owned(name, &version)
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_that_only_set_up_hooks() {
        for line in [
            "husky",
            "is-ci || husky install",
            "husky install >/dev/null 2>&1 || true",
            "HUSKY_GIT_PARAMS='a;b' npx --yes husky # and nothing else",
            "git config core.hooksPath '.a & b' || exit 0",
        ] {
            assert!(is_idle(line), "{line}");
        }
        for line in ["node a.js && husky", "husky $(node a.js)", "huskyfy", "", "sh -c 'husky; node a.js'"] {
            assert!(!is_idle(line), "{line}");
        }
    }
}
