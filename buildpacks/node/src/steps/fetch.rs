//! What steps with network share, and the steps that bring the package manager.

use packwright_buildpack::client::{self, Client};
use packwright_buildpack::planner::{Command, Delivered, LayerKind, Output, Step, ToolVersion};
use packwright_buildpack::step::{self, after, answer, answering, exec, path, step, words};

use super::context::StepContext;
use super::parts::program;
use crate::inputs::Named;
use crate::manager::{Hash, ManagerVersion, PackageManager};
use crate::{messages, toolchain};

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

/// The client that installs the packages.
pub(super) fn client(manager: PackageManager) -> &'static Client {
    match manager {
        PackageManager::Npm => &client::NPM,
        PackageManager::Pnpm => &client::PNPM,
        PackageManager::Yarn => &client::YARN,
        PackageManager::Berry => &client::YARN_BERRY,
        PackageManager::Bun => &client::BUN,
    }
}

/// A step with network that runs the package manager. It obeys the caller's variables, also those that
/// only files of the source name: `named`, and sends credentials to the hosts that these files say.
pub(super) fn fetch(work: &StepContext<'_>, named: &Named, name: &str, why: &str) -> Step {
    let mut fetch = step::fetch(name, why, &[client(work.manager())]);
    fetch.inputs = work.tools();
    fetch.hint = Some(messages::INSTALL_HINT.to_owned());
    fetch.settings.extend(words(SETTINGS));
    fetch.settings.sort();
    fetch.source_settings = named.variables.clone();
    fetch.source_settings.retain(|name| !fetch.settings.contains(name));
    for (variable, address) in &named.credentials {
        fetch.bind(variable, [address.clone()]);
    }
    fetch.environment.extend(work.environment());
    // A project's `.npmrc` can name another program, which would be code of the source in a step with network.
    if work.manager() == PackageManager::Npm {
        fetch.environment.insert("npm_config_git".to_owned(), "git".to_owned());
    }
    fetch
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
    if work.manager_in_image() && manager != PackageManager::Npm {
        let npx = "/opt/manager/bin/npx";
        bring.commands.extend([Command::write(npx, NPX), Command::exec(["chmod", "755", npx])]);
    }
    steps.push(bring);
    steps
}

/// `npx` in an image that has another manager than npm: the programs of installed packages are in PATH, and others are
/// not fetched.
const NPX: &str = "#!/bin/sh\nwhile :; do case \"$1\" in -y|--yes|--no|--no-install|-q|--quiet|--) shift ;; *) break ;; esac; done\nexec \"$@\"";

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
    answering(find, "node", &[&format!("{name}-version"), &format!("{name}-integrity")])
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
                delivered: Delivered::Answer {
                    step: step::name("node.manager-version"),
                    path: answer("node", &format!("{}-version", manager.name())),
                },
            })
        }
        _ => None,
    }
}
