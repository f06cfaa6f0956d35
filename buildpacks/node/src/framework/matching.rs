//! Which rows of the table an application matches, and which script builds it.

use packwright_buildpack::planner::Origin;

use super::registry::ROWS;
use super::row::FrameworkRow;
use super::view::{AppView, after_tool};
use super::vite;
use crate::application::AppContext;
use crate::manifest::PackageJson;
use crate::page;
use crate::process::{self, Expansion, ScriptExpander, Segment, Serving};

/// Scripts that build where the one with the usual name is not there. Some start what they built,
/// so they count where building is the last thing that they do.
const OTHER_SCRIPTS: &[&str] =
    &["build:production", "build:prod", "build-prod", "production", "prod", "bundle", "compile"];

/// The rows whose frameworks the application uses, each with the line that shows it.
pub(super) fn rows<'a>(
    look: &'a AppView<'a>,
    scripts: ScriptExpander<'a>,
) -> impl Iterator<Item = (&'static FrameworkRow, Origin)> + 'a {
    let called = move |row: &FrameworkRow| {
        let usual = row.scripts.iter().find_map(|script| {
            let build = scripts.expand(script)?.ok()?;
            build.segments.iter().any(|segment| calls(row, segment)).then_some(build.origin)
        });
        usual.or_else(|| other_script(look.app, row, scripts).map(|(_, build)| build.origin))
    };
    ROWS.iter().filter_map(move |row| {
        if row.is_about_others && is_beside(look.app, row, scripts) {
            return None;
        }
        let package = look.dependency(row.packages);
        let origin = match (row.certain, package) {
            (true, Some(package)) => package,
            (false, Some(package)) if is_page_for(look, row) => package,
            (false, Some(package)) if is_expo_for_web(look, row) => package,
            // A tool of several frameworks tells nothing without a package.
            (true, None) if look.shared(row.packages).is_none() => return None,
            _ => called(row)?,
        };
        (!is_something_else(look, row)).then_some((row, origin))
    })
}

/// Whether the row's pages are about an application that the same manifest builds or starts with something
/// else. `storybook init` writes `build-storybook` into every application, so a script of the tool's own tells
/// nothing where there is a script `build` without it. Source: Storybook documentation, "Publish Storybook".
fn is_beside(app: &PackageJson, row: &FrameworkRow, scripts: ScriptExpander<'_>) -> bool {
    let build = scripts.expand("build").and_then(Result::ok);
    if build.as_ref().is_some_and(|build| build.segments.iter().any(|segment| calls(row, segment))) {
        return false;
    }
    let own = |program: &str| row.tools.iter().any(|tool| tool.split(' ').next() == Some(program));
    let starts = process::START.iter().filter(|name| app.script(name).is_some()).any(|name| {
        let Some(Ok(start)) = scripts.expand(name) else { return false };
        let Some(last) = start.segments.last() else { return false };
        let words = last.texts();
        process::serving(&words) == Serving::Program && words.first().is_some_and(|program| !own(program))
    });
    // A build that calls no tool of the table may be a script around this one.
    let by_other = build.is_some_and(|build| {
        let others = ROWS.iter().filter(|other| other.id != row.id);
        !row.certain || others.into_iter().any(|other| build.segments.iter().any(|one| calls(other, one)))
    });
    starts || by_other
}

/// Whether Vite is here for a page at the root that no script builds, or that a tool around Vite does
/// (`vite-ssg build`): the page names files of the source, which only a bundler makes files for browsers of.
pub(super) fn is_page_for(look: &AppView<'_>, row: &FrameworkRow) -> bool {
    let by_other = || {
        let is_library =
            ["main", "module", "exports", "bin"].iter().any(|key| look.app.json.get(key).is_some());
        !is_library && page::sources(look.tree, look.app).iter().any(|file| !file.as_str().ends_with(".html"))
    };
    row.id == "vite" && look.has("index.html") && (look.app.script("build").is_none() || by_other())
}

/// Whether it is Expo with a part for browsers that no script exports: the template has no script for that.
/// Source: Expo documentation, "Publish websites".
fn is_expo_for_web(look: &AppView<'_>, row: &FrameworkRow) -> bool {
    row.id == "expo"
        && look.dependency(&["react-native-web"]).is_some()
        && row.scripts.iter().all(|name| look.app.script(name).is_none())
}

/// Whether the tool of the row makes no site here.
pub(super) fn is_something_else(look: &AppView<'_>, row: &FrameworkRow) -> bool {
    row.id == "vite" && vite::is_no_site(look).is_some()
}

/// Whether the command calls a tool of the row.
pub(super) fn calls(row: &FrameworkRow, segment: &Segment) -> bool {
    row.tools.iter().any(|tool| after_tool(segment, tool).is_some())
}

/// The script of an unusual name that builds with the row's tool, and what it comes to; none
/// where a script has the usual name.
pub(super) fn other_script<'a>(
    app: &'a PackageJson,
    row: &FrameworkRow,
    scripts: ScriptExpander<'_>,
) -> Option<(&'a str, Expansion)> {
    if row.scripts.iter().any(|name| app.script(name).is_some()) {
        return None;
    }
    let builds = |name: &str| {
        let build = scripts.expand(name)?.ok()?;
        build.segments.last().is_some_and(|last| calls(row, last)).then_some(build)
    };
    let known = OTHER_SCRIPTS.iter().find_map(|&name| Some((name, builds(name)?)));
    known.or_else(|| {
        let compiles = |name: &str| {
            let Some(Ok(build)) = scripts.expand(name) else { return false };
            build.segments.last().is_some_and(|last| process::compiles(&last.texts()))
        };
        let mut parts = app.scripts.keys().filter(|name| is_part_of_build(name) && compiles(name));
        // Of several parts nothing says which the image needs, and in which order.
        let only = parts.next().filter(|_| parts.next().is_none())?;
        Some((only.as_str(), builds(only)?))
    })
}

/// Whether a script is called as one that builds a part of the application, `build:frontend` or `client-build`
/// for example, and neither for a developer nor for pages about it.
fn is_part_of_build(name: &str) -> bool {
    let words: Vec<&str> = name.split([':', '-', '.', '_']).collect();
    let other = ["dev", "development", "watch", "test", "debug", "analyze", "docs", "storybook", "preview"];
    words.len() > 1 && words.contains(&"build") && !words.iter().any(|word| other.contains(word))
}

/// The script that builds: the row's first, else `build`.
pub(super) fn build_script(subject: &AppContext<'_>, row: Option<&FrameworkRow>) -> Option<String> {
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
