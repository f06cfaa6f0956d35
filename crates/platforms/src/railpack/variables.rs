//! The `RAILPACK_*` variables, which configure Railpack, and their meaning here. A translation of its
//! vocabulary.
//!
//! Source: railwayapp/railpack, `core/core.go`, `GenerateConfigFromEnvironment`, and the calls of
//! `GetConfigVariable` in `core/providers`.

use std::collections::BTreeMap;

use packwright_planner::{Origin, Requested};

use super::config::{Command, Config};
use crate::nixpacks::Meaning;
use crate::nixpacks::plan::Item;

/// The beginning of all their names.
pub(super) const PREFIX: &str = "RAILPACK_";

const NO_LANGUAGE: &str = "applications of its language are built by their own commands";
const LEAN: &str = "packages for development are never in the image, and a lock file is always followed";

/// Every variable that Railpack knows, without the prefix.
pub(super) const VARIABLES: &[(&str, Meaning)] = &[
    ("INSTALL_CMD", Meaning::Plan),
    ("BUILD_CMD", Meaning::Plan),
    ("START_CMD", Meaning::Plan),
    ("PACKAGES", Meaning::Plan),
    ("BUILD_APT_PACKAGES", Meaning::Plan),
    ("DEPLOY_APT_PACKAGES", Meaning::Plan),
    ("CONFIG_FILE", Meaning::Plan),
    ("DISABLE_CACHES", Meaning::Nothing("a cached result is used only for the same input")),
    ("VERBOSE", Meaning::Nothing("what steps print is shown when they fail")),
    ("VERSION", Meaning::Nothing("it chooses a version of Railpack, which is not used")),
    ("PYTHON_VERSION", Meaning::Version("python")),
    ("NODE_VERSION", Meaning::Version("node")),
    ("BUN_VERSION", Meaning::Version("bun")),
    ("DENO_VERSION", Meaning::Version("deno")),
    ("GO_VERSION", Meaning::Version("go")),
    ("RUST_VERSION", Meaning::Version("rust")),
    ("RUBY_VERSION", Meaning::Version("ruby")),
    ("ELIXIR_VERSION", Meaning::Version("elixir")),
    ("ERLANG_VERSION", Meaning::Version("erlang")),
    ("JDK_VERSION", Meaning::Version("java")),
    ("GRADLE_VERSION", Meaning::Version("gradle")),
    ("DOTNET_VERSION", Meaning::Version("dotnet")),
    ("SPA_OUTPUT_DIR", Meaning::Site),
    ("STATIC_FILE_ROOT", Meaning::Site),
    ("SHELL_SCRIPT", Meaning::Script),
    ("NX_APP", Meaning::Application),
    ("ANGULAR_PROJECT", Meaning::Application),
    (
        "DJANGO_APP_NAME",
        Meaning::Refused("the settings of the project say its module; `--start` gives another start command"),
    ),
    (
        "PYTHON_PLAYWRIGHT_INSTALL",
        Meaning::Refused("no browsers are downloaded; the package `chromium` brings one"),
    ),
    (
        "NODE_PLAYWRIGHT_INSTALL",
        Meaning::Refused("no browsers are downloaded; the package `chromium` brings one"),
    ),
    ("NO_SPA", Meaning::Refused("a site that is built is served as files; a start command says otherwise")),
    ("PRUNE_DEPS", Meaning::Nothing(LEAN)),
    ("NODE_PRUNE_CMD", Meaning::Nothing(LEAN)),
    ("NODE_NPM_INSTALL", Meaning::Nothing(LEAN)),
    ("NODE_INSTALL_PATTERNS", Meaning::Nothing("installs see the manifests that they need")),
    ("GO_BIN", Meaning::Nothing(NO_LANGUAGE)),
    ("GO_WORKSPACE_MODULE", Meaning::Nothing(NO_LANGUAGE)),
    ("RUST_BIN", Meaning::Nothing(NO_LANGUAGE)),
    ("CARGO_WORKSPACE", Meaning::Nothing(NO_LANGUAGE)),
    ("GLEAM_INCLUDE_SOURCE", Meaning::Nothing(NO_LANGUAGE)),
    ("PHP_EXTENSIONS", Meaning::Nothing(NO_LANGUAGE)),
    ("PHP_ROOT_DIR", Meaning::Nothing(NO_LANGUAGE)),
    ("SKIP_MIGRATIONS", Meaning::Nothing("migrations are never a part of the start")),
];

/// What the variable `name` means, prefix included; `None` when Railpack does not know it.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let bare = name.strip_prefix(PREFIX)?;
    VARIABLES.iter().find(|(known, _)| *known == bare).map(|(_, meaning)| *meaning)
}

/// The caller's variables for Railpack, with the option as their origin.
pub(super) fn given(environment: &BTreeMap<String, String>) -> Vec<(String, Item)> {
    let ours =
        environment.iter().filter(|(name, value)| name.starts_with(PREFIX) && !value.trim().is_empty());
    ours.map(|(name, value)| {
        let item =
            Requested { value: value.trim().to_owned(), origin: Origin::Option(format!("--env {name}")) };
        (name.clone(), item)
    })
    .collect()
}

/// The configuration that the caller's variables are.
pub(super) fn config(given: &[(String, Item)]) -> Config {
    let mut config = Config::default();
    let value = |name: &str| {
        given.iter().find(|(known, _)| known.strip_prefix(PREFIX) == Some(name)).map(|(_, item)| item)
    };
    let words = |item: &Item| -> Vec<Item> {
        let words = item.value.split(' ').filter(|word| !word.is_empty());
        words.map(|word| Requested { value: word.to_owned(), origin: item.origin.clone() }).collect()
    };
    config.build_apt = value("BUILD_APT_PACKAGES").map(words);
    config.deploy.apt = value("DEPLOY_APT_PACKAGES").map(words);
    config.deploy.start = value("START_CMD").cloned();
    for item in value("PACKAGES").map(words).unwrap_or_default() {
        let (name, version) = item.value.split_once('@').unwrap_or((&item.value, "latest"));
        let version = Requested { value: version.to_owned(), origin: item.origin.clone() };
        config.packages.insert(name.to_owned(), version);
    }
    for (name, step) in [("INSTALL_CMD", "install"), ("BUILD_CMD", "build")] {
        if let Some(item) = value(name) {
            config.step(step).commands = Some(vec![Command::Shell(item.clone())]);
        }
    }
    config
}
