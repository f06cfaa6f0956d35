//! What an install step sees of the source: manifests, lock files, settings, patches, and packages
//! that lie in the tree. Nothing else, so that an edit of a source file installs nothing again.

use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, Input, Selection, SourceTree, has};

use crate::credentials::{self, Bound};
use crate::manifest::{self, DependencyKind, PackageJson};
use crate::messages;
use crate::project::NodeProject;
use crate::project_files::ProjectFiles;

/// Files at the root that package managers read.
const SETTINGS: &[&str] = &[
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    "bunfig.toml",
    "pnpm-workspace.yaml",
    ".pnpmfile.cjs",
    ".pnpmfile.mjs",
    "pnpmfile.js",
    "lerna.json",
];

/// Directories at the root with what package managers use: patches, plugins, yarn itself.
const DIRECTORIES: &[&str] =
    &["patches", ".yarn/cache", ".yarn/patches", ".yarn/plugins", ".yarn/releases", ".yarn/versions"];

/// Prefixes of ranges that name a place.
const LOCAL: &[&str] = &["file:", "link:", "portal:"];

/// Files in which settings may name variables.
const WITH_VARIABLES: &[&str] = &[".npmrc", ".yarnrc.yml", "bunfig.toml", ".yarnrc"];

/// All `package.json` files of the project: the root's, then those of members.
pub(crate) fn manifests<'a>(project: &NodeProject<'a>) -> Vec<&'a PackageJson> {
    let members = project.workspace.map_or(&[][..], |workspace| &workspace.members[..]);
    std::iter::once(project.root).chain(members).collect()
}

/// Every `package.json` as an input.
pub(crate) fn manifests_only(project: &NodeProject<'_>) -> Input {
    let mut files: Vec<String> =
        manifests(project).iter().map(|manifest| manifest.path.to_string()).collect();
    files.extend(project.locked.map(|locked| locked.path.to_string()));
    files.extend(
        SETTINGS.iter().filter(|name| has(project.context.tree, name)).map(|name| (*name).to_owned()),
    );
    files.extend(Some(".yarn/releases".to_owned()).filter(|dir| has_below(project.context.tree, dir)));
    files.extend(Some(".yarn/plugins".to_owned()).filter(|dir| has_below(project.context.tree, dir)));
    files.extend(Some(".yarn/patches".to_owned()).filter(|dir| has_below(project.context.tree, dir)));
    Input::Source(Selection::files(files::with_targets(project.context.tree, files)))
}

/// What an install step sees.
///
/// Errors: a dependency that is taken from outside of the tree.
pub(crate) fn install(project: &NodeProject<'_>) -> Result<Input, Vec<Diagnostic>> {
    let tree = project.context.tree;
    let mut files: Vec<String> = Vec::new();
    for manifest in manifests(project) {
        files.push(manifest.path.to_string());
        if let Some(dir) = &manifest.dir {
            let settings = format!("{dir}/.npmrc");
            files.extend(Some(settings).filter(|path| has(tree, path)));
        }
    }
    files.extend(project.locked.map(|locked| locked.path.to_string()));
    files.extend(SETTINGS.iter().filter(|name| has(tree, name)).map(|name| (*name).to_owned()));
    files.extend(DIRECTORIES.iter().filter(|dir| has_below(tree, dir)).map(|name| (*name).to_owned()));
    files.extend(local(project)?);
    files.extend(patches(project));
    let mut files = files::with_targets(tree, files);
    files.sort();
    files.dedup();
    Ok(Input::Source(Selection { exclude: vec!["**/node_modules".to_owned()], ..Selection::files(files) }))
}

/// Dependencies that only a workspace above the tree can resolve: members that are not there, and versions of a
/// catalog that no file of the tree has. Every package manager refuses them. Source: pnpm's documentation,
/// "Workspace protocol" and "Catalogs".
pub(crate) fn outside_workspace(files: &ProjectFiles) -> Vec<Diagnostic> {
    let members = files.workspace.as_ref().map_or(&[][..], |workspace| &workspace.members[..]);
    let tables = [files.pnpm.as_ref(), Some(&files.root.json), files.root.json.get("workspaces")];
    let has_catalog = tables
        .iter()
        .flatten()
        .any(|table| ["catalog", "catalogs"].iter().any(|key| table.get(key).is_some()));
    let all: Vec<&PackageJson> = std::iter::once(&files.root).chain(members).collect();
    let is_member =
        |name: &str| all.iter().any(|other| other.name.as_ref().is_some_and(|own| own.value == name));
    // `workspace:NAME@RANGE` and `workspace:DIR` name another member than the dependency does.
    let names_member = |name: &str, rest: &str| {
        let aliased = rest.char_indices().skip(1).find(|found| found.1 == '@').map(|(at, _)| &rest[..at]);
        is_member(aliased.unwrap_or(name)) || rest.starts_with(['.', '/']) || rest.contains('/')
    };
    let mut problems = Vec::new();
    for manifest in &all {
        for (kind, name, range) in manifest.all_dependencies().filter(|found| found.0 != DependencyKind::Peer)
        {
            let is_apart = match range.value.split_once(':') {
                Some(("workspace", rest)) => !names_member(name, rest),
                Some(("catalog", _)) => !has_catalog,
                _ => false,
            };
            if is_apart && kind != DependencyKind::Optional {
                problems.push(messages::outside_workspace(name, range, files.root.name.as_ref()));
            }
        }
    }
    problems
}

/// Packages that manifests take from the tree by path: directories and archives. Members of the
/// workspace are linked and need no files.
fn local(project: &NodeProject<'_>) -> Result<Vec<String>, Vec<Diagnostic>> {
    let tree = project.context.tree;
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let all = manifests(project);
    for manifest in &all {
        for (_, name, range) in manifest.all_dependencies() {
            let by_prefix = LOCAL.iter().find_map(|prefix| range.value.strip_prefix(prefix));
            let bare = range.value.starts_with("./") || range.value.starts_with("../");
            let Some(place) = by_prefix.or(bare.then_some(range.value.as_str())) else { continue };
            match manifest.beside(place.trim_end_matches('/')) {
                Some(path) if all.iter().any(|other| other.dir.as_ref() == Some(&path)) => {}
                Some(path) if has(tree, path.as_str()) || has_below(tree, path.as_str()) => {
                    files.push(path.to_string());
                }
                _ => problems.push(messages::outside(&range.origin, name, &range.value)),
            }
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

/// Patches of pnpm and bun outside of `patches/`.
fn patches(project: &NodeProject<'_>) -> Vec<String> {
    let mut files = Vec::new();
    let tables = [
        project.root.json.at(&["pnpm", "patchedDependencies"]),
        project.root.json.get("patchedDependencies"),
        project.pnpm.and_then(|pnpm| pnpm.get("patchedDependencies")),
    ];
    for entry in tables.iter().flatten().flat_map(|table| table.entries()) {
        let path = entry.value.text().and_then(|text| manifest::beside(None, text));
        files.extend(
            path.filter(|path| has(project.context.tree, path.as_str())).map(|path| path.to_string()),
        );
    }
    files
}

fn has_below(tree: &dyn SourceTree, dir: &str) -> bool {
    let prefix = format!("{dir}/");
    let files = tree.files();
    let index = files.partition_point(|file| file.path.as_str() < prefix.as_str());
    files.get(index).is_some_and(|file| file.path.as_str().starts_with(&prefix))
}

/// What the settings of package managers name of the caller's environment.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Variables, as `${NAME}` and bun's `$NAME`: tokens and registries. Sorted, each once.
    pub(crate) variables: Vec<String>,
    /// Credentials among these, with the hosts that they are for.
    pub(crate) credentials: Vec<Bound>,
}

/// Reads the settings of package managers for the variables in them.
pub(crate) fn named(project: &NodeProject<'_>) -> Result<Named, Diagnostic> {
    let mut named = Named::default();
    let dirs = manifests(project);
    for name in WITH_VARIABLES {
        for manifest in &dirs {
            let Some(path) = manifest.beside(name) else { continue };
            let text = match path.as_str() {
                ".npmrc" => project.npmrc.clone()?,
                _ => files::text(project.context.tree, &path).map_err(messages::unreadable)?,
            };
            if let Some(text) = text {
                named.variables.extend(named_in(&text, *name == "bunfig.toml"));
                named.credentials.extend(match *name {
                    ".yarnrc.yml" => credentials::of_yarnrc(&text),
                    "bunfig.toml" => credentials::of_bunfig(&text),
                    _ => credentials::of_npmrc(&text),
                });
            }
        }
    }
    named.variables.sort();
    named.variables.dedup();
    Ok(named)
}

fn named_in(text: &str, bare: bool) -> Vec<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut names = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';'])) {
        for (at, _) in line.match_indices('$') {
            let rest = &line[at + 1..];
            let (rest, braced) = match rest.strip_prefix('{') {
                Some(rest) => (rest, true),
                None => (rest, false),
            };
            let end = rest.find(|letter| !is_name(letter)).unwrap_or(rest.len());
            // `${NAME-default}` and `${NAME?}` name it as well.
            let name = &rest[..end];
            if (braced || bare)
                && name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
            {
                names.push(name.to_owned());
            }
        }
    }
    names
}
