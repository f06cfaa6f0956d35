//! The `NIXPACKS_*` variables, which configure Nixpacks, and their meaning here. A translation of its
//! vocabulary.
//!
//! Source: railwayapp/nixpacks, `src/nixpacks/plan/mod.rs`, `from_environment`, and the calls of
//! `get_config_variable` in `src/providers`.

use std::collections::BTreeMap;

use packwright_planner::{Origin, Requested};

use super::plan::{Item, NixpacksPlan};

/// The beginning of all their names.
pub(super) const PREFIX: &str = "NIXPACKS_";

/// What a variable means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It is a part of the plan, as a file could have it; in `[variables]` of a file Nixpacks
    /// does not look for it.
    Plan,
    /// A version of this tool.
    Version(&'static str),
    /// Python's package manager.
    Manager,
    /// The directory whose files are the site.
    Site,
    /// The script that is started.
    Script,
    /// Which application of a workspace is built.
    Application,
    /// Nothing for an image; the text says why.
    Nothing(&'static str),
    /// What it asks for is not done; the text says why.
    Refused(&'static str),
}

const NO_LANGUAGE: &str = "applications of its language are built by their own commands";
const CACHES: &str = "the caches of package managers are kept between builds by themselves";
const MADE: &str = "Nixpacks makes it itself and reads it nowhere";

/// Every variable that Nixpacks knows, without the prefix.
pub(super) const VARIABLES: &[(&str, Meaning)] = &[
    ("INSTALL_CMD", Meaning::Plan),
    ("BUILD_CMD", Meaning::Plan),
    ("START_CMD", Meaning::Plan),
    ("PKGS", Meaning::Plan),
    ("APT_PKGS", Meaning::Plan),
    ("LIBS", Meaning::Plan),
    ("CONFIG_FILE", Meaning::Plan),
    ("INSTALL_CACHE_DIRS", Meaning::Nothing(CACHES)),
    ("BUILD_CACHE_DIRS", Meaning::Nothing(CACHES)),
    (
        "NO_CACHE",
        Meaning::Nothing("a cached result is used only for the same input; `--refresh` asks indexes anew"),
    ),
    ("DEBIAN", Meaning::Nothing("the image is made of Debian packages whatever it says")),
    ("VERBOSE", Meaning::Nothing("what steps print is shown when they fail")),
    ("METADATA", Meaning::Nothing(MADE)),
    ("PATH", Meaning::Nothing(MADE)),
    ("SPA_OUTPUT_DIR", Meaning::Nothing(MADE)),
    ("PYTHON_VERSION", Meaning::Version("python")),
    ("PYTHON_PACKAGE_MANAGER", Meaning::Manager),
    ("POETRY_VERSION", Meaning::Version("poetry")),
    ("PDM_VERSION", Meaning::Version("pdm")),
    ("UV_VERSION", Meaning::Version("uv")),
    ("NODE_VERSION", Meaning::Version("node")),
    ("NX_APP_NAME", Meaning::Application),
    ("TURBO_APP_NAME", Meaning::Application),
    ("MOON_APP_NAME", Meaning::Application),
    ("MOON_BUILD_TASK", Meaning::Refused("moon is not asked; the package's own scripts are run")),
    ("MOON_START_TASK", Meaning::Refused("moon is not asked; the package's own scripts are run")),
    ("SPA_OUT_DIR", Meaning::Site),
    (
        "SPA_CADDY",
        Meaning::Nothing("a built site is served by the web server of the image, which is not Caddy"),
    ),
    ("STATICFILE_ROOT", Meaning::Site),
    ("RUBY_VERSION", Meaning::Version("ruby")),
    ("RUST_VERSION", Meaning::Version("rust")),
    ("JDK_VERSION", Meaning::Version("java")),
    ("GRADLE_VERSION", Meaning::Version("gradle")),
    ("ELIXIR_VERSION", Meaning::Version("elixir")),
    ("CSHARP_SDK_VERSION", Meaning::Version("dotnet")),
    ("GO_BIN", Meaning::Nothing(NO_LANGUAGE)),
    ("RUST_BIN", Meaning::Nothing(NO_LANGUAGE)),
    ("CARGO_WORKSPACE", Meaning::Nothing(NO_LANGUAGE)),
    ("NO_MUSL", Meaning::Nothing(NO_LANGUAGE)),
    ("COBOL_COMPILE_ARGS", Meaning::Nothing(NO_LANGUAGE)),
    ("COBOL_APP_NAME", Meaning::Nothing(NO_LANGUAGE)),
    ("PHP_ROOT_DIR", Meaning::Nothing(NO_LANGUAGE)),
    ("PHP_FALLBACK_PATH", Meaning::Nothing(NO_LANGUAGE)),
];

/// What the variable `name` means, prefix included; `None` when Nixpacks does not know it.
pub(super) fn meaning(name: &str) -> Option<Meaning> {
    let bare = name.strip_prefix(PREFIX)?;
    VARIABLES.iter().find(|(known, _)| *known == bare).map(|(_, meaning)| *meaning)
}

/// The caller's variables for Nixpacks, with the option as their origin.
pub(super) fn given(environment: &BTreeMap<String, String>) -> Vec<(String, Item)> {
    // A name without a value says nothing: Nixpacks looks for it in its own environment.
    let ours = environment.iter().filter(|(name, value)| name.starts_with(PREFIX) && !value.is_empty());
    ours.map(|(name, value)| {
        // Nixpacks takes line ends out of all of them.
        let item =
            Requested { value: value.replace('\n', ""), origin: Origin::Option(format!("--env {name}")) };
        (name.clone(), item)
    })
    .collect()
}

/// The plan that the caller's variables are.
pub(super) fn plan(given: &[(String, Item)]) -> NixpacksPlan {
    let mut plan = NixpacksPlan::default();
    let value = |name: &str| {
        given.iter().find(|(known, _)| known.strip_prefix(PREFIX) == Some(name)).map(|(_, item)| item)
    };
    let extended = |item: &Item, ends: &[char]| {
        let words = item.value.split(ends).filter(|word| !word.is_empty());
        let words = words
            .chain(["..."])
            .map(|word| Requested { value: word.to_owned(), origin: item.origin.clone() });
        Some(words.collect())
    };
    if let Some(item) = value("PKGS") {
        plan.phase("setup").nix_pkgs = extended(item, &[' ', ',']);
    }
    if let Some(item) = value("APT_PKGS") {
        plan.phase("setup").apt_pkgs = extended(item, &[' ', ',']);
    }
    if let Some(item) = value("LIBS") {
        plan.phase("setup").nix_libs = extended(item, &[' ']);
    }
    for (name, phase, after) in [("INSTALL_CMD", "install", "setup"), ("BUILD_CMD", "build", "install")] {
        if let Some(item) = value(name) {
            let phase = plan.phase(phase);
            phase.origin = Some(item.origin.clone());
            phase.cmds = Some(vec![item.clone()]);
            phase.depends_on = Some(vec![Requested { value: after.to_owned(), origin: item.origin.clone() }]);
        }
    }
    plan.start.cmd = value("START_CMD").cloned();
    plan
}

/// The name of this reader.
pub(super) const PLATFORM: &str = "nixpacks";
