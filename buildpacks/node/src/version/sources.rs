//! Where the wished version is written: collects all that the files and the caller say, in
//! falling precedence. Judges nothing.

use packwright_planner::{
    Component, Diagnostic, FileKind, Origin, PlanContext, RelPath, Requested, SourceFile, SourceTree, find,
    text,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tool::JsRuntime;
use crate::manifest::{PackageJson, beside};
use crate::messages;

/// What was said, and what is wrong with how it was said.
#[derive(Debug, Default)]
pub(crate) struct Sayings {
    /// Wishes in falling precedence.
    pub(crate) wishes: Vec<Requested<String>>,
    /// What a file says that describes an image or a development machine, where nobody has a wish.
    pub(crate) hint: Option<Requested<String>>,
    /// Whether the first wish counts whatever the others say: the caller's, or a chosen platform's.
    pub(crate) first_counts: bool,
    /// Files that cannot be read.
    pub(crate) problems: Vec<Diagnostic>,
    /// What people should know.
    pub(crate) remarks: Vec<Diagnostic>,
}

/// mise's files, in the order in which it prefers them.
const MISE: &[&str] = &[
    "mise.toml",
    ".mise.toml",
    "mise/config.toml",
    ".mise/config.toml",
    ".config/mise.toml",
    ".config/mise/config.toml",
];

/// All that is said about the version of `tool` for the package `app` of the workspace `root`.
/// Of two files of one kind, that nearest to the package speaks.
pub(crate) fn sayings(
    tool: JsRuntime,
    context: &PlanContext<'_>,
    root: &PackageJson,
    app: &PackageJson,
) -> Sayings {
    let mut said = Sayings::default();
    if let Some(text) = context.options.environment.get(tool.option()) {
        let origin = Origin::Option(format!("--env {}={text}", tool.option()));
        said.wishes.push(Requested { value: text.trim().to_owned(), origin });
    }
    said.first_counts = !said.wishes.is_empty();
    if tool == JsRuntime::Bun {
        said.wishes.extend([app, root].into_iter().find_map(package_manager));
    }
    let PlanContext { model, .. } = context;
    let is_chosen = model.is_chosen();
    let declared = |model: &Component| -> Vec<Requested<String>> {
        model.version_requests(tool.name()).cloned().collect()
    };
    let before = said.wishes.len();
    said.wishes.extend(declared(model).into_iter().filter(|_| is_chosen));
    said.first_counts |= before == 0 && !said.wishes.is_empty();
    // A chosen platform may read these files in another order, or not at all.
    let read = |name: &str| match &model.customs.version_files {
        Some(files) => files.iter().any(|file| file == name),
        None => true,
    };
    let mut files: Vec<&str> = tool.files().iter().copied().filter(|name| read(name)).collect();
    if let Some(order) = &model.customs.version_files {
        files.sort_by_key(|name| order.iter().position(|file| file == name));
    }
    for name in files {
        said.nearest(context.tree, app, &[name], |path, text, remarks| Ok(one_line(path, text, remarks)));
    }
    if read(".tool-versions") {
        said.nearest(context.tree, app, &[".tool-versions"], |path, text, _| {
            Ok(tool_versions(tool, path, text))
        });
    }
    if read("mise.toml") {
        said.nearest(context.tree, app, MISE, |path, text, _| mise(tool, path, text));
    }
    said.wishes.extend(declared(model).into_iter().filter(|_| !is_chosen));
    let manifests = || [app, root].into_iter();
    if tool == JsRuntime::Node {
        said.wishes.extend(manifests().find_map(|manifest| manifest.volta.get("node").cloned()));
    }
    said.wishes.extend(manifests().find_map(|manifest| development_runtime(tool, manifest)));
    said.wishes.extend(manifests().find_map(|manifest| manifest.engines.get(tool.name()).cloned()));
    // A hint is for where nobody else speaks.
    if said.wishes.is_empty() {
        said.hint = model.hints.iter().flat_map(|hints| declared(hints)).next();
    }
    said
}

impl Sayings {
    /// Asks the files called one of `names`, from the package's directory upwards, until one
    /// says something or is broken.
    fn nearest(
        &mut self,
        tree: &dyn SourceTree,
        app: &PackageJson,
        names: &[&str],
        read: impl Fn(&RelPath, &str, &mut Vec<Diagnostic>) -> Result<Option<Requested<String>>, Diagnostic>,
    ) {
        for dir in upwards(app.dir.as_ref()) {
            for name in names {
                let Some(path) = beside(dir.as_ref(), name) else { continue };
                let said = match content(tree, &path) {
                    Ok(None) => continue,
                    Ok(Some(text)) => read(&path, &text, &mut self.remarks),
                    Err(problem) => Err(problem),
                };
                match said {
                    Ok(None) => {}
                    Ok(Some(wish)) => return self.wishes.push(wish),
                    Err(problem) => return self.problems.push(problem),
                }
            }
        }
    }
}

/// `dir` and all above it; none is the root of the tree.
fn upwards(dir: Option<&RelPath>) -> Vec<Option<RelPath>> {
    let mut dirs = vec![None];
    if let Some(dir) = dir {
        let ends = dir.as_str().match_indices('/').map(|(end, _)| end).chain([dir.as_str().len()]);
        dirs.extend(ends.map(|end| dir.as_str()[..end].parse().ok()));
    }
    dirs.reverse();
    dirs
}

/// The text of the file at `path`, also when it is a link to another file of the tree, as
/// workspaces have them.
fn content(tree: &dyn SourceTree, path: &RelPath) -> Result<Option<String>, Diagnostic> {
    let target = match find(tree, path.as_str()) {
        None => return Ok(None),
        Some(SourceFile { kind: FileKind::Regular { .. }, .. }) => path.clone(),
        Some(SourceFile { kind: FileKind::Symlink { target }, .. }) => {
            let dir = path.as_str().rsplit_once('/').and_then(|(dir, _)| dir.parse().ok());
            beside(dir.as_ref(), target).ok_or_else(|| messages::version_file_link(path, target))?
        }
    };
    text(tree, target.as_str()).map_err(|error| messages::unreadable(path, &error))
}

/// `.nvmrc` and its like: the first line that is no comment.
fn one_line(path: &RelPath, text: &str, remarks: &mut Vec<Diagnostic>) -> Option<Requested<String>> {
    let mut lines = text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then(|| (line, Origin::line(path, index as u32 + 1)))
    });
    let Some((line, origin)) = lines.next() else {
        remarks.push(messages::version_file_empty(path));
        return None;
    };
    if let Some((second, at)) = lines.next() {
        remarks.push(messages::version_file_several(line, second, &at));
    }
    Some(Requested { value: line.to_owned(), origin })
}

/// asdf's file: a tool a line, then its versions, the first of which counts.
fn tool_versions(tool: JsRuntime, path: &RelPath, text: &str) -> Option<Requested<String>> {
    text.lines().enumerate().find_map(|(index, line)| {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let name = words.next().filter(|name| tool.is_called(name));
        let version = name.and_then(|_| words.next())?;
        Some(Requested { value: version.to_owned(), origin: Origin::line(path, index as u32 + 1) })
    })
}

/// mise's file: `[tools]`, where a tool has a version, versions of which the first counts, or a
/// table with `version`.
fn mise(tool: JsRuntime, path: &RelPath, text: &str) -> Result<Option<Requested<String>>, Diagnostic> {
    let line_of = |offset: usize| {
        text.as_bytes()[..offset.min(text.len())].iter().filter(|&&byte| byte == b'\n').count() as u32 + 1
    };
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_of(error.span().map_or(0, |span| span.start));
        messages::version_file_broken(path, line, error.message())
    })?;
    let tools = table.get_ref().get("tools").and_then(|tools| tools.get_ref().as_table());
    let found = tools.and_then(|tools| tools.iter().find(|(name, _)| tool.is_called(name.get_ref())));
    let Some((name, value)) = found else { return Ok(None) };
    match toml_version(value) {
        Some(version) => {
            let origin = Origin::line(path, line_of(version.span().start));
            Ok(Some(Requested { value: version.into_inner(), origin }))
        }
        None => Err(messages::version_file_form(path, line_of(name.span().start), tool)),
    }
}

fn toml_version(value: &Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
    match value.get_ref() {
        DeValue::String(text) => Some(Spanned::new(value.span(), text.to_string())),
        DeValue::Integer(number) => Some(Spanned::new(value.span(), number.as_str().to_owned())),
        DeValue::Float(number) => Some(Spanned::new(value.span(), number.as_str().to_owned())),
        DeValue::Array(items) => items.iter().next().and_then(toml_version),
        DeValue::Table(table) => table.get("version").and_then(toml_version),
        _ => None,
    }
}

/// `devEngines.runtime`: one runtime, or several of which the first that is `tool` counts.
fn development_runtime(tool: JsRuntime, manifest: &PackageJson) -> Option<Requested<String>> {
    let runtime = manifest.json.at(&["devEngines", "runtime"])?;
    let all = if runtime.items().is_empty() { std::slice::from_ref(runtime) } else { runtime.items() };
    let own = all.iter().find(|one| one.text_of("name") == Some(tool.name()))?;
    let version = own.get("version")?;
    let value = version.text()?.to_owned();
    Some(Requested { value, origin: manifest.line(version.line) })
}

/// Bun's version from `packageManager`.
fn package_manager(manifest: &PackageJson) -> Option<Requested<String>> {
    let named = manifest.package_manager.as_ref()?;
    let version = named.value.trim().strip_prefix("bun@")?;
    let value = version.split('+').next().unwrap_or_default().to_owned();
    Some(Requested { value, origin: named.origin.clone() })
}
