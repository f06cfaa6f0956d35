//! The files that name a Python version: those of pyenv and uv, asdf, mise and Heroku. Each
//! reader gives at most one [`Voice`].

use packwright_planner::{Diagnostic, Origin, RelPath, SourceTree};
use serde::Deserialize;
use toml::Spanned;

use super::request::{Voice, voice};
use super::wanted::Wanted;
use crate::manifest::{origin, parse_toml, text};
use crate::messages;

/// Files of mise, the one that wins first.
///
/// Source: mise documentation, "Configuration".
const MISE: &[&str] =
    &["mise.toml", ".mise.toml", "mise/config.toml", ".mise/config.toml", ".config/mise.toml"];

type Found = Result<Option<Voice>, Diagnostic>;

/// `.python-version`, as pyenv and uv write it: versions one a line, comments.
pub(super) fn python_version(tree: &dyn SourceTree, diagnostics: &mut Vec<Diagnostic>) -> Found {
    let path: RelPath = ".python-version".parse().expect("a relative path");
    let Some(content) = text(tree, &path)? else {
        return Ok(None);
    };
    let mut lines = content.lines().enumerate().filter_map(|(index, line)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then(|| (line, Origin::line(&path, index as u32 + 1)))
    });
    let Some((line, origin)) = lines.next() else {
        diagnostics.push(messages::version_file_empty(&path));
        return Ok(None);
    };
    if let Some((second, at)) = lines.next() {
        diagnostics.push(messages::version_file_several(line, second, &at));
    }
    named(line, &origin)
}

/// `.tool-versions`: `python 3.12.4`, further versions behind it are asdf's fallbacks.
pub(super) fn tool_versions(tree: &dyn SourceTree, diagnostics: &mut Vec<Diagnostic>) -> Found {
    let path: RelPath = ".tool-versions".parse().expect("a relative path");
    let Some(content) = text(tree, &path)? else {
        return Ok(None);
    };
    for (index, line) in content.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        if words.next() != Some("python") {
            continue;
        }
        let at = Origin::line(&path, index as u32 + 1);
        let Some(version) = words.next() else {
            return Err(messages::version_unreadable("", &at));
        };
        if let Some(second) = words.next() {
            diagnostics.push(messages::version_file_several(version, second, &at));
        }
        return named(version, &at);
    }
    Ok(None)
}

#[derive(Deserialize)]
struct Mise {
    #[serde(default)]
    tools: MiseTools,
}

#[derive(Default, Deserialize)]
struct MiseTools {
    python: Option<Spanned<toml::Value>>,
}

/// The `python` of `[tools]` in mise's file: a version, a list of them, or a table.
pub(super) fn mise(tree: &dyn SourceTree, diagnostics: &mut Vec<Diagnostic>) -> Found {
    for name in MISE {
        let path: RelPath = name.parse().expect("a relative path");
        let Some(content) = text(tree, &path)? else {
            continue;
        };
        let file: Mise = parse_toml(&path, &content)?;
        let Some(python) = file.tools.python else {
            continue;
        };
        let at = origin(&path, &content, &python);
        let (first, second) = match python.as_ref() {
            toml::Value::Array(all) => (all.first(), all.get(1)),
            one => (Some(one), None),
        };
        let plain = |value: &toml::Value| match value {
            toml::Value::Table(table) => {
                table.get("version").and_then(|version| version.as_str()).map(str::to_owned)
            }
            toml::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let Some(version) = first.and_then(plain) else {
            return Err(messages::version_unreadable("", &at));
        };
        if let Some(second) = second.and_then(plain) {
            diagnostics.push(messages::version_file_several(&version, &second, &at));
        }
        return named(&version, &at);
    }
    Ok(None)
}

/// A version as version managers write it.
fn named(text: &str, origin: &Origin) -> Found {
    let bare = text.strip_prefix("cpython-").or_else(|| text.strip_prefix("python-")).unwrap_or(text);
    let wanted = match bare {
        "latest" => Wanted::exact("3"),
        bare => Wanted::exact_or_range(bare),
    };
    voice(wanted, text, origin)
}

/// Heroku's `runtime.txt`. Lines for other languages are none of our business.
pub(super) fn runtime(tree: &dyn SourceTree, diagnostics: &mut Vec<Diagnostic>) -> Found {
    let path: RelPath = "runtime.txt".parse().expect("a relative path");
    let Some(content) = text(tree, &path)? else {
        return Ok(None);
    };
    let Some((index, line)) = content
        .lines()
        .enumerate()
        .map(|(index, line)| (index, line.trim()))
        .find(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    else {
        diagnostics.push(messages::version_file_empty(&path));
        return Ok(None);
    };
    let origin = Origin::line(&path, index as u32 + 1);
    let bare = match line.strip_prefix("python-") {
        Some(bare) => bare,
        None if line.starts_with(|first: char| first.is_ascii_digit()) => {
            diagnostics.push(messages::runtime_without_prefix(line, &origin));
            line
        }
        None => return Ok(None),
    };
    let mapped = match bare.strip_suffix(".x").or_else(|| bare.strip_suffix(".*")) {
        Some(minor) => {
            diagnostics.push(messages::runtime_wildcard(line, minor, &origin));
            minor
        }
        None => bare,
    };
    voice(Wanted::exact(mapped), line, &origin)
}
