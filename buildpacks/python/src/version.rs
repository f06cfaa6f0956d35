//! Which Python: collects what the files and the caller ask for, chooses by precedence, and
//! reports what lost. The choice carries its origin.

mod wanted;

use packwright_planner::{
    Decision, Diagnostic, Loser, Origin, PlanOptions, RelPath, Requested, SourceTree, ToolVersion,
};

use crate::data::{DEFAULT, DELIVERIES, Delivery};
use crate::manifest::locked::Locked;
use crate::manifest::pyproject::Pyproject;
use crate::manifest::text;
use crate::messages;
use wanted::Wanted;

/// The variable by which the caller chooses.
pub(crate) const OPTION: &str = "PACKWRIGHT_PYTHON_VERSION";

/// The chosen Python.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Chosen {
    /// Where it comes from.
    pub(crate) delivery: &'static Delivery,
    /// The version as far as it was asked for.
    pub(crate) tool: ToolVersion,
    /// The choice, with what else was said.
    pub(crate) decision: Decision,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One voice: what it wants and in which words.
struct Voice {
    wanted: Wanted,
    text: String,
    origin: Origin,
}

/// Chooses the Python version.
///
/// Precedence: [`OPTION`], `.python-version`, `runtime.txt`, `requires-python`, poetry's
/// `python`, the lock file's own range, the default.
///
/// Errors: every voice that cannot be understood; a winner that cannot be delivered.
pub(crate) fn choose(
    tree: &dyn SourceTree,
    options: &PlanOptions,
    pyproject: Option<&Pyproject>,
    locked: Option<&Locked>,
) -> Result<Chosen, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let mut problems = Vec::new();
    let mut voices = Vec::new();
    let mut add = |found: Result<Option<Voice>, Diagnostic>| match found {
        Ok(voice) => voices.extend(voice),
        Err(problem) => problems.push(problem),
    };
    add(from_option(options));
    add(from_python_version(tree, &mut diagnostics));
    add(from_runtime(tree, &mut diagnostics));
    let ranges = [
        pyproject.and_then(|file| file.requires_python.as_ref()),
        pyproject.and_then(|file| file.poetry_python.as_ref()),
        locked.and_then(|file| file.requires_python.as_ref()),
    ];
    for (text, origin) in ranges.into_iter().flatten() {
        add(voice(Wanted::range(text), text, origin));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    decide(&voices, diagnostics)
}

fn decide(voices: &[Voice], mut diagnostics: Vec<Diagnostic>) -> Result<Chosen, Vec<Diagnostic>> {
    let Some((first, others)) = voices.split_first() else {
        let origin = Origin::Default("the newest Python of the current Debian".to_owned());
        return Ok(chosen(DEFAULT, DEFAULT.name.to_owned(), origin, Vec::new(), diagnostics));
    };
    // Newest first: a range takes the newest that it allows.
    let mut fitting = DELIVERIES.iter().rev().filter(|&one| first.wanted.takes_minor(one));
    let Some(delivery) = fitting.next() else {
        return Err(vec![messages::version_unavailable(&first.text, &first.origin, first.wanted.nearest())]);
    };
    if !first.wanted.takes_patch(delivery) {
        diagnostics.push(messages::version_patch_doubtful(&first.text, &first.origin, delivery));
    }
    let mut losers = Vec::new();
    for other in others {
        let same_minor = other.wanted.takes_minor(delivery);
        if !same_minor {
            diagnostics.push(messages::versions_differ(delivery, &first.origin, &other.text, &other.origin));
        }
        let contradicts = match (&first.wanted, &other.wanted) {
            (Wanted::Exact { patch: a, .. }, Wanted::Exact { patch: b, .. }) => {
                a.is_some() && b.is_some() && a != b
            }
            _ => false,
        };
        if !same_minor || contradicts {
            losers.push(Loser { value: other.text.clone(), origin: other.origin.clone() });
        }
    }
    let wanted = match first.wanted {
        Wanted::Exact { patch: Some(patch), .. } => format!("{}.{patch}", delivery.name),
        _ => delivery.name.to_owned(),
    };
    Ok(chosen(delivery, wanted, first.origin.clone(), losers, diagnostics))
}

fn chosen(
    delivery: &'static Delivery,
    wanted: String,
    origin: Origin,
    losers: Vec<Loser>,
    diagnostics: Vec<Diagnostic>,
) -> Chosen {
    Chosen {
        delivery,
        tool: ToolVersion {
            tool: "python".to_owned(),
            wanted: wanted.clone(),
            origin: origin.clone(),
            package: format!("python{}-minimal", delivery.name),
        },
        decision: Decision { subject: "python version".to_owned(), value: wanted, origin, losers },
        diagnostics,
    }
}

impl Chosen {
    /// The Debian suite that has this version.
    pub(crate) fn suite(&self) -> Requested<String> {
        Requested {
            value: self.delivery.suite.to_owned(),
            origin: Origin::Detected(format!(
                "Python {} is part of Debian {}",
                self.delivery.name, self.delivery.suite
            )),
        }
    }
}

fn voice(wanted: Option<Wanted>, text: &str, origin: &Origin) -> Result<Option<Voice>, Diagnostic> {
    match wanted {
        Some(wanted) => Ok(Some(Voice { wanted, text: text.to_owned(), origin: origin.clone() })),
        None => Err(messages::version_unreadable(text, origin)),
    }
}

fn from_option(options: &PlanOptions) -> Result<Option<Voice>, Diagnostic> {
    let Some(text) = options.environment.get(OPTION) else {
        return Ok(None);
    };
    let origin = Origin::Option(format!("--env {OPTION}={text}"));
    voice(Wanted::exact(text.trim()), text.trim(), &origin)
}

/// `.python-version`, as pyenv and uv write it: versions one a line, comments.
fn from_python_version(
    tree: &dyn SourceTree,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Voice>, Diagnostic> {
    let path: RelPath = ".python-version".parse().expect("a relative path");
    let Some(content) = text(tree, &path)? else {
        return Ok(None);
    };
    let mut lines = content.lines().enumerate().filter_map(|(index, line)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then(|| (line, Origin::line(&path, index as u32 + 1)))
    });
    let Some((line, origin)) = lines.next() else {
        diagnostics.push(messages::version_file_empty(&path));
        return Ok(None);
    };
    if let Some((second, at)) = lines.next() {
        diagnostics.push(messages::version_file_several(line, second, &at));
    }
    let bare = line.strip_prefix("cpython-").or_else(|| line.strip_prefix("python-")).unwrap_or(line);
    voice(Wanted::exact(bare), line, &origin)
}

/// Heroku's `runtime.txt`. Lines for other languages are none of our business.
fn from_runtime(
    tree: &dyn SourceTree,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Option<Voice>, Diagnostic> {
    let path: RelPath = "runtime.txt".parse().expect("a relative path");
    let Some(content) = text(tree, &path)? else {
        return Ok(None);
    };
    let Some((index, line)) = content
        .lines()
        .enumerate()
        .map(|(index, line)| (index, line.trim()))
        .find(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    else {
        diagnostics.push(messages::version_file_empty(&path));
        return Ok(None);
    };
    let origin = Origin::line(&path, index as u32 + 1);
    let bare = match line.strip_prefix("python-") {
        Some(bare) => bare,
        None if line.starts_with(|first: char| first.is_ascii_digit()) => {
            diagnostics.push(messages::runtime_without_prefix(line, &origin));
            line
        }
        None => return Ok(None),
    };
    let mapped = match bare.strip_suffix(".x").or_else(|| bare.strip_suffix(".*")) {
        Some(minor) => {
            diagnostics.push(messages::runtime_wildcard(line, minor, &origin));
            minor
        }
        None => bare,
    };
    voice(Wanted::exact(mapped), line, &origin)
}
