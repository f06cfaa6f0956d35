//! [`Workspace`]: the packages of a repository that are installed together, and which of them need
//! each other. Which of them is the application is decided in [`super::choice`].

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};
use packwright_buildpack::documents::Value;
use packwright_buildpack::files;
use packwright_buildpack::planner::{Diagnostic, Origin, RelPath, Requested, SourceTree, has};

use crate::manifest::PackageJson;
use crate::{messages, nx};

/// The packages of a repository that are installed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workspace {
    /// The file that says which packages belong to it.
    pub(crate) origin: Origin,
    /// The packages besides the root, in the order of their paths.
    pub(crate) members: Vec<PackageJson>,
    /// Who runs tasks across packages.
    pub(crate) runner: Option<Requested<Runner>>,
}

/// A program that runs the tasks of a workspace in the right order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Runner {
    /// turbo, with a `build` task.
    Turbo,
    /// nx.
    Nx,
}

/// Who says which packages belong to a workspace, and the patterns.
type Declared = (Origin, Vec<Requested<String>>);

/// A pattern of `workspaces`: what it matches, and whether it takes away.
struct Pattern {
    glob: GlobMatcher,
    excludes: bool,
}

/// Whether other members of a workspace need a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberUse {
    /// At least one depends on it.
    ByOthers,
    /// None depends on it, by the manifests.
    ByNone,
}

impl Workspace {
    /// The workspace of the tree whose root has this manifest, and these settings of pnpm; `None`
    /// when it is none.
    ///
    /// Errors: patterns that are none, members whose manifests cannot be read, two members of one
    /// name.
    pub(crate) fn read(
        tree: &dyn SourceTree,
        root: &PackageJson,
        pnpm: Option<&Value>,
    ) -> Result<Option<Workspace>, Vec<Diagnostic>> {
        let Some((origin, patterns)) = patterns(root, pnpm) else { return Ok(None) };
        let mut compiled = Vec::new();
        let mut problems = Vec::new();
        for pattern in &patterns {
            match compile(&pattern.value) {
                Some(found) => compiled.push(found),
                None => problems.push(messages::bad_workspace_pattern(pattern)),
            }
        }
        let mut members: Vec<PackageJson> = Vec::new();
        for path in member_files(tree, &compiled) {
            match PackageJson::read(tree, &path) {
                Ok(manifest) => members.extend(manifest),
                Err(more) => problems.extend(more),
            }
        }
        for (index, member) in members.iter().enumerate() {
            let Some(name) = &member.name else { continue };
            let same =
                |other: &&PackageJson| other.name.as_ref().is_some_and(|other| other.value == name.value);
            if let Some(other) = members[..index].iter().find(same) {
                problems.push(messages::two_members(name, &other.path));
            }
        }
        match problems.is_empty() {
            true => Ok(Some(Workspace { origin, members, runner: runner(tree, root).map_err(|p| vec![p])? })),
            false => Err(problems),
        }
    }

    /// The member with this package name.
    pub(crate) fn member(&self, name: &str) -> Option<&PackageJson> {
        self.members.iter().find(|member| member.name.as_ref().is_some_and(|own| own.value == name))
    }

    /// Whether another member has this one among its dependencies.
    pub(crate) fn needs(&self, member: &PackageJson) -> MemberUse {
        let Some(name) = &member.name else { return MemberUse::ByNone };
        let others = self.members.iter().filter(|other| other.path != member.path);
        match others.flat_map(PackageJson::all_dependencies).any(|(_, needed, _)| needed == name.value) {
            true => MemberUse::ByOthers,
            false => MemberUse::ByNone,
        }
    }

    /// The members that `app` needs, directly and indirectly, those that are needed first. A
    /// circle is cut where it closes.
    pub(crate) fn needed_by<'a>(&'a self, app: &'a PackageJson) -> Vec<&'a PackageJson> {
        let mut done = BTreeSet::from([app.path.clone()]);
        let mut order = Vec::new();
        self.visit(app, &mut done, &mut order);
        order
    }

    fn visit<'a>(&'a self, of: &PackageJson, done: &mut BTreeSet<RelPath>, order: &mut Vec<&'a PackageJson>) {
        for (_, name, _) in of.all_dependencies() {
            if let Some(member) = self.member(name)
                && done.insert(member.path.clone())
            {
                self.visit(member, done, order);
                order.push(member);
            }
        }
    }

    /// All members, those that are needed first.
    pub(crate) fn in_order(&self) -> Vec<&PackageJson> {
        let mut done = BTreeSet::new();
        let mut order = Vec::new();
        for member in &self.members {
            if done.insert(member.path.clone()) {
                self.visit(member, &mut done, &mut order);
                order.push(member);
            }
        }
        order
    }

    /// The member that `--app` means: by name, directory, or the last part of either.
    pub(crate) fn called(&self, wanted: &str) -> Vec<&PackageJson> {
        let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
        let name =
            |member: &PackageJson| member.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
        let dir = |member: &PackageJson| member.dir.as_ref().map(|dir| dir.to_string()).unwrap_or_default();
        let last = |text: String| text.rsplit('/').next().unwrap_or_default().to_owned();
        let exact: Vec<&PackageJson> =
            self.members.iter().filter(|member| name(member) == wanted || dir(member) == wanted).collect();
        if !exact.is_empty() {
            return exact;
        }
        let by_part = |member: &&PackageJson| last(name(member)) == wanted || last(dir(member)) == wanted;
        self.members.iter().filter(by_part).collect()
    }
}

/// Where pnpm's settings are.
const PNPM: &str = "pnpm-workspace.yaml";

/// The settings of pnpm at the root of the tree; `None` when there are none.
pub(crate) fn pnpm_settings(tree: &dyn SourceTree) -> Result<Option<Value>, Diagnostic> {
    let file = files::yaml_file(tree, &PNPM.parse().expect("a constant path"));
    Ok(file.map_err(messages::unreadable)?.map(|file| file.value))
}

/// The patterns by which the packages are found.
fn patterns(root: &PackageJson, pnpm: Option<&Value>) -> Option<Declared> {
    if let Some(entry) = pnpm.and_then(|pnpm| pnpm.entry("packages")) {
        let path: RelPath = PNPM.parse().expect("a constant path");
        let items = entry.value.items().iter();
        let patterns = items.filter_map(|item| {
            Some(Requested { value: item.text()?.to_owned(), origin: Origin::line(&path, item.line) })
        });
        return Some((Origin::line(&path, entry.line), patterns.collect()));
    }
    let patterns = root.workspaces.as_ref()?;
    let line = root.json.entry("workspaces").map_or(1, |entry| entry.line);
    Some((root.line(line), patterns.clone()))
}

fn compile(pattern: &str) -> Option<Pattern> {
    let (excludes, text) = match pattern.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let text = text.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
    let glob = GlobBuilder::new(text).literal_separator(true).build().ok()?;
    Some(Pattern { glob: glob.compile_matcher(), excludes })
}

/// The manifests in the directories that the patterns choose, the last matching pattern decides.
fn member_files(tree: &dyn SourceTree, patterns: &[Pattern]) -> Vec<RelPath> {
    let chosen = |dir: &RelPath| {
        let mut taken = false;
        for pattern in patterns.iter().filter(|pattern| pattern.glob.is_match(dir.as_str())) {
            taken = !pattern.excludes;
        }
        taken && dir.parts().all(|part| part != "node_modules")
    };
    let files = tree.files().iter().filter(|file| file.path.name() == "package.json");
    files
        .filter(|file| file.path.parent().is_some_and(|dir| chosen(&dir)))
        .map(|file| file.path.clone())
        .collect()
}

fn runner(tree: &dyn SourceTree, root: &PackageJson) -> Result<Option<Requested<Runner>>, Diagnostic> {
    for name in ["turbo.json", "turbo.jsonc"] {
        let path: RelPath = name.parse().expect("a constant path");
        let Some(json) = files::json_file(tree, &path).map_err(messages::unreadable)? else { continue };
        let tasks = [json.value.get("tasks"), json.value.get("pipeline")];
        let is_build = |key: &str| key == "build" || key.ends_with("#build");
        let build = tasks.into_iter().flatten().flat_map(Value::entries).find(|entry| is_build(&entry.key));
        if let Some(entry) = build.filter(|_| root.depends_on("turbo")) {
            let origin = Origin::line(&path, entry.line);
            return Ok(Some(Requested { value: Runner::Turbo, origin }));
        }
    }
    let uses_nx = nx::PACKAGES.iter().any(|package| root.depends_on(package));
    let nx = (has(tree, "nx.json") && uses_nx).then(|| {
        let origin = Origin::file(&"nx.json".parse().expect("a constant path"));
        Requested { value: Runner::Nx, origin }
    });
    Ok(nx)
}
