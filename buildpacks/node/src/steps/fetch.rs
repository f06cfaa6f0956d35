//! What steps with network share, and the steps that bring the package manager.

use packwright_planner::{
    Cache, Command, Diagnostic, LayerKind, Network, Output, Sharing, Step, ToolVersion,
};

use super::context::StepContext;
use super::parts::{after, exec, name, path, program, step, words};
use crate::manager::{Hash, ManagerVersion, PackageManager};
use crate::toolchain::{self, REGISTRY_SETTINGS};
use crate::{inputs, messages, network_failures};

/// Variables that choose registries, ways to them and credentials, besides npm's own list.
const SETTINGS: &[&str] = &[
    "npm_config_//*",
    "PNPM_CONFIG_REGISTRY",
    "pnpm_config_registry",
    "YARN_REGISTRY",
    "YARN_NPM_REGISTRY_SERVER",
    "YARN_NPM_AUTH_TOKEN",
    "YARN_NPM_AUTH_IDENT",
    "YARN_HTTP_PROXY",
    "YARN_HTTPS_PROXY",
    "YARN_UNSAFE_HTTP_WHITELIST",
    "BUN_CONFIG_REGISTRY",
    "BUN_CONFIG_TOKEN",
    "COREPACK_NPM_REGISTRY",
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
];

/// The host's certificates, in every step with network.
pub(super) const CA_BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where each manager keeps what it fetched: its name, the directory.
pub(super) fn cache(manager: PackageManager) -> Cache {
    let name = match manager {
        PackageManager::Npm => "npm",
        PackageManager::Pnpm => "pnpm",
        PackageManager::Yarn => "yarn",
        PackageManager::Berry => "yarn-berry",
        PackageManager::Bun => "bun",
    };
    // npm checks by digest what it takes out and runs no code of the repository while it installs;
    // the others take out what they unpacked, and run configuration that is code.
    let sharing = match manager {
        PackageManager::Npm => Sharing::Store,
        _ => Sharing::Application,
    };
    Cache { name: name.to_owned(), path: path(&format!("packwright/cache/{name}")), sharing }
}

/// A step with network that runs the package manager and obeys the caller's variables, those among
/// them that files of the source name too: `named`, from [`source_settings`].
pub(super) fn fetch(work: &StepContext<'_>, named: &[String], name: &str, why: &str) -> Step {
    let mut fetch = step(name, why);
    fetch.inputs = work.tools();
    fetch.hint = Some(messages::INSTALL_HINT.to_owned());
    fetch.network = Network::Fetch;
    fetch.transient = network_failures::of(work.manager());
    fetch.settings = settings();
    fetch.source_settings = named.to_vec();
    fetch.caches.push(cache(work.manager()));
    fetch.environment = work.environment();
    let mut set = |name: &str, value: &str| fetch.environment.insert(name.to_owned(), value.to_owned());
    set("NODE_EXTRA_CA_CERTS", CA_BUNDLE);
    match work.manager() {
        PackageManager::Npm => set("npm_config_cache", "/packwright/cache/npm"),
        PackageManager::Pnpm => None,
        PackageManager::Yarn => set("YARN_CACHE_FOLDER", "/packwright/cache/yarn"),
        PackageManager::Berry => set("YARN_GLOBAL_FOLDER", "/packwright/cache/yarn-berry"),
        PackageManager::Bun => set("BUN_INSTALL_CACHE_DIR", "/packwright/cache/bun"),
    };
    fetch
}

/// The variables of the caller that a step with network obeys.
fn settings() -> Vec<String> {
    let mut all: Vec<String> = words(REGISTRY_SETTINGS);
    all.extend(words(SETTINGS));
    all.sort();
    all.dedup();
    all
}

/// The variables that the configuration of package managers names in the source, without those that
/// every step obeys.
pub(super) fn source_settings(work: &StepContext<'_>) -> Result<Vec<String>, Diagnostic> {
    let known = settings();
    let mut named = inputs::variables(&work.project)?;
    named.retain(|name| !known.contains(name));
    named.sort();
    named.dedup();
    Ok(named)
}

/// The variables that show the way to the network, for steps that are to have no credentials.
pub(super) fn proxies() -> Vec<String> {
    let mut all = words(REGISTRY_SETTINGS);
    all.retain(|name| name.to_ascii_lowercase().contains("proxy"));
    all
}

/// The package of the registry that holds the manager.
fn package(manager: PackageManager) -> &'static str {
    match manager {
        PackageManager::Berry => "@yarnpkg/cli-dist",
        other => other.name(),
    }
}

/// The steps that bring the package manager: it lies in `/opt/manager`, npm as it comes as well.
pub(super) fn manager(work: &StepContext<'_>) -> Vec<Step> {
    let manager = work.manager();
    // bun is a runtime and comes as one.
    if manager == PackageManager::Bun {
        return Vec::new();
    }
    let name = manager.name();
    let mut bring = step("node.manager", &format!("brings {name}, which installs the packages"));
    let layer = work.manager_in_image().then_some(LayerKind::Runtime);
    bring.outputs.push(Output { path: path("opt/manager"), layer, scrub: Vec::new() });
    let mut steps = Vec::new();
    match &work.choice.version.value {
        ManagerVersion::Delivered => {
            // Steps have npm where it is; an image gets it without the Node that is its own there.
            let (make, lib) = match work.manager_in_image() {
                true => (
                    "mkdir -p /opt/manager/bin && cp -r /opt/npm/lib/npm /opt/manager/lib",
                    "/opt/manager/lib",
                ),
                false => ("mkdir -p /opt/manager/bin", "/opt/npm/lib/npm"),
            };
            bring.inputs.push(after("node.npm"));
            let scripts = ["npm", "npx"]
                .into_iter()
                .flat_map(|name| wrapper(name, &format!("{lib}/bin/{name}-cli.js")));
            bring.commands = [Command::shell(make)].into_iter().chain(scripts).collect();
        }
        ManagerVersion::File(release) => {
            let [write, allow] = wrapper("yarn", &format!("/app/{release}"));
            bring.commands = vec![Command::shell("mkdir -p /opt/manager/bin"), write, allow];
        }
        version @ (ManagerVersion::Exact { .. } | ManagerVersion::Range(_)) => {
            steps.push(find(manager, version));
            bring = Step { outputs: bring.outputs, ..toolchain::npm_step("node.manager", &bring.why) };
            bring.inputs.push(after("node.manager-version"));
            let hash = match version {
                ManagerVersion::Exact { hash: Some(hash), .. } => written(manager, hash),
                _ => String::new(),
            };
            let mut arguments = words(&[name, package(manager)]);
            arguments.extend(Some(hash).filter(|hash| !hash.is_empty()));
            bring.commands = program("bring.cjs", BRING, &arguments).into();
        }
    }
    steps.push(bring);
    steps
}

const BRING: &str = include_str!("../manager/bring.cjs");

/// The step that finds the exact version.
fn find(manager: PackageManager, version: &ManagerVersion) -> Step {
    let name = manager.name();
    let mut find = toolchain::npm_step("node.manager-version", &format!("finds the exact version of {name}"));
    find.hint = Some(messages::MANAGER_HINT.to_owned());
    let packed = package(manager);
    find.commands = vec![exec(&["/opt/npm/node", toolchain::FIND, name, "x64", packed, "arm64", packed])];
    find.environment.insert(format!("{}_RANGE", name.to_uppercase()), version.to_string());
    find.environment.insert(format!("{}_ASKED", name.to_uppercase()), version.to_string());
    for kind in ["version", "integrity"] {
        let path = path(&format!("packwright/node/{name}-{kind}"));
        find.outputs.push(Output { path, layer: None, scrub: Vec::new() });
    }
    find.resolves = true;
    find
}

/// The hash of `packageManager`: of the archive, or for yarn 2 and later of the one file that
/// corepack takes out of it.
fn written(manager: PackageManager, hash: &Hash) -> String {
    let file = if manager == PackageManager::Berry { "#bin/yarn.js" } else { "" };
    format!("{}:{}{file}", hash.algorithm, hash.hex)
}

/// Makes a command of the manager that is a program for Node.
fn wrapper(name: &str, file: &str) -> [Command; 2] {
    let command = format!("/opt/manager/bin/{name}");
    let file = Command::exec([file]);
    let script = format!("#!/bin/sh\nexec node {file} \"$@\"");
    [Command::write(&command, &script), Command::exec(["chmod", "755", &command])]
}

/// What plans say about the manager's version.
pub(crate) fn version(work: &StepContext<'_>) -> Option<ToolVersion> {
    let manager = work.manager();
    let version = &work.choice.version;
    match version.value {
        ManagerVersion::Exact { .. } | ManagerVersion::Range(_) if manager != PackageManager::Bun => {
            Some(ToolVersion {
                tool: manager.name().to_owned(),
                wanted: version.value.to_string(),
                origin: version.origin.clone(),
                delivered: packwright_planner::Delivered::Answer {
                    step: name("node.manager-version"),
                    path: path(&format!("packwright/node/{}-version", manager.name())),
                },
            })
        }
        _ => None,
    }
}
