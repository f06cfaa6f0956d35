//! mise's files: which there are, and which version they name for a tool. Its local files
//! (`mise.local.toml`) belong to one person and are not read.

use packwright_documents::Value;

/// mise's files, in the order in which its documentation prefers them; those of [`FRAGMENTS`] come
/// after them.
///
/// Source: mise documentation, "Configuration", and `LOCAL_CONFIG_FILENAMES` in its source.
pub(super) const FILES: &[&str] = &[
    "mise.toml",
    ".mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
    ".config/mise/mise.toml",
    ".config/mise/config.toml",
];

/// Directories in which every `.toml` file counts, the last by name first.
pub(super) const FRAGMENTS: &[&str] = &["mise/conf.d", ".mise/conf.d", ".config/mise/conf.d"];

/// Backends that take a tool from a repository or a plugin, whose name ends in the tool's.
///
/// Source: mise documentation, "Backends". `npm:`, `pipx:`, `cargo:`, `go:` and `gem:` bring packages of a
/// language and no language.
const BACKENDS: &[&str] = &["core", "asdf", "vfox", "aqua", "ubi", "github", "gitlab", "http", "conda"];

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

/// What a tool's entry under `[tools]` says: the first version, the second if there are several;
/// `None` when it names no version.
pub(super) fn versions(value: &Value) -> Option<(&Value, Option<&Value>)> {
    match value.items() {
        [] => Some((version(value)?, None)),
        [first] => Some((version(first)?, None)),
        [first, second, ..] => Some((version(first)?, version(second))),
    }
}

fn version(value: &Value) -> Option<&Value> {
    let value = value.get("version").unwrap_or(value);
    value.word().is_some_and(|word| !word.trim().is_empty()).then_some(value)
}
