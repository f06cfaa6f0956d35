//! What kind of application it is: which framework, how it is built, what of that goes into the
//! image, how it starts.
//!
//! ```text
//! scripts ─▶ row of the table ─▶ shape (a site, a server) ─▶ build, outputs, process
//! ```
//!
//! A framework is one row of data. Files are read and never run: a value that only running them would
//! show is reported, and the plan is made as if it were not set.

mod adonis;
mod angular;
mod astro;
mod build;
mod build_result;
mod claim;
mod declared;
mod expo;
mod generators;
mod launch;
mod matching;
mod next;
mod nuxt;
mod nx;
mod openssl;
mod platform_scripts;
mod prisma;
mod qwik;
mod recognition;
mod registry;
mod router;
mod row;
mod svelte;
mod tanstack;
mod view;
mod vite;

use packwright_buildpack::planner::{Command, Decision, Origin, Overridden, Requested};

use crate::application::{AppContext, Application};
use crate::manager::PackageManager;
use crate::native;
use crate::process;
use crate::process::installs::{Relieved, relieved};
use crate::process::{AT_INSTALLATION, Expansion, Segment};
use build_result::BuildResult;
use matching::{build_script, rows};
use recognition::{Recognition, STATIC, expanded};
use row::FrameworkRow;
use view::{AppView, Findings};

pub(crate) use claim::{builds, speaks};

/// What the application is. All that keeps it from being built is among its diagnostics.
pub(crate) fn recognise(subject: &AppContext<'_>) -> Application {
    let mut notes = Findings::default();
    let row = choose(subject, &mut notes);
    let usual = build_script(subject, row);
    let by_platform = platform_scripts::scripts(subject, usual.as_deref());
    notes.diagnostics.extend(by_platform.told);
    if let Some(asked) = by_platform.script.and_then(|name| subject.project.app.script(name)) {
        let lost = usual.as_deref().and_then(|usual| subject.project.app.script(usual));
        let lost = lost.map(|line| Overridden { value: line.value.clone(), origin: line.origin.clone() });
        let value = by_platform.script.unwrap_or_default();
        notes.decisions.push(Decision::new("build script", value, asked.origin.clone()).over(lost));
    }
    let script = by_platform.script.map(str::to_owned).or(usual);
    let mut build = script.as_deref().and_then(|name| expanded(subject, name, &mut notes));
    let first = match (row, &script) {
        (None, None) => process::compiles_first(subject),
        _ => None,
    };
    let command =
        first.as_ref().map(|first| (process::command(subject, &first.segments), first.origin.clone()));
    build = build.or(first);
    let before = by_platform.before.zip(script.as_deref());
    let command = command
        .or_else(|| before.map(|(before, script)| platform_scripts::with_before(subject, before, script)));
    let plain_build = command.is_none().then_some(script.as_deref()).flatten();
    let left = plain_build.and_then(|script| relieved(subject, script));
    let command = command.or_else(|| {
        let left = left.as_ref().filter(|left| !left.segments.is_empty())?;
        Some((process::command(subject, &left.segments), left.origin.clone()))
    });
    let plain = build.as_ref().filter(|_| plain_build.is_some());
    let command = command.or_else(|| by_installed_programs(subject, plain));
    let starts = process::starts(subject, build.as_ref());
    if let (Some(build), Some(left)) = (&mut build, &left) {
        let is_left = |segment: &Segment| left.released.iter().all(|other| other.words != segment.words);
        build.segments.retain(is_left);
        build.segments.iter_mut().take(1).for_each(|first| first.joint = "");
    }
    let mut case = Recognition {
        subject,
        row,
        build,
        script,
        command,
        builds_nothing: false,
        starts,
        needs_keys: false,
        notes,
    };
    case.notes.diagnostics.append(&mut case.starts.problems);
    let command = case.command.clone();
    declared::build(&mut case);
    let is_own_build = case.command == command;
    let mut application = nx::application(&mut case).unwrap_or_else(|| match shape_of(&mut case) {
        Some(BuildResult::Site(site)) => launch::site(&mut case, site),
        Some(BuildResult::Server(server)) => launch::server(&mut case, server),
        Some(BuildResult::Broken(problem)) => launch::broken(&mut case, problem),
        None => launch::program(&mut case),
    });
    let mut released = Vec::new();
    if let Some(left) = left.filter(|_| is_own_build) {
        application.nested.extend(left.dirs.iter().cloned());
        released.push(left);
    }
    released.extend(installs_others(subject, &mut application));
    launch::release(&case, &mut application, &released);
    openssl::add(subject, &mut application);
    native::add(subject, &mut application);
    application.decisions.splice(0..0, std::mem::take(&mut case.notes.decisions));
    application.diagnostics.splice(0..0, std::mem::take(&mut case.notes.diagnostics));
    application
}

/// The build's line with programs in the place of `bunx PACKAGE`: bun finds an installed package only by the name of
/// its program, and fetches it otherwise. Source: Bun's documentation, "bunx".
fn by_installed_programs(subject: &AppContext<'_>, build: Option<&Expansion>) -> Option<(Command, Origin)> {
    let build = build.filter(|_| subject.project.manager == PackageManager::Bun)?;
    let scripts = &subject.project.app.scripts;
    let fetches =
        scripts.values().any(|script| ["bunx ", "bun x "].iter().any(|call| script.value.contains(call)));
    let is_plain = |segment: &Segment| !segment.texts().contains(&"");
    (fetches && subject.project.dir().is_none() && build.segments.iter().all(is_plain))
        .then(|| (process::command(subject, &build.segments), build.origin.clone()))
}

/// Scripts that run at installation and do what their step cannot.
fn installs_others(subject: &AppContext<'_>, application: &mut Application) -> Vec<Relieved> {
    let mut all = Vec::new();
    for name in AT_INSTALLATION {
        let Some(left) = relieved(subject, name) else { continue };
        let line = if left.segments.is_empty() { String::new() } else { process::line(&left.segments) };
        application.relieved.insert((*name).to_owned(), line);
        application.nested.extend(left.dirs.iter().cloned());
        all.push(left);
    }
    application.nested.sort();
    application.nested.dedup();
    all
}

/// The first row whose framework the application uses.
fn choose(subject: &AppContext<'_>, notes: &mut Findings) -> Option<&'static FrameworkRow> {
    let look = AppView::of(subject, None);
    let mut found = rows(&look, process::flat(subject));
    let (row, origin) = found.next()?;
    let overridden = found.map(|(row, origin)| Overridden { value: row.id.to_owned(), origin });
    notes.decisions.push(Decision::new("node framework", row.id, origin).over(overridden));
    Some(row)
}

/// What the framework's build makes; `None` without framework.
fn shape_of(case: &mut Recognition<'_>) -> Option<BuildResult> {
    let context = case.subject.project.context;
    let option = context.options.environment.get(STATIC).map(String::as_str).unwrap_or_default();
    let by_option = (!matches!(option, "" | "0" | "1"))
        .then(|| Requested { value: option.to_owned(), origin: Origin::Option(format!("--env {STATIC}")) });
    let declared = context.model.publish.clone().filter(|_| option.is_empty());
    if let Some(asked) = by_option.or(declared) {
        let value = asked.value.trim_start_matches("./").trim_matches('/').to_owned();
        let dir = Requested { value, origin: asked.origin };
        let known = shape_by_row(case);
        case.notes.diagnostics.retain(|told| told.code != "node/setting-computed");
        return Some(match known {
            Some(BuildResult::Site(site)) => BuildResult::Site(build_result::BuiltSite { dir, ..site }),
            _ => build_result::BuiltSite::shape(dir, packwright_buildpack::planner::Fallback::NotFound, &[]),
        });
    }
    shape_by_row(case)
}

fn shape_by_row(case: &mut Recognition<'_>) -> Option<BuildResult> {
    let row = case.row?;
    let look = AppView::of(case.subject, case.build.as_ref());
    Some((row.shape)(&look, &mut case.notes))
}
