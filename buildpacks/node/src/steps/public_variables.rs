//! Variables of front ends that `.env` files of the source set, for the build that puts them into its files. The files
//! themselves are in no step: they hold secrets as well.

use std::collections::{BTreeMap, BTreeSet};

use packwright_buildpack::planner::{Decision, Diagnostic, Origin, PublicVariable, RelPath};

use super::context::StepContext;
use crate::messages;

/// What the build step gets of them.
#[derive(Default)]
pub(super) struct PublicVariables {
    /// Names and values.
    pub(super) environment: BTreeMap<String, String>,
    /// What was decided, for people.
    pub(super) decision: Option<Decision>,
    /// Variables that are left out.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Frameworks that read one of the two files. All others read `.env` and then `.env.<mode>`, which wins.
/// Source: Nuxt documentation, "nuxt build" ("only `.env`"); Gatsby documentation, "Environment Variables".
const READS: &[(&str, Reads)] = &[("nuxt", Reads::Plain), ("gatsby", Reads::OfMode)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Plain,
    OfMode,
    Both,
}

/// The variables of the application's directory. Where the root is the application and sets none, those of other
/// directories count, whose front ends its script may build. The caller's own come before them.
pub(super) fn variables(work: &StepContext<'_>) -> PublicVariables {
    let project = work.project;
    let id = work.application.framework.value.as_str();
    let reads = READS.iter().find(|(row, _)| *row == id).map_or(Reads::Both, |(_, reads)| *reads);
    let mode = mode(work);
    let named = [(".env".to_owned(), Reads::Plain), (format!(".env.{mode}"), Reads::OfMode)];
    let all = &project.context.options.public;
    let has_own = all.iter().any(|variable| variable.file.parent().as_ref() == project.dir());
    let mut found = PublicVariables::default();
    let mut chosen: BTreeMap<&str, &PublicVariable> = BTreeMap::new();
    let mut apart: BTreeSet<&str> = BTreeSet::new();
    for (name, kind) in &named {
        if reads != Reads::Both && reads != *kind {
            continue;
        }
        for variable in all.iter().filter(|found| found.file.name() == name) {
            let dir = variable.file.parent();
            let is_own = dir.as_ref() == project.dir();
            if !is_own && (project.dir().is_some() || has_own) {
                continue;
            }
            let other = chosen.get(variable.name.as_str()).filter(|other| other.file.parent() != dir);
            if other.is_some_and(|other| other.value != variable.value) {
                apart.insert(&variable.name);
            }
            chosen.insert(&variable.name, variable);
        }
    }
    for (name, variable) in &chosen {
        if project.context.options.environment.contains_key(*name) {
            continue;
        }
        let origin = Origin::line(&variable.file, variable.line);
        match expanded(&variable.value, &chosen, 0).filter(|_| !apart.contains(name)) {
            Some(value) => drop(found.environment.insert((*name).to_owned(), value)),
            None => found.diagnostics.push(messages::public_variable_unknown(name, &origin)),
        }
    }
    let first = chosen.values().find(|variable| found.environment.contains_key(&variable.name));
    found.decision = first.map(|first| {
        let names: Vec<&str> = found.environment.keys().map(String::as_str).collect();
        Decision::new("variables of node.build", names.join(", "), files(&chosen, first))
    });
    found
}

/// The files that set them, or the line where there is one variable.
fn files(chosen: &BTreeMap<&str, &PublicVariable>, first: &PublicVariable) -> Origin {
    let files: BTreeSet<&RelPath> = chosen.values().map(|variable| &variable.file).collect();
    match files.len() {
        1 => Origin::line(&first.file, first.line),
        _ => Origin::Detected(files.iter().map(|file| file.as_str()).collect::<Vec<_>>().join(" and ")),
    }
}

/// The mode that the build's line names, or the one of every build. Source: Vite documentation, "Modes".
fn mode(work: &StepContext<'_>) -> String {
    let scripts = work.project.app.scripts.values().filter(|script| script.value.contains("build"));
    let named = scripts.flat_map(|script| {
        let words: Vec<&str> = script.value.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "--mode");
        let inline = words.iter().find_map(|word| word.strip_prefix("--mode="));
        at.and_then(|at| words.get(at + 1).copied()).or(inline).map(str::to_owned)
    });
    let mut modes: Vec<String> = named.collect();
    modes.dedup();
    match modes.as_slice() {
        [only] if work.project.app.scripts.get("build").is_some_and(|build| build.value.contains(only)) => {
            only.clone()
        }
        _ => "production".to_owned(),
    }
}

/// The value with the variables in it, as far as these files set them; `None` where another is meant.
fn expanded(value: &str, known: &BTreeMap<&str, &PublicVariable>, depth: usize) -> Option<String> {
    let Some((before, behind)) = value.split_once('$') else { return Some(value.to_owned()) };
    if let Some(before) = before.strip_suffix('\\') {
        return Some(format!("{before}${}", expanded(behind, known, depth)?));
    }
    let (braced, text) = behind.strip_prefix('{').map_or((false, behind), |text| (true, text));
    let end =
        text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = if braced { rest.strip_prefix('}')? } else { rest };
    if name.is_empty() {
        return Some(format!("{before}${}", expanded(rest, known, depth)?));
    }
    let inner = known.get(name).filter(|_| depth < 8)?;
    Some(format!("{before}{}{}", expanded(&inner.value, known, depth + 1)?, expanded(rest, known, depth)?))
}
