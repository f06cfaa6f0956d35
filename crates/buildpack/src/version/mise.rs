//! mise's files: which there are, and which version they name for a tool.
//!
//! Source: mise documentation, "Configuration" and "Dev Tools"; `LOCAL_CONFIG_FILENAMES` and
//! `MiseTomlTool` in its source.

use packwright_documents::Value;

/// mise's files, the one that counts first first. Below a directory with a `*`, every file with the
/// ending counts, the last by name first.
pub(super) const FILES: &[&str] = &[
    ".mise.toml",
    "mise.toml",
    "mise/config.toml",
    "mise/conf.d/*.toml",
    ".mise/config.toml",
    ".mise/conf.d/*.toml",
    ".config/mise.toml",
    ".config/mise/mise.toml",
    ".config/mise/config.toml",
    ".config/mise/conf.d/*.toml",
];

/// mise's files for one machine, the one that counts first first. mise takes them before all others
/// and says that they belong in no repository, so what they name is a hint.
pub(super) const LOCAL_FILES: &[&str] = &[
    ".mise.local.toml",
    "mise.local.toml",
    "mise/config.local.toml",
    ".mise/config.local.toml",
    ".config/mise.local.toml",
    ".config/mise/mise.local.toml",
    ".config/mise/config.local.toml",
];

/// Backends that take a tool from a repository or a plugin, whose name ends in the tool's.
///
/// Source: mise documentation, "Backends". `npm:`, `pipx:`, `cargo:`, `go:` and `gem:` bring packages of a
/// language and no language.
const BACKENDS: &[&str] =
    &["core", "asdf", "vfox", "aqua", "ubi", "github", "gitlab", "forgejo", "http", "s3", "conda"];

/// The name of the tool that `key` means: without backend (`core:node`), options (`ubi:a/b[exe=c]`),
/// the repository's owner and what plugins put before their tool's name (`asdf-golang`).
pub(super) fn tool_name(key: &str) -> &str {
    let key = key.split('[').next().unwrap_or(key);
    let Some((backend, rest)) = key.split_once(':') else { return key };
    if !BACKENDS.contains(&backend) {
        return key;
    }
    let name = rest.trim_end_matches('/').rsplit('/').next().unwrap_or(rest);
    let name = name.strip_suffix(".git").unwrap_or(name);
    ["asdf-", "vfox-", "mise-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// A version that an entry under `[tools]` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As `.tool-versions` would have it: `3.12`, `prefix:3`, `path:/opt/python`.
    pub(super) version: String,
    /// Its line.
    pub(super) line: u32,
}

/// The versions that a tool's entry names for Linux, in order; `None` when a version belongs there
/// and is none.
pub(super) fn versions(value: &Value) -> Option<Vec<Named>> {
    let all = match value.items() {
        [] => std::slice::from_ref(value),
        several => several,
    };
    all.iter().filter(|one| is_for_linux(one)).map(named).collect()
}

fn named(value: &Value) -> Option<Named> {
    let word = |value: &Value, kind: &str| {
        let word = value.word().map(str::trim).filter(|word| !word.is_empty())?;
        Some(Named { version: format!("{kind}{word}"), line: value.line })
    };
    let keys =
        [("version", ""), ("prefix", "prefix:"), ("path", "path:"), ("ref", "ref:"), ("branch", "ref:")];
    let keys = keys.into_iter().chain([("tag", "ref:"), ("rev", "ref:")]);
    match value.entries() {
        [] => word(value, ""),
        _ => keys.filter_map(|(key, kind)| word(value.get(key)?, kind)).next(),
    }
}

/// Whether `os`, which a table may have, has Linux, with whatever processor: `linux/arm64`.
fn is_for_linux(value: &Value) -> bool {
    let Some(systems) = value.get("os") else { return true };
    let all = match systems.items() {
        [] => std::slice::from_ref(systems),
        several => several,
    };
    all.iter().any(|one| one.word().is_some_and(|one| one.split('/').next() == Some("linux")))
}
