//! Workspaces: which packages a repository has, which of them is the application, and what the
//! application needs of the others.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};
use packwright_documents::Value;
use packwright_planner::{
    Claim, Command, Decision, Diagnostic, Origin, Overridden, PlanContext, RelPath, Requested, Role,
    SourceTree, has,
};

use crate::framework::Needed;
use crate::manager::Manager;
use crate::manifest::{self, Manifest};
use crate::messages;
use crate::nx;
use crate::process;
use crate::project::Project;

/// The packages of a repository that are installed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workspace {
    /// The file that says which packages belong to it.
    pub(crate) origin: Origin,
    /// The packages besides the root, in the order of their paths.
    pub(crate) members: Vec<Manifest>,
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

impl Workspace {
    /// The workspace of the tree whose root has this manifest, and these settings of pnpm; `None`
    /// when it is none.
    ///
    /// Errors: patterns that are none, members whose manifests cannot be read, two members of one
    /// name.
    pub(crate) fn read(
        tree: &dyn SourceTree,
        root: &Manifest,
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
        let mut members: Vec<Manifest> = Vec::new();
        for path in member_files(tree, &compiled) {
            match Manifest::read(tree, &path) {
                Ok(manifest) => members.extend(manifest),
                Err(more) => problems.extend(more),
            }
        }
        for (index, member) in members.iter().enumerate() {
            let Some(name) = &member.name else { continue };
            let same = |other: &&Manifest| other.name.as_ref().is_some_and(|other| other.value == name.value);
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
    pub(crate) fn member(&self, name: &str) -> Option<&Manifest> {
        self.members.iter().find(|member| member.name.as_ref().is_some_and(|own| own.value == name))
    }

    /// Whether another member has this one among its dependencies.
    pub(crate) fn needs(&self, member: &Manifest) -> Needed {
        let Some(name) = &member.name else { return Needed::ByNobody };
        let others = self.members.iter().filter(|other| other.path != member.path);
        match others.flat_map(Manifest::all_dependencies).any(|(_, needed, _)| needed == name.value) {
            true => Needed::ByOthers,
            false => Needed::ByNobody,
        }
    }

    /// The members that `app` needs, directly and indirectly, those that are needed first. A
    /// circle is cut where it closes.
    pub(crate) fn needed_by<'a>(&'a self, app: &'a Manifest) -> Vec<&'a Manifest> {
        let mut done = BTreeSet::from([app.path.clone()]);
        let mut order = Vec::new();
        self.visit(app, &mut done, &mut order);
        order
    }

    fn visit<'a>(&'a self, of: &Manifest, done: &mut BTreeSet<RelPath>, order: &mut Vec<&'a Manifest>) {
        for (_, name, _) in of.all_dependencies() {
            if let Some(member) = self.member(name)
                && done.insert(member.path.clone())
            {
                self.visit(member, done, order);
                order.push(member);
            }
        }
    }

    /// The member that `--app` means: by name, directory, or the last part of either.
    fn called(&self, wanted: &str) -> Vec<&Manifest> {
        let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
        let name =
            |member: &Manifest| member.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
        let dir = |member: &Manifest| member.dir.as_ref().map(|dir| dir.to_string()).unwrap_or_default();
        let last = |text: String| text.rsplit('/').next().unwrap_or_default().to_owned();
        let exact: Vec<&Manifest> =
            self.members.iter().filter(|member| name(member) == wanted || dir(member) == wanted).collect();
        if !exact.is_empty() {
            return exact;
        }
        let by_part = |member: &&Manifest| last(name(member)) == wanted || last(dir(member)) == wanted;
        self.members.iter().filter(by_part).collect()
    }
}

/// Chooses the application: what the caller names, the root's own, the only member that is one,
/// or the root where a platform's file or the caller says what runs. The decision is there when there was something to choose from.
///
/// Errors: no member of that name; several applications and no word which.
pub(crate) fn choose_app<'a>(
    given: &PlanContext<'_>,
    root: &'a Manifest,
    workspace: Option<&'a Workspace>,
    claim_of: &dyn Fn(&Manifest) -> Option<Requested<Claim>>,
) -> Result<(&'a Manifest, Option<Decision>), Diagnostic> {
    // Who helps another language has no say in what that language's members are called.
    let named = |app: &&String| {
        let known = workspace.is_some_and(|workspace| !workspace.called(app).is_empty());
        given.role == Role::Owner || known
    };
    let wanted = given.options.app.as_ref().filter(named);
    let Some(workspace) = workspace.filter(|workspace| !workspace.members.is_empty()) else {
        return match wanted {
            Some(app) => Err(messages::no_workspace(app, root)),
            None => Ok((root, None)),
        };
    };
    let claims = |member: &'a Manifest| claim_of(member).map(|claim| (member, claim));
    let applications: Vec<(&Manifest, Requested<Claim>)> =
        workspace.members.iter().filter_map(claims).collect();
    let overridden = |winner: &Manifest| -> Vec<Overridden> {
        let others = applications.iter().filter(|(member, _)| member.path != winner.path);
        others
            .map(|(member, claim)| Overridden { value: member.title(), origin: claim.origin.clone() })
            .collect()
    };
    let decision = |winner: &Manifest, origin: Origin| {
        let overridden = overridden(winner);
        Some(Decision { subject: "application".to_owned(), value: winner.title(), origin, overridden })
    };
    if let Some(wanted) = wanted {
        let origin = Origin::Option(format!("--app {wanted}"));
        return match workspace.called(wanted).as_slice() {
            [only] => Ok((only, decision(only, origin))),
            [] => Err(messages::no_member(wanted, &workspace.members)),
            several => Err(messages::several_members(wanted, several)),
        };
    }
    if let Some(claim) = own_application(root, workspace, claim_of) {
        return Ok((root, decision(root, claim.origin)));
    }
    let strongest = applications.iter().map(|(_, claim)| claim.value).max();
    let best: Vec<&(&Manifest, Requested<Claim>)> =
        applications.iter().filter(|(_, claim)| Some(claim.value) == strongest).collect();
    match (applications.as_slice(), best.as_slice()) {
        ([], _) => Ok((root, None)),
        // A program beside a web application is a tool more often than not.
        (_, [(only, claim)]) if applications.len() == 1 || claim.value >= Claim::Site => {
            Ok((only, decision(only, claim.origin.clone())))
        }
        // Who says what the tree runs from its root means the root.
        _ => match declared(given) {
            Some(origin) => Ok((root, decision(root, origin))),
            None => Err(messages::several_applications(
                &workspace.origin,
                &applications.iter().map(|(member, _)| *member).collect::<Vec<_>>(),
            )),
        },
    }
}

/// Who says what the tree runs, whatever its members are.
fn declared(given: &PlanContext<'_>) -> Option<Origin> {
    let by_option = given.options.start.as_ref().map(|_| Origin::Option("--start".to_owned()));
    by_option.or_else(|| given.model.processes.first().map(|process| process.origin.clone()))
}

/// What the root of a workspace has to start itself. A script that only passes on to a member or
/// to all of them is none.
fn own_application(
    root: &Manifest,
    workspace: &Workspace,
    claim_of: &dyn Fn(&Manifest) -> Option<Requested<Claim>>,
) -> Option<Requested<Claim>> {
    let passes_on = |script: &str| {
        const WORDS: &[&str] = &[
            "turbo",
            "nx",
            "moon",
            "lerna",
            "--filter",
            "-F",
            "--workspace",
            "-w",
            "--workspaces",
            "-ws",
            "workspace",
            "workspaces",
            "-r",
            "--recursive",
            "-C",
            "--cwd",
            "--prefix",
            "concurrently",
            "npm-run-all",
            "foreach",
        ];
        let words: Vec<&str> = script.split_whitespace().collect();
        let names = |word: &&str| {
            WORDS.contains(word) || word.starts_with("--filter=") || word.starts_with("--workspace=")
        };
        words.iter().any(names)
            || workspace
                .members
                .iter()
                .any(|member| member.dir.as_ref().is_some_and(|dir| script.contains(dir.as_str())))
    };
    let start = process::START.iter().find_map(|name| root.script(name));
    if start.is_some_and(|script| passes_on(&script.value)) {
        return None;
    }
    claim_of(root)
}

/// Where pnpm's settings are.
const PNPM: &str = "pnpm-workspace.yaml";

/// The settings of pnpm at the root of the tree, for all who ask; `None` when there are none.
pub(crate) fn pnpm_settings(tree: &dyn SourceTree) -> Result<Option<Value>, Diagnostic> {
    manifest::yaml_file(tree, &PNPM.parse().expect("a constant path"))
}

/// The patterns by which the packages are found.
fn patterns(root: &Manifest, pnpm: Option<&Value>) -> Option<Declared> {
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

fn runner(tree: &dyn SourceTree, root: &Manifest) -> Result<Option<Requested<Runner>>, Diagnostic> {
    for name in ["turbo.json", "turbo.jsonc"] {
        let path: RelPath = name.parse().expect("a constant path");
        let Some(json) = manifest::json_file(tree, &path)? else { continue };
        let tasks = [json.get("tasks"), json.get("pipeline")];
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

/// How a build step runs a script of the application, from the root of the tree. What the
/// application needs of other members is built before it.
pub(crate) fn run(project: &Project<'_>, script: &str) -> Command {
    let own =
        |member: &Manifest, script: &str| Command::Exec(run_in(project.manager, member, script)).to_string();
    let (Some(workspace), Some(dir)) = (project.workspace, project.dir()) else {
        return Command::Exec(run_in(project.manager, project.app, script));
    };
    if !script.starts_with("build") {
        return Command::Exec(run_in(project.manager, project.app, script));
    }
    let name = project.app.title();
    match workspace.runner.as_ref().map(|runner| runner.value) {
        Some(Runner::Turbo) => {
            Command::Exec(["turbo", "run", script, &format!("--filter={name}")].map(str::to_owned).to_vec())
        }
        Some(Runner::Nx) => {
            let project_name = nx_name(project, dir).unwrap_or(name);
            Command::Exec(["nx", "run", &format!("{project_name}:{script}")].map(str::to_owned).to_vec())
        }
        None if project.manager == Manager::Pnpm && project.app.name.is_some() => Command::Exec(
            ["pnpm", "--filter", &format!("{name}..."), "run", script].map(str::to_owned).to_vec(),
        ),
        None => {
            let needed = workspace.needed_by(project.app);
            let before = needed.iter().filter(|member| member.script("build").is_some());
            let mut lines: Vec<String> = before.map(|member| own(member, "build")).collect();
            if lines.is_empty() {
                return Command::Exec(run_in(project.manager, project.app, script));
            }
            lines.push(own(project.app, script));
            Command::Shell(lines.join(" && "))
        }
    }
}

/// The words that run the script of a member, from the root of the tree.
fn run_in(manager: Manager, member: &Manifest, script: &str) -> Vec<String> {
    let Some(dir) = &member.dir else { return manager.run(script) };
    let words: Vec<&str> = match manager {
        Manager::Npm => vec!["npm", "--prefix", dir.as_str(), "run", script],
        Manager::Pnpm => vec!["pnpm", "--dir", dir.as_str(), "run", script],
        Manager::Yarn | Manager::Berry => vec!["yarn", "--cwd", dir.as_str(), "run", script],
        Manager::Bun => vec!["bun", "run", "--cwd", dir.as_str(), script],
    };
    words.into_iter().map(str::to_owned).collect()
}

/// What nx calls the member: its `project.json` may say.
fn nx_name(project: &Project<'_>, dir: &RelPath) -> Option<String> {
    let json = manifest::json_file(project.given.tree, &dir.join("project.json").ok()?).ok().flatten()?;
    json.text_of("name").map(str::to_owned)
}
