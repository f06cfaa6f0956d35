//! What kind of application it is: which framework, how it is built, what of that goes into the
//! image, how it starts.
//!
//! ```text
//! scripts ─▶ row of the table ─▶ shape (a site, a server) ─▶ build, outputs, process
//! ```
//!
//! A framework is one row of data. Files are read and never run; what only running them would
//! tell is told, and counts as not said.

mod angular;
mod astro;
mod build;
pub(crate) mod declared;
mod expo;
mod generators;
mod look;
mod next;
mod nuxt;
mod nx;
mod prisma;
mod router;
mod served;
mod shape;
mod svelte;
mod table;
mod tanstack;
mod vite;

use std::collections::BTreeMap;

use packwright_planner::{
    Claim, Command, Decision, Diagnostic, Origin, Overridden, Requested, Selection, SourceTree,
};

use crate::application::{Application, Modules, Subject};
use crate::manifest::Manifest;
use crate::process::{self, Expansion, Scripts, Segment, Start, Starts};
use crate::project::Project;
use crate::{messages, native};
use look::{Look, Notes, after_tool};
use shape::Shape;
use table::{ROWS, Row};

/// The variable that keeps the start script of a site (`0`), or names the directory of one.
const STATIC: &str = "PACKWRIGHT_STATIC";

/// Everything that was found out before it is decided what runs.
struct Case<'a> {
    subject: &'a Subject<'a>,
    row: Option<&'static Row>,
    build: Option<Expansion>,
    /// The script that builds.
    script: Option<String>,
    /// What builds in place of a script, and who says so.
    command: Option<(Command, Origin)>,
    /// Whether a platform file says that nothing is built.
    builds_nothing: bool,
    starts: Starts,
    /// Whether a process of Next runs.
    needs_keys: bool,
    notes: Notes,
}

/// What the application is. All that keeps it from being built is among its diagnostics.
pub(crate) fn recognise(subject: &Subject<'_>) -> Application {
    let mut notes = Notes::default();
    let row = choose(subject, &mut notes);
    let script = build_script(subject, row);
    let build = script.as_deref().and_then(|name| expanded(subject, name, &mut notes));
    let starts = process::starts(subject, build.as_ref());
    let mut case = Case {
        subject,
        row,
        build,
        script,
        command: None,
        builds_nothing: false,
        starts,
        needs_keys: false,
        notes,
    };
    case.notes.diagnostics.append(&mut case.starts.problems);
    declared::build(&mut case);
    let mut application = nx::application(&mut case).unwrap_or_else(|| match shape_of(&mut case) {
        Some(Shape::Site(site)) => served::site(&mut case, site),
        Some(Shape::Server(server)) => served::server(&mut case, server),
        Some(Shape::Broken(problem)) => served::broken(&mut case, problem),
        None => served::program(&mut case),
    });
    native::add(subject, &mut application);
    application.decisions.splice(0..0, std::mem::take(&mut case.notes.decisions));
    application.diagnostics.splice(0..0, std::mem::take(&mut case.notes.diagnostics));
    application
}

fn expanded(subject: &Subject<'_>, name: &str, notes: &mut Notes) -> Option<Expansion> {
    match process::flat(subject).expand(name)? {
        Ok(expansion) => Some(expansion),
        Err(problem) => {
            notes.diagnostics.push(problem);
            None
        }
    }
}

/// What the package has to start, as far as a glance tells: for the choice between members of a
/// workspace, of which others may need it. `None` for a library.
pub(crate) fn speaks(tree: &dyn SourceTree, manifest: &Manifest, needed: Needed) -> Option<Requested<Claim>> {
    let look = Look { tree, app: manifest, root: manifest, locked: None, build: None };
    let scripts = Scripts { manifest, hooks: false, flat: true };
    let start = process::START.iter().find_map(|name| manifest.script(name));
    let start = start.map(|start| start.origin.clone());
    // A library with pages about itself is none.
    let about_itself = |row: &Row| PAGES.contains(&row.id) && manifest.script("build").is_none();
    // Libraries have the frameworks they are for among their packages, and do not run them.
    let is_for = |row: &Row| needed == Needed::ByOthers && !runs(manifest, row);
    let site = rows(&look, scripts).find(|(row, _)| !about_itself(row) && !is_for(row));
    if let Some((row, origin)) = site {
        let files = !SERVERS.contains(&row.id) && start.is_none();
        return Some(if files { Claim::Site } else { Claim::Server }.by(origin));
    }
    let start = start?;
    match process::entry::http(manifest) {
        Some(_) => Some(Claim::Server.by(start)),
        None => Some(Claim::Program.by(start)),
    }
}

/// Whether other members of a workspace need a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needed {
    /// At least one depends on it.
    ByOthers,
    /// None does, as far as manifests tell.
    ByNobody,
}

/// Whether a script of the package runs the program of the row's framework, for whatever purpose.
fn runs(manifest: &Manifest, row: &Row) -> bool {
    let programs = || row.tools.iter().filter_map(|tool| tool.split(' ').next());
    let names = |word: &str| programs().any(|program| word.rsplit('/').next() == Some(program));
    manifest.scripts.values().any(|script| script.value.split_whitespace().any(names))
}

/// Rows whose frameworks are servers more often than not.
const SERVERS: &[&str] = &[
    "next",
    "nuxt",
    "react-router",
    "remix",
    "sveltekit",
    "tanstack-start",
    "solid-start",
    "analog",
    "nitro",
];

/// Rows for pages about something else more often than not.
const PAGES: &[&str] = &["storybook", "vitepress", "vuepress"];

/// Scripts that build where the one with the usual name is not there. Some start what they built,
/// so they count where building is the last thing that they do.
const OTHER_SCRIPTS: &[&str] =
    &["build:production", "build:prod", "build-prod", "production", "prod", "bundle", "compile"];

/// The rows whose frameworks the application uses, with who says so.
fn rows<'a>(look: &'a Look<'a>, scripts: Scripts<'a>) -> impl Iterator<Item = (&'static Row, Origin)> + 'a {
    let called = move |row: &Row| {
        let usual = row.scripts.iter().find_map(|script| {
            let build = scripts.expand(script)?.ok()?;
            build.segments.iter().any(|segment| calls(row, segment)).then_some(build.origin)
        });
        usual.or_else(|| other_script(look.app, row, scripts).map(|(_, build)| build.origin))
    };
    ROWS.iter().filter_map(move |row| {
        let package = look.dependency(row.packages);
        let origin = match (row.certain, package) {
            (true, Some(package)) => package,
            (false, Some(package)) if is_page_for(look, row) => package,
            // A tool of several frameworks tells nothing without a package.
            (true, None) if look.shared(row.packages).is_none() => return None,
            _ => called(row)?,
        };
        (!is_something_else(look, row)).then_some((row, origin))
    })
}

/// The first row whose framework the application uses.
fn choose(subject: &Subject<'_>, notes: &mut Notes) -> Option<&'static Row> {
    let look = look(subject, None);
    let mut found = rows(&look, process::flat(subject));
    let (row, origin) = found.next()?;
    let overridden = found.map(|(row, origin)| Overridden { value: row.id.to_owned(), origin }).collect();
    notes.decisions.push(Decision {
        subject: "node framework".to_owned(),
        value: row.id.to_owned(),
        origin,
        overridden,
    });
    Some(row)
}

fn look<'a>(subject: &Subject<'a>, build: Option<&'a Expansion>) -> Look<'a> {
    let Project { given, app, root, locked, .. } = subject.project;
    Look { tree: given.tree, app, root, locked, build }
}

/// Whether Vite is here for a page at the root that no script builds.
fn is_page_for(look: &Look<'_>, row: &Row) -> bool {
    row.id == "vite" && look.app.script("build").is_none() && look.has("index.html")
}

/// Whether the tool of the row makes no site here.
fn is_something_else(look: &Look<'_>, row: &Row) -> bool {
    row.id == "vite" && vite::is_no_site(look).is_some()
}

/// Whether the command calls a tool of the row.
fn calls(row: &Row, segment: &Segment) -> bool {
    row.tools.iter().any(|tool| after_tool(segment, tool).is_some())
}

/// The script of an unusual name that builds with the row's tool, and what it comes to; none
/// where a script has the usual name.
fn other_script(app: &Manifest, row: &Row, scripts: Scripts<'_>) -> Option<(&'static str, Expansion)> {
    if row.scripts.iter().any(|name| app.script(name).is_some()) {
        return None;
    }
    OTHER_SCRIPTS.iter().find_map(|&name| {
        let build = scripts.expand(name)?.ok()?;
        build.segments.last().is_some_and(|last| calls(row, last)).then_some((name, build))
    })
}

/// The script that builds: the row's first, else `build`.
fn build_script(subject: &Subject<'_>, row: Option<&Row>) -> Option<String> {
    let app = subject.project.app;
    let names = row.map_or(&["build"][..], |row| row.scripts);
    let mut there = names.iter().filter(|name| app.script(name).is_some());
    let scripts = process::flat(subject);
    // A script that calls the framework's tool before one that only has the right name.
    let builds = |name: &&&str| {
        let Some(row) = row else { return false };
        let Some(Ok(build)) = scripts.expand(name) else { return false };
        build.segments.iter().any(|segment| calls(row, segment))
    };
    let all: Vec<&&str> = there.by_ref().collect();
    let usual = all.iter().find(|name| builds(name)).or(all.first()).map(|name| (**name).to_string());
    usual.or_else(|| other_script(app, row?, scripts).map(|(name, _)| name.to_owned()))
}

/// What the framework's build makes; `None` without framework.
fn shape_of(case: &mut Case<'_>) -> Option<Shape> {
    let given = case.subject.project.given;
    let option = given.options.environment.get(STATIC).map(String::as_str).unwrap_or_default();
    let by_option = (!matches!(option, "" | "0" | "1"))
        .then(|| Requested { value: option.to_owned(), origin: Origin::Option(format!("--env {STATIC}")) });
    let declared = given.model.publish.clone().filter(|_| option.is_empty());
    if let Some(asked) = by_option.or(declared) {
        let value = asked.value.trim_start_matches("./").trim_matches('/').to_owned();
        let dir = Requested { value, origin: asked.origin };
        let known = shape_by_row(case);
        case.notes.diagnostics.retain(|told| told.code != "node/setting-computed");
        return Some(match known {
            Some(Shape::Site(site)) => Shape::Site(shape::Site { dir, ..site }),
            _ => shape::Site::shape(dir, packwright_planner::Fallback::NotFound, &[]),
        });
    }
    shape_by_row(case)
}

fn shape_by_row(case: &mut Case<'_>) -> Option<Shape> {
    let row = case.row?;
    let look = look(case.subject, case.build.as_ref());
    Some((row.shape)(&look, &mut case.notes))
}

/// Whether the caller wants the script of a site to be kept.
fn keeps_script(subject: &Subject<'_>) -> bool {
    subject.project.given.options.environment.get(STATIC).is_some_and(|value| value == "0")
}

impl Case<'_> {
    /// Whether the build may make files.
    fn built(&self) -> bool {
        let by_rule = !self.builds_nothing && self.row.is_some_and(|row| row.build.is_some());
        self.script.is_some() || self.command.is_some() || by_rule
    }

    /// The framework, by who says it.
    fn framework(&self) -> Requested<String> {
        let decided = self.notes.decisions.iter().find(|decision| decision.subject == "node framework");
        match decided {
            Some(decision) => Requested { value: decision.value.clone(), origin: decision.origin.clone() },
            None => {
                let origin = Origin::Default("no framework among the dependencies".to_owned());
                Requested { value: "none".to_owned(), origin }
            }
        }
    }

    /// An application with nothing to run yet.
    fn application(&self, claim: Claim) -> Application {
        let framework = self.framework();
        Application {
            claim: claim.by(framework.origin.clone()),
            framework,
            build: None,
            processes: Vec::new(),
            site: None,
            process_missing: None,
            modules: Modules::Production,
            also: Vec::new(),
            unneeded: Vec::new(),
            programs: Vec::new(),
            source: Selection::all(),
            packages: Vec::new(),
            environment: BTreeMap::new(),
            decisions: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The line of the script that builds.
    fn script_origin(&self) -> Origin {
        let script = self.script.as_deref().and_then(|name| self.subject.project.app.script(name));
        script.map_or(Origin::file(&self.subject.project.app.path), |script| script.origin.clone())
    }

    fn warn(&mut self, diagnostic: Diagnostic) {
        self.notes.diagnostics.push(diagnostic);
    }
}

/// The decision on what starts.
fn started(start: &Start, chosen: &str, origin: &Origin, also: Option<&Start>) -> Decision {
    let mut overridden = start.overridden.clone();
    overridden
        .extend(also.map(|other| Overridden { value: other.text.clone(), origin: other.origin.clone() }));
    Decision {
        subject: "start command".to_owned(),
        value: chosen.to_owned(),
        origin: origin.clone(),
        overridden,
    }
}

/// What is said when nothing starts the server that the framework's build makes.
fn start_missing(row: &Row, origin: &Origin) -> Diagnostic {
    match row.id {
        "react-router" | "remix" => router::serve_missing(row.id, origin),
        "astro" => Some(astro::middleware(origin)),
        "tanstack-start" => Some(tanstack::server_missing(origin)),
        _ => None,
    }
    .unwrap_or_else(|| messages::handler_without_server(row.name, origin))
}
