//! Scripts that `pyproject.toml` declares: `[project.scripts]` and `[tool.poetry.scripts]`.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Origin, SourceTree, has};
use serde::Deserialize;
use toml::Spanned;

use crate::dependencies::Dependencies;
use crate::entry::is_identifier;
use crate::manifest::text;

/// `name = "module:function"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    /// The program's name.
    pub(super) name: String,
    /// The dotted module.
    pub(super) module: String,
    /// The function in it; `object.method` is allowed.
    pub(super) function: String,
    /// Where it stands.
    pub(super) origin: Origin,
    /// Whether the project is installed as a package, so that there is a program of that name.
    pub(super) is_installed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ScriptsToml {
    project: Option<Project>,
    build_system: Option<toml::Table>,
    tool: Option<Tool>,
}
#[derive(Deserialize)]
struct Project {
    name: Option<String>,
    #[serde(default)]
    scripts: BTreeMap<String, Spanned<String>>,
}
#[derive(Deserialize)]
struct Tool {
    poetry: Option<Poetry>,
}
#[derive(Deserialize)]
struct Poetry {
    name: Option<String>,
    #[serde(default)]
    scripts: BTreeMap<String, Spanned<toml::Value>>,
}

/// Lock files that count before a list of requirements.
const LOCKS: &[&str] = &["uv.lock", "poetry.lock", "pdm.lock"];

/// Names of scripts that start something for good.
const NAMES: &[&str] = &["start", "serve", "server", "web", "main", "run", "app", "worker", "bot"];

/// The scripts, the one that most likely is the application first: one with the project's name,
/// then names that say so, then the others in the order of the file.
pub(super) fn scripts(tree: &dyn SourceTree, dependencies: &Dependencies) -> Vec<Script> {
    let path = "pyproject.toml".parse().expect("a relative path");
    let Ok(Some(source)) = text(tree, &path) else {
        return Vec::new();
    };
    // `manifest::pyproject` reads the same file and reports what is wrong with it.
    let Ok(file) = toml::from_str::<ScriptsToml>(&source) else {
        return Vec::new();
    };
    let project = file.project.as_ref();
    let poetry = file.tool.as_ref().and_then(|tool| tool.poetry.as_ref());
    let own = project.and_then(|one| one.name.clone()).or_else(|| poetry.and_then(|one| one.name.clone()));
    // With a list of requirements beside it, the project is installed when the list says so.
    let listed = own.as_deref().is_some_and(|own| dependencies.have(&normal(own)));
    let by_list = has(tree, "requirements.txt") && !LOCKS.iter().any(|lock| has(tree, lock));
    let is_installed = listed || (file.build_system.is_some() && !by_list);
    let mut found: Vec<(usize, Script)> = Vec::new();
    let mut add = |name: String, at: usize, value: &str| {
        if let Some((module, function)) = reference(value) {
            let line =
                source.as_bytes()[..at.min(source.len())].iter().filter(|&&byte| byte == b'\n').count();
            let origin = Origin::line(&path, line as u32 + 1);
            found.push((at, Script { name, module, function, origin, is_installed }));
        }
    };
    for (name, value) in project.into_iter().flat_map(|project| &project.scripts) {
        add(name.clone(), value.span().start, value.as_ref());
    }
    for (name, value) in poetry.into_iter().flat_map(|poetry| &poetry.scripts) {
        let text = value.as_ref().as_str().or_else(|| value.as_ref().get("reference")?.as_str());
        if let Some(text) = text {
            add(name.clone(), value.span().start, text);
        }
    }
    found.sort_by_key(|(at, script)| {
        let is_own = own.as_deref().is_some_and(|own| normal(own) == normal(&script.name));
        let named = NAMES.iter().position(|&name| name == script.name).unwrap_or(NAMES.len());
        (!is_own, named, *at)
    });
    found.into_iter().map(|(_, script)| script).collect()
}

fn normal(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// The parts of `module:function`; `None` for what a program could not be made of.
///
/// Source: the entry points specification, "Data model".
fn reference(text: &str) -> Option<(String, String)> {
    let text = text.split('[').next().unwrap_or(text).trim();
    let (module, function) = text.split_once(':')?;
    let is_dotted = |path: &str| path.split('.').all(is_identifier);
    (is_dotted(module) && is_dotted(function)).then(|| (module.to_owned(), function.to_owned()))
}
