//! What the index says about Python: which versions it chooses among, and its answer, which the step
//! `python.interpreter` writes.

use std::fmt;

use packwright_buildpack::planner::{Diagnostic, Origin, Overridden, PlanContext};

use super::wanted::Wanted;
use crate::messages;
use crate::releases::{Delivery, default_release};
use crate::steps::INTERPRETER_STEP;

/// The answer of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The Python that it chooses; `None` where it knows none for which everything fits together.
    pub(super) taken: Option<Delivery>,
    /// What speaks against Pythons, the best ones first.
    pub(super) facts: Vec<Fact>,
}

/// What speaks against a Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The Python.
    pub(crate) python: String,
    /// Why not.
    pub(crate) why: Against,
}

/// Why a Python is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Against {
    /// A release has wheels for other Pythons, and none for this one.
    Wheel { package: String, version: String },
    /// A release does not accept this Python.
    Range { package: String, version: String },
    /// A file of a release imports a module that this Python has no more.
    Module { package: String, version: String, module: String, file: String },
    /// No versions fit together.
    Nothing,
}

impl Fact {
    /// The package that has no wheel.
    pub(crate) fn without_wheel(&self) -> Option<&str> {
        match &self.why {
            Against::Wheel { package, .. } => Some(package),
            _ => None,
        }
    }

    fn parse(line: &str) -> Option<Fact> {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let (python, kind) = (words.next()?.to_owned(), words.next()?);
        let rest: Vec<String> = words.map(str::to_owned).collect();
        let why = match (kind, rest.as_slice()) {
            ("wheel", [package, version]) => {
                Against::Wheel { package: package.clone(), version: version.clone() }
            }
            ("range", [package, version]) => {
                Against::Range { package: package.clone(), version: version.clone() }
            }
            ("module", [package, version, module, file @ ..]) if !file.is_empty() => Against::Module {
                package: package.clone(),
                version: version.clone(),
                module: module.clone(),
                file: file.join(" "),
            },
            ("none", []) => Against::Nothing,
            _ => return None,
        };
        Some(Fact { python, why })
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fact { python, why } = self;
        match why {
            Against::Wheel { package, version } => {
                write!(f, "{package} {version} has no wheel for Python {python}")
            }
            Against::Range { package, version } => {
                write!(f, "{package} {version} does not accept Python {python}")
            }
            Against::Module { package, version, module, file } => {
                write!(f, "{file} of {package} {version} imports {module}, which Python {python} has no more")
            }
            Against::Nothing => write!(f, "no versions fit together with Python {python}"),
        }
    }
}

/// Of `all` that can be had, the best first, the minor versions among which the index chooses: those of Debian, then
/// what is downloaded instead, the newest that is older than Debian's newest first.
pub(crate) fn candidates(all: &[Delivery]) -> Vec<Delivery> {
    let mut each: Vec<Delivery> = Vec::new();
    for one in all {
        if !each.iter().any(|known| known.minor == one.minor) {
            each.push(one.clone());
        }
    }
    let newest = default_release().minor;
    // Stable: what stands first stays first within its kind.
    each.sort_by_key(|one| (one.download.is_some(), one.minor > newest));
    each
}

/// The answer for `candidates` among the options of `context`; `None` where nobody asked yet.
///
/// Errors: it is none, or about other candidates.
pub(super) fn answer(
    context: &PlanContext<'_>,
    candidates: &[Delivery],
) -> Result<Option<Answer>, Vec<Diagnostic>> {
    let step = packwright_buildpack::step::name(INTERPRETER_STEP);
    let Some(text) = context.options.answers.get(&step) else { return Ok(None) };
    let read = || {
        let (first, facts) = text.split_once('\n').unwrap_or((text, ""));
        let taken = match first.trim() {
            "-" => None,
            name => Some(candidates.iter().find(|one| one.name == name)?.clone()),
        };
        let facts: Option<Vec<Fact>> = facts.lines().map(Fact::parse).collect();
        Some(Answer { taken, facts: facts? })
    };
    read().map(Some).ok_or_else(|| vec![messages::answer_unreadable(text)])
}

impl Answer {
    /// The facts against `python`.
    pub(super) fn against(&self, python: &str) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.python == python)
    }

    /// The candidates before the one that is taken, with what speaks against each.
    pub(super) fn overridden(&self, candidates: &[Delivery]) -> Vec<Overridden> {
        let Some(taken) = &self.taken else { return Vec::new() };
        let better = candidates.iter().take_while(|one| one.name != taken.name);
        let lost = better.filter_map(|one| {
            let facts: Vec<String> = self.against(one.name).map(Fact::to_string).collect();
            (!facts.is_empty()).then(|| Overridden::new(one.name, said(&facts)))
        });
        lost.collect()
    }
}

/// The index as the origin of `facts`.
fn said(facts: &[String]) -> Origin {
    const TOLD: usize = 3;
    let mut text = facts.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    if facts.len() > TOLD {
        text += &format!("; and {} more", facts.len() - TOLD);
    }
    Origin::Detected(text)
}

/// Whether a request leaves open which minor version it is.
pub(super) fn leaves_open(wanted: &Wanted) -> bool {
    matches!(wanted, Wanted::Range(_))
}
