//! The step that builds: the project's own script, what makes its output the same in every
//! build, and what of it is kept.

use std::collections::BTreeMap;

use packwright_buildpack::planner::{Cache, Command, LayerKind, Origin, Output, RelPath};

use super::build_result::Shipped;
use super::prisma;
use super::recognition::Recognition;
use crate::application::BuildWork;

/// Makes the output of frameworks the same in every build, and takes keys out of it.
const SETTLE: &str = include_str!("../../assets/settle.cjs");
/// Gives processes of Next the keys that do not ship.
const KEYS: &str = include_str!("../../assets/keys.cjs");
/// Where a step has [`SETTLE`].
const SETTLE_FILE: &str = "/tmp/settle.cjs";
/// Where the image has [`KEYS`].
pub(super) const KEYS_FILE: &str = "packwright/node/keys.cjs";

/// What builds leave that differs from run to run or has no use in an image: pattern, reason.
const SCRUB: &[(&str, &str)] = &[
    ("**/node_modules", "packages have a layer of their own; what builds leave there are caches"),
    ("**/.turbo", "turbo's logs and cache"),
    ("**/.nx", "nx's cache, with times"),
    ("**/.next/cache", "Next's cache of compiled code"),
    ("**/.next/trace", "Next's measurements"),
    ("**/.next/trace-build", "Next's measurements"),
    ("**/.next/diagnostics", "Next's measurements"),
    ("**/.angular/cache", "Angular's cache of compiled code"),
    ("**/.parcel-cache", "Parcel's cache of compiled code"),
    ("**/.svelte-kit", "SvelteKit's notes; its output is what the adapter makes"),
    ("**/*.tsbuildinfo", "TypeScript's notes for its next run"),
    ("**/.eslintcache", "the linter's notes"),
    ("**/.pnp.cjs.map", "yarn's notes"),
];

/// The same for the directory that one framework writes.
const SCRUB_DIR: &[(&str, &str, &str)] = &[
    ("next", "cache", "compiled code for the next build"),
    ("next", "trace", "measurements"),
    ("next", "trace-build", "measurements"),
    ("next", "diagnostics", "measurements"),
    ("next", "types", "for the type checker"),
    ("next", "turbopack", "for the development server"),
];

/// The step's work for a framework of the table; `layout` runs last.
pub(super) fn framework(
    case: &Recognition<'_>,
    dirs: &[String],
    ship: &Shipped,
    layout: &[String],
) -> Option<BuildWork> {
    let row = case.row?;
    let (build, origin) = match (&case.script, row.build) {
        _ if case.command.is_some() => case.command.clone()?,
        (Some(script), _) => ((case.subject.run)(script), case.script_origin()),
        (None, Some(line)) if !case.builds_nothing => {
            (in_app(case, line), Origin::Default(format!("how {} is built", row.name)))
        }
        (None, _) => return None,
    };
    let mut commands = Vec::new();
    if let Some(name) = row.settle {
        commands.push(Command::write(SETTLE_FILE, SETTLE));
        commands.push(settle(case, "before", name));
    }
    commands.push(build);
    if let Some(name) = row.settle {
        commands.push(settle(case, "after", name));
    }
    if !layout.is_empty() {
        commands.push(in_app(case, &layout.join(" && ")));
    }
    let generates = prisma::generates(case);
    if let Some(command) = &generates.command {
        let at = commands
            .len()
            .saturating_sub(1 + usize::from(row.settle.is_some()) + usize::from(!layout.is_empty()));
        commands.insert(at, in_app(case, command));
    }
    let mut outputs = match ship {
        Shipped::Whole => vec![whole()],
        Shipped::Alone(_) | Shipped::With(_) => {
            dirs.iter().filter_map(|dir| output(case, row.id, dir)).collect()
        }
    };
    if row.id == "next" && case.needs_keys {
        commands.insert(
            0,
            Command::Shell(format!("mkdir -p /{}", KEYS_FILE.rsplit_once('/').map_or("", |(dir, _)| dir))),
        );
        commands.insert(1, Command::write(&format!("/{KEYS_FILE}"), KEYS));
        let path = KEYS_FILE.parse().expect("a constant path");
        outputs.push(Output { path, layer: Some(LayerKind::Build), scrub: Vec::new() });
    }
    outputs.extend(generates.output);
    let environment =
        row.environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Some(BuildWork { commands, environment, outputs, caches: caches(case), origin })
}

/// The step's work for a build script of no known framework: the image gets whatever it makes.
pub(super) fn script(case: &Recognition<'_>) -> Option<BuildWork> {
    let generates = prisma::generates(case);
    let generated = generates.command.as_ref().map(|command| in_app(case, command));
    let scripted = || {
        let script = case.script.as_deref()?;
        Some(((case.subject.run)(script), case.script_origin()))
    };
    let built = case.command.clone().or_else(scripted);
    let origin = match (&built, generates.origin) {
        (None, None) => return None,
        (None, Some(origin)) => origin,
        (Some((_, origin)), _) => origin.clone(),
    };
    Some(BuildWork {
        commands: generated.into_iter().chain(built.map(|(command, _)| command)).collect(),
        environment: BTreeMap::new(),
        outputs: [whole()].into_iter().chain(generates.output).collect(),
        caches: caches(case),
        origin,
    })
}

/// All that the build changes: a file that is as it was in the source stays the source's.
fn whole() -> Output {
    let scrub = SCRUB.iter().map(|&(pattern, _)| pattern.to_owned()).collect();
    Output { path: "app".parse().expect("a constant path"), layer: Some(LayerKind::Build), scrub }
}

/// One directory of the application, made by no known framework.
pub(super) fn directory(case: &Recognition<'_>, dir: &str) -> Option<Output> {
    output(case, "", dir)
}

/// One directory of the application.
fn output(case: &Recognition<'_>, id: &str, dir: &str) -> Option<Output> {
    let scrub = SCRUB_DIR.iter().filter(|(row, _, _)| *row == id && !dir.ends_with("standalone"));
    let scrub = scrub.map(|&(_, pattern, _)| pattern.to_owned()).collect();
    Some(Output { path: app_path(case, dir)?, layer: Some(LayerKind::Build), scrub })
}

/// The path from the root of the image of a path of the application.
pub(super) fn app_path(case: &Recognition<'_>, name: &str) -> Option<RelPath> {
    match name.strip_prefix('/') {
        Some(whole) => format!("app/{whole}").parse().ok(),
        None => format!("app/{}", case.subject.project.path(name)?).parse().ok(),
    }
}

/// A line for the shell in the application's directory.
pub(super) fn in_app(case: &Recognition<'_>, line: &str) -> Command {
    match case.subject.project.dir() {
        None => Command::shell(line),
        Some(dir) => {
            Command::Shell(format!("{} && {line}", Command::Exec(vec!["cd".to_owned(), dir.to_string()])))
        }
    }
}

/// A path as a word for the shell.
pub(super) fn quoted(path: &str) -> String {
    Command::exec([path]).to_string()
}

fn settle(case: &Recognition<'_>, when: &str, framework: &str) -> Command {
    in_app(case, &format!("node {SETTLE_FILE} {when} --root=/app {framework}"))
}

fn caches(case: &Recognition<'_>) -> Vec<Cache> {
    let dirs = case.row.map_or(&[][..], |row| row.caches);
    let cache = |dir: &&str| {
        let path = app_path(case, dir)?;
        let name =
            path.as_str().replace(|character: char| !character.is_ascii_alphanumeric(), "-").to_lowercase();
        Some(Cache { name: format!("node-{name}"), path })
    };
    dirs.iter().filter_map(cache).collect()
}
