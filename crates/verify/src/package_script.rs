//! The line of a `package.json` that a call of a package manager runs. Reads manifests; knows no options that choose
//! another directory or package: such a call names no line.
//!
//! Source: npm, "npm run", "npm start" (`node_modules/.bin` of the package and of all directories above lead `PATH`);
//! the same in pnpm, Yarn and bun.

use serde_json::Value;

use crate::command::Program;
use crate::files::{Files, Unreadable};

/// Largest manifest that is read, in bytes.
const MANIFEST_MAX: u64 = 4 << 20;

/// A line that a package manager gives to a shell.
pub(crate) struct Line {
    pub(crate) text: String,
    /// The package's directory, absolute, in which it runs.
    pub(crate) dir: String,
    /// Directories that lead `PATH` there.
    pub(crate) bins: Vec<String>,
    /// Whether another script runs before it.
    pub(crate) follows: bool,
    /// How people call it: `` `start` of `/app/package.json` ``.
    pub(crate) name: String,
}

/// The line that `program` runs, when it is a package manager.
pub(crate) fn line_of(files: &Files<'_>, program: &Program) -> Result<Option<Line>, Unreadable> {
    let (Some(script), Some(dir)) = (script_of(program), program.dir.as_deref()) else { return Ok(None) };
    let above: Vec<&str> = std::iter::successors(Some(dir), |dir| {
        dir.rsplit_once('/').map(|(above, _)| above).filter(|above| !above.is_empty())
    })
    .collect();
    let manifest_in = |dir: &&str| files.find(&format!("{dir}/package.json"));
    let Some((dir, (manifest, _))) = above.iter().find_map(|dir| Some((*dir, manifest_in(dir)?))) else {
        return Ok(None);
    };
    // Yarn keeps the programs of packages elsewhere.
    if above.iter().any(|dir| files.find(&format!("{dir}/.pnp.cjs")).is_some()) {
        return Ok(None);
    }
    let Some(text) = files.text(&manifest, MANIFEST_MAX)? else { return Ok(None) };
    let Ok(manifest) = serde_json::from_str::<Value>(&text) else { return Ok(None) };
    let scripts = &manifest["scripts"];
    Ok(scripts[script].as_str().map(|text| Line {
        text: text.to_owned(),
        bins: above.iter().map(|dir| format!("{dir}/node_modules/.bin")).collect(),
        follows: scripts[format!("pre{script}")].is_string(),
        name: format!("`{script}` of `{dir}/package.json`"),
        dir: dir.to_owned(),
    }))
}

/// The script that a call names: `npm run X`, `npm start`, `yarn X`.
fn script_of(program: &Program) -> Option<&str> {
    let manager = program.word.rsplit('/').next()?;
    if !["npm", "pnpm", "yarn", "bun"].contains(&manager) {
        return None;
    }
    let words: Vec<&str> = program.arguments.iter().map_while(|word| word.as_deref()).collect();
    match words.as_slice() {
        ["run" | "run-script", "-s" | "--silent", name, ..] | ["run" | "run-script", name, ..]
            if !name.starts_with('-') =>
        {
            Some(name)
        }
        ["-s" | "--silent", "start", ..] if manager != "bun" => Some("start"),
        // bun has a command `test` of its own, and runs files.
        [name @ ("start" | "test"), ..] if manager != "bun" => Some(name),
        // Yarn looks among the scripts for what is none of its commands.
        [name, ..] if manager == "yarn" && !OF_YARN.contains(name) && !name.starts_with('-') => Some(name),
        _ => None,
    }
}

/// Commands of Yarn that start nothing of the package.
///
/// Source: yarn 1.22, `yarn help`; Yarn 4, "CLI".
const OF_YARN: &[&str] = &[
    "add",
    "cache",
    "config",
    "dlx",
    "exec",
    "global",
    "info",
    "install",
    "node",
    "run",
    "workspace",
    "workspaces",
];
