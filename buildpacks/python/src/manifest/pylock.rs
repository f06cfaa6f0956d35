//! Reads `pylock.toml`, as far as a plan needs it. uv installs from it.
//!
//! Source: PEP 751.

use packwright_buildpack::planner::{Diagnostic, RelPath, SourceTree};
use serde::Deserialize;
use toml::Spanned;

use super::document::{origin, parse_toml, text};
use super::locked::Locked;
use super::names::normalised;
use crate::messages;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PylockToml {
    lock_version: Spanned<String>,
    requires_python: Option<Spanned<String>>,
    #[serde(default)]
    packages: Vec<Spanned<PylockPackage>>,
}

#[derive(Deserialize)]
struct PylockPackage {
    name: String,
    vcs: Option<Vcs>,
    directory: Option<toml::Value>,
    archive: Option<Archive>,
    sdist: Option<Published>,
    #[serde(default)]
    wheels: Vec<Published>,
}

#[derive(Deserialize)]
struct Vcs {
    #[serde(rename = "type")]
    kind: String,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Archive {
    url: Option<String>,
}

#[derive(Deserialize)]
struct Published {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
}

/// Reads the `pylock.toml` at the root; `None` when there is none.
///
/// Errors: not TOML; another version; packages that are files of the tree.
pub(crate) fn read(tree: &dyn SourceTree) -> Result<Option<Locked>, Vec<Diagnostic>> {
    let path: RelPath = "pylock.toml".parse().expect("a relative path");
    let Some(text) = text(tree, &path).map_err(|problem| vec![problem])? else {
        return Ok(None);
    };
    let file: PylockToml = parse_toml(&path, &text).map_err(|problem| vec![problem])?;
    if !file.lock_version.as_ref().starts_with("1.") {
        let at = origin(&path, &text, &file.lock_version);
        let remedy = "write it again, for example with `uv export --format pylock.toml`";
        return Err(vec![messages::lock_version_unknown(&at, file.lock_version.as_ref(), remedy)]);
    }
    let mut locked = Locked::new(path.clone());
    locked.requires_python =
        file.requires_python.as_ref().map(|wanted| (wanted.as_ref().clone(), origin(&path, &text, wanted)));
    let mut problems = Vec::new();
    for spanned in &file.packages {
        let package = spanned.as_ref();
        let at = origin(&path, &text, spanned);
        let name = normalised(&package.name);
        let inside = package.directory.is_some()
            || package.archive.as_ref().is_some_and(|archive| archive.url.is_none())
            || package
                .wheels
                .iter()
                .chain(&package.sdist)
                .any(|file| file.path.is_some() && file.url.is_none());
        if inside {
            problems.push(messages::locked_in_tree(&at, &package.name));
        }
        if let Some(vcs) = &package.vcs {
            if vcs.kind != "git" {
                problems.push(messages::requirement_scheme(&at, vcs.url.as_deref().unwrap_or(&vcs.kind)));
            }
            locked.version_control.push(name.clone());
        }
        let file = |file: &Published| file.name.clone().or(file.url.clone());
        let files: Vec<String> = package.wheels.iter().chain(&package.sdist).filter_map(file).collect();
        locked.add_files(&name, files.iter().map(String::as_str));
        locked.names.insert(name);
    }
    if problems.is_empty() { Ok(Some(locked)) } else { Err(problems) }
}
